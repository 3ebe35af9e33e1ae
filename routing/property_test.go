package routing_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// hospital is a site with everything that bends a decision: several queues, steps that overlap, are
// never staffed or open together, and agents with equal and with odd skills.
func hospital() routing.Rules {
	rules := routing.Rules{
		Skills: []acd.SkillID{"rdv", "cardio", "fr", "en"},
		Queues: map[acd.QueueID]routing.Queue{
			"rdv":     {Steps: []routing.Step{{Require: "rdv >= 5 and fr >= 3"}, {After: 5 * time.Second, Require: "rdv >= 3 or cardio in 4..6"}, {After: 12 * time.Second}}, Fallback: "x"},
			"cardio":  {Steps: []routing.Step{{Require: "cardio >= 9"}, {Require: "cardio >= 7"}, {After: 8 * time.Second, Require: "cardio >= 7 and not (en <= 3)"}, {After: 20 * time.Second, Require: "cardio >= 2"}}, Fallback: "x"},
			"accueil": {Steps: []routing.Step{{}}, Fallback: "x"},
			"rare":    {Steps: []routing.Step{{After: 3 * time.Second, Require: "cardio == 10 and rdv == 10"}, {After: 30 * time.Second, Require: "cardio != 1"}}, Fallback: "x"},
		},
		Agents: members{
			"a01": skills("rdv", 8, "fr", 10), "a02": skills("rdv", 8, "fr", 10), "a03": skills("rdv", 5, "fr", 3, "en", 9),
			"a04": skills("cardio", 7, "fr", 5), "a05": skills("cardio", 9, "rdv", 2, "en", 2), "a06": skills("rdv", 3),
			"a07": skills("cardio", 4, "en", 4), "a08": {}, "a09": skills("cardio", 10, "rdv", 10, "fr", 10, "en", 10),
		},
	}
	return rules
}

// clinic is the hospital with everything else that bends a decision: every preset and weights of its
// own, exclusive steps, conditions, orders, priorities and delays.
func clinic() routing.Rules {
	rules := hospital()
	edit := func(id acd.QueueID, change func(*routing.Queue)) {
		q := rules.Queues[id]
		change(&q)
		rules.Queues[id] = q
	}
	edit("rdv", func(q *routing.Queue) {
		q.Policy.Preset = routing.SkillsFirst
		q.Order = []routing.Criterion{routing.HighestLevel, routing.LeastOccupied, routing.LongestIdle}
		q.Steps[1].Consider = "waiting > free or logged_in >= 5"
	})
	edit("cardio", func(q *routing.Queue) {
		q.Policy = routing.Policy{Weights: &routing.Weights{Steps: []int{4, 4, 1},
			Ages: []routing.AgeBand{{Points: 2}, {From: 4 * time.Second, Points: 7}, {From: 9 * time.Second, Points: 1}, {From: 15 * time.Second}}}}
		q.Order = []routing.Criterion{routing.LeastOccupied}
		q.Steps[2].Exclusive = true
	})
	edit("accueil", func(q *routing.Queue) {
		q.Policy = routing.Policy{Preset: routing.ServiceLevelFirst, ServiceLevel: 6 * time.Second}
		q.Order = []routing.Criterion{routing.LongestIdle}
		q.Steps = []routing.Step{{Require: "fr >= 5", Consider: "waiting <= 3"}, {After: 4 * time.Second, Require: "rdv >= 1 or cardio >= 1", Exclusive: true},
			{After: 7 * time.Second, Consider: "free * 2 >= waiting - 1"}, {After: 11 * time.Second}}
	})
	edit("rare", func(q *routing.Queue) {
		q.Steps = append(q.Steps, routing.Step{After: 31 * time.Second, Require: "rdv == 7", Exclusive: true}, routing.Step{After: 40 * time.Second})
	})
	assign := func(a acd.AgentID, queues map[acd.QueueID]routing.Assignment) {
		m := rules.Agents[a]
		m.Queues = queues
		rules.Agents[a] = m
	}
	assign("a02", map[acd.QueueID]routing.Assignment{"rdv": {Priority: 3}, "accueil": {Delay: 6 * time.Second}})
	assign("a05", map[acd.QueueID]routing.Assignment{"cardio": {Priority: 10}, "rdv": {Delay: 8 * time.Second, Priority: 1}})
	assign("a08", map[acd.QueueID]routing.Assignment{"accueil": {Delay: 2 * time.Second, Priority: 1}})
	return rules
}

// TestSameDecisionsAsTheReference lets a day of accidents happen to both engines: every choice must
// be the same, the explanation must agree with it, and the instants announced by Next must be the
// only ones at which something changes without an entry of the log. ACCUEIL_SOAK makes it a million steps.
func TestSameDecisionsAsTheReference(t *testing.T) {
	t.Parallel()
	steps, seeds := 48_000/slowdown, 4
	switch {
	case os.Getenv("ACCUEIL_SOAK") != "":
		steps, seeds = 1_000_000, 40
	case testing.Short():
		steps = 8_000 / slowdown
	}
	for seed := range seeds {
		rules := clinic
		if seed%4 == 0 {
			rules = hospital
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m := newModel(t, rules, uint64(seed))
			for i := range steps / seeds {
				m.step()
				m.decide()
				if m.t.Failed() {
					t.Fatalf("after %d steps", i+1)
				}
			}
			if m.choices < steps/seeds/20 || m.timed < steps/seeds/500 || m.recalls < m.choices/20 {
				t.Errorf("too quiet to prove anything: %d choices, %d of them by time alone, %d recalled", m.choices, m.timed, m.recalls)
			}
		})
	}
}

type model struct {
	*world
	rules   func() routing.Rules
	dice    *rand.Rand
	ref     *reference
	live    []acd.LegID
	choices int
	timed   int
	recalls int
}

func newModel(t *testing.T, rules func() routing.Rules, seed uint64) *model {
	w := newWorld(t, rules())
	m := &model{world: w, rules: rules, dice: rand.New(rand.NewPCG(seed, 7)), ref: newReference(rules(), w.view)}
	w.folded = func() { m.ref.watch(w.now) }
	return m
}

func (m *model) agent() acd.AgentID { return acd.AgentID(fmt.Sprintf("a%02d", 1+m.dice.IntN(10))) } // a10 is no member

func (m *model) leg() (acd.Leg, bool) {
	if len(m.live) == 0 {
		return acd.Leg{}, false
	}
	return m.view.Leg(m.live[m.dice.IntN(len(m.live))])
}

// try makes a change that the tables may well refuse.
func (m *model) try(build func(*acd.Tx) error) { _ = m.change(acd.KindLegChanged, false, build) }

// step lets one thing happen.
func (m *model) step() {
	switch n := m.dice.IntN(100); {
	case n < 14:
		if len(m.live) < 14 {
			m.arrive()
		}
	case n < 22:
		a := m.agent()
		m.try(func(tx *acd.Tx) error { return tx.Login(a, acd.PhoneID("phone-"+a), "n1") })
	case n < 25:
		a := m.agent()
		m.try(func(tx *acd.Tx) error { return tx.Logout(a) })
	case n < 29:
		a := m.agent()
		m.try(func(tx *acd.Tx) error { return tx.Pause(a, "pause_1") })
	case n < 37:
		a := m.agent()
		m.try(func(tx *acd.Tx) error { return tx.Ready(a) })
	case n < 39:
		a, level := m.agent(), m.dice.IntN(12)
		m.try(func(tx *acd.Tx) error {
			if level == 0 {
				return tx.SetSkills(a, nil, false, "chief")
			}
			return tx.SetSkills(a, map[acd.SkillID]int{"cardio": level, "fr": 3}, false, "chief")
		})
	case n < 42:
		m.phone()
	case n < 46:
		if l, ok := m.leg(); ok {
			points := m.dice.IntN(12)
			m.try(func(tx *acd.Tx) error { return tx.SetPoints(l.ID, points, "chief") })
		}
	case n < 49:
		if l, ok := m.leg(); ok && l.State == acd.LegQueued {
			q := m.queueing()
			m.try(func(tx *acd.Tx) error { return tx.Enqueue(l.ID, q) })
		}
	case n < 51:
		if l, ok := m.leg(); ok {
			a, hold := m.agent(), time.Duration(1+m.dice.IntN(20_000))*time.Millisecond
			m.try(func(tx *acd.Tx) error { return tx.Push(l.ID, a, hold, "chief") })
		}
	case n < 53:
		q := []acd.QueueID{"rdv", "cardio", "accueil", "rare"}[m.dice.IntN(4)]
		pause := m.dice.IntN(3) == 0
		m.try(func(tx *acd.Tx) error { tx.PauseQueue(q, pause, "", "chief"); return nil })
	case n < 72:
		m.progress()
	default:
		m.wait()
	}
	m.view.Prune(m.now)
	m.live = slices.DeleteFunc(m.live, func(id acd.LegID) bool { l, _ := m.view.Leg(id); return !l.Live() })
}

func (m *model) queueing() acd.Queueing {
	q := acd.Queueing{
		Queue:  []acd.QueueID{"rdv", "cardio", "accueil", "rare", "unknown"}[min(m.dice.IntN(25)/6, 4)],
		Asks:   []string{"", "", "en >= 4", "fr >= 1 or en >= 1", "nonsense >"}[m.dice.IntN(5)],
		Points: m.dice.IntN(3) * m.dice.IntN(5),
	}
	if m.dice.IntN(3) == 0 {
		q.Preferred = m.agent()
		if m.dice.IntN(2) == 0 {
			q.HoldUntil = m.now.Add(time.Duration(m.dice.IntN(15_000)) * time.Millisecond)
		}
	}
	return q
}

func (m *model) arrive() {
	medium := []acd.Medium{acd.Voice, acd.Voice, acd.Voice, acd.Chat, acd.Mail}[m.dice.IntN(5)]
	m.live = append(m.live, m.contact(medium, m.queueing()))
}

func (m *model) phone() {
	a, registered := m.agent(), m.dice.IntN(3) > 0
	m.try(func(tx *acd.Tx) error { return tx.PhoneChanged(acd.PhoneID("phone-"+a), registered, "n1", "") })
}

// progress moves one contact on: an offer ends in one of its ways, or is answered, or someone leaves.
func (m *model) progress() {
	l, ok := m.leg()
	if !ok {
		return
	}
	switch l.State {
	case acd.LegOffered:
		ending := []acd.Ending{acd.NoAnswer, acd.Busy, acd.Refused, acd.OfferFailed, "answer", "answer", "left"}[m.dice.IntN(7)]
		switch ending {
		case "answer":
			m.talk(l.ID)
		case "left":
			if l.CallsBack() { // nobody is there to leave: he was not reached
				next := m.later()
				m.must(acd.KindOfferEnded, func(tx *acd.Tx) error {
					if next%2 == 0 { // he could not be dialled: put off, without an attempt
						if err := tx.EndOffer(l.ID, acd.OfferResult{Ending: acd.CallerGone}); err != nil {
							return err
						}
						return tx.Edit(l.ID, func(l *acd.Leg) { l.Callback.NotBefore = next })
					}
					return tx.NotReached(l.ID, acd.AttemptNoAnswer, next)
				})
				return
			}
			m.hangUp(l.ID, acd.Abandoned)
		default:
			m.endOffer(l.ID, acd.OfferResult{Ending: ending, MissLimit: 2, LastRoutable: m.engine.LastRoutable(l.Agent)})
		}
	case acd.LegQueued:
		switch m.dice.IntN(10) {
		case 0, 1:
			m.hangUp(l.ID, acd.Abandoned)
		case 2:
			m.leaves(l)
		}
	case acd.LegCallback:
		if m.dice.IntN(5) == 0 {
			m.try(func(tx *acd.Tx) error { return tx.EndCallback(l.ID, acd.CallbackWithdrawn, acd.ByCaller) })
		}
	case acd.LegMenu, acd.LegTalking:
		m.hangUp(l.ID, acd.Answered)
	}
}

// later is an instant from which a callback may be made; sometimes at once.
func (m *model) later() acd.Instant {
	return m.now.Add(time.Duration(m.dice.IntN(2)*m.dice.IntN(9000)) * time.Millisecond)
}

// leaves lets a caller go who is to be called back.
func (m *model) leaves(l acd.Leg) {
	at, q := m.later(), acd.Queueing{Queue: l.Queue, Asks: l.Asks}
	m.must(acd.KindEnded, func(tx *acd.Tx) error {
		next, err := tx.TakeCallback(l.ID, q, acd.Callback{NotBefore: at, Until: m.now.Add(24 * time.Hour)}, acd.End{Outcome: acd.CalledBack})
		if err == nil {
			m.live = append(m.live, next)
		}
		return err
	})
}

// wait lets time pass: to the instant that the engine announces, to just before it, or to any before.
func (m *model) wait() {
	next, ok := m.engine.Next(m.now)
	if ok && next <= m.now {
		m.t.Fatalf("Next says %d, which is not after %d", next, m.now)
	}
	switch m.dice.IntN(4) {
	case 0:
		if m.dice.IntN(30) == 0 { // long enough for the bound of ten minutes to matter
			m.after(time.Duration(m.dice.IntN(12)) * time.Minute)
			return
		}
		m.after(time.Duration(m.dice.IntN(2000)) * time.Millisecond)
	default:
		limit := m.now.Add(10 * time.Second)
		if ok && next <= limit {
			// Nothing may change before the announced instant.
			m.now = next - 1
			if p, _, changed := m.ref.pick(m.now, m.live); changed {
				m.t.Fatalf("%v could be served at %d, before the announced %d", p, m.now, next)
			}
			m.now = next
			m.timed += m.decide()
			return
		}
		m.now = m.now.Add(time.Duration(m.dice.IntN(3000)) * time.Millisecond)
	}
}

// decide compares every choice to be made now, then lets the log answer some of them.
func (m *model) decide() int {
	m.t.Helper()
	made := 0
	for {
		want, late, ok := m.ref.pick(m.now, m.live)
		if late != "" {
			m.t.Fatalf("%s is overtaken by %s, which came ten minutes later", late, want.leg)
		}
		var explained routing.Explanation
		if ok {
			var err error
			if explained, err = m.engine.Explain(want.leg, m.now); err != nil {
				m.t.Fatalf("explain %s: %v", want.leg, err)
			}
		}
		got, chosen := m.engine.Pick(m.now)
		if chosen != ok || (pair{got.Leg, got.Agent, got.Step}) != want {
			if x, err := m.engine.Explain(want.leg, m.now); err == nil {
				m.t.Logf("explained as %+v", x)
			}
			m.t.Fatalf("at %d the engine chose %v %v %d (%t), the reference %v (%t)", m.now, got.Leg, got.Agent, got.Step, chosen, want, ok)
		}
		if !ok {
			return made
		}
		made++
		m.choices++
		if first := explained.Candidates[0]; first.Agent != got.Agent || first.Passed != "" {
			m.t.Fatalf("chose %s, explained %+v", got.Agent, explained.Candidates)
		}
		if !equalCounts(counts(explained), got.Decision.Passed) {
			m.t.Fatalf("decision passes over %v, explanation %v", got.Decision.Passed, counts(explained))
		}
		if m.choices%10 == 0 {
			m.recall(got)
		}
		m.answer(got)
	}
}

// recall makes the choice again in an engine that knows nothing but what the decision says was known.
func (m *model) recall(got routing.Choice) {
	m.t.Helper()
	pending := m.engine.Pending()
	got.Decision.Pending = pending[:len(pending)-1]
	other, err := routing.New(m.rules())
	if err != nil {
		m.t.Fatal(err)
	}
	other.Reset(m.view.Image())
	if m.choices%20 == 0 { // it may have been asked for a later instant before
		other.Next(m.now.Add(time.Minute))
	}
	for range 2 { // asking changes nothing
		r := other.Recall(got.Decision)
		if r.Choice == nil || r.Explanation == nil {
			m.t.Fatalf("%+v is not made again", got.Decision)
		}
		r.Choice.Decision.LastID, got.Decision.LastID = "", ""
		if !reflect.DeepEqual(*r.Choice, got) {
			m.t.Fatalf("made again as %+v, was %+v", *r.Choice, got)
		}
		if first := r.Explanation.Candidates[0]; first.Agent != got.Agent || first.Passed != "" {
			m.t.Fatalf("chose %s, explained %+v", got.Agent, r.Explanation.Candidates)
		}
		if len(other.Pending()) > 0 {
			m.t.Fatal("choices are left in flight")
		}
	}
	m.recalls++
}

// answer lets the claim succeed, mostly; else it is refused, or lost, or much later.
func (m *model) answer(c routing.Choice) {
	switch m.dice.IntN(10) {
	case 0:
		m.engine.Retry(c.Leg, c.Agent, m.now+1)
		m.ref.pending[c.Leg] = wish{c.Agent, m.now + 1}
	case 1: // no answer at all: both take it back in time
	default:
		if err := m.claim(c); err != nil {
			m.t.Fatalf("claim of %s for %s: %v", c.Leg, c.Agent, err)
		}
	}
	if m.dice.IntN(200) == 0 {
		m.engine.Reset(m.view.Image())
	}
}
