package queues

import (
	"context"
	"maps"

	"accueil/acd"
)

// op is one change on its way to Redis. Its id stays the same however often it is sent.
type op struct {
	id    string
	kind  acd.Kind
	build func(*acd.Tx) error
	fact  bool
	at    acd.Instant

	// The change as last evaluated; valid when ready.
	ready  bool
	change acd.Change
	prev   map[string]string
	reads  []read
	// keys are all entities that the change looked at or writes.
	keys map[string]struct{}

	tries   int
	unknown bool // was sent and not answered: Redis may hold it
	force   bool
	clashed bool // met a conflict when last sent
	told    bool // the log has delivered it before its answer came
	answer  chan result
	ctx     context.Context // of a decision
}

// result is what a decision's caller hears.
type result struct {
	entry acd.Entry
	err   error
}

// tries that a change is evaluated anew after a conflict before a decision is refused as stale and a
// fact is forced.
const maxTries = 8

// evaluate runs the change's function on the node's present view. The caller holds b.mu.
func (b *Book) evaluate(o *op) error {
	if !o.fact {
		o.at = b.clock.now() // a decision is about the present; a fact keeps its instant
	}
	tx := acd.Begin(b.shown.view, o.kind, o.at, b.opts.Node, o.fact)
	err := o.build(tx)
	o.keys = maps.Clone(tx.Reads())
	if o.keys == nil {
		o.keys = map[string]struct{}{}
	}
	o.ready = false
	if err != nil {
		return err
	}
	o.change = tx.Change()
	o.change.Entry.Op = o.id
	o.prev = make(map[string]string, len(o.change.Before))
	for name := range o.change.Before {
		o.prev[name] = b.shown.op[name]
		o.keys[name] = struct{}{}
	}
	o.reads = o.reads[:0]
	for name := range tx.Reads() {
		if !o.change.Touches(name) {
			o.reads = append(o.reads, read{name, b.shown.version(name)})
		}
	}
	o.ready = true
	return nil
}

// call lays the change out for its script. The caller holds b.mu.
func (b *Book) call(o *op) call {
	w := write{gen: b.gen, op: o.id, change: &o.change, prev: o.prev, reads: o.reads, force: o.force}
	if o.force {
		b.raise(o)
	}
	return w.call(b.keys)
}

// raise lifts the revisions of a forced fact over what the store was last seen to hold.
func (b *Book) raise(o *op) {
	o.change.Entry = ownImages(o.change.Entry) // readers may hold the ones that were told
	eachRev(&o.change.Entry, func(name string, rev *int64) {
		*rev = max(*rev, revIn(b.base.view, name)+1)
	})
}

// overlaps reports whether the operation looks at any of the keys.
func (o *op) overlaps(keys map[string]struct{}) bool {
	small, big := o.keys, keys
	if len(small) > len(big) {
		small, big = big, small
	}
	for k := range small {
		if _, ok := big[k]; ok {
			return true
		}
	}
	return false
}

func addKeys(to, from map[string]struct{}) {
	for k := range from {
		to[k] = struct{}{}
	}
}
