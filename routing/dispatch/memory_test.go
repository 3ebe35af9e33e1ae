package dispatch_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/dispatch"
)

// memory is a log in memory: the domain's own changes, told to every follower. On command it refuses,
// delays or loses the answers of decisions. Its clock is the test's.
type memory struct {
	mu    sync.Mutex
	view  *acd.View
	seq   int64
	folds []func([]acd.Entry)
	// waiting are entries to be folded, in order; folding is whether a goroutine is at it.
	waiting []acd.Entry
	folding bool
	leads   bool
	// around wraps each decision: it may call do, or not, and answer with another error.
	around func(ctx context.Context, do func() error) error
}

func newMemory() *memory { return &memory{view: acd.NewView(), leads: true} }

func (m *memory) Now() acd.Instant { return acd.At(time.Now()) }

func (m *memory) Lead() (acd.Lead, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return acd.Lead{Rev: 1, Holder: "n1", Token: 1}, m.leads
}

func (m *memory) setLead(leads bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.leads = leads
}

func (m *memory) setAround(f func(context.Context, func() error) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.around = f
}

func (m *memory) Ask(ctx context.Context, kind acd.Kind, build func(*acd.Tx) error) func() (acd.Entry, error) {
	return func() (acd.Entry, error) { return m.decide(ctx, kind, build) }
}

func (m *memory) decide(ctx context.Context, kind acd.Kind, build func(*acd.Tx) error) (acd.Entry, error) {
	if err := ctx.Err(); err != nil {
		return acd.Entry{}, err
	}
	m.mu.Lock()
	around := m.around
	m.mu.Unlock()
	var entry acd.Entry
	do := func() (err error) { entry, err = m.write(kind, false, build); return err }
	if around == nil {
		return entry, do()
	}
	return entry, around(ctx, do)
}

func (m *memory) write(kind acd.Kind, fact bool, build func(*acd.Tx) error) (acd.Entry, error) {
	m.mu.Lock()
	tx := acd.Begin(m.view, kind, m.Now(), "n1", fact)
	if err := build(tx); err != nil {
		m.mu.Unlock()
		return acd.Entry{}, err
	}
	m.seq++
	e := tx.Change().Entry
	e.Seq, e.ID, e.Op = m.seq, fmt.Sprintf("%d-0", m.seq), fmt.Sprintf("op%d", m.seq)
	m.view.Apply(e)
	m.waiting = append(m.waiting, e)
	m.mu.Unlock()
	m.tell()
	return e, nil
}

// tell lets every follower fold what waits, one goroutine at a time.
func (m *memory) tell() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for !m.folding && len(m.waiting) > 0 {
		entries := m.waiting
		m.waiting, m.folding = nil, true
		m.mu.Unlock()
		for _, fold := range m.folds {
			fold(entries)
		}
		m.mu.Lock()
		m.folding = false
	}
}

func (m *memory) Follow(fold func([]acd.Entry)) (acd.Entry, func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.folds = append(m.folds, fold)
	return m.view.Image(), func() {}
}

// fact records what has happened.
func (m *memory) fact(t *testing.T, kind acd.Kind, build func(*acd.Tx) error) {
	t.Helper()
	if _, err := m.write(kind, true, build); err != nil {
		t.Fatal(err)
	}
}

func (m *memory) login(t *testing.T, agents ...acd.AgentID) {
	t.Helper()
	for _, a := range agents {
		m.fact(t, acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(a, acd.PhoneID("phone-"+a), "n1") })
	}
}

func (m *memory) call(t *testing.T, n int) acd.LegID {
	t.Helper()
	id := acd.ContactID(fmt.Sprintf("c%05d", n)).Leg(1)
	m.fact(t, acd.KindQueued, func(tx *acd.Tx) error {
		if err := tx.Arrive(acd.Leg{ID: id, Node: "n1", Entry: "3000"}); err != nil {
			return err
		}
		if err := tx.StartMenu(id); err != nil {
			return err
		}
		return tx.Enqueue(id, acd.Queueing{Queue: "q"})
	})
	return id
}

func (m *memory) hangUp(t *testing.T, leg acd.LegID) {
	t.Helper()
	m.fact(t, acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(leg, acd.End{Outcome: acd.Abandoned}) })
}

func (m *memory) leg(id acd.LegID) acd.Leg {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, _ := m.view.Leg(id)
	return l
}

func rules(steps ...routing.Step) routing.Rules {
	r := routing.Rules{
		Skills: []acd.SkillID{"fr"},
		Queues: map[acd.QueueID]routing.Queue{"q": {Steps: steps, Ring: 20 * time.Second, Fallback: "voicemail"}},
		Agents: map[acd.AgentID]routing.Member{},
	}
	for i := range 20 {
		r.Agents[acd.AgentID(fmt.Sprintf("a%02d", i))] = routing.Member{Skills: map[acd.SkillID]int{"fr": 1 + i%10}}
	}
	return r
}

func start(t *testing.T, m *memory, steps ...routing.Step) *dispatch.Dispatcher {
	t.Helper()
	d, err := dispatch.Start(dispatch.Options{Rules: rules(steps...), Log: m})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	return d
}
