package asterisk_test

import (
	"strings"
	"testing"

	"accueil/asterisk"
)

func TestVersionSupport(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]asterisk.Support{
		"22.10.1":                         asterisk.Tested,
		"22.10.1+dfsg+~cs6.17.60671434-1": asterisk.Tested,
		"22.10.2":                         asterisk.Tested,
		"22.11.0":                         asterisk.Tested,
		"22.11.0-rc2":                     asterisk.BestEffort,
		"22.11.0-rc1":                     asterisk.Refused,
		"22.11.0~rc1+dfsg-1":              asterisk.Refused,
		"22.10.1-rc1":                     asterisk.BestEffort,
		"22.10.0":                         asterisk.BestEffort,
		"22.2.0":                          asterisk.BestEffort,
		"20.6.0~dfsg+~cs6.13-2":           asterisk.BestEffort,
		"21.9.1":                          asterisk.BestEffort,
		"23.3.0":                          asterisk.BestEffort,
		"certified-22.8-cert3":            asterisk.Tested,
		"certified/22.8-cert3":            asterisk.Tested,
		"certified-22.8-cert2":            asterisk.BestEffort,
		"certified-20.7-cert9":            asterisk.BestEffort,
		"certified-18.9-cert10":           asterisk.Refused,
		"18.26.4":                         asterisk.Refused,
		"16.28.0~dfsg-0+deb11u4":          asterisk.Refused,
	} {
		v, err := asterisk.ParseVersion(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, why := v.Support()
		if got != want {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
		if (why == "") != (want == asterisk.Tested) {
			t.Errorf("%s: explanation %q", text, why)
		}
		if want == asterisk.Refused && !strings.Contains(why, "22.10.1") {
			t.Errorf("%s: the sentence does not say what to use instead: %q", text, why)
		}
	}
	for _, text := range []string{"", "GIT-master-1234", "twenty", "22", "22.10", "99999.1.1"} {
		if _, err := asterisk.ParseVersion(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}
