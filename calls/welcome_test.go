package calls

import (
	"context"
	"testing"

	"go.uber.org/goleak"
)

// offering is an Asterisk whose dialplan still offers callers to the process that is no more.
type offering struct {
	*survivors
	offered map[string]bool // by channel: whether the offer stands when it is claimed
	claimed []string
}

func (o *offering) Claim(_ context.Context, channel string) (bool, error) {
	stands, offered := o.offered[channel]
	if offered && !stands { // the net takes him at this moment
		for i := range o.channels {
			if o.channels[i].ID == channel {
				o.channels[i].Ours, o.channels[i].Entry = false, ""
			}
		}
	}
	if stands {
		o.claimed = append(o.claimed, channel)
	}
	return stands, nil
}

// TestWhoIsStillOffered: of the callers whom nobody leads one is in our application, one is still only
// offered and is claimed, and one goes to the safety net before that. We lead the first, and the second
// as soon as he has entered.
func TestWhoIsStillOffered(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := newSurvivors()
	for _, id := range []string{"entered", "offered", "late"} {
		s.channels = append(s.channels, Channel{ID: id, Up: true, Ours: true, Entry: "3000", Trunk: "operateur", Since: s.Now()})
	}
	o := &offering{survivors: s, offered: map[string]bool{"offered": true, "late": false}}
	c := New(Options{Node: "n1", Telephony: o, Book: s, Scenarios: s, Voice: s, Plan: s, Desk: s, Router: s, Log: nop})
	defer c.Stop()
	r, err := c.Reconcile(t.Context())
	if err != nil || r.Arrived != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	led := func() map[string]bool {
		out := map[string]bool{}
		for _, l := range s.Legs() {
			out[l.Channel] = true
		}
		return out
	}
	if got := led(); len(got) != 1 || !got["entered"] || len(o.claimed) != 1 {
		t.Errorf("led %v, claimed %v", got, o.claimed)
	}
	c.Arrived(s.channels[1])
	if got := led(); len(got) != 2 || !got["offered"] {
		t.Errorf("led %v after he has entered", got)
	}
}
