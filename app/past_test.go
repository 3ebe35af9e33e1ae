package app

import (
	"testing"

	"accueil/acd"
)

// Who talks about something else than his callback was for is still called back.
func TestAnotherConcernLeavesTheCallback(t *testing.T) {
	t.Parallel()
	back := acd.Leg{Queue: "imagerie"}
	for _, c := range []struct {
		answered acd.Leg
		want     bool
	}{
		{acd.Leg{Queue: "imagerie", FirstQueue: "imagerie"}, true},
		{acd.Leg{Queue: "accueil", FirstQueue: "imagerie"}, true},
		{acd.Leg{Queue: "admission", FirstQueue: "admission"}, false},
		{acd.Leg{}, false},
	} {
		if got := serves(c.answered, back); got != c.want {
			t.Errorf("answered in %q, first in %q: %t", c.answered.Queue, c.answered.FirstQueue, got)
		}
	}
}
