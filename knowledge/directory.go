package knowledge

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"accueil/ivr/calendar"
)

// EntryID names an entry of the directory.
type EntryID string

// EntryKind is what an entry is.
type EntryKind string

// The kinds.
const (
	Service EntryKind = "service"
	Person  EntryKind = "person"
	Room    EntryKind = "room"
)

// EntryKinds lists them.
func EntryKinds() []EntryKind { return []EntryKind{Service, Person, Room} }

// Access says to whom an entry is shown.
type Access string

// The accesses. An entry of a service is shown to nobody to whom the service is not.
const (
	Public       Access = "public"       // to everybody: it is published too
	Staff        Access = "staff"        // to accounts of the hospital
	Confidential Access = "confidential" // to agents and their supervisors alone: to others it does not exist
)

// Accesses lists them, the widest first.
func Accesses() []Access { return []Access{Public, Staff, Confidential} }

// wider reports whether a is shown to more people than b.
func (a Access) wider(b Access) bool {
	return slices.Index(Accesses(), a) < slices.Index(Accesses(), b)
}

// Entry is a service, a person or a room.
type Entry struct {
	ID       EntryID
	Kind     EntryKind
	Name     string
	Synonyms []string // other words for it, as callers say them
	Service  EntryID  // to which it belongs; "" for none
	Numbers  []Number // in the order in which they are tried
	Place    string
	Hours    *calendar.Timetable // nil when nothing is said of them
	Access   Access
	Note     string // for agents

	line    int
	written map[string]string // the cells as they are written, tidied: what a comparison looks at
}

// Directory is every entry, and who is on call. It is immutable; nil is empty.
type Directory struct {
	entries map[EntryID]*Entry
	duties  []Duty
	unread  bool // there is a file, and nothing of it could be used: which services there are is unknown
}

// Unread reports whether the directory has a file of which nothing could be used: what it does not hold may
// stand there all the same.
func (d *Directory) Unread() bool { return d != nil && d.unread }

// Entry returns one; ok is false when there is none.
func (d *Directory) Entry(id EntryID) (e *Entry, ok bool) {
	if d == nil {
		return nil, false
	}
	e, ok = d.entries[id]
	return e, ok
}

// Entries lists all by kind and name.
func (d *Directory) Entries() []*Entry {
	if d == nil {
		return nil
	}
	return slices.SortedFunc(maps.Values(d.entries), func(a, b *Entry) int {
		return cmp.Or(cmp.Compare(slices.Index(EntryKinds(), a.Kind), slices.Index(EntryKinds(), b.Kind)), cmp.Compare(plain(a.Name), plain(b.Name)), cmp.Compare(a.ID, b.ID))
	})
}

// Duty is somebody on call.
type Duty struct {
	Service  EntryID
	Role     string
	From, To time.Time // To excluded
	Numbers  []Number  // in the order in which they are tried

	line int
}

// OnCall lists who is on call at the instant, by service and role; of two of one role, who began later
// first. Service "" means every one.
func (d *Directory) OnCall(at time.Time, service EntryID) (out []Duty) {
	if d == nil {
		return nil
	}
	for _, duty := range d.duties {
		if (service == "" || duty.Service == service) && !at.Before(duty.From) && at.Before(duty.To) {
			out = append(out, duty)
		}
	}
	slices.SortStableFunc(out, func(a, b Duty) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Role, b.Role), b.From.Compare(a.From))
	})
	return out
}

// With is the directory with other duties.
func (d *Directory) With(duties []Duty) *Directory {
	out := &Directory{duties: duties}
	if d != nil {
		out.entries, out.unread = d.entries, d.unread
	}
	return out
}

// Change is a difference between two directories.
type Change struct {
	Entry *Entry // as it will be; as it was where it is removed
	What  string // added, removed, changed
	// Columns that differ, of a change.
	Columns []string
}

// The changes.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// Changes lists what differs, by the id of the entry.
func Changes(before, after *Directory) (out []Change) {
	for _, e := range after.Entries() {
		was, ok := before.Entry(e.ID)
		if !ok {
			out = append(out, Change{e, Added, nil})
			continue
		}
		var columns []string
		for _, column := range directoryColumns {
			if was.written[column] != e.written[column] {
				columns = append(columns, column)
			}
		}
		if columns != nil {
			out = append(out, Change{e, Changed, columns})
		}
	}
	for _, e := range before.Entries() {
		if _, ok := after.Entry(e.ID); !ok {
			out = append(out, Change{e, Removed, nil})
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int { return cmp.Compare(a.Entry.ID, b.Entry.ID) })
	return out
}
