package routing_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// TestC8NoDoubleBooking lets three replicas, each with a fold of its own that lags behind, dispatch one
// site of 500 agents at 100 calls a second, while leases run out under whoever leads. The store checks
// what its scripts check: lead, token, deadline and revisions. ACCUEIL_SOAK makes it 100,000 calls.
func TestC8NoDoubleBooking(t *testing.T) {
	t.Parallel()
	calls := 4_000
	if os.Getenv("ACCUEIL_SOAK") != "" {
		calls = 100_000
	}
	s := newSharedSite(t, 500)
	for ; len(s.outcome) < calls || s.live > 0; s.now += 10 {
		if len(s.outcome)+s.live < calls {
			s.arrive()
		}
		s.finish()
		for _, r := range s.replicas {
			r.work()
		}
		if s.now > start.Add(4*time.Hour) {
			t.Fatalf("%d calls are still live after four hours", s.live)
		}
	}
	if len(s.outcome) != calls {
		t.Errorf("%d calls ended, want %d", len(s.outcome), calls)
	}
	for id, outcomes := range s.outcome {
		if len(outcomes) != 1 || outcomes[0] != acd.Answered {
			t.Errorf("%s ended as %v", id, outcomes)
		}
	}
	if s.refused["not the lead"] == 0 || s.refused["stale"] == 0 || s.expired < calls/400 {
		t.Errorf("too quiet to prove anything: refused %v, %d leases ran out", s.refused, s.expired)
	}
}

// sharedSite is the one log and its store, in memory.
type sharedSite struct {
	t        *testing.T
	dice     *rand.Rand
	now      acd.Instant
	view     *acd.View
	log      []acd.Entry
	lead     acd.Lead
	replicas []*replica

	calls   int
	live    int
	holder  map[acd.AgentID]acd.LegID // whoever has a live reservation
	ends    []ending                  // of calls, in the order of time
	outcome map[acd.LegID][]acd.Outcome
	refused map[string]int
	expired int
}

type ending struct {
	leg acd.LegID
	at  acd.Instant
}

// replica is a node with its own engine, its own fold, and its own belief about who leads.
type replica struct {
	site   *sharedSite
	node   acd.NodeID
	engine *routing.Engine
	view   *acd.View
	read   int // entries of the log
	lead   acd.Lead
}

func newSharedSite(t *testing.T, agents int) *sharedSite {
	s := &sharedSite{t: t, dice: rand.New(rand.NewPCG(8, 7)), now: start, view: acd.NewView(), holder: map[acd.AgentID]acd.LegID{},
		outcome: map[acd.LegID][]acd.Outcome{}, refused: map[string]int{}}
	people := members{}
	for i := range agents {
		people[acd.AgentID(fmt.Sprintf("a%03d", i))] = skills("fr", 1+i%10, "level", 1+i%7)
	}
	rules := oneQueue(people, routing.Step{Require: "fr >= 4"}, routing.Step{After: time.Second})
	for i := range 3 {
		e, err := routing.New(rules)
		if err != nil {
			t.Fatal(err)
		}
		s.replicas = append(s.replicas, &replica{site: s, node: acd.NodeID(fmt.Sprintf("n%d", i)), engine: e, view: acd.NewView()})
	}
	s.elect(s.replicas[0])
	for _, id := range slices.Sorted(maps.Keys(people)) {
		s.fact(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(id, acd.PhoneID("phone-"+id), "n0") })
	}
	return s
}

// elect gives the lead to a replica; the others learn it from the log.
func (s *sharedSite) elect(r *replica) {
	s.lead = acd.Lead{Rev: s.lead.Rev + 1, Holder: r.node, Token: s.lead.Token + 1, Deadline: s.now.Add(4 * time.Hour)}
	r.lead = s.lead
	lead := s.lead
	s.append(acd.Entry{Kind: acd.KindLead, At: s.now, Lead: &lead})
}

func (s *sharedSite) append(e acd.Entry) {
	e.ID = fmt.Sprintf("%d-0", len(s.log)+1)
	s.view.Apply(e)
	s.log = append(s.log, e)
}

func (s *sharedSite) fact(kind acd.Kind, build func(*acd.Tx) error) {
	s.t.Helper()
	tx := acd.Begin(s.view, kind, s.now, "n0", true)
	if err := build(tx); err != nil {
		s.t.Fatal(err)
	}
	s.append(tx.Change().Entry)
}

func (s *sharedSite) arrive() {
	s.calls++
	s.live++
	id := acd.ContactID(fmt.Sprintf("c%06d", s.calls)).Leg(1)
	s.fact(acd.KindQueued, func(tx *acd.Tx) error {
		if err := tx.Arrive(acd.Leg{ID: id, Node: "n0", Entry: "3000"}); err != nil {
			return err
		}
		if err := tx.StartMenu(id); err != nil {
			return err
		}
		return tx.Enqueue(id, acd.Queueing{Queue: "q", Points: s.calls % 3})
	})
}

// finish ends the calls whose four seconds are over.
func (s *sharedSite) finish() {
	for len(s.ends) > 0 && s.ends[0].at <= s.now {
		id := s.ends[0].leg
		s.ends = s.ends[1:]
		s.fact(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(id, acd.End{Outcome: acd.Answered}) })
		l, _ := s.view.Leg(id)
		s.outcome[id] = append(s.outcome[id], l.End.Outcome)
		s.live--
		delete(s.holder, l.Agent)
	}
	if s.now%60_000 == 0 {
		s.view.Prune(s.now)
	}
}

// write takes a claim as the script would: nothing of it, or all.
func (s *sharedSite) write(c acd.Change) string {
	switch {
	case c.Token.Holder != s.lead.Holder || c.Token.Token != s.lead.Token || s.lead.Deadline <= s.now:
		return "not the lead"
	}
	for key, rev := range c.Before {
		if s.revision(key) != rev {
			return "stale"
		}
	}
	s.append(c.Entry)
	return ""
}

func (s *sharedSite) revision(key string) int64 {
	kind, id, _ := strings.Cut(key, ":")
	if kind == "leg" {
		l, _ := s.view.Leg(acd.LegID(id))
		return l.Rev
	}
	a, _ := s.view.Agent(acd.AgentID(id))
	return a.Rev
}

// work reads some of the log, and dispatches while it believes that it leads.
func (r *replica) work() {
	s := r.site
	upTo := len(s.log)
	if s.dice.IntN(4) == 0 { // it lags behind
		upTo = r.read + s.dice.IntN(upTo-r.read+1)
	}
	for ; r.read < upTo; r.read++ {
		e := s.log[r.read]
		r.view.Apply(e)
		r.engine.Apply(e)
		if e.Lead != nil && e.Lead.Token > r.lead.Token {
			r.lead = *e.Lead
		}
	}
	if s.now%60_000 == 0 {
		r.view.Prune(s.now)
	}
	for r.lead.Holder == r.node {
		c, ok := r.engine.Pick(s.now)
		if !ok {
			return
		}
		if s.dice.IntN(100) == 0 { // the lease runs out just before the claim is written
			s.expired++
			s.elect(s.replicas[s.dice.IntN(3)])
		}
		r.claim(c)
	}
}

func (r *replica) claim(c routing.Choice) {
	s := r.site
	tx := acd.Begin(r.view, acd.KindClaimed, s.now, r.node, false)
	offer := acd.Offer{ID: acd.OfferID(c.Leg), Agent: c.Agent, Step: c.Step, Due: s.now.Add(routing.DefaultRing)}
	refusal := "stale"
	if err := tx.Claim(c.Leg, offer, c.Decision, r.lead); err == nil {
		refusal = s.write(tx.Change())
	}
	if refusal != "" {
		s.refused[refusal]++
		r.engine.Retry(c.Leg, c.Agent, s.now.Add(20*time.Millisecond))
		return
	}
	if other := s.holder[c.Agent]; other != "" {
		s.t.Fatalf("%s holds %s and was given %s", c.Agent, other, c.Leg)
	}
	for a, leg := range s.holder {
		if leg == c.Leg {
			s.t.Fatalf("%s is held by %s and was given to %s", leg, a, c.Agent)
		}
	}
	s.holder[c.Agent] = c.Leg
	if a, _ := s.view.Agent(c.Agent); len(a.Legs) != 1 {
		s.t.Fatalf("%s has %v", c.Agent, a.Legs)
	}
	s.fact(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(c.Leg) })
	s.fact(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(c.Leg) })
	s.ends = append(s.ends, ending{c.Leg, s.now.Add(4 * time.Second)})
}
