package agents

import (
	"context"
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

// OwnCall: a channel that is not part of any contact has begun or ended on a phone: the person there
// is on a call of his own.
func (d *Desk) OwnCall(phone acd.PhoneID, channel string, up bool) {
	d.mu.Lock()
	set := d.own[phone]
	if set == nil {
		set = map[string]bool{}
		d.own[phone] = set
	}
	if up {
		set[channel] = true
	} else {
		delete(set, channel)
	}
	n := len(set)
	d.mu.Unlock()
	d.ownCalls(phone, n)
}

// OwnCalls replaces what is known of the phones' own calls by what Asterisk lists, after a start or a
// lost connection: phone by channel.
func (d *Desk) OwnCalls(channels map[string]acd.PhoneID) {
	d.mu.Lock()
	d.own = map[acd.PhoneID]map[string]bool{}
	for ch, phone := range channels {
		if d.own[phone] == nil {
			d.own[phone] = map[string]bool{}
		}
		d.own[phone][ch] = true
	}
	counts := map[acd.PhoneID]int{}
	for phone, set := range d.own {
		counts[phone] = len(set)
	}
	d.mu.Unlock()
	for _, a := range d.opt.Book.Agents() {
		if a.Phone != "" {
			d.ownCalls(a.Phone, counts[a.Phone])
		}
	}
}

func (d *Desk) ownCalls(phone acd.PhoneID, n int) {
	p, ok := d.opt.Book.Phone(phone)
	if !ok || p.Agent == "" {
		return
	}
	d.opt.Book.Record(acd.KindOwnCall, func(tx *acd.Tx) error {
		if now := tx.Phone(phone); now.Agent != "" {
			return tx.SetOwnCalls(now.Agent, n)
		}
		return nil
	})
}

// lookEvery is how often agents who are unreachable for want of a registration are looked at again:
// an offer may find a phone gone whose registration Asterisk never reported lost.
const lookEvery = 5 * time.Second

// Run fires the agents' timers from the log until the context ends.
func (d *Desk) Run(ctx context.Context, image acd.Entry, entries <-chan acd.Entry) {
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
	look := time.NewTicker(lookEvery)
	defer look.Stop()
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
		case <-look.C:
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
		_, err := d.opt.Book.Decide(ctx, acd.KindWrapupEnded, func(tx *acd.Tx) error { return tx.EndWrapup(id, true) })
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
