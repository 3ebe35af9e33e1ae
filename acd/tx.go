package acd

import (
	"reflect"
	"slices"
)

// Tx is one change under construction. It reads images through its Reader, so a change built twice
// from the same images and instant is the same change; a store may therefore run the function that
// builds it again when an image has changed meanwhile.
type Tx struct {
	from     Reader
	change   Change
	legs     images[LegID, Leg]
	agents   images[AgentID, Agent]
	phones   images[PhoneID, Phone]
	closures images[EntryID, Closure]
	reads    map[string]struct{}
}

// images are the after-images of one kind of entity, in the order in which they were first written.
type images[K comparable, V any] struct {
	by    map[K]V
	order []K
}

func (i *images[K, V]) get(id K) (V, bool) { v, ok := i.by[id]; return v, ok }

func (i *images[K, V]) put(id K, v V) {
	if i.by == nil {
		i.by = map[K]V{}
	}
	if _, ok := i.by[id]; !ok {
		i.order = append(i.order, id)
	}
	i.by[id] = v
}

// list returns the images; nil when there are none.
func (i *images[K, V]) list() []V {
	var out []V
	for _, id := range i.order {
		out = append(out, i.by[id])
	}
	return out
}

// Begin starts a change of the given kind at the instant at. A fact is never refused by the tables.
func Begin(from Reader, kind Kind, at Instant, node NodeID, fact bool) *Tx {
	return &Tx{
		from: from,
		change: Change{
			Entry:  Entry{V: LogVersion, Kind: kind, At: at, Node: node},
			Fact:   fact,
			Before: map[string]int64{},
			From:   map[LegID][]LegState{},
		},
		reads: map[string]struct{}{},
	}
}

// At is the instant of the change.
func (tx *Tx) At() Instant { return tx.change.Entry.At }

// Fact reports whether the change has already happened.
func (tx *Tx) Fact() bool { return tx.change.Fact }

// SetKind renames the change, where what it is depends on what it found.
func (tx *Tx) SetKind(k Kind) { tx.change.Entry.Kind = k }

// SetBy notes which account or agent asked for the change.
func (tx *Tx) SetBy(who string) { tx.change.Entry.By = who }

// Leg returns the leg as this change sees it.
func (tx *Tx) Leg(id LegID) (Leg, error) {
	if l, ok := tx.legs.get(id); ok {
		return l.clone(), nil
	}
	tx.reads[LegKey(id)] = struct{}{}
	l, ok := tx.from.Leg(id)
	if !ok {
		return Leg{}, ErrNotFound{"leg", string(id)}
	}
	return l, nil
}

// Agent returns the agent as this change sees it: an unknown one is offline, as everyone is before
// his first login.
func (tx *Tx) Agent(id AgentID) Agent {
	if a, ok := tx.agents.get(id); ok {
		return a.clone()
	}
	tx.reads[AgentKey(id)] = struct{}{}
	a, ok := tx.from.Agent(id)
	if !ok {
		return Agent{ID: id, State: AgentOffline}
	}
	return a
}

// Phone returns the phone as this change sees it; an unknown one is not registered.
func (tx *Tx) Phone(id PhoneID) Phone {
	if p, ok := tx.phones.get(id); ok {
		return p
	}
	tx.reads[PhoneKey(id)] = struct{}{}
	p, ok := tx.from.Phone(id)
	if !ok {
		return Phone{ID: id}
	}
	return p
}

// Reads lists the keys (LegKey and its like) that the change looked at.
func (tx *Tx) Reads() map[string]struct{} { return tx.reads }

func (tx *Tx) touch(key string, rev int64) int64 {
	if before, ok := tx.change.Before[key]; ok {
		return before + 1
	}
	tx.change.Before[key] = rev
	return rev + 1
}

// putLeg collects the leg's after-image.
func (tx *Tx) putLeg(l Leg) {
	l.Rev = tx.touch(LegKey(l.ID), l.Rev)
	tx.legs.put(l.ID, l)
}

// putAgent collects the agent's after-image; one that is what it was is no change, so that a code
// dialled twice makes one entry.
func (tx *Tx) putAgent(a Agent) {
	if reflect.DeepEqual(a, tx.Agent(a.ID)) {
		return
	}
	if was := tx.Agent(a.ID); was.activity() != a.activity() {
		a.Occupancy = a.Occupancy.fold(was.activity(), tx.At())
	}
	a.Rev = tx.touch(AgentKey(a.ID), a.Rev)
	tx.agents.put(a.ID, a)
}

// putPhone collects the phone's after-image.
func (tx *Tx) putPhone(p Phone) {
	p.Rev = tx.touch(PhoneKey(p.ID), p.Rev)
	tx.phones.put(p.ID, p)
}

// step moves the leg by one input. An input without a row refuses a decision; a fact is applied all
// the same, to the state that the input leads to everywhere else, and flagged. Two facts cannot be
// applied: one about a leg that has ended, and one that would let a leg wait that never had a queue.
func (tx *Tx) step(l *Leg, in LegInput) error {
	next, ok := NextLegState(l.State, in)
	if !ok {
		next = in.target()
		noQueue := next.waiting() && in != LegChooses && l.Queue == ""
		nobody := l.CallsBack() && in != LegJoined // on the line: a late word of an offer that was taken back must not keep the leg from its turn
		if !tx.change.Fact || l.State == LegEnded || noQueue || nobody {
			return ErrIllegal{"leg", string(l.ID), string(l.State), string(in)}
		}
		tx.anomaly("leg_" + string(l.State) + "_" + string(in))
		l.Anomaly = true
		tx.fit(l, next)
	} else if _, seen := tx.change.From[l.ID]; !seen && !tx.change.Fact {
		tx.change.From[l.ID] = LegStatesFor(in)
	}
	l.enter(next, tx.At())
	return nil
}

// fit makes the image of a leg one that it can have in a state to which no row leads from where it
// was: nobody holds it who does not serve it, and it has a place exactly while it waits.
func (tx *Tx) fit(l *Leg, next LegState) {
	if l.State == LegSurvey {
		l.withdraw() // who talked with him was freed
	}
	if agent := l.Agent; agent != "" && !next.served() {
		if l.Offer != nil {
			tx.change.Entry.Ending = OfferFailed
			tx.change.count(MetricOffers, string(l.Queue), string(OfferFailed))
			tx.releaseOffered(agent, *l, OfferResult{Ending: OfferFailed})
		} else {
			tx.releaseTalked(agent, *l)
		}
		l.withdraw()
	}
	if next != LegHeld {
		l.stopHold(tx.At())
	}
	if l.Offer != nil && next.served() && !next.waiting() {
		tx.accept(l) // the bridge was never seen, but they talk
	}
	switch {
	case next.waiting() && !l.Waiting():
		l.Bridged, l.Dequeued = 0, 0
		if l.Queue != "" {
			tx.place(*l)
		}
	case l.Waiting() && !next.waiting():
		tx.unplace(l.Queue, l.ID)
		if next.served() {
			l.Dequeued = tx.At()
		}
	}
}

// target is the one state that the input leads to in every row it has.
func (in LegInput) target() LegState {
	for _, s := range LegStates {
		if n, ok := legTable[s][in]; ok {
			return n
		}
	}
	return LegEnded
}

func (tx *Tx) anomaly(code string) {
	if tx.change.Entry.Anomaly == "" {
		tx.change.Entry.Anomaly = code
	}
	tx.change.count(MetricAnomalies, code)
}

// Personal stores the fields that identify the caller of the contact, apart from every image.
func (tx *Tx) Personal(c ContactID, p Personal) {
	if tx.change.Personal == nil {
		tx.change.Personal = map[ContactID]Personal{}
	}
	tx.change.Personal[c] = p
}

// Close sets or lifts the exceptional closing of an entry.
func (tx *Tx) Close(entry EntryID, closed bool, by string) {
	tx.close(Closure{Entry: entry, Closed: closed, By: by})
}

// CloseUntil closes an entry exceptionally until an instant.
func (tx *Tx) CloseUntil(entry EntryID, until Instant, by string) {
	tx.close(Closure{Entry: entry, Closed: true, Until: until, By: by})
}

// close collects the closure's after-image, unless it is so already.
func (tx *Tx) close(c Closure) {
	was, ok := tx.closures.get(c.Entry)
	if !ok {
		tx.reads[ClosureKey(c.Entry)] = struct{}{}
		was, _ = tx.from.Closure(c.Entry)
	}
	if was.Closed == c.Closed && was.Until == c.Until && slices.Equal(was.Entries, c.Entries) {
		return
	}
	c.Rev, c.Since = tx.touch(ClosureKey(c.Entry), was.Rev), tx.At()
	tx.closures.put(c.Entry, c)
}

// Tell adds the news of tasks, which are kept elsewhere.
func (tx *Tx) Tell(tasks ...Task) { tx.change.Entry.Tasks = append(tx.change.Entry.Tasks, tasks...) }

// Change returns the collected change; within each kind the images stand in the order first written.
func (tx *Tx) Change() Change {
	c := tx.change
	c.Entry.Legs, c.Entry.Agents = tx.legs.list(), tx.agents.list()
	c.Entry.Phones, c.Entry.Closures = tx.phones.list(), tx.closures.list()
	return c
}

// Empty reports whether the change would write nothing.
func (c Change) Empty() bool {
	return len(c.Before) == 0 && len(c.Personal) == 0 && len(c.Counts) == 0 && len(c.Erase) == 0 && len(c.Entry.Tasks) == 0
}

// Touches reports whether the change writes the entity of that key.
func (c Change) Touches(key string) bool { _, ok := c.Before[key]; return ok }

// place moves the leg in the order of its queue.
func (tx *Tx) place(l Leg) {
	tx.displace(l.Queue, l.ID)
	tx.change.Places = append(tx.change.Places, Place{Queue: l.Queue, Leg: l.ID, Score: l.Score()})
}

// unplace takes the leg out of the order of the queue.
func (tx *Tx) unplace(q QueueID, l LegID) {
	tx.displace(q, l)
	tx.change.Places = append(tx.change.Places, Place{Queue: q, Leg: l, Remove: true})
}

// displace forgets what this change said of the leg in that queue: the last word counts.
func (tx *Tx) displace(q QueueID, l LegID) {
	tx.change.Places = without(tx.change.Places, func(p Place) bool { return p.Leg == l && p.Queue == q })
}

// without removes the elements that match; of nothing left it makes nil, as JSON would, so that an
// image read back equals the one that was written.
func without[E any](s []E, match func(E) bool) []E {
	if s = slices.DeleteFunc(s, match); len(s) == 0 {
		return nil
	}
	return s
}
