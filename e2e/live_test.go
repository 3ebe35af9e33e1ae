package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// soon is the bound of DESIGN's live changes: they act on who waits within a second.
const soon = time.Second

// asked sends a request and returns its status and the problem it was answered with, if any.
func asked(ctx context.Context, t *testing.T, h *Hospital, method, path string, body any) (int, problem) {
	t.Helper()
	code, text, err := h.Request(ctx, method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	var p problem
	if code >= 400 {
		if err := json.Unmarshal(text, &p); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return code, p
}

type problem struct {
	Code   string `json:"code"`
	Errors []struct {
		Location string `json:"location"`
		Message  string `json:"message"`
	} `json:"errors"`
}

// latest returns the latest entry of a kind.
func (s *chapter) latest(kind acd.Kind) acd.Entry {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range slices.Backward(s.entries) {
		if e.Kind == kind {
			return e
		}
	}
	s.t.Fatalf("no entry %s", kind)
	return acd.Entry{}
}

// actsOn checks that the latest change of the kind is in the log with its author and led to the
// contact's first offer, to that agent, in time.
func (s *chapter) actsOn(ctx context.Context, kind acd.Kind, p patient, agent acd.AgentID) {
	s.t.Helper()
	all := s.offers(ctx, p, 1)
	e := s.latest(kind)
	if took := all[0].Made.Sub(e.At); all[0].Agent != agent || took < 0 || took > soon {
		s.t.Errorf("offered to %s, %v after %s", all[0].Agent, took, kind)
	}
	if e.By == "" {
		s.t.Errorf("entry %s names nobody", kind)
	}
}

// TestLiveChangesActOnWhoWaits: what a supervisor changes over the API acts on waiting contacts within a
// second and is in the log with his name.
func TestLiveChangesActOnWhoWaits(t *testing.T) {
	t.Parallel()
	o := also(quick(), "rare", "3102", "ring: 5s", "wrapup: 0s", "when_unstaffed: wait", "waiting: attente", "fallback: {goto: accueil}", `steps: [{require: "imagerie >= 9"}]`)
	ctx, s := tell(t, o)
	one := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	two := must[*phones.Phone](t)(s.h.Phone(ctx, "115", 2))
	over := func(c *chapter, all ...patient) {
		for _, p := range all {
			c.hangup(ctx, p.Call)
			c.reaches(ctx, p, acd.LegEnded)
		}
	}
	contact := func(p patient, verb string) string { return "/v1/contacts/" + string(p.contact) + "/" + verb }

	t.Run("skills, until the end of the shift", func(t *testing.T) {
		c := s.in(t)
		c.sits(ctx, one, "a18", phones.AnswerAfter(0))
		p := c.queued(ctx, "3102") // nobody can take him
		put(ctx, t, s.h, "/v1/agents/a18/skills", map[string]any{"skills": map[string]int{"imagerie": 9, "fr": 10}, "until": "shift"})
		meets(ctx, t, p, nextCall(ctx, t, one))
		c.actsOn(ctx, acd.KindAgentSkills, p, "a18")
		over(c, p)
		c.state(ctx, "a18", acd.AgentOffline)
		if a := c.waitAgent(ctx, "a18", acd.AgentOffline); a.Skills != nil {
			t.Errorf("the shift is over, the override is not: %+v", a.Skills)
		}
	})
	t.Run("priority of one contact", func(t *testing.T) {
		c := s.in(t)
		c.sits(ctx, one, "a18", phones.AnswerAfter(0))
		talker := c.queued(ctx, "3100")
		meets(ctx, t, talker, nextCall(ctx, t, one))
		first, second := c.queued(ctx, "3100"), c.queued(ctx, "3100")
		put(ctx, t, s.h, contact(second, "points"), map[string]int{"points": 1})
		over(c, talker)
		meets(ctx, t, second, nextCall(ctx, t, one))
		if e := c.latest(acd.KindPoints); e.By == "" || c.leg(first).State != acd.LegQueued {
			t.Errorf("changed by %q, the first one is %s", e.By, c.leg(first).State)
		}
		over(c, first, second)
	})
	t.Run("push", func(t *testing.T) {
		c := s.in(t)
		p := c.queued(ctx, "3102")
		refused := func(what, state string) {
			t.Helper()
			code, why := asked(ctx, t, s.h, http.MethodPost, contact(p, "assign"), map[string]string{"agent": "a18"})
			if code != http.StatusConflict || why.Code != "not_possible_now" || len(why.Errors) != 1 || why.Errors[0].Location != "agent" || why.Errors[0].Message != state {
				t.Errorf("%s: %d %+v", what, code, why)
			}
		}
		refused("to one who is not there", "offline")
		c.sits(ctx, one, "a18", phones.AnswerAfter(0))
		c.sits(ctx, two, "a15", phones.AnswerAfter(0))
		c.state(ctx, "a18", acd.AgentPaused)
		c.waitAgent(ctx, "a18", acd.AgentPaused)
		refused("to one on a pause", "paused")
		c.state(ctx, "a18", acd.AgentReady)
		c.waitAgent(ctx, "a18", acd.AgentReady)
		if code, why := asked(ctx, t, s.h, http.MethodPost, contact(p, "assign"), map[string]string{"agent": "a18"}); code != http.StatusOK {
			t.Fatalf("push: %d %+v", code, why)
		}
		meets(ctx, t, p, nextCall(ctx, t, one)) // though his skills would never do
		c.actsOn(ctx, acd.KindPushed, p, "a18")

		q := c.queued(ctx, "3102")
		if code, why := asked(ctx, t, s.h, http.MethodPost, contact(q, "assign"), map[string]any{"phone": "118", "hold_s": 60}); code != http.StatusOK {
			t.Fatalf("push to one who talks: %d %+v", code, why)
		}
		c.until(ctx, "the push is told", func(v *acd.View, _ []acd.Entry) bool { l, _ := v.Leg(q.contact.Leg(1)); return l.PushedBy != "" })
		if l := c.leg(q); l.HoldUntil.Sub(c.latest(acd.KindPushed).At) != time.Minute {
			t.Errorf("kept for %s until %d", l.Preferred, l.HoldUntil)
		}
		over(c, p)
		meets(ctx, t, q, nextCall(ctx, t, one))
		if code, _ := asked(ctx, t, s.h, http.MethodPost, contact(q, "assign"), map[string]string{"agent": "a15"}); code != http.StatusConflict {
			t.Errorf("one who talks was pushed: %d", code)
		}
		over(c, q)
	})
	t.Run("another queue", func(t *testing.T) {
		c := s.in(t)
		p := c.queued(ctx, "3102")
		before := c.leg(p)
		move := map[string]string{"kind": "queue", "to": "essai"}
		c.sits(ctx, one, "a18", phones.AnswerAfter(0))
		if code, why := asked(ctx, t, s.h, http.MethodPost, contact(p, "transfer"), move); code != http.StatusAccepted {
			t.Fatalf("%d %+v", code, why)
		}
		meets(ctx, t, p, nextCall(ctx, t, one))
		c.actsOn(ctx, acd.KindMoved, p, "a18")
		l := c.leg(p)
		keeps(t, before, l)
		if l.Queue != "essai" || l.FirstQueue != "rare" || l.Reason != "rare" {
			t.Errorf("moved to %s, first %s, reason %s", l.Queue, l.FirstQueue, l.Reason)
		}
		neverSilent(t, p)
		over(c, p)
	})
	t.Run("pause of a queue", func(t *testing.T) {
		c := s.in(t)
		c.sits(ctx, one, "a18", phones.AnswerAfter(0))
		paused := func(yes bool) {
			put(ctx, t, s.h, "/v1/queues/rare/paused", map[string]any{"paused": yes, "reason": "reunion"})
			c.until(ctx, "the queue is paused or not", func(v *acd.View, _ []acd.Entry) bool { return v.QueuePaused("rare") == yes })
		}
		put(ctx, t, s.h, "/v1/agents/a18/skills", map[string]any{"skills": map[string]int{"imagerie": 9, "rdv": 5, "fr": 10}, "until": "shift"})
		paused(true)
		older := c.queued(ctx, "3102")
		p := c.queued(ctx, "3100")
		meets(ctx, t, p, nextCall(ctx, t, one)) // the older one was passed over
		if l := c.leg(older); l.State != acd.LegQueued || l.Offers != 0 {
			t.Errorf("offered from a paused queue: %+v", l)
		}
		code, text, err := s.h.Request(ctx, http.MethodPost, "/v1/config/reload", nil)
		if err != nil || code != http.StatusOK || !strings.Contains(string(text), "mise en pause par demo-supervisor") {
			t.Errorf("the reload says %d %s %v", code, text, err)
		}
		if !c.view.QueuePaused("rare") {
			t.Error("a reload ends the pause")
		}
		over(c, p)
		c.waitAgent(ctx, "a18", acd.AgentReady)
		paused(false)
		meets(ctx, t, older, nextCall(ctx, t, one))
		c.actsOn(ctx, acd.KindQueuePause, older, "a18")
		neverSilent(t, older)
		over(c, older)
	})
	nothingLeft(ctx, t, s.h)

	put(ctx, t, s.h, "/v1/queues/rare/paused", map[string]any{"paused": true, "reason": "reunion"})
	s.h.StopApp()
	if err := s.h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	var pause struct {
		Paused     bool
		By, Reason string
	}
	if get(ctx, t, s.h, "/v1/queues/rare/paused", &pause); !pause.Paused || pause.By == "" || pause.Reason != "reunion" {
		t.Errorf("after a restart: %+v", pause)
	}
}
