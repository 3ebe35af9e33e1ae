package routing

import "accueil/acd"

// StaffedFor reports whether anyone at work (ready, offered, busy, in wrap-up or paused) could serve
// a contact of the queue that asks for this, through any of its steps.
func (e *Engine) StaffedFor(q acd.QueueID, asks string) bool {
	c := e.class(q, acd.Voice, asks)
	return c != nil && c.anybody > 0
}

// Staffing counts the agents who could serve a contact of a queue, through any of its steps.
type Staffing struct {
	Staffed  int // at work, paused included
	Routable int // of those, who will be offered contacts again by themselves
	Ready    int // free now
}

// Staffing returns the counts at now for contacts of the queue that ask for this.
func (e *Engine) Staffing(q acd.QueueID, asks string, now acd.Instant) Staffing {
	e.advance(now)
	c := e.class(q, acd.Voice, asks)
	if c == nil {
		return Staffing{}
	}
	return Staffing{Staffed: c.anybody, Routable: c.routable, Ready: c.ready}
}

// LastRoutable reports whether some queue that the agent serves would be left with nobody who is
// offered its contacts, were he made unreachable: then he must not be.
func (e *Engine) LastRoutable(id acd.AgentID) bool {
	a := e.agents[id]
	if a == nil {
		return false
	}
	self := 0
	if a.routable {
		self = 1
	}
	for _, f := range a.profile.fits {
		if f.class.key.asks == "" && f.class.key.medium == acd.Voice && f.class.routable == self {
			return true
		}
	}
	return false
}
