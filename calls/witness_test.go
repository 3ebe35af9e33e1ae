package calls

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"accueil/acd"
)

// archive is a ward whose log can be read back.
type archive struct {
	survivors
	log  []acd.Entry
	from acd.Instant
	err  error
}

func (a *archive) History(_ context.Context, from acd.Instant, yield func(acd.Entry) error) error {
	a.from = from
	for _, e := range a.log {
		if err := yield(e); err != nil {
			return err
		}
	}
	return a.err
}

// TestUnseenCallsAreRecordedOnce: of the calls in Asterisk's records those that nobody led become one
// contact each, with the outcome of KPI.md; told again, also by the next process, they stay one.
func TestUnseenCallsAreRecordedOnce(t *testing.T) {
	defer goleak.VerifyNone(t)
	a := &archive{survivors: *newSurvivors()}
	began := a.Now().Add(-10 * time.Minute)
	at := func(seconds int) acd.Instant { return began.Add(time.Duration(seconds) * time.Second) }
	call := func(channel string, answered, joined int) Seen {
		s := Seen{Channel: channel, Entry: "3000", Trunk: "operateur", Began: began, Ended: at(60)}
		if answered > 0 {
			s.Answered = at(answered)
		}
		if joined > 0 {
			s.Joined = at(joined)
		}
		return s
	}
	a.log = []acd.Entry{{Legs: []acd.Leg{{ID: "led/1", Channel: "led"}}}}
	a.view.Apply(acd.Entry{Legs: []acd.Leg{{ID: "alive/1", Rev: 1, State: acd.LegQueued, Channel: "alive"}}})
	cut := call("cut", 1, 0)
	cut.Crash = true
	seen := []Seen{call("group", 1, 9), call("gave up", 1, 0), call("at once", 0, 0), cut, call("led", 1, 3), call("alive", 1, 0), call("group", 1, 9)}

	c := Options{Node: "n1", Telephony: a, Book: a, Scenarios: a, Voice: a, Plan: a, Desk: a, Router: a, Log: nop}
	one := New(c)
	defer one.Stop()
	a.err = errors.New("away")
	if n, err := one.Witness(t.Context(), seen); n != 0 || !errors.Is(err, a.err) || len(a.ends) > 0 {
		t.Fatalf("without the log: %d recorded, %v", n, err)
	}
	a.err = nil
	if n, err := one.Witness(t.Context(), seen); n != 4 || err != nil {
		t.Fatalf("%d recorded, %v", n, err)
	}
	if a.from > began.Add(-clockDoubt) {
		t.Errorf("the log was asked from %d on", a.from)
	}
	type row struct {
		outcome acd.Outcome
		fault   acd.Fault
		by      acd.Party
		bridged acd.Instant
	}
	want := map[string]row{
		"group":   {acd.Overflow, "", acd.BySystem, at(9)},
		"gave up": {acd.Failed, acd.FaultOurs, acd.BySystem, 0},
		"at once": {acd.Abandoned, "", acd.ByCaller, 0},
		"cut":     {acd.Failed, acd.FaultMedia, acd.BySystem, 0},
	}
	for range 4 {
		l := <-a.ends
		got := row{l.End.Outcome, l.End.Fault, l.End.By, l.Bridged}
		if got != want[l.Channel] || l.End.Phase != acd.LegArrived || l.Arrived != began || l.End.At != at(60) || l.Anomaly || l.Entry != "3000" || l.Trunk != "operateur" {
			t.Errorf("%s: %+v, end %+v", l.Channel, l, l.End)
		}
	}
	two := New(c)
	defer two.Stop()
	for _, c := range []*Controller{one, two} {
		if n, err := c.Witness(t.Context(), slices.Clone(seen)); n != 0 || err != nil || len(a.ends) > 0 {
			t.Errorf("again: %d recorded, %v", n, err)
		}
	}
}

// TestLedCallsAreNotAskedFor: a call of this process needs no look into the log, neither while it lives
// nor after its end.
func TestLedCallsAreNotAskedFor(t *testing.T) {
	defer goleak.VerifyNone(t)
	a := &archive{survivors: *newSurvivors(), err: errors.New("away")}
	c := New(Options{Node: "n1", Telephony: a, Book: a, Scenarios: a, Voice: a, Plan: a, Desk: a, Router: a, Log: nop})
	defer c.Stop()
	c.Arrived(Channel{ID: "x", Up: true, Ours: true, Entry: "3000"})
	<-a.heard
	if n, err := c.Witness(t.Context(), []Seen{{Channel: "x", Began: 1}}); n != 0 || err != nil {
		t.Error(n, err)
	}
	done := c.owner("x").done
	c.Gone("x", "", false)
	<-a.ends
	<-done
	for c.Calls() > 0 { // the actor has returned and is being put away
		time.Sleep(time.Millisecond)
	}
	if n, err := c.Witness(t.Context(), []Seen{{Channel: "x", Began: 1}}); n != 0 || err != nil {
		t.Error(n, err)
	}
	c.mu.Lock()
	c.forgetPast(c.opt.Book.Now().Add(pastKeep + time.Second))
	left := len(c.past)
	c.mu.Unlock()
	if left > 0 {
		t.Error("remembered for ever")
	}
}
