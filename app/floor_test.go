package app

import (
	"testing"

	"accueil/asterisk"
)

func TestAnAsteriskBelowTheFloorNeedsAWaiver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version, waiver string
		refused         bool
	}{
		{"22.10.1", "", false},
		{"certified-22.8-cert3", "", false},
		{"22.10.0", "", true},
		{"22.10.0", "no route to it but ours", false},
		{"20.15.0", "", true},
		{"23.1.0", "", false},
	} {
		v, err := asterisk.ParseVersion(c.version)
		if err != nil {
			t.Fatal(err)
		}
		support, warning := v.Support()
		err = belowFloor(asterisk.Capabilities{Version: v, Support: support, Warning: warning}, c.waiver)
		if (err != nil) != c.refused {
			t.Errorf("%s, waiver %q: %v", c.version, c.waiver, err)
		}
	}
}
