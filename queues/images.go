package queues

import (
	"encoding/json"
	"fmt"
	"slices"

	"accueil/acd"
)

// image is one entity of an entry in the shape the scripts store it.
type image struct {
	name  string // as acd.LegKey and its like give it
	rev   int64
	state string
	due   acd.Instant
	json  []byte
}

// imagesOf lists the entities of an entry, in the entry's order.
func imagesOf(e *acd.Entry) []image {
	out := make([]image, 0, len(e.Legs)+len(e.Agents)+len(e.Phones)+len(e.Closures))
	for i := range e.Legs {
		l := &e.Legs[i]
		out = append(out, image{acd.LegKey(l.ID), l.Rev, string(l.State), l.Due, encode(l)})
	}
	for i := range e.Agents {
		a := &e.Agents[i]
		out = append(out, image{acd.AgentKey(a.ID), a.Rev, string(a.State), a.Due, encode(a)})
	}
	for i := range e.Phones {
		p := &e.Phones[i]
		out = append(out, image{acd.PhoneKey(p.ID), p.Rev, "", 0, encode(p)})
	}
	for i := range e.Closures {
		c := &e.Closures[i]
		out = append(out, image{acd.ClosureKey(c.Entry), c.Rev, "", 0, encode(c)})
	}
	return out
}

// ownImages returns the entry with lists of its own, whose images may then be changed.
func ownImages(e acd.Entry) acd.Entry {
	e.Legs, e.Agents = slices.Clone(e.Legs), slices.Clone(e.Agents)
	e.Phones, e.Closures = slices.Clone(e.Phones), slices.Clone(e.Closures)
	return e
}

// eachRev calls f with the name and revision of each entity of an entry; f may raise the revision.
func eachRev(e *acd.Entry, f func(name string, rev *int64)) {
	for i := range e.Legs {
		f(acd.LegKey(e.Legs[i].ID), &e.Legs[i].Rev)
	}
	for i := range e.Agents {
		f(acd.AgentKey(e.Agents[i].ID), &e.Agents[i].Rev)
	}
	for i := range e.Phones {
		f(acd.PhoneKey(e.Phones[i].ID), &e.Phones[i].Rev)
	}
	for i := range e.Closures {
		f(acd.ClosureKey(e.Closures[i].Entry), &e.Closures[i].Rev)
	}
}

// encode cannot fail: the domain's images hold only strings, integers, slices and maps of them.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("queues: encode %T: %v", v, err))
	}
	return b
}

// header is the entry as JSON without its images: they travel beside it, once.
func header(e acd.Entry) []byte {
	e.Legs, e.Agents, e.Phones, e.Closures, e.Lead = nil, nil, nil, nil, nil
	e.Gen, e.Seq = "", 0
	return encode(e)
}

// addImage decodes one stored image into the entry.
func addImage(e *acd.Entry, name string, data []byte) error {
	typ, id := split(name)
	var err error
	same := true
	switch typ {
	case "leg":
		var l acd.Leg
		if err = json.Unmarshal(data, &l); err == nil {
			same, e.Legs = string(l.ID) == id, append(e.Legs, l)
		}
	case "agent":
		var a acd.Agent
		if err = json.Unmarshal(data, &a); err == nil {
			same, e.Agents = string(a.ID) == id, append(e.Agents, a)
		}
	case "phone":
		var p acd.Phone
		if err = json.Unmarshal(data, &p); err == nil {
			same, e.Phones = string(p.ID) == id, append(e.Phones, p)
		}
	case "closure":
		var c acd.Closure
		if err = json.Unmarshal(data, &c); err == nil {
			same, e.Closures = string(c.Entry) == id, append(e.Closures, c)
		}
	case "lead":
		var l acd.Lead
		if err = json.Unmarshal(data, &l); err == nil {
			e.Lead = &l
		}
	default:
		return fmt.Errorf("image of unknown type %q", typ)
	}
	if err != nil {
		return fmt.Errorf("decode the image of a %s: %w", typ, errBadContent)
	}
	if !same {
		return fmt.Errorf("image of a %s holds another id: %w", typ, errBadContent)
	}
	return nil
}

// only returns an entry that holds just one entity of e.
func only(e *acd.Entry, name string) acd.Entry {
	var out acd.Entry
	for _, l := range e.Legs {
		if acd.LegKey(l.ID) == name {
			out.Legs = []acd.Leg{l}
		}
	}
	for _, a := range e.Agents {
		if acd.AgentKey(a.ID) == name {
			out.Agents = []acd.Agent{a}
		}
	}
	for _, p := range e.Phones {
		if acd.PhoneKey(p.ID) == name {
			out.Phones = []acd.Phone{p}
		}
	}
	for _, c := range e.Closures {
		if acd.ClosureKey(c.Entry) == name {
			out.Closures = []acd.Closure{c}
		}
	}
	return out
}
