package e2e

import (
	"net/http"
	"testing"

	"accueil/acd"
	"accueil/phones"
)

// TestSharedDesk: a phone is a desk where people take turns, and a person is at one desk at a time.
// Calls follow the person, states are the person's, and what a colleague left undone stays his.
func TestSharedDesk(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick("wrapup: 60s"))
	c := s.in(t)
	desk := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	other := must[*phones.Phone](t)(s.h.Phone(ctx, "115", 2))
	for _, p := range []*phones.Phone{desk, other} {
		p.SetPolicy(sender)
	}
	at := func(t *testing.T, who acd.AgentID, want acd.PhoneID) {
		t.Helper()
		if a := c.agent(who); a.Phone != want {
			t.Errorf("%s sits at %q, want %q", who, a.Phone, want)
		}
	}
	// serves brings a patient to the phone and checks who is said to have taken him.
	serves := func(t *testing.T, phone *phones.Phone, who acd.AgentID) (patient, *phones.Call) {
		t.Helper()
		c := s.in(t)
		p := c.queued(ctx, "3100")
		call := nextCall(ctx, t, phone)
		meets(ctx, t, p, call)
		if l := c.reaches(ctx, p, acd.LegTalking); l.Agent != who {
			t.Errorf("taken by %s, want %s", l.Agent, who)
		}
		return p, call
	}

	dial(ctx, t, desk, "*20", "")
	c.waitAgent(ctx, "a18", acd.AgentReady)
	first, call := serves(t, desk, "a18")
	c.hangup(ctx, call)
	c.ends(ctx, first, acd.Answered, acd.LegTalking, "")
	c.waitAgent(ctx, "a18", acd.AgentWrapup)

	t.Run("a colleague takes the desk during the after-call work", func(t *testing.T) {
		c := s.in(t)
		dial(ctx, t, desk, "*2015#0000", "")
		c.waitAgent(ctx, "a15", acd.AgentReady)
		if a := c.agent("a18"); a.State != acd.AgentOffline || a.Load != 0 || !a.Due.Never() {
			t.Errorf("who left: %+v", a)
		}
		at(t, "a15", "118")
		p, call := serves(t, desk, "a15")
		c.hangup(ctx, call)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
		c.waitAgent(ctx, "a15", acd.AgentWrapup)
		if a := c.agent("a18"); a.State != acd.AgentOffline {
			t.Errorf("the colleague's call changed who sat there before: %+v", a)
		}
	})
	t.Run("a second login at the same desk is one", func(t *testing.T) {
		c := s.in(t)
		since := c.agent("a15").LoggedIn
		dial(ctx, t, desk, "*2015#0000", "")
		if a := c.waitAgent(ctx, "a15", acd.AgentReady); a.LoggedIn != since {
			t.Errorf("logged in at %d, and again at %d", since, a.LoggedIn)
		}
	})
	t.Run("he logs in elsewhere, and calls follow him", func(t *testing.T) {
		c := s.in(t)
		dial(ctx, t, other, "*2015#0000", "")
		c.until(ctx, "a15 has moved", func(v *acd.View, _ []acd.Entry) bool { a, _ := v.Agent("a15"); return a.Phone == "115" })
		before := len(desk.Calls())
		p, call := serves(t, other, "a15")
		if len(desk.Calls()) != before {
			t.Error("the desk that he left was rung")
		}
		t.Run("not in conversation", func(t *testing.T) {
			dial(ctx, t, desk, "*2015#0000", "")
			at(t, "a15", "115")
			meets(ctx, t, p, call)
		})
		t.Run("nor does anybody take his desk meanwhile", func(t *testing.T) {
			dial(ctx, t, other, "*2018#0000", "")
			at(t, "a15", "115")
			if a := c.agent("a18"); a.State != acd.AgentOffline {
				t.Errorf("logged in beside a conversation: %+v", a)
			}
			meets(ctx, t, p, call)
		})
		c.hangup(ctx, call)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	})
	t.Run("over the API at a named phone", func(t *testing.T) {
		c := s.in(t)
		put(ctx, t, s.h, "/v1/agents/a18/state", map[string]string{"state": "ready", "phone": "118"})
		c.waitAgent(ctx, "a18", acd.AgentReady)
		at(t, "a18", "118")
		if code, _, err := s.h.Request(ctx, http.MethodPut, "/v1/agents/a18/state", map[string]string{"state": "ready", "phone": "999"}); err != nil || code != http.StatusNotFound && code != http.StatusUnprocessableEntity {
			t.Errorf("at a phone that is not there: %d %v", code, err)
		}
		p, call := serves(t, desk, "a18")
		c.hangup(ctx, p.Call)
		if _, err := call.WaitEnded(ctx); err != nil {
			t.Fatal(err)
		}
	})
	nothingLeft(ctx, t, s.h)
}
