package queues

import (
	"context"
	"fmt"

	"accueil/acd"
)

// The accessors answer from memory: the fold of the log and this node's own facts, confirmed or not.
// Each value is the caller's own copy.

// Leg returns the image of a leg; an ended one stays for acd.TombstoneAge.
func (b *Book) Leg(id acd.LegID) (acd.Leg, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown.view.Leg(id)
}

// Agent returns the image of an agent.
func (b *Book) Agent(id acd.AgentID) (acd.Agent, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown.view.Agent(id)
}

// Phone returns the image of a phone.
func (b *Book) Phone(id acd.PhoneID) (acd.Phone, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown.view.Phone(id)
}

// Closure returns the exceptional closing of an entry.
func (b *Book) Closure(id acd.EntryID) (acd.Closure, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown.view.Closure(id)
}

// Legs returns all legs that have not ended, oldest arrival first.
func (b *Book) Legs() []acd.Leg {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown.view.Legs()
}

// ContactLegs returns the legs of a contact, ended ones included, in their order.
func (b *Book) ContactLegs(c acd.ContactID) []acd.Leg {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown.view.ContactLegs(c)
}

// Agents returns all agents ever logged in, by id.
func (b *Book) Agents() []acd.Agent {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown.view.Agents()
}

// Phones returns all phones ever heard of, by id.
func (b *Book) Phones() []acd.Phone {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown.view.Phones()
}

// Closures returns all closures known, by entry.
func (b *Book) Closures() []acd.Closure {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown.view.Closures()
}

// Waiting returns how many legs hold a place in the queue.
func (b *Book) Waiting(q acd.QueueID) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown.view.Waiting(q)
}

// Personal returns what identifies the caller of a contact: from this node's memory while the contact
// lives here, else from Redis. False when there is nothing, or nothing any more.
func (b *Book) Personal(ctx context.Context, c acd.ContactID) (acd.Personal, bool, error) {
	b.mu.Lock()
	p, ok := b.personal[c]
	if !ok {
		var gone parted
		gone, ok = b.parted[c]
		p = gone.personal
	}
	up := b.up
	b.mu.Unlock()
	if ok {
		return p, true, nil
	}
	if !up {
		return acd.Personal{}, false, fmt.Errorf("personal fields of contact %s: %w", c, acd.ErrUnavailable)
	}
	h, err := b.reads.HGetAll(ctx, b.keys.personal(c)).Result()
	if err != nil {
		return acd.Personal{}, false, fmt.Errorf("personal fields of contact %s: %w: %s", c, acd.ErrUnavailable, cause(err))
	}
	return acd.Personal{Number: h["number"], Name: h["name"], Note: h["note"]}, len(h) > 0, nil
}

// Counters returns the counters of the data set, in no order. They are the same on every node.
func (b *Book) Counters(ctx context.Context) ([]acd.Count, error) {
	h, err := b.reads.HGetAll(ctx, b.keys.count()).Result()
	if err != nil {
		return nil, fmt.Errorf("read the counters: %w: %s", acd.ErrUnavailable, cause(err))
	}
	out := make([]acd.Count, 0, len(h))
	for field, value := range h {
		c, ok := parseCount(field, value)
		if !ok {
			b.metrics.badContent.Inc()
			continue
		}
		out = append(out, c)
	}
	return out, nil
}
