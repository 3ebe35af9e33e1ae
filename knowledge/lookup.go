package knowledge

import (
	"context"
	"slices"
	"strings"
	"time"

	"accueil/acd"
)

// document is what can be found of an entry. Words for it count as its name does; its language is the
// site's, since names have none.
func (e *Entry) document(d *Directory, lang acd.Lang) document {
	out := document{id: string(e.ID), lang: lang, head: append([]string{e.Name}, e.Synonyms...), body: e.Place}
	if of, ok := d.Entry(e.Service); ok {
		out.body += " . " + of.Name
	}
	return out
}

// EntryQuestion is what is asked of the directory.
type EntryQuestion struct {
	// Words are a name, in any spelling, or digits of a number; without, all entries are listed by kind
	// and name.
	Words string
	// Kind: only entries of that kind; "" for any.
	Kind EntryKind
	// All: those that are confidential too. Without, they do not exist.
	All   bool
	Limit int
}

// leastNumber is how many digits find a number.
const leastNumber = 3

// Entries lists the entries that answer best, best first.
func (l *Library) Entries(ctx context.Context, q EntryQuestion) ([]*Entry, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.base == nil {
		return nil, nil
	}
	keep := func(e *Entry) bool { return (q.Kind == "" || e.Kind == q.Kind) && (q.All || e.Access != Confidential) }
	var kept []*Entry
	all := l.directory.Entries()
	for _, e := range all {
		if keep(e) {
			kept = append(kept, e)
		}
	}
	digits := onlyDigits(q.Words)
	switch {
	case folded(q.Words) == "":
		return kept[:min(len(kept), q.Limit)], nil
	case len(digits) >= leastNumber && strings.Trim(q.Words, "0123456789 .+-/()") == "":
		kept = slices.DeleteFunc(kept, func(e *Entry) bool { return !e.has(digits) })
		return kept[:min(len(kept), q.Limit)], nil
	}
	hits, err := l.entries.find(ctx, q.Words, l.base.site.Languages[:1], q.Limit, len(all)-len(kept), func(id string) bool {
		return keep(l.directory.entries[EntryID(id)])
	})
	if err != nil {
		return nil, err
	}
	var out []*Entry
	for _, h := range hits {
		out = append(out, l.directory.entries[EntryID(h.id)])
	}
	return out, nil
}

// has reports whether a number begins or ends with the digits, in either of its forms.
func (e *Entry) has(digits string) bool {
	return slices.ContainsFunc(e.Numbers, func(n Number) bool {
		for _, form := range []string{onlyDigits(n.Shown), onlyDigits(n.Dial)} {
			if strings.HasPrefix(form, digits) || strings.HasSuffix(form, digits) {
				return true
			}
		}
		return false
	})
}

// Entry returns one of the directory in force; ok is false when there is none.
func (l *Library) Entry(id EntryID) (*Entry, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.directory.Entry(id)
}

// OnCall lists who is on call (Directory.OnCall).
func (l *Library) OnCall(at time.Time, service EntryID) []Duty {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.directory.OnCall(at, service)
}

// HoursIn tells the hours of an entry in words, a line for the days that have the same, then the special days that
// come; nil when nothing is said of them.
func (e *Entry) HoursIn(lang acd.Lang, now time.Time) []string {
	if e.Hours == nil {
		return nil
	}
	return hourLines(e.Hours, Web, lang, now)
}
