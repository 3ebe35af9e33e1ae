package acd

import "slices"

// Tx is one change under construction. It reads images through its Reader, so a change built twice
// from the same images and instant is the same change; a store may therefore run the function that
// builds it again when an image has changed meanwhile.
type Tx struct {
	from   Reader
	change Change
	legs   map[LegID]Leg
	agents map[AgentID]Agent
	phones map[PhoneID]Phone
	order  []string // keys in the order first written
	reads  map[string]struct{}
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
		legs: map[LegID]Leg{}, agents: map[AgentID]Agent{}, phones: map[PhoneID]Phone{},
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
	if l, ok := tx.legs[id]; ok {
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
	if a, ok := tx.agents[id]; ok {
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
	if p, ok := tx.phones[id]; ok {
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
	tx.order = append(tx.order, key)
	return rev + 1
}

// putLeg collects the leg's after-image.
func (tx *Tx) putLeg(l Leg) {
	l.Rev = tx.touch(LegKey(l.ID), l.Rev)
	tx.legs[l.ID] = l
}

// putAgent collects the agent's after-image.
func (tx *Tx) putAgent(a Agent) {
	a.Rev = tx.touch(AgentKey(a.ID), a.Rev)
	tx.agents[a.ID] = a
}

// putPhone collects the phone's after-image.
func (tx *Tx) putPhone(p Phone) {
	p.Rev = tx.touch(PhoneKey(p.ID), p.Rev)
	tx.phones[p.ID] = p
}

// step moves the leg by one input. An input without a row refuses a decision; a fact is applied all
// the same, to the state that the input leads to everywhere else, and flagged.
func (tx *Tx) step(l *Leg, in LegInput) error {
	next, ok := NextLegState(l.State, in)
	if !ok {
		if !tx.change.Fact || l.State == LegEnded {
			return ErrIllegal{"leg", string(l.ID), string(l.State), string(in)}
		}
		tx.anomaly("leg_" + string(l.State) + "_" + string(in))
		l.Anomaly = true
		next = in.target()
	} else if _, seen := tx.change.From[l.ID]; !seen && !tx.change.Fact {
		tx.change.From[l.ID] = LegStatesFor(in)
	}
	l.enter(next, tx.At())
	return nil
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
	tx.reads[ClosureKey(entry)] = struct{}{}
	c, _ := tx.from.Closure(entry)
	before := c.Rev
	c = Closure{Entry: entry, Rev: tx.touch(ClosureKey(entry), before), Closed: closed, Since: tx.At(), By: by}
	tx.change.Entry.Closures = append(tx.change.Entry.Closures, c)
}

// Change returns the collected change. Empty reports whether it holds nothing to write.
func (tx *Tx) Change() Change {
	c := tx.change
	for _, key := range tx.order {
		for id, l := range tx.legs {
			if LegKey(id) == key {
				c.Entry.Legs = append(c.Entry.Legs, l)
			}
		}
		for id, a := range tx.agents {
			if AgentKey(id) == key {
				c.Entry.Agents = append(c.Entry.Agents, a)
			}
		}
		for id, p := range tx.phones {
			if PhoneKey(id) == key {
				c.Entry.Phones = append(c.Entry.Phones, p)
			}
		}
	}
	return c
}

// Empty reports whether the change would write nothing.
func (c Change) Empty() bool {
	return len(c.Before) == 0 && len(c.Personal) == 0 && len(c.Counts) == 0 && len(c.Erase) == 0
}

// Touches reports whether the change writes the entity of that key.
func (c Change) Touches(key string) bool { _, ok := c.Before[key]; return ok }

// place moves the leg in the order of its queue.
func (tx *Tx) place(l Leg) {
	tx.change.Places = append(tx.change.Places, Place{Queue: l.Queue, Leg: l.ID, Score: l.Score()})
}

// unplace takes the leg out of the order of the queue.
func (tx *Tx) unplace(q QueueID, l LegID) {
	tx.change.Places = slices.DeleteFunc(tx.change.Places, func(p Place) bool { return p.Leg == l && p.Queue == q && !p.Remove })
	tx.change.Places = append(tx.change.Places, Place{Queue: q, Leg: l, Remove: true})
}
