package queues

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"accueil/acd"
	"accueil/deploy/local"
)

// shadow folds what a follower is told, as a dispatcher does.
type shadow struct {
	mu     sync.Mutex
	view   *acd.View
	images int // whole views told
	stop   func()
}

func follow(b *Book) *shadow {
	s := &shadow{view: acd.NewView()}
	s.mu.Lock()
	defer s.mu.Unlock()
	image, stop := b.Follow(s.fold)
	s.view.Apply(image)
	s.stop = stop
	return s
}

func (s *shadow) fold(entries []acd.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		if e.Kind == acd.KindAsserted && e.Op == "" {
			s.view = acd.NewView()
			s.images++
		}
		s.view.Apply(e)
	}
}

// same reports whether the follower holds what the Book shows.
func (s *shadow) same(b *Book) bool {
	legs, agents := b.Legs(), b.Agents()
	s.mu.Lock()
	defer s.mu.Unlock()
	return reflect.DeepEqual(s.view.Legs(), legs) && reflect.DeepEqual(s.view.Agents(), agents)
}

// counted reads a counter.
func counted(t testing.TB, c prometheus.Counter) float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	must(t, r.Register(c))
	families, err := r.Gather()
	must(t, err)
	return families[0].GetMetric()[0].GetCounter().GetValue()
}

// A decision asked for while a fact is told goes to Redis with it, behind it, and takes the fact for
// granted: it is made by the same trip.
func TestWhatAFactBringsAboutGoesWithIt(t *testing.T) {
	t.Parallel()
	p := startProxy(t, startRedis(t, local.RedisOptions{}).Addr())
	b := open(t, Options{Addresses: []string{p.addr()}, NoCampaign: true})
	sub := b.Subscribe("test")
	defer sub.Close()
	answers := make(chan func() (acd.Entry, error), 1)
	_, stop := b.Follow(func(entries []acd.Entry) {
		for _, e := range entries {
			if e.Kind == acd.KindMenu && e.ID == "" {
				id := e.Legs[0].ID
				answers <- b.Ask(context.Background(), acd.KindQueued, func(tx *acd.Tx) error { return tx.Enqueue(id, acd.Queueing{Queue: "rdv"}) })
			}
		}
	})
	defer stop()
	const rounds = 20
	together := 0
	for n := range rounds {
		id := contact(n)
		must(t, b.Record(acd.KindArrived, func(tx *acd.Tx) error {
			return tx.Arrive(acd.Leg{ID: id, Node: "n1", Channel: "c-" + string(id), Entry: "3000", Lang: "fr"})
		}))
		must(t, b.Flush(t.Context()))
		before := p.scripts.Load()
		must(t, b.Record(acd.KindMenu, func(tx *acd.Tx) error { return tx.StartMenu(id) }))
		decided, err := (<-answers)()
		must(t, err)
		if p.scripts.Load() == before+1 {
			together++
		}
		fact := nextKind(t, sub, acd.KindMenu)
		if e := next(t, sub); e.Op != decided.Op || e.Seq != fact.Seq+1 || e.ID != decided.ID {
			t.Errorf("after the fact %d came %s %d, decided was %d", fact.Seq, e.Kind, e.Seq, decided.Seq)
		}
	}
	// The writer may be awake for another reason, and take the fact by itself.
	if together < rounds/2 {
		t.Errorf("%d of %d decisions went with their facts", together, rounds)
	}
	if n := counted(t, b.metrics.conflicts); n != 0 {
		t.Errorf("%g decisions did not fit the fact before them", n)
	}
}

// Two nodes record facts about the same people: whichever truth wins, followers and subscribers of
// both end with it, though a fact was shown before it lost.
func TestFollowersEndWithTheTruth(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	books := []*Book{
		open(t, Options{Addresses: []string{r.Addr()}, Node: "n1", NoCampaign: true}),
		open(t, Options{Addresses: []string{r.Addr()}, Node: "n2", NoCampaign: true}),
	}
	agents := []acd.AgentID{"a01", "a02", "a03"}
	for i, a := range agents {
		login(t, books[0], a, acd.PhoneID(fmt.Sprint(101+i)))
	}
	must(t, books[0].Flush(t.Context()))
	await(t, "the other node's view", func() bool { return len(books[1].Agents()) == len(agents) })
	var shadows []*shadow
	var subs []*Subscription
	for _, b := range books {
		shadows, subs = append(shadows, follow(b)), append(subs, b.Subscribe("test"))
	}
	var wg sync.WaitGroup
	for i, b := range books {
		wg.Go(func() {
			for n := range 300 {
				a := agents[n%len(agents)]
				if err := b.Record(acd.KindAgentState, func(tx *acd.Tx) error {
					if (n/len(agents)+i)%2 == 0 {
						return tx.Pause(a, fmt.Sprint("p", i))
					}
					return tx.Ready(a)
				}); err != nil {
					t.Error(err)
				}
			}
			if err := b.Flush(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, b := range books { // a slow machine may have made them do without Redis for a moment
		awaitUp(t, b, true)
		must(t, b.Flush(t.Context()))
	}
	// The last word, behind which each node has been told all that was before.
	must(t, books[0].Record(acd.KindEntryClosure, func(tx *acd.Tx) error { tx.Close("3000", true, "end"); return nil }))
	for i, b := range books {
		view, seq := acd.NewView(), subs[i].Image.Seq
		view.Apply(subs[i].Image)
		for last, away := false, false; !last; {
			e := next(t, subs[i])
			away = away || e.Degraded // then its own come without a number, and not again
			if !away && e.Seq != seq+1 {
				t.Errorf("node %d was told %d after %d", i+1, e.Seq, seq)
			}
			seq = e.Seq
			view.Apply(e)
			last = e.Kind == acd.KindEntryClosure
		}
		subs[i].Close()
		sameView(t, b)
		await(t, "the follower", func() bool { return shadows[i].same(b) })
		if !reflect.DeepEqual(view.Agents(), b.Agents()) {
			t.Errorf("node %d: told\n%+v\nshown\n%+v", i+1, view.Agents(), b.Agents())
		}
		shadows[i].stop()
	}
	if shadows[0].images+shadows[1].images == 0 {
		t.Error("no fact ever lost")
	}
}
