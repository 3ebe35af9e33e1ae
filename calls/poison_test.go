package calls

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"accueil/acd"
)

// poisoned breaks at the key #, as a defect of ours would.
type poisoned struct{ testScript }

func (p *poisoned) Handle(in acd.Heard, now acd.Scene) []acd.Ask {
	if k, ok := in.(acd.HeardKey); ok && k.Key == '#' {
		panic("poison")
	}
	return p.testScript.Handle(in, now)
}

// ward is what a controller needs, as little as can be: it notes what is asked of Asterisk.
type ward struct {
	world // plan, voice, desk and router
	mu    sync.Mutex
	view  *acd.View
	ends  chan acd.Leg
	net   chan string
	heard chan string
}

func (w *ward) Start(acd.EntryID) (acd.Script, error) { return &poisoned{}, nil }
func (w *ward) Resume(acd.Leg) (acd.Script, error)    { return &poisoned{}, nil }

func (w *ward) Now() acd.Instant { return acd.At(time.Now()) }
func (w *ward) Leg(id acd.LegID) (acd.Leg, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view.Leg(id)
}
func (w *ward) Legs() []acd.Leg     { w.mu.Lock(); defer w.mu.Unlock(); return w.view.Legs() }
func (w *ward) Agents() []acd.Agent { return nil }
func (w *ward) Closure(acd.EntryID) (acd.Closure, bool) {
	return acd.Closure{}, false
}
func (w *ward) Record(k acd.Kind, build func(*acd.Tx) error) {
	_, _ = w.Decide(context.Background(), k, build)
}
func (w *ward) Decide(_ context.Context, k acd.Kind, build func(*acd.Tx) error) (acd.Entry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	tx := acd.Begin(w.view, k, w.Now(), "n1", true)
	if err := build(tx); err != nil {
		return acd.Entry{}, err
	}
	e := tx.Change().Entry
	w.view.Apply(e)
	for _, l := range e.Legs {
		if l.End != nil {
			w.ends <- l
		}
	}
	return e, nil
}

func (w *ward) Answer(context.Context, string) error { return nil }
func (w *ward) Play(_ context.Context, channel, _ string, _ []string) error {
	w.heard <- channel
	return nil
}
func (w *ward) StopPlay(context.Context, string) error              { return nil }
func (w *ward) StartMusic(context.Context, string, string) error    { return nil }
func (w *ward) StopMusic(context.Context, string) error             { return nil }
func (w *ward) Ring(context.Context, Origination) error             { return nil }
func (w *ward) Hangup(context.Context, string, HangupWhy) error     { return nil }
func (w *ward) CreateBridge(context.Context, string) error          { return nil }
func (w *ward) Join(context.Context, string, ...string) error       { return nil }
func (w *ward) Leave(context.Context, string, ...string) error      { return nil }
func (w *ward) DropBridge(context.Context, string) error            { return nil }
func (w *ward) SetNet(context.Context, string, time.Duration) error { return nil }
func (w *ward) SetState(context.Context, string, string) error      { return nil }
func (w *ward) Capture(context.Context, Capture) error              { return nil }
func (w *ward) StopCapture(context.Context, string) error           { return nil }
func (w *ward) Capturing(context.Context, string) (bool, error)     { return false, nil }
func (w *ward) Heard(context.Context, string) (int, error)          { return 1, nil }
func (w *ward) Claim(context.Context, string) (bool, error)         { return false, nil }
func (w *ward) ToNet(_ context.Context, channel string) error       { w.net <- channel; return nil }
func (w *ward) Channels(context.Context) ([]Channel, error)         { return nil, nil }
func (w *ward) Bridges(context.Context) ([]Bridge, error)           { return nil, nil }
func (w *ward) Started(context.Context) (acd.Instant, error)        { return 0, nil }

// TestPoison: one call breaks our code; its caller goes to the safety net, its contact is ended as our
// fault, and no other call is touched.
func TestPoison(t *testing.T) {
	defer goleak.VerifyNone(t)
	w := &ward{view: acd.NewView(), ends: make(chan acd.Leg, 10), net: make(chan string, 10), heard: make(chan string, 100)}
	c := New(Options{Node: "n1", Telephony: w, Book: w, Scenarios: w, Voice: w, Plan: w, Desk: w, Router: w, Log: zap.NewNop()})
	defer c.Stop()
	for _, id := range []string{"one", "two", "three"} {
		c.Arrived(Channel{ID: id, Up: true, Ours: true, Entry: "3000"})
		if got := <-w.heard; got != id {
			t.Fatalf("%s hears the menu instead of %s", got, id)
		}
	}
	c.Key("two", '#')
	if got := <-w.net; got != "two" {
		t.Errorf("%s is sent to the net", got)
	}
	if l := <-w.ends; l.Channel != "two" || l.End.Outcome != acd.Failed || l.End.Fault != acd.FaultOurs || l.End.Reason != "panic" {
		t.Errorf("the record says %+v of %s", l.End, l.Channel)
	}
	for _, id := range []string{"one", "three"} {
		c.Key(id, '*')
		if got := <-w.heard; got != id {
			t.Errorf("%s hears the menu again instead of %s", got, id)
		}
	}
	for since := time.Now(); c.Calls() != 2 && time.Since(since) < 5*time.Second; { // its actor ends after its word to the log
		time.Sleep(time.Millisecond)
	}
	if n := c.Calls(); n != 2 || len(w.ends) > 0 || len(w.net) > 0 {
		t.Errorf("%d calls are led, %d more ended, %d more in the net", n, len(w.ends), len(w.net))
	}
}
