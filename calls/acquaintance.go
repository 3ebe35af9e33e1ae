package calls

import (
	"context"
	"time"

	"accueil/acd"
)

const (
	// acquaintLimit bounds the search for who has dealt with a caller; it begins when he arrives, and a
	// menu lasts longer.
	acquaintLimit = time.Second
	// acquaintWait bounds how long a caller who is through the menu sooner, or has none, may be kept from
	// his place by that search: a round trip to the store takes a hundredth of it.
	acquaintWait = 50 * time.Millisecond
)

// acquaint begins to find out who has dealt with the caller lately.
func (c *Controller) acquaint(a *actor, trunk acd.TrunkID) {
	if c.opt.Acquaintances == nil {
		return
	}
	known := make(chan map[acd.ReasonID]acd.AgentID, 1)
	a.lately = known
	contact := a.m.contact
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		ctx, cancel := context.WithTimeout(c.ctx, acquaintLimit)
		defer cancel()
		known <- c.opt.Acquaintances(ctx, contact, trunk)
	}()
}

// acquainted returns the agent who has dealt with the caller lately for the reason; "" when there is
// none, or when it is not known in time.
func (a *actor) acquainted(ctx context.Context, reason acd.ReasonID) acd.AgentID {
	if a.lately == nil {
		return ""
	}
	limit := time.NewTimer(acquaintWait)
	defer limit.Stop()
	select {
	case known := <-a.lately:
		again := make(chan map[acd.ReasonID]acd.AgentID, 1)
		again <- known // the caller may ask for another queue
		a.lately = again
		return known[reason]
	case <-limit.C:
	case <-ctx.Done():
	}
	return ""
}
