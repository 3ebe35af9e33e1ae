package agents

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// PhoneRegistered: Asterisk says that a phone can be reached, or no longer.
func (d *Desk) PhoneRegistered(phone acd.PhoneID, registered bool) {
	if dev, ok := d.roster.Load().Device(phone); !ok || !dev.Registers {
		return
	}
	node, asterisk := d.opt.Node, d.opt.Asterisk
	d.opt.Book.Record(acd.KindPhone, func(tx *acd.Tx) error { return tx.PhoneChanged(phone, registered, node, asterisk) })
}

// PhoneUnproven: an Asterisk that has just started lists the phone as offline without having asked
// it. A phone that was registered there is taken to be registered still.
func (d *Desk) PhoneUnproven(phone acd.PhoneID) {
	if dev, ok := d.roster.Load().Device(phone); !ok || !dev.Registers {
		return
	}
	node, asterisk := d.opt.Node, d.opt.Asterisk
	d.opt.Book.Record(acd.KindPhone, func(tx *acd.Tx) error {
		p := tx.Phone(phone)
		if p.Registered && !p.Since.Never() && p.Node == node && p.Asterisk == asterisk {
			return nil
		}
		return tx.PhoneChanged(phone, false, node, asterisk)
	})
}

// OwnCall: a channel that is not part of any contact has begun or ended on a phone: the person there
// is on a call of his own.
func (d *Desk) OwnCall(phone acd.PhoneID, channel string, up bool) {
	d.mu.Lock()
	set := d.own[phone]
	switch {
	case set[channel] == up:
		d.mu.Unlock()
		return // told twice, or the end of a channel that was no own call
	case set == nil:
		set = map[string]bool{}
		d.own[phone] = set
	}
	if up {
		set[channel] = true
	} else if delete(set, channel); len(set) == 0 {
		delete(d.own, phone)
	}
	d.mu.Unlock()
	d.ownCalls(phone)
}

// OwnCalls replaces what is known of the phones' own calls by what Asterisk lists, after a start or a
// lost connection: phone by channel.
func (d *Desk) OwnCalls(channels map[string]acd.PhoneID) {
	own := map[acd.PhoneID]map[string]bool{}
	for ch, phone := range channels {
		if own[phone] == nil {
			own[phone] = map[string]bool{}
		}
		own[phone][ch] = true
	}
	d.mu.Lock()
	d.own = own
	d.mu.Unlock()
	for _, a := range d.opt.Book.Agents() {
		if a.Phone != "" && a.Node == d.opt.Node {
			d.ownCalls(a.Phone)
		}
	}
}

func (d *Desk) ownCount(phone acd.PhoneID) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.own[phone])
}

// ownCalls tells the log how many there are now. Who sits at the phone is looked up in the change
// itself: a login may be on its way to the log, and this must come after it.
func (d *Desk) ownCalls(phone acd.PhoneID) {
	d.opt.Book.Record(acd.KindOwnCall, func(tx *acd.Tx) error {
		if now := tx.Phone(phone); now.Agent != "" {
			return tx.SetOwnCalls(now.Agent, d.ownCount(phone))
		}
		return nil
	})
}

// lookEvery is how often agents who are unreachable for want of a registration are looked at again:
// an offer may find a phone gone whose registration Asterisk never reported lost.
const lookEvery = 5 * time.Second

// changeLimit bounds one change that the desk makes of itself, so that one stalled answer does not
// hold up the timers of all others.
const changeLimit = time.Second

// Run fires the agents' timers from the log until the context or the log ends.
func (d *Desk) Run(ctx context.Context, image acd.Entry, entries <-chan acd.Entry) {
	ctx, stop := context.WithCancel(ctx)
	var looking sync.WaitGroup
	defer looking.Wait()
	defer stop()
	looking.Go(func() { d.look(ctx) }) // asks Asterisk, which may be slow: the timers do not wait for it

	due := map[acd.AgentID]acd.Instant{}
	note := func(e acd.Entry) {
		for _, a := range e.Agents {
			if a.Due.Never() || a.Node != d.opt.Node {
				delete(due, a.ID)
			} else {
				due[a.ID] = a.Due
			}
		}
	}
	note(image)
	clock := time.NewTimer(time.Hour)
	defer clock.Stop()
	for {
		clock.Reset(d.untilNext(due))
		select {
		case <-ctx.Done():
			return
		case e, ok := <-entries:
			if !ok {
				return
			}
			note(e)
		case <-clock.C:
			d.fire(ctx, due)
		}
	}
}

// look looks again at unreachable agents until the context ends.
func (d *Desk) look(ctx context.Context) {
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			d.lookAgain(ctx)
		}
	}
}

func (d *Desk) untilNext(due map[acd.AgentID]acd.Instant) time.Duration {
	var first acd.Instant
	for _, at := range due {
		first = acd.Earliest(first, at)
	}
	if first.Never() {
		return time.Hour
	}
	return max(0, first.Sub(d.opt.Book.Now()))
}

func (d *Desk) fire(ctx context.Context, due map[acd.AgentID]acd.Instant) {
	now := d.opt.Book.Now()
	for id, at := range due {
		if !at.Reached(now) {
			continue
		}
		delete(due, id)
		limited, cancel := context.WithTimeout(ctx, changeLimit)
		_, err := d.opt.Book.Decide(limited, acd.KindWrapupEnded, func(tx *acd.Tx) error { return tx.EndWrapup(id, true) })
		cancel()
		if err != nil && ctx.Err() == nil {
			d.retryWrapup(id, due, now, err)
		}
	}
}

// retryWrapup keeps the timer of an agent who is still in after-call work; any other refusal means
// that he ended it himself in the same instant.
func (d *Desk) retryWrapup(id acd.AgentID, due map[acd.AgentID]acd.Instant, now acd.Instant, err error) {
	a, ok := d.opt.Book.Agent(id)
	if !ok || a.State != acd.AgentWrapup {
		return
	}
	due[id] = max(a.Due, now.Add(time.Second))
	d.opt.Log.Warn("the end of after-call work was not written; trying again", zap.String("agent_id", string(id)), zap.Error(err))
}

// lookAgain brings back agents whose phones can be reached although nothing reported it.
func (d *Desk) lookAgain(ctx context.Context) {
	for _, a := range d.opt.Book.Agents() {
		if a.State != acd.AgentUnreachable || a.Reason != acd.UnreachablePhone || a.Node != d.opt.Node {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, 2*time.Second)
		ok, err := d.opt.Lines.Registered(limited, a.Phone)
		cancel()
		if err != nil || !ok {
			continue
		}
		phone, id := a.Phone, a.ID
		d.opt.Book.Record(acd.KindPhone, func(tx *acd.Tx) error {
			if err := tx.PhoneChanged(phone, true, d.opt.Node, d.opt.Asterisk); err != nil {
				return err
			}
			if now := tx.Agent(id); now.State == acd.AgentUnreachable && now.Reason == acd.UnreachablePhone {
				return tx.Ready(id)
			}
			return nil
		})
	}
}
