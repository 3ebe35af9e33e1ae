package routing_test

import (
	"fmt"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// start is the instant at which every test begins.
var start = acd.At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))

// lead is who dispatches in tests.
var lead = acd.Lead{Rev: 1, Holder: "n1", Token: 1}

// world is a hospital in memory: the domain's own changes, folded by the engine under test.
type world struct {
	t      *testing.T
	view   *acd.View
	engine *routing.Engine
	now    acd.Instant
	seq    int
	calls  int
	folded func() // after each entry
}

func newWorld(t *testing.T, rules routing.Rules) *world {
	t.Helper()
	e, err := routing.New(rules)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, view: acd.NewView(), engine: e, now: start}
}

// change makes one entry of the log and folds it; it returns the refusal of a decision.
func (w *world) change(kind acd.Kind, fact bool, build func(*acd.Tx) error) error {
	w.t.Helper()
	tx := acd.Begin(w.view, kind, w.now, "n1", fact)
	if err := build(tx); err != nil {
		return err
	}
	w.seq++
	entry := tx.Change().Entry
	entry.ID = fmt.Sprintf("%d-0", w.seq)
	w.view.Apply(entry)
	w.engine.Apply(entry)
	if w.folded != nil {
		w.folded()
	}
	return nil
}

func (w *world) must(kind acd.Kind, build func(*acd.Tx) error) {
	w.t.Helper()
	if err := w.change(kind, true, build); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) after(d time.Duration) { w.now = w.now.Add(d) }

func (w *world) login(agents ...acd.AgentID) {
	w.t.Helper()
	for _, a := range agents {
		w.must(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(a, acd.PhoneID("phone-"+a), "n1") })
	}
}

func (w *world) logout(a acd.AgentID) {
	w.t.Helper()
	w.must(acd.KindLogout, func(tx *acd.Tx) error { return tx.Logout(a) })
}

func (w *world) pause(a acd.AgentID) {
	w.t.Helper()
	w.must(acd.KindAgentState, func(tx *acd.Tx) error { return tx.Pause(a, "pause_1") })
}

func (w *world) ready(a acd.AgentID) {
	w.t.Helper()
	w.must(acd.KindAgentState, func(tx *acd.Tx) error { return tx.Ready(a) })
}

// call puts a new contact into a queue.
func (w *world) call(q acd.Queueing) acd.LegID {
	w.t.Helper()
	return w.contact(acd.Voice, q)
}

// contact puts a new contact of that medium into a queue.
func (w *world) contact(m acd.Medium, q acd.Queueing) acd.LegID {
	w.t.Helper()
	w.calls++
	id := acd.ContactID(fmt.Sprintf("c%05d", w.calls)).Leg(1)
	w.must(acd.KindQueued, func(tx *acd.Tx) error {
		if err := tx.Arrive(acd.Leg{ID: id, Medium: m, Node: "n1", Entry: "3000"}); err != nil {
			return err
		}
		if err := tx.StartMenu(id); err != nil {
			return err
		}
		return tx.Enqueue(id, q)
	})
	return id
}

// claim writes a choice as the dispatcher would.
func (w *world) claim(c routing.Choice) error {
	return w.change(acd.KindClaimed, false, func(tx *acd.Tx) error {
		offer := acd.Offer{ID: acd.OfferID(fmt.Sprintf("o%d", w.seq)), Agent: c.Agent, Step: c.Step, Due: w.now.Add(routing.DefaultRing)}
		return tx.Claim(c.Leg, offer, c.Decision, lead)
	})
}

// ring decides and claims; it returns the choices made.
func (w *world) ring() []routing.Choice {
	w.t.Helper()
	choices := w.engine.Decide(w.now)
	for _, c := range choices {
		if err := w.claim(c); err != nil {
			w.t.Fatalf("claim of %s for %s: %v", c.Leg, c.Agent, err)
		}
	}
	return choices
}

// rings expects exactly these agents to be rung now, in this order, and returns the choices.
func (w *world) rings(agents ...acd.AgentID) []routing.Choice {
	w.t.Helper()
	choices := w.ring()
	var got []acd.AgentID
	for _, c := range choices {
		got = append(got, c.Agent)
	}
	if fmt.Sprint(got) != fmt.Sprint(agents) {
		w.t.Fatalf("at %s rung %v, want %v", w.now.Sub(start), got, agents)
	}
	return choices
}

// ringsAfter expects nothing before d from now (as the engine itself predicts) and these agents then.
func (w *world) ringsAfter(d time.Duration, agents ...acd.AgentID) []routing.Choice {
	w.t.Helper()
	due := w.now.Add(d)
	for {
		w.rings()
		next, ok := w.engine.Next(w.now)
		if !ok || next > due {
			w.t.Fatalf("the engine wakes at %s, want %s", next.Sub(start), due.Sub(start))
		}
		if next <= w.now {
			w.t.Fatalf("the engine wakes at %s, which is not after now, %s", next.Sub(start), w.now.Sub(start))
		}
		if next == due {
			w.now = due - 1
			w.rings()
			w.now = due
			return w.rings(agents...)
		}
		w.now = next
	}
}

func (w *world) endOffer(leg acd.LegID, r acd.OfferResult) {
	w.t.Helper()
	w.must(acd.KindOfferEnded, func(tx *acd.Tx) error { return tx.EndOffer(leg, r) })
}

func (w *world) talk(leg acd.LegID) {
	w.t.Helper()
	w.must(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(leg) })
	w.must(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(leg) })
}

func (w *world) hangUp(leg acd.LegID, o acd.Outcome) {
	w.t.Helper()
	w.must(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(leg, acd.End{Outcome: o}) })
}

// skills makes an agent's skills from name, level pairs.
func skills(pairs ...any) routing.Member {
	m := routing.Member{Skills: map[acd.SkillID]int{}}
	for i := 0; i < len(pairs); i += 2 {
		m.Skills[acd.SkillID(pairs[i].(string))] = pairs[i+1].(int)
	}
	return m
}

// oneQueue returns rules with a single queue "q" that lets its callers wait.
func oneQueue(agents map[acd.AgentID]routing.Member, steps ...routing.Step) routing.Rules {
	return routing.Rules{
		Skills: []acd.SkillID{"cardio", "fr", "en", "level"},
		Queues: map[acd.QueueID]routing.Queue{"q": {Steps: steps, WhenUnstaffed: routing.UnstaffedWait, Fallback: "voicemail"}},
		Agents: agents,
	}
}
