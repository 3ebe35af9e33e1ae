package calls

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"accueil/acd"
)

// survivors is a ward whose Asterisk has calls from before.
type survivors struct {
	ward
	channels []Channel
	bridges  []Bridge

	hangups sync.Mutex
	hung    []string
}

func (s *survivors) Hangup(_ context.Context, channel string, _ HangupWhy) error {
	s.hangups.Lock()
	defer s.hangups.Unlock()
	s.hung = append(s.hung, channel)
	return nil
}

func (s *survivors) hungUp() []string {
	s.hangups.Lock()
	defer s.hangups.Unlock()
	return slices.Clone(s.hung)
}

func (s *survivors) Channels(context.Context) ([]Channel, error) { return s.channels, nil }
func (s *survivors) Bridges(context.Context) ([]Bridge, error)   { return s.bridges, nil }

var nop = zap.NewNop()

func newSurvivors() *survivors {
	return &survivors{ward: ward{view: acd.NewView(), ends: make(chan acd.Leg, 10), net: make(chan string, 10), heard: make(chan string, 100)}}
}

func (s *survivors) controller() *Controller {
	return New(Options{Node: "n1", Telephony: s, Book: s, Scenarios: s, Voice: s, Plan: s, Desk: s, Router: s, Log: zap.NewNop()})
}

// caller is one whose channel remembers what edit makes of an empty call.
func (s *survivors) caller(id string, age time.Duration, edit func(*packed)) Channel {
	now := s.Now()
	p := packed{Phase: "queue", At: now, Leg: acd.Leg{ID: acd.NewContactID(now.Add(-age)).Leg(1), Arrived: now.Add(-age), Lang: "fr"}}
	edit(&p)
	ch := Channel{ID: id, Up: true, Ours: true, Entry: "3000", Trunk: "operateur", State: packState(p), Since: now.Add(-age), Number: "0612345678"}
	s.channels = append(s.channels, ch)
	return ch
}

// TestLostCallsAreRecovered: an empty log; who waits keeps order, age, points, reason and language; who
// talks is left alone; nobody becomes a new contact.
func TestLostCallsAreRecovered(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := newSurvivors()
	now := s.Now()
	first := s.caller("first", 50*time.Second, func(p *packed) {
		p.Leg.Queue, p.Leg.FirstQueue, p.Leg.Reason, p.Leg.Enqueued, p.Leg.Points = "rdv", "rdv", "rdv", now.Add(-40*time.Second), 2
		p.Leg.Lang, p.Leg.Asks = "en", "en >= 1"
	})
	s.caller("second", 30*time.Second, func(p *packed) {
		p.Leg.Queue, p.Leg.Enqueued, p.Phase = "autre", now.Add(-20*time.Second), "ringing"
	})
	s.caller("menu", 5*time.Second, func(p *packed) { p.Phase, p.Node = "menu", "menu" })
	talks := s.caller("talks", 90*time.Second, func(p *packed) {
		p.Phase, p.Leg.Queue, p.Leg.Enqueued, p.Leg.Agent, p.Leg.Phone = "talking", "rdv", now.Add(-80*time.Second), testAgent, testPhone
		p.Leg.Offers, p.Leg.Bridged = 2, now.Add(-60*time.Second)
	})
	p, _ := unpackState(talks.State)
	agent := agentChannel(p.Leg.ID, 2)
	s.channels = append(s.channels, Channel{ID: agent, Up: true})
	s.bridges = []Bridge{{ID: "acc." + string(p.Leg.ID.Contact()) + ".bx1", Channels: []string{"talks", agent}}}
	s.channels = append(s.channels, Channel{ID: "odd", Up: true, Ours: true, Entry: "3000", State: "9|?", Since: now})

	c := s.controller()
	defer c.Stop()
	r, err := c.Reconcile(t.Context())
	if err != nil || r.Recovered != 4 || r.Adopted != 4 || r.Arrived != 1 || r.Orphans != 0 || r.Bridges != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	got := map[string]acd.Leg{}
	for _, l := range s.Legs() {
		got[l.Channel] = l
	}
	l := got["first"]
	if want, _ := unpackState(first.State); l.ID != want.Leg.ID || l.State != acd.LegQueued || l.Enqueued != now.Add(-40*time.Second) || l.Points != 2 ||
		l.Lang != "en" || l.Asks != "en >= 1" || l.Reason != "rdv" || l.Due != l.Enqueued.Add(time.Minute) || l.Entry != "3000" || l.Trunk != "operateur" {
		t.Errorf("first: %+v", l)
	}
	if l := got["second"]; l.State != acd.LegQueued || l.Queue != "autre" || l.FirstQueue != "autre" || l.Offer != nil || l.Score() <= got["first"].Score() {
		t.Errorf("second: %+v", l)
	}
	if l := got["menu"]; l.State != acd.LegMenu || l.Enqueued != 0 {
		t.Errorf("menu: %+v", l)
	}
	if l := got["talks"]; l.State != acd.LegTalking || l.Agent != testAgent || l.Bridged != now.Add(-60*time.Second) || l.Wait(now) != 20*time.Second {
		t.Errorf("talks: %+v", l)
	}
	if a, _ := s.view.Agent(testAgent); a.State != acd.AgentBusy || a.Phone != testPhone {
		t.Errorf("agent: %+v", a)
	}
	if again, err := c.Reconcile(t.Context()); err != nil || again.Recovered+again.Adopted+again.Arrived+again.Ended != 0 {
		t.Errorf("a second comparison: %+v, %v", again, err)
	}
}

// TestWhoHasBeenServedIsLetGo: the log says that a conversation has ended, its agent's channel is gone,
// and the controller died before it had hung up for the caller. He becomes nobody's new call.
func TestWhoHasBeenServedIsLetGo(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := newSurvivors()
	ch := s.caller("served", 30*time.Second, func(p *packed) { p.Phase = "talking" })
	fresh := Channel{ID: "fresh", Up: true, Ours: true, Entry: "3000", Trunk: "operateur", Since: s.Now()}
	s.channels = append(s.channels, fresh)
	p, _ := unpackState(ch.State)
	s.Record(acd.KindArrived, func(tx *acd.Tx) error {
		if err := tx.Arrive(acd.Leg{ID: p.Leg.ID, Node: "n1", Channel: ch.ID, Entry: "3000", Lang: "fr"}); err != nil {
			return err
		}
		if err := tx.StartMenu(p.Leg.ID); err != nil {
			return err
		}
		return tx.EndLeg(p.Leg.ID, acd.End{Outcome: acd.SelfServed, By: acd.BySystem})
	})
	c := s.controller()
	defer c.Stop()
	r, err := c.Reconcile(t.Context())
	if err != nil || r.Concluded != 1 || r.Arrived != 1 || r.Recovered != 0 || r.Adopted != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, l := range s.Legs() {
		if l.Channel == ch.ID && l.Live() {
			t.Errorf("who was served is a contact again: %+v", l)
		}
	}
	if hung := s.hungUp(); !slices.Equal(hung, []string{ch.ID}) {
		t.Errorf("hung up %q", hung)
	}
}

// TestWhoseWordCounts: the log's within one stretch of the call, else the later one; and an instant that
// the channel cannot have lived is cut to its life.
func TestWhoseWordCounts(t *testing.T) {
	for _, test := range []struct {
		name  string
		phase string
		after time.Duration // how long after the log's last word on it the channel wrote
		state acd.LegState  // of the log
		want  acd.LegState  // "" when the log's counts
	}{
		{"offered in the log", "queue", time.Second, acd.LegOffered, ""},
		{"the menu was left", "queue", time.Second, acd.LegMenu, acd.LegQueued},
		{"the log is later", "menu", -time.Second, acd.LegQueued, ""},
		{"back in the menu", "menu", time.Second, acd.LegQueued, acd.LegMenu},
		{"they talk", "talking", time.Second, acd.LegBriefing, acd.LegTalking},
		{"they talked", "talking", -time.Second, acd.LegQueued, ""},
		{"rings out", "rings_out", time.Second, acd.LegQueued, acd.LegRingingOut},
	} {
		s := newSurvivors()
		since := s.Now().Add(-time.Minute)
		ch := s.caller("x", time.Hour, func(p *packed) {
			p.Phase, p.At, p.Leg.Queue, p.Leg.Enqueued, p.Leg.Agent = test.phase, since.Add(test.after), "rdv", since, testAgent
		})
		p, _ := unpackState(ch.State)
		s.view.Apply(acd.Entry{Legs: []acd.Leg{{ID: p.Leg.ID, Rev: 3, State: test.state, Since: since, Channel: "x", Queue: "rdv", Enqueued: since}}})
		l, lost := s.controller().lost(p, ch)
		if lost != (test.want != "") || lost && l.State != test.want {
			t.Errorf("%s: %v %s, want %q", test.name, lost, l.State, test.want)
		}
	}
	s := newSurvivors()
	ch := s.caller("x", time.Minute, func(p *packed) {
		p.Leg.Queue, p.Leg.Enqueued, p.Leg.AgeFrom, p.At = "rdv", 1, 2, s.Now().Add(time.Hour)
	})
	p, _ := unpackState(ch.State)
	l, lost := s.controller().lost(p, ch)
	oldest := ch.Since.Add(-clockDoubt)
	if !lost || l.Enqueued != oldest || l.AgeFrom != oldest || l.Since > s.Now() {
		t.Errorf("%+v", l)
	}
}

// TestStateGoesBeforeThePrompt: the place is with the channel before the waiting scenario speaks, for
// behind a prompt the setting would wait.
func TestStateGoesBeforeThePrompt(t *testing.T) {
	w := &world{now: 1_000_000, view: acd.NewView(), channels: map[string]bool{"caller": true}, bridges: map[string][]string{}, playing: map[string]string{}, ended: map[acd.LegID]int{}}
	leg := acd.ContactID("c1").Leg(1)
	_ = w.write(acd.KindArrived, func(tx *acd.Tx) error { return tx.Arrive(acd.Leg{ID: leg, Channel: "caller", Entry: "3000"}) })
	w.m = &machine{env: environment{book: w, voice: w, plan: w, desk: w, router: w, boot: "t"}, contact: "c1", leg: leg,
		script: &testScript{}, lang: "fr", caller: party{id: "caller", up: true}}
	stated := func(out []Action) (states []packed, beforePlay bool) {
		played := false
		for _, a := range out {
			switch a := a.(type) {
			case doPlay:
				played = true
			case doState:
				p, ok := unpackState(a.State)
				if !ok {
					t.Errorf("not to be read: %q", a.State)
				}
				states, beforePlay = append(states, p), !played
			case doRecord:
				_ = w.write(a.Kind, a.Build)
			}
		}
		return states, beforePlay
	}
	if s, before := stated(w.m.handle(evBegin{}, w.now)); len(s) != 1 || !before || s[0].Leg.ID != leg || s[0].Phase != "menu" {
		t.Errorf("at the beginning: %+v, before the prompt %v", s, before)
	}
	for _, id := range w.m.caller.plays {
		w.m.handle(evPlayed{Playback: id}, w.now)
	}
	_, _ = w.Decide(t.Context(), acd.KindQueued, func(tx *acd.Tx) error { return tx.Enqueue(leg, acd.Queueing{Queue: "rdv", Points: 4}) })
	if s, before := stated(w.m.handle(evEnqueued{}, w.now)); len(s) != 1 || !before || s[0].Phase != "queue" || s[0].Leg.Queue != "rdv" || s[0].Leg.Enqueued != w.now || s[0].Leg.Points != 4 {
		t.Errorf("in the queue: %+v, before the prompt %v", s, before)
	}
	if s, _ := stated(w.m.handle(evKey{"caller", '7'}, w.now)); len(s) > 0 {
		t.Errorf("behind a prompt: %+v", s)
	}
}
