package queues

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"pgregory.net/rapid"

	"accueil/acd"
	"accueil/deploy/local"
)

// model is the plain idea of what must be true: who holds whom, and how often what was counted.
type model struct {
	legs   map[acd.LegID]acd.LegState
	holder map[acd.LegID]acd.AgentID
	counts map[string]int64
}

// Random calls through a node whose answers are lost, whose connections break and whose Redis is away
// for moments: no leg is lost, none is held twice, every counter is exact, every operation is
// told once.
func TestAgainstModel(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	p := startProxy(t, r.Addr())
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		site := fmt.Sprintf("m%d", round)
		b, err := Open(context.Background(), Options{Addresses: []string{p.addr()}, Site: site, Node: "n1"})
		must(t, err)
		lead(t, b)
		sub := b.Subscribe("model")
		shadow := follow(b)
		m := model{map[acd.LegID]acd.LegState{}, map[acd.LegID]acd.AgentID{}, map[string]int64{}}
		agents := []acd.AgentID{"a01", "a02", "a03"}
		for i, a := range agents {
			login(t, b, a, acd.PhoneID(fmt.Sprint(101+i)))
		}
		pick := func(in ...acd.LegState) (acd.LegID, bool) {
			var ids []acd.LegID
			for n := range len(m.legs) {
				for _, s := range in {
					if m.legs[contact(n)] == s {
						ids = append(ids, contact(n))
					}
				}
			}
			if len(ids) == 0 {
				return "", false
			}
			return rapid.SampledFrom(ids).Draw(rt, "leg"), true
		}
		ready := func(a acd.AgentID) bool {
			for _, h := range m.holder {
				if h == a {
					return false
				}
			}
			return true
		}
		rt.Repeat(map[string]func(*rapid.T){
			"arrive": func(*rapid.T) {
				id := contact(len(m.legs))
				arrive(t, b, id)
				m.legs[id] = acd.LegMenu
			},
			"enqueue": func(*rapid.T) {
				if id, ok := pick(acd.LegMenu); ok {
					_, err := enqueue(b, id, acd.Queueing{Queue: "rdv", Reason: "r"})
					must(t, err)
					m.legs[id] = acd.LegQueued
					m.counts["queue_entered_total[rdv r]"]++
				}
			},
			"claim": func(rt *rapid.T) {
				id, ok := pick(acd.LegQueued)
				a := rapid.SampledFrom(agents).Draw(rt, "agent")
				if !ok {
					return
				}
				lead, _ := b.Lead()
				_, err := b.Decide(context.Background(), acd.KindClaimed, func(tx *acd.Tx) error {
					if err := tx.Edit(id, func(l *acd.Leg) { l.Excluded = nil }); err != nil {
						return err
					}
					return tx.Claim(id, acd.Offer{Agent: a}, acd.Decision{}, lead)
				})
				var illegal acd.ErrIllegal
				switch {
				case errors.Is(err, acd.ErrNotLead): // the lease ran out while answers were lost
				case ready(a) != (err == nil):
					rt.Fatalf("claim for %s, free %v: %v", a, ready(a), err)
				case err == nil:
					m.legs[id], m.holder[id] = acd.LegOffered, a
				case !errors.As(err, &illegal):
					rt.Fatalf("claim: %v", err)
				}
			},
			"answer": func(*rapid.T) {
				if id, ok := pick(acd.LegOffered); ok {
					must(t, b.Record(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(id) }))
					must(t, b.Record(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(id) }))
					m.legs[id] = acd.LegTalking
					m.counts["offers_total[rdv accepted]"]++
				}
			},
			"refuse": func(*rapid.T) {
				if id, ok := pick(acd.LegOffered); ok {
					must(t, b.Record(acd.KindOfferEnded, func(tx *acd.Tx) error { return tx.EndOffer(id, acd.OfferResult{Ending: acd.OfferFailed}) }))
					m.legs[id] = acd.LegQueued
					delete(m.holder, id)
					m.counts["offers_total[rdv failed]"]++
				}
			},
			"leave": func(*rapid.T) {
				id, ok := pick(acd.LegMenu, acd.LegQueued, acd.LegOffered, acd.LegTalking)
				if !ok {
					return
				}
				outcome := acd.Abandoned
				if m.legs[id] == acd.LegTalking {
					outcome = acd.Answered
				}
				must(t, b.Record(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(id, acd.End{Outcome: outcome}) }))
				m.counts["ended "+string(outcome)]++
				m.legs[id] = acd.LegEnded
				delete(m.holder, id)
			},
			"lose answers": func(rt *rapid.T) { p.lose.Store(int64(rapid.IntRange(1, 3).Draw(rt, "answers"))) },
			"break":        func(*rapid.T) { p.cut() },
			"go away": func(*rapid.T) {
				p.away(true)
				awaitUp(t, b, false)
			},
			"return": func(*rapid.T) { p.away(false) },
			"": func(rt *rapid.T) {
				await(t, "the follower", func() bool { return shadow.same(b) })
				for id, s := range m.legs {
					if leg, ok := b.Leg(id); !ok || leg.State != s {
						rt.Fatalf("leg %s is %s (%v), want %s", id, leg.State, ok, s)
					}
				}
				for _, a := range agents {
					if ag, _ := b.Agent(a); (len(ag.Legs) == 0) != ready(a) || len(ag.Legs) > 1 {
						rt.Fatalf("agent %s holds %v, free in the model: %v", a, ag.Legs, ready(a))
					}
				}
			},
		})
		p.lose.Store(0)
		p.away(false)
		awaitUp(t, b, true)
		must(t, b.Record(acd.KindEntryClosure, func(tx *acd.Tx) error { tx.Close("3000", true, "end"); return nil }))
		sameView(t, b)
		var told []acd.Entry
		for len(told) == 0 || told[len(told)-1].Kind != acd.KindEntryClosure {
			told = append(told, next(t, sub))
		}
		onceEach(t, told)
		got := map[string]int64{}
		cs, err := b.Counters(context.Background())
		must(t, err)
		for _, c := range cs {
			k := c.Metric + fmt.Sprint(c.Labels)
			if c.Metric == acd.MetricContacts {
				k = "ended " + c.Labels[3]
			}
			if _, ok := m.counts[k]; ok || c.Metric == acd.MetricContacts {
				got[k] += c.N
			}
		}
		for k, n := range m.counts {
			if got[k] != n {
				rt.Errorf("%s counted %d times, want %d", k, got[k], n)
			}
		}
		inLog := map[string]bool{}
		must(t, b.History(context.Background(), 0, func(e acd.Entry) error {
			if inLog[e.Op] {
				rt.Errorf("an operation of kind %s is in the log twice", e.Kind)
			}
			inLog[e.Op] = true
			return nil
		}))
		sub.Close()
		must(t, b.Close())
	})
}

// A script whose answer is lost, once or so often that Redis counts as away, is done once.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	p := startProxy(t, r.Addr())
	b := open(t, Options{Addresses: []string{p.addr()}, NoCampaign: true, Log: zap.NewNop()})
	const calls = 9
	for n := range calls {
		id, lose := contact(n), int64(n%3)
		arrive(t, b, id)
		must(t, b.Flush(t.Context()))
		p.lose.Store(lose)
		e, err := enqueue(b, id, acd.Queueing{Queue: "rdv", Max: calls})
		must(t, err)
		if lose < 2 && e.ID == "" {
			t.Errorf("%d answers lost: the decision was not Redis's", lose)
		}
		awaitUp(t, b, true)
		p.lose.Store(lose)
		must(t, b.Record(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(id, acd.End{Outcome: acd.Abandoned}) }))
		must(t, b.Flush(t.Context()))
		awaitUp(t, b, true)
	}
	if got, want := p.lost.Load(), int64(2*calls); got != want {
		t.Errorf("%d answers were lost, want %d", got, want)
	}
	sameView(t, b)
	got := counts(t, b)
	if got["queue_entered_total[rdv ]"] != calls || got["contacts_total[3000 rdv  abandoned queued]"] != calls {
		t.Errorf("counted %v, want each of %d calls once", got, calls)
	}
}

// Two nodes race for the same few legs and agents: each leg is claimed once, each agent holds one.
func TestTwoNodesRace(t *testing.T) {
	t.Parallel()
	onRedis := startRedis(t, local.RedisOptions{})
	a := open(t, Options{Addresses: []string{onRedis.Addr()}, Node: "n1"})
	l := lead(t, a)
	b := open(t, Options{Addresses: []string{onRedis.Addr()}, Node: "n2", NoCampaign: true})
	const width = 20
	for n := range width {
		arrive(t, a, contact(n))
		login(t, a, acd.AgentID(fmt.Sprint("a", n)), acd.PhoneID(fmt.Sprint(n)))
		_, err := enqueue(a, contact(n), acd.Queueing{Queue: "rdv"})
		must(t, err)
	}
	must(t, a.Flush(t.Context()))
	await(t, "the other node's view", func() bool { return b.Waiting("rdv") == width && len(b.Agents()) == width })
	var mu sync.Mutex
	won := map[acd.LegID]int{}
	var wg sync.WaitGroup
	for _, book := range []*Book{a, b} {
		for n := range width {
			for shift := range 3 {
				wg.Add(1)
				go func() {
					defer wg.Done()
					id := contact(n)
					_, err := claim(book, id, acd.AgentID(fmt.Sprint("a", (n+shift)%width)), l)
					var illegal acd.ErrIllegal
					switch {
					case err == nil:
						mu.Lock()
						won[id]++
						mu.Unlock()
					case errors.As(err, &illegal), errors.Is(err, acd.ErrStale), errors.Is(err, acd.ErrNotLead):
					default:
						t.Errorf("claim: %v", err)
					}
				}()
			}
		}
	}
	wg.Wait()
	held := map[acd.AgentID]acd.LegID{}
	for _, leg := range a.Legs() {
		if won[leg.ID] > 1 {
			t.Errorf("leg %s was claimed %d times", leg.ID, won[leg.ID])
		}
		if (leg.State == acd.LegOffered) != (won[leg.ID] == 1) && leg.State == acd.LegOffered {
			await(t, "the other's claim", func() bool { mu.Lock(); defer mu.Unlock(); return won[leg.ID] == 1 })
		}
		if leg.Agent == "" {
			continue
		}
		if other, twice := held[leg.Agent]; twice {
			t.Errorf("agent %s holds %s and %s", leg.Agent, other, leg.ID)
		}
		held[leg.Agent] = leg.ID
	}
	if len(won) == 0 {
		t.Error("nobody won anything")
	}
	sameView(t, a)
}

// The lead passes on at once when it is resigned, and after the lease when its holder is cut off; a
// higher token makes the old holder's claims void.
func TestLeadPassesOn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, addresses []string) {
		if addresses == nil {
			e, err := startEmbedded()
			must(t, err)
			t.Cleanup(e.close)
			addresses = []string{e.addr()}
		}
		p := startProxy(t, addresses[0])
		a := open(t, Options{Addresses: []string{p.addr()}, Node: "n1", Lease: 600 * time.Millisecond})
		first := lead(t, a)
		b := open(t, Options{Addresses: addresses, Node: "n2", Lease: 600 * time.Millisecond})
		if _, here := b.Lead(); here {
			t.Fatal("two leads")
		}
		arrive(t, b, contact(1))
		login(t, b, "a01", "101")
		_, err := enqueue(b, contact(1), acd.Queueing{Queue: "rdv"})
		must(t, err)
		p.away(true)
		second := lead(t, b)
		if second.Token <= first.Token || second.Holder != "n2" {
			t.Errorf("lead %+v after %+v", second, first)
		}
		if _, err := claim(b, contact(1), "a01", first); !errors.Is(err, acd.ErrNotLead) {
			t.Errorf("claim with the old lead: %v", err)
		}
		p.away(false)
		awaitUp(t, a, true)
		await(t, "the old lead to know the new one", func() bool { l, here := a.Lead(); return !here && l.Holder == "n2" })
		must(t, b.Close())
		third := lead(t, a)
		if third.Token <= second.Token {
			t.Errorf("lead %+v after %+v", third, second)
		}
	})
}
