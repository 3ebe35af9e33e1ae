package sim

import "accueil/acd"

// event is something that the simulation has to do at an instant.
type event struct {
	at    acd.Instant
	order uint32 // of making: what was planned first comes first
	kind  kind
	of    int32 // index of a contact, an agent or a group
	arg   int32 // agents of a group
}

// kind says what an event is.
type kind uint8

// The kinds of event.
const (
	gaveUp  kind = iota // a contact's patience is over
	waited              // a contact has waited as long as its queue allows
	met                 // an agent who was rung talks with his contact
	hungUp              // a conversation is over
	rested              // after-call work is over
	staffed             // a group has another number of agents
	wake                // the router asked to be looked at again
)

func (e event) before(f event) bool {
	if e.at != f.at {
		return e.at < f.at
	}
	return e.order < f.order
}

// agenda is the list of events to come, earliest first: a heap of four branches, which is shallow and
// kind to the cache.
type agenda struct {
	events []event
	made   uint32
}

func (g *agenda) empty() bool { return len(g.events) == 0 }

func (g *agenda) add(e event) {
	g.made++
	e.order = g.made
	g.events = append(g.events, e)
	i := len(g.events) - 1
	for i > 0 {
		up := (i - 1) / 4
		if !e.before(g.events[up]) {
			break
		}
		g.events[i] = g.events[up]
		i = up
	}
	g.events[i] = e
}

// next takes the earliest event out; the agenda must not be empty.
func (g *agenda) next() event {
	out := g.events[0]
	n := len(g.events) - 1
	e := g.events[n]
	g.events = g.events[:n]
	if n == 0 {
		return out
	}
	i := 0
	for {
		first := 4*i + 1
		if first >= n {
			break
		}
		least := first
		for j := first + 1; j < min(first+4, n); j++ {
			if g.events[j].before(g.events[least]) {
				least = j
			}
		}
		if !g.events[least].before(e) {
			break
		}
		g.events[i] = g.events[least]
		i = least
	}
	g.events[i] = e
	return out
}
