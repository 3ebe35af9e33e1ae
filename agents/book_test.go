package agents

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"accueil/acd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// book is a log in memory: the double of our own seam.
type book struct {
	t       *testing.T
	mu      sync.Mutex
	clock   func() acd.Instant
	view    *acd.View
	log     []acd.Entry
	refuse  error // what the next decisions hear
	refused int
	feed    chan acd.Entry
}

func (b *book) Now() acd.Instant { return b.clock() }

func (b *book) write(kind acd.Kind, fact bool, build func(*acd.Tx) error) (acd.Entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil && !fact {
		b.refused++
		return acd.Entry{}, b.refuse
	}
	tx := acd.Begin(b.view, kind, b.Now(), "n1", fact)
	if err := build(tx); err != nil {
		return acd.Entry{}, err
	}
	c := tx.Change()
	if c.Empty() {
		return acd.Entry{}, nil
	}
	if c.Entry.Anomaly != "" {
		b.t.Errorf("anomaly %s", c.Entry.Anomaly)
	}
	b.view.Apply(c.Entry)
	b.log = append(b.log, c.Entry)
	if b.feed != nil {
		b.feed <- c.Entry
	}
	return c.Entry, nil
}

func (b *book) Decide(_ context.Context, kind acd.Kind, build func(*acd.Tx) error) (acd.Entry, error) {
	return b.write(kind, false, build)
}

func (b *book) Record(kind acd.Kind, build func(*acd.Tx) error) {
	if _, err := b.write(kind, true, build); err != nil {
		b.t.Errorf("record %s: %v", kind, err)
	}
}

func (b *book) read(f func(*acd.View)) { b.mu.Lock(); defer b.mu.Unlock(); f(b.view) }

func (b *book) Agent(id acd.AgentID) (a acd.Agent, ok bool) {
	b.read(func(v *acd.View) { a, ok = v.Agent(id) })
	return a, ok
}

func (b *book) Agents() (all []acd.Agent) {
	b.read(func(v *acd.View) { all = v.Agents() })
	return all
}

func (b *book) Phone(id acd.PhoneID) (p acd.Phone, ok bool) {
	b.read(func(v *acd.View) { p, ok = v.Phone(id) })
	return p, ok
}

func (b *book) Closure(id acd.EntryID) (c acd.Closure, ok bool) {
	b.read(func(v *acd.View) { c, ok = v.Closure(id) })
	return c, ok
}

func (b *book) entries() int { b.mu.Lock(); defer b.mu.Unlock(); return len(b.log) }

// lines tells which phones can be reached.
type lines struct {
	mu    sync.Mutex
	up    map[acd.PhoneID]bool
	err   error
	asked int
	hang  bool
}

func (l *lines) Registered(ctx context.Context, phone acd.PhoneID) (bool, error) {
	l.mu.Lock()
	l.asked++
	hang, up, err := l.hang, l.up[phone], l.err
	l.mu.Unlock()
	if hang {
		<-ctx.Done()
		return false, ctx.Err()
	}
	return up, err
}

// switchboard is a desk with five people at four phones.
type switchboard struct {
	*Desk
	t     *testing.T
	book  *book
	lines *lines
	now   acd.Instant // unless the test lets time run
}

var errAway = errors.New("the log does not answer")

func newSwitchboard(t *testing.T) *switchboard {
	roster, err := NewRoster([]Person{
		{ID: "a01", Number: "01", PIN: "1111", Phone: "101", Lang: "fr", Briefing: BriefingFull},
		{ID: "a02", Number: "02", PIN: "2222", Phone: "102", Lang: "en", Supervisor: true},
		{ID: "a03", Number: "03", PIN: "3333", Phone: "103", Lang: "fr"},
		{ID: "a04", Number: "04", PIN: "4444", Phone: "103", Lang: "fr"},
		{ID: "a05", Number: "05", PIN: "5555", Lang: "fr"},
	}, []Device{{"101", true}, {"102", true}, {"103", true}, {"mobile", false}}, "fr")
	if err != nil {
		t.Fatal(err)
	}
	s := &switchboard{t: t, lines: &lines{up: map[acd.PhoneID]bool{}}, now: 1_800_000_000_000}
	s.book = &book{t: t, view: acd.NewView(), clock: func() acd.Instant { return s.now }}
	s.Desk = New(Options{Node: "n1", Asterisk: "ast", Book: s.book, Lines: s.lines, Roster: roster, Log: zap.NewNop(),
		Entries: func(e acd.EntryID) bool { return e == "3000" }})
	return s
}

// dial dials a code and checks what is heard.
func (s *switchboard) dial(phone acd.PhoneID, code string, want ...string) FeatureReply {
	s.t.Helper()
	r := s.Feature(s.t.Context(), phone, code)
	for i, p := range r.Prompts {
		if i >= len(want) || p.ID != want[i] {
			s.t.Fatalf("%s from %s: heard %v, want %v", code, phone, r.Prompts, want)
		}
	}
	if len(r.Prompts) != len(want) {
		s.t.Fatalf("%s from %s: heard %v, want %v", code, phone, r.Prompts, want)
	}
	if r.Ask != (len(want) > 0 && want[0] == "sys.ask_pin") {
		s.t.Errorf("%s from %s: asks for digits: %t", code, phone, r.Ask)
	}
	return r
}

func (s *switchboard) state(id acd.AgentID, want acd.AgentState) acd.Agent {
	s.t.Helper()
	a, _ := s.book.Agent(id)
	if a.State != want {
		s.t.Fatalf("%s is %q, want %s: %+v", id, a.State, want, a)
	}
	return a
}

func (s *switchboard) fact(build func(*acd.Tx) error) {
	s.t.Helper()
	s.book.Record(acd.KindLegChanged, build)
}

// offer brings a caller to the agent's phone; talk lets them speak; hangUp ends it.
func (s *switchboard) offer(leg acd.LegID, a acd.AgentID) {
	s.t.Helper()
	s.fact(func(tx *acd.Tx) error {
		if err := tx.Arrive(acd.Leg{ID: leg, Node: "n1", Entry: "3000"}); err != nil {
			return err
		}
		if err := tx.StartMenu(leg); err != nil {
			return err
		}
		if err := tx.Enqueue(leg, acd.Queueing{Queue: "rdv", Wrapup: 10 * time.Second}); err != nil {
			return err
		}
		return tx.Claim(leg, acd.Offer{ID: "o", Agent: a}, acd.Decision{}, acd.Lead{})
	})
}

func (s *switchboard) talk(leg acd.LegID, a acd.AgentID) {
	s.t.Helper()
	s.offer(leg, a)
	s.fact(func(tx *acd.Tx) error { return tx.AgentAnswers(leg) })
	s.fact(func(tx *acd.Tx) error { return tx.Join(leg) })
}

func (s *switchboard) hangUp(leg acd.LegID) {
	s.t.Helper()
	s.fact(func(tx *acd.Tx) error { return tx.EndLeg(leg, acd.End{Outcome: acd.Answered, By: acd.ByCaller}) })
}
