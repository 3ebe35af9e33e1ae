package calls

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// CallBackRequest asks for a person to be called by an agent: whoever was missed, or is owed an answer.
type CallBackRequest struct {
	Task     acd.TaskID
	Last     acd.LegID // the person's last leg; its contact goes on
	Entry    acd.EntryID
	Trunk    acd.TrunkID
	Reason   acd.ReasonID
	Queue    acd.QueueID // empty: the reason's
	Lang     acd.Lang
	Since    acd.Instant // where his age counts from
	Personal acd.Personal
	Agent    acd.AgentID // who is to call, and is rung first
	By       string
}

// ErrNotCallable: the person's number cannot be rung.
var ErrNotCallable = errors.New("the number cannot be called")

// callHold is how long a person waits for the agent who wanted to call him, before anybody may.
const callHold = 2 * time.Minute

// CallBack rings the agent, and then the person. A person who has a callback already is called by it.
// It fails with ErrNotCallable, with acd.ErrNotFound when the queue is gone, and with acd.ErrIllegal when
// the agent is not at work or another agent is calling the person.
func (c *Controller) CallBack(ctx context.Context, r CallBackRequest) (acd.LegID, error) {
	if _, ok := c.opt.Plan.Outward(r.Personal.Number); !ok {
		return "", ErrNotCallable
	}
	way, ok := c.opt.Plan.Way(r.Reason, r.Queue, r.Lang)
	if !ok {
		return "", acd.ErrNotFound{What: "queue", ID: string(r.Queue)}
	}
	contact := r.Last.Contact()
	pending, has := c.pendingOf(contact)
	next := r.Last.Next()
	for _, known := c.opt.Book.Leg(next); known; _, known = c.opt.Book.Leg(next) {
		next = next.Next()
	}
	rules := c.opt.Plan.Callbacks()
	_, err := c.opt.Book.Decide(ctx, acd.KindCallback, func(tx *acd.Tx) error {
		tx.SetBy(r.By)
		id := pending
		if !has {
			id = next
			q := way.Queueing
			q.Path = nil
			seed := acd.Leg{ID: id, Node: c.opt.Node, Asterisk: c.opt.Asterisk, Entry: r.Entry, Trunk: r.Trunk, Previous: r.Last, Lang: r.Lang,
				AgeFrom: r.Since, Points: way.Points}
			if err := tx.OpenCallback(seed, q, acd.Callback{Until: tx.At().Add(rules.Keep), Task: r.Task}); err != nil {
				return err
			}
			tx.Personal(contact, r.Personal)
		}
		return tx.Push(id, r.Agent, callHold, r.By)
	})
	if has {
		return pending, err
	}
	return next, err
}

// callBack begins to lead a leg that calls its contact back, when an agent is given to it.
func (c *Controller) callBack(l acd.Leg, first Event) {
	script, err := c.opt.Scenarios.Resume(l)
	if err != nil {
		c.log.Warn("a callback has no scenario any more: should its person have to wait, he hears music only", zap.String("entry", string(l.Entry)), zap.Error(err))
	}
	m := &machine{env: c.env, contact: l.ID.Contact(), leg: l.ID, entry: l.Entry, trunk: l.Trunk, script: script, lang: l.Lang,
		phase: inQueue, owed: true, kind: acd.CallerUnknown, slow: l.Slow}
	c.start(m, first) // takes no contact that is led already: the log and the end of its call may both tell
}

// leads reports whether this node calls the leg back and has just been given an agent for it.
func (c *Controller) leads(l acd.Leg) bool {
	return l.CallsBack() && l.State == acd.LegOffered && l.Node == c.opt.Node
}

// takeUp begins what came while the contact's call was still being let go.
func (c *Controller) takeUp(contact acd.ContactID, last acd.LegID) {
	if c.ctx.Err() != nil || c.contact(contact) != nil {
		return
	}
	if l, ok := c.opt.Book.Leg(last.Next()); ok && c.leads(l) {
		c.callBack(l, evLog{Kind: acd.KindClaimed, Leg: l})
	}
}

// giveCallbackBack gives a callback back that an earlier process was about to make: its agent is free, and
// whoever was ringing is let go, as channels that nobody counts on.
func (c *Controller) giveCallbackBack(l acd.Leg) {
	if l.State == acd.LegCallback {
		return // it waits for its turn, without any channel
	}
	id := l.ID
	c.opt.Book.Record(acd.KindOfferEnded, func(tx *acd.Tx) error {
		l, err := tx.Leg(id)
		if err != nil || !l.CallsBack() || l.Agent == "" {
			return err
		}
		return tx.EndOffer(id, acd.OfferResult{Ending: acd.CallerGone})
	})
}

// tendCallbacks gives up those whose time is over, moves those whose queue is no more, and takes up an
// offer that nobody leads.
func (c *Controller) tendCallbacks() {
	now := c.opt.Book.Now()
	for _, l := range c.ours() {
		switch {
		case !l.CallsBack():
		case l.State == acd.LegCallback && l.Callback.Until.Reached(now):
			id := l.ID
			c.opt.Book.Record(acd.KindEnded, func(tx *acd.Tx) error {
				l, err := tx.Leg(id)
				if err != nil || l.State != acd.LegCallback {
					return err
				}
				return tx.EndCallback(id, acd.CallbackExpired, acd.BySystem)
			})
		case l.State == acd.LegCallback && c.homeless(l):
		case c.leads(l) && c.contact(l.ID.Contact()) == nil:
			c.callBack(l, evLog{Kind: acd.KindClaimed, Leg: l})
		}
	}
}

// homeless moves a callback whose queue a reload has taken away; false for one that has its queue, or for
// which there is no other.
func (c *Controller) homeless(l acd.Leg) bool {
	if _, ok := c.opt.Plan.Way(l.Reason, l.Queue, l.Lang); ok {
		return false
	}
	agreed := acd.Agreement{Queue: l.Queue, Reason: l.Reason}
	if before, ok := c.opt.Book.Leg(l.Previous); ok && before.Agreed != nil {
		agreed = *before.Agreed
	}
	way, ok := c.env.callbackWay(agreed, l.Lang)
	if !ok {
		return false
	}
	id := l.ID
	c.opt.Book.Record(acd.KindMoved, func(tx *acd.Tx) error {
		if now, err := tx.Leg(id); err != nil || now.State != acd.LegCallback {
			return err
		}
		return tx.MoveCallback(id, way.Queueing)
	})
	return true
}

// Withdraw ends a callback that the person no longer wants, or that was settled otherwise. It fails
// with acd.ErrIllegal while an agent is calling, and with acd.ErrNotFound for a contact without one.
func (c *Controller) Withdraw(ctx context.Context, contact acd.ContactID, by string) error {
	leg, ok := c.pendingOf(contact)
	if !ok {
		return acd.ErrNotFound{What: "callback of contact", ID: string(contact)}
	}
	_, err := c.opt.Book.Decide(ctx, acd.KindEnded, func(tx *acd.Tx) error {
		tx.SetBy(by)
		return tx.EndCallback(leg, acd.CallbackWithdrawn, acd.BySupervisor)
	})
	return err
}

// pendingOf returns the leg that calls the contact back. Its earlier legs may be forgotten by now.
func (c *Controller) pendingOf(contact acd.ContactID) (acd.LegID, bool) {
	for _, l := range c.opt.Book.Legs() {
		if l.ID.Contact() == contact && l.Live() && l.CallsBack() {
			return l.ID, true
		}
	}
	return "", false
}
