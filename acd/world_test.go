package acd

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"
)

// reporter is the little that worlds need of a test; rapid's has it too.
type reporter interface {
	Helper()
	Errorf(string, ...any)
	Fatalf(string, ...any)
}

// world is a data set as one node sees it: a view, the order of each queue, the counters.
type world struct {
	t      reporter
	now    Instant
	view   *View
	places map[QueueID]map[LegID]int64
	counts map[string]int64 // metric and labels
	total  map[string]int64 // metric
	log    []Entry
}

const noon = Instant(1_800_000_000_000)

func newWorld(t reporter) *world {
	w := &world{t: t, now: noon, view: NewView(), places: map[QueueID]map[LegID]int64{}, counts: map[string]int64{}, total: map[string]int64{}}
	w.fact(KindLogin, func(tx *Tx) error { return tx.Login("a01", "101", "n1") })
	w.fact(KindLogin, func(tx *Tx) error { return tx.Login("a02", "102", "n1") })
	w.pass(time.Second)
	return w
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(max(d, time.Millisecond)) }

// apply does what a store does with a change.
func (w *world) apply(c Change) {
	w.t.Helper()
	for _, l := range c.Entry.Legs {
		old, _ := w.view.Leg(l.ID)
		w.revision(LegKey(l.ID), old.Rev, l.Rev, c)
	}
	for _, a := range c.Entry.Agents {
		old, _ := w.view.Agent(a.ID)
		w.revision(AgentKey(a.ID), old.Rev, a.Rev, c)
	}
	for _, p := range c.Entry.Phones {
		old, _ := w.view.Phone(p.ID)
		w.revision(PhoneKey(p.ID), old.Rev, p.Rev, c)
	}
	if n := len(c.Entry.Legs) + len(c.Entry.Agents) + len(c.Entry.Phones) + len(c.Entry.Closures); n != len(c.Before) {
		w.t.Errorf("%d images, %d revisions before", n, len(c.Before))
	}
	w.view.Apply(c.Entry)
	w.log = append(w.log, c.Entry)
	for _, p := range c.Places {
		if w.places[p.Queue] == nil {
			w.places[p.Queue] = map[LegID]int64{}
		}
		if p.Remove {
			delete(w.places[p.Queue], p.Leg)
		} else {
			w.places[p.Queue][p.Leg] = p.Score
		}
	}
	for _, n := range c.Counts {
		if n.N < 0 {
			w.t.Errorf("%s falls by %d", n.Metric, -n.N)
		}
		key := n.Metric
		for _, l := range n.Labels {
			key += "," + l
		}
		w.counts[key] += n.N
		w.total[n.Metric] += n.N
	}
}

func (w *world) revision(key string, old, now int64, c Change) {
	w.t.Helper()
	before, ok := c.Before[key]
	if !ok || before != old || now != old+1 {
		w.t.Errorf("%s goes from revision %d to %d, before says %d (%t)", key, old, now, before, ok)
	}
}

func (w *world) try(kind Kind, fact bool, build func(*Tx) error) (Change, error) {
	w.t.Helper()
	tx := Begin(w.view, kind, w.now, "n1", fact)
	if err := build(tx); err != nil {
		return Change{}, err
	}
	c := tx.Change()
	w.apply(c)
	return c, nil
}

func (w *world) fact(kind Kind, build func(*Tx) error) Change {
	w.t.Helper()
	c, err := w.try(kind, true, build)
	if err != nil {
		w.t.Fatalf("%s: %v", kind, err)
	}
	return c
}

func (w *world) agent(id AgentID) Agent { a, _ := w.view.Agent(id); return a }
func (w *world) leg(id LegID) Leg       { l, _ := w.view.Leg(id); return l }

func (w *world) arrive(id LegID) {
	w.t.Helper()
	w.fact(KindArrived, func(tx *Tx) error { return tx.Arrive(Leg{ID: id, Node: "n1", Channel: "ch", Entry: "3000"}) })
}

func (w *world) menu(id LegID) {
	w.t.Helper()
	w.arrive(id)
	w.fact(KindMenu, func(tx *Tx) error { return tx.StartMenu(id) })
}

func (w *world) queued(id LegID) {
	w.t.Helper()
	w.menu(id)
	w.fact(KindQueued, func(tx *Tx) error {
		return tx.Enqueue(id, Queueing{Queue: "rdv", Reason: "r", Wrapup: 10 * time.Second, Points: 2})
	})
}

func (w *world) claim(id LegID, a AgentID) {
	w.t.Helper()
	if _, err := w.try(KindClaimed, false, func(tx *Tx) error {
		return tx.Claim(id, Offer{ID: "o", Agent: a, Due: w.now.Add(15 * time.Second)}, Decision{}, Lead{})
	}); err != nil {
		w.t.Fatalf("claim: %v", err)
	}
}

func (w *world) talking(id LegID, a AgentID) {
	w.t.Helper()
	w.queued(id)
	w.claim(id, a)
	w.fact(KindBriefing, func(tx *Tx) error { return tx.AgentAnswers(id) })
	w.fact(KindTalking, func(tx *Tx) error { return tx.Join(id) })
}

// lay puts an image into the view that no Tx method makes yet.
func (w *world) lay(s LegState) {
	w.view.Apply(Entry{Legs: []Leg{{ID: "c/1", Rev: 1, State: s, Since: w.now, Node: "n1", Entry: "3000", Arrived: w.now,
		Queue: "rdv", FirstQueue: "rdv", Enqueued: w.now}}})
}

func asIllegal(err error, to *ErrIllegal) bool { return errors.As(err, to) }

// check compares legs, agents, phones and places with each other.
func (w *world) check() {
	w.t.Helper()
	waiting := map[QueueID]int{}
	for _, l := range w.view.Image().Legs {
		_, placed := w.places[l.Queue][l.ID]
		if placed != l.Waiting() {
			w.t.Errorf("%s is %s in %q, placed there: %t", l.ID, l.State, l.Queue, placed)
		}
		if placed && w.places[l.Queue][l.ID] != l.Score() {
			w.t.Errorf("%s stands at %d, its score is %d", l.ID, w.places[l.Queue][l.ID], l.Score())
		}
		if l.Waiting() {
			waiting[l.Queue]++
		}
		if (l.State == LegEnded) != (l.End != nil) {
			w.t.Errorf("%s is %s, end %+v", l.ID, l.State, l.End)
		}
		if l.Live() && l.Agent != "" && w.agent(l.Agent).Holds(l.ID) == (l.State == LegSurvey) {
			w.t.Errorf("%s (%s) names %s, who holds it: %t", l.ID, l.State, l.Agent, w.agent(l.Agent).Holds(l.ID))
		}
		if s := l.Survey; s != nil && (s.CSAT < 0 || s.CSAT > MostCSAT || s.NPS != nil && (*s.NPS < LeastNPS || *s.NPS > MostNPS)) {
			w.t.Errorf("%s was answered with %+v", l.ID, s)
		}
		if l.State == LegCallback && !l.CallsBack() || l.CallsBack() && (l.Waiting() && l.Offer == nil || l.State == LegTalking || l.Agent != "" && l.End == nil && !l.State.served()) {
			w.t.Errorf("%s is %s and calls back: %t", l.ID, l.State, l.CallsBack())
		}
		if l.Offer != nil && l.State != LegOffered && l.State != LegBriefing {
			w.t.Errorf("%s has an offer while %s", l.ID, l.State)
		}
		if !l.HeldSince.Never() && l.State != LegHeld || l.Held < 0 || l.Held > w.now.Sub(l.Arrived) {
			w.t.Errorf("%s is %s, held since %d, %s in all", l.ID, l.State, l.HeldSince, l.Held)
		}
	}
	for q, n := range waiting {
		if len(w.places[q]) != n || w.view.Waiting(q) != n {
			w.t.Errorf("%s: %d wait, %d places, the view says %d", q, n, len(w.places[q]), w.view.Waiting(q))
		}
	}
	for q, p := range w.places {
		if len(p) != waiting[q] {
			w.t.Errorf("%s: %d places %v, %d wait", q, len(p), slices.Collect(maps.Keys(p)), waiting[q])
		}
	}
	w.checkAgents()
}

func (w *world) checkAgents() {
	w.t.Helper()
	holder := map[LegID]AgentID{}
	for _, a := range w.view.Agents() {
		if a.ID == "" {
			w.t.Errorf("an agent without a name: %+v", a)
		}
		for _, id := range a.Legs {
			if other, taken := holder[id]; taken {
				w.t.Errorf("%s is held by %s and %s", id, other, a.ID)
			}
			holder[id] = a.ID
			if l, ok := w.view.Leg(id); !ok || !l.Live() || l.Agent != a.ID {
				w.t.Errorf("%s holds %s, which is %s and names %q", a.ID, id, l.State, l.Agent)
			}
		}
		if a.Load != len(a.Legs)*VoiceLoad || a.Load > FullCapacity {
			w.t.Errorf("%s has %d legs, load %d", a.ID, len(a.Legs), a.Load)
		}
		serving := a.State == AgentOffered || a.State == AgentBusy
		if serving != (len(a.Legs) > 0) {
			w.t.Errorf("%s is %s with %d legs", a.ID, a.State, len(a.Legs))
		}
		if wrap := a.State == AgentWrapup; wrap == a.Due.Never() || wrap == (a.WrapupFor == "") {
			w.t.Errorf("%s is %s, due %d, for %q", a.ID, a.State, a.Due, a.WrapupFor)
		}
		if a.Next != nil && !serving && a.State != AgentWrapup {
			w.t.Errorf("%s is %s and still wants to be %s", a.ID, a.State, a.Next.State)
		}
		if offline := a.State == AgentOffline; offline != (a.Phone == "") || offline != a.LoggedIn.Never() {
			w.t.Errorf("%s is %s at %q since %d", a.ID, a.State, a.Phone, a.LoggedIn)
		}
		if a.Phone != "" {
			if p, _ := w.view.Phone(a.Phone); p.Agent != a.ID {
				w.t.Errorf("%s sits at %s, which says %q", a.ID, a.Phone, p.Agent)
			}
		}
		if a.State == AgentBusyOwn && a.Own == 0 || a.State == AgentReady && a.Own > 0 {
			w.t.Errorf("%s is %s with %d calls of his own", a.ID, a.State, a.Own)
		}
		if !a.Help.Never() && len(a.Legs) == 0 {
			w.t.Errorf("%s asks for help with nobody", a.ID)
		}
	}
	for _, p := range w.view.Phones() {
		if p.Agent != "" && w.agent(p.Agent).Phone != p.ID {
			w.t.Errorf("%s says %s sits there; he is at %q", p.ID, p.Agent, w.agent(p.Agent).Phone)
		}
	}
}

// A world is used in ordinary tests and in properties.
var _ reporter = (*testing.T)(nil)
