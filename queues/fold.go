package queues

import "accueil/acd"

// fold is a view together with the operation that wrote each of its images. Revision and operation
// name one version of an entity exactly: two nodes that both went from 4 to 5 made different fives.
// It is not safe for concurrent use.
type fold struct {
	view *acd.View
	op   map[string]string
}

func newFold() *fold { return &fold{acd.NewView(), map[string]string{}} }

// version is what a script compares.
type version struct {
	rev int64
	op  string
}

func (f *fold) version(name string) version { return version{revIn(f.view, name), f.op[name]} }

func revIn(v acd.Reader, name string) int64 {
	typ, id := split(name)
	switch typ {
	case "leg":
		l, _ := v.Leg(acd.LegID(id))
		return l.Rev
	case "agent":
		a, _ := v.Agent(acd.AgentID(id))
		return a.Rev
	case "phone":
		p, _ := v.Phone(acd.PhoneID(id))
		return p.Rev
	case "closure":
		c, _ := v.Closure(acd.EntryID(id))
		return c.Rev
	}
	return 0
}

// apply folds what the store is known to hold: newer revisions, and an equal revision that turns out
// to be another operation's.
func (f *fold) apply(e *acd.Entry) {
	eachRev(e, func(name string, rev *int64) {
		have := f.version(name)
		switch {
		case *rev < have.rev:
			return
		case *rev == have.rev && have.op != e.Op:
			f.view.Forget(name)
		}
		f.op[name] = e.Op
	})
	f.view.Apply(*e)
}

// advance folds newer revisions only: an image of this node's own that is not yet confirmed stays.
func (f *fold) advance(e *acd.Entry) {
	eachRev(e, func(name string, rev *int64) {
		if *rev > f.version(name).rev {
			f.op[name] = e.Op
		}
	})
	f.view.Apply(*e)
}

// knows reports whether every image of the entry is held already, in that revision or a later one.
func (f *fold) knows(e *acd.Entry) bool {
	known := true
	eachRev(e, func(name string, rev *int64) {
		if revIn(f.view, name) < *rev {
			known = false
		}
	})
	return known
}

// copyFrom makes one entity as it is in another fold, or absent as it is there.
func (f *fold) copyFrom(from *fold, name string) {
	f.view.Forget(name)
	delete(f.op, name)
	if e, ok := from.entity(name); ok {
		f.view.Apply(e)
		f.op[name] = from.op[name]
	}
}

// set makes one entity exactly the given image.
func (f *fold) set(name, op string, e *acd.Entry) {
	f.view.Forget(name)
	f.view.Apply(only(e, name))
	f.op[name] = op
}

// entity returns an entry that holds one entity.
func (f *fold) entity(name string) (acd.Entry, bool) {
	typ, id := split(name)
	var e acd.Entry
	switch typ {
	case "leg":
		if l, ok := f.view.Leg(acd.LegID(id)); ok {
			e.Legs = []acd.Leg{l}
			return e, true
		}
	case "agent":
		if a, ok := f.view.Agent(acd.AgentID(id)); ok {
			e.Agents = []acd.Agent{a}
			return e, true
		}
	case "phone":
		if p, ok := f.view.Phone(acd.PhoneID(id)); ok {
			e.Phones = []acd.Phone{p}
			return e, true
		}
	case "closure":
		if c, ok := f.view.Closure(acd.EntryID(id)); ok {
			e.Closures = []acd.Closure{c}
			return e, true
		}
	}
	return e, false
}

// clone returns a fold that shares nothing with f.
func (f *fold) clone() *fold {
	g := newFold()
	g.view.Apply(f.view.Image())
	for k, v := range f.op {
		g.op[k] = v
	}
	return g
}

// prune forgets legs that ended long ago.
func (f *fold) prune(now acd.Instant) {
	f.view.Prune(now)
	for name := range f.op {
		if typ, id := split(name); typ == "leg" {
			if _, ok := f.view.Leg(acd.LegID(id)); !ok {
				delete(f.op, name)
			}
		}
	}
}
