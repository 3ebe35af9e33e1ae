package calls

import (
	"regexp"
	"strconv"
	"strings"

	"accueil/acd"
)

// packed is what the channel itself remembers of its call, in one variable of Asterisk (CC_STATE), so
// that a controller that starts with an empty Redis knows the call again, with its place and its age.
// Ids, codes and instants only.
type packed struct {
	Leg   acd.Leg // its lasting fields: see stateFields
	Phase string
	Node  string      // of the menu
	At    acd.Instant // when it was written first in this phase
}

// stateLimit bounds the variable (ARI.md §1.11), stateValue one field of it, in bytes.
const (
	stateLimit = 512
	stateValue = 80
)

// stateVersion begins the text. What it cannot say, a reader of the same version leaves out: fields
// may be added under it. Version 1 had contact, leg, phase and node by their order.
const stateVersion = "2"

// stateField is one field of the text, "<key>=<value>", left out when it is empty.
type stateField struct {
	key string
	get func(*packed) string
	set func(*packed, string) bool // false for what get would not have written
}

// stateFields is the whole format. When all of it is too long, the last fields are left out: what is
// found again from the site file or from Asterisk stands there.
var stateFields = []stateField{
	text("p", func(p *packed) *string { return &p.Phase }),
	instant("t", func(p *packed) *acd.Instant { return &p.At }),
	instant("b", func(p *packed) *acd.Instant { return &p.Leg.Arrived }),
	text("q", func(p *packed) *acd.QueueID { return &p.Leg.Queue }),
	instant("e", func(p *packed) *acd.Instant { return &p.Leg.Enqueued }),
	instant("g", func(p *packed) *acd.Instant { return &p.Leg.AgeFrom }),
	number("w", acd.MaxPoints, func(p *packed) *int { return &p.Leg.Points }),
	text("l", func(p *packed) *acd.Lang { return &p.Leg.Lang }),
	number("o", 9999, func(p *packed) *int { return &p.Leg.Offers }),
	text("a", func(p *packed) *acd.AgentID { return &p.Leg.Agent }),
	text("d", func(p *packed) *acd.PhoneID { return &p.Leg.Phone }),
	instant("j", func(p *packed) *acd.Instant { return &p.Leg.Bridged }),
	reached,
	text("ie", func(p *packed) *acd.EntryID { return back(p, &p.Leg.Entry) }),
	text("it", func(p *packed) *acd.TrunkID { return back(p, &p.Leg.Trunk) }),
	taskWorkedOn,
	text("r", func(p *packed) *acd.ReasonID { return &p.Leg.Reason }),
	text("f", func(p *packed) *acd.QueueID { return &p.Leg.FirstQueue }),
	text("s", func(p *packed) *acd.AgentID { return &p.Leg.From }),
	number("m", maxTold, func(p *packed) *int { return &p.Leg.Told.Minutes }),
	mark("u", func(p *packed) *bool { return &p.Leg.Told.Rose }),
	number("c", maxTold, func(p *packed) *int { return &p.Leg.Told.Place }),
	text("x", func(p *packed) *string { return &p.Leg.Out }),
	text("y", func(p *packed) *string { return &p.Leg.Target }),
	text("k", func(p *packed) *string { return &p.Leg.Asks }),
	text("v", func(p *packed) *string { return &p.Leg.Recording }),
	text("n", func(p *packed) *string { return &p.Node }),
	piece("h0", 0), piece("h1", 1), piece("h2", 2),
}

// Of a person who was called back the channel remembers that, and where he had come in: nothing else of an
// outgoing call tells it.
var (
	reached = stateField{"i",
		func(p *packed) string {
			if p.Leg.Callback == nil {
				return ""
			}
			return positive(int64(p.Leg.Callback.Reached), 36)
		},
		func(p *packed, v string) bool {
			p.Leg.Callback = &acd.Callback{}
			return instant("i", func(p *packed) *acd.Instant { return &p.Leg.Callback.Reached }).set(p, v)
		}}
	taskWorkedOn = stateField{"ik",
		func(p *packed) string {
			if p.Leg.Callback == nil {
				return ""
			}
			return string(p.Leg.Callback.Task)
		},
		func(p *packed, v string) bool {
			if p.Leg.Callback != nil {
				p.Leg.Callback.Task = acd.TaskID(v)
			}
			return true
		}}
)

// back is a field that only who was called back needs.
func back[S ~string](p *packed, field *S) *S {
	if p.Leg.Callback == nil {
		return new(S)
	}
	return field
}

// piece is one of the pieces of what the scenario keeps, none longer than a field may be.
func piece(key string, nth int) stateField {
	return stateField{key,
		func(p *packed) string {
			from := min(nth*stateValue, len(p.Leg.Kept))
			return p.Leg.Kept[from:min(from+stateValue, len(p.Leg.Kept))]
		},
		func(p *packed, v string) bool { p.Leg.Kept += v; return true }}
}

func text[S ~string](key string, of func(*packed) *S) stateField {
	return stateField{key,
		func(p *packed) string { return string(*of(p)) },
		func(p *packed, v string) bool { *of(p) = S(v); return true }}
}

// instant writes milliseconds to the base of 36, to be short.
func instant(key string, of func(*packed) *acd.Instant) stateField {
	return stateField{key,
		func(p *packed) string { return positive(int64(*of(p)), 36) },
		func(p *packed, v string) bool {
			n, err := strconv.ParseInt(v, 36, 48)
			*of(p) = acd.Instant(n)
			return err == nil && n > 0
		}}
}

func number(key string, most int, of func(*packed) *int) stateField {
	return stateField{key,
		func(p *packed) string { return positive(int64(*of(p)), 10) },
		func(p *packed, v string) bool {
			n, err := strconv.Atoi(v)
			*of(p) = n
			return err == nil && n > 0 && n <= most
		}}
}

// maxTold is more than any caller is told of minutes and places.
const maxTold = 999

// mark writes 1 for true.
func mark(key string, of func(*packed) *bool) stateField {
	return stateField{key,
		func(p *packed) string {
			if *of(p) {
				return "1"
			}
			return ""
		},
		func(p *packed, v string) bool { *of(p) = v == "1"; return v == "1" }}
}

func positive(n int64, base int) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, base)
}

// contactForm is how a contact's id is written.
var contactForm = regexp.MustCompile(`^[0-9a-z-]{1,40}$`)

// packState writes "2|<contact>|<leg number>|p=queue|…", at most stateLimit bytes.
func packState(p packed) string {
	s := stateVersion + "|" + string(p.Leg.ID.Contact()) + "|" + strconv.Itoa(p.Leg.ID.Number())
	for _, f := range stateFields {
		v := f.get(&p)
		if v == "" || !plainValue(v) {
			continue
		}
		if v = "|" + f.key + "=" + v; len(s)+len(v) <= stateLimit {
			s += v
		}
	}
	return s
}

// plainValue reports whether a value can stand in the text: no separator, nothing that a dialplan or a
// log might take for something else.
func plainValue(v string) bool {
	return len(v) <= stateValue && !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune("|${}\"\\,;", r) })
}

// unpackState reads it; ok is false for anything that packState did not write.
func unpackState(s string) (p packed, ok bool) {
	f := strings.Split(s, "|")
	if len(s) > stateLimit || len(f) < 3 || !contactForm.MatchString(f[1]) {
		return packed{}, false
	}
	n, err := strconv.Atoi(f[2])
	if err != nil || n < 1 || n > 999 {
		return packed{}, false
	}
	p.Leg.ID = acd.ContactID(f[1]).Leg(n)
	switch {
	case f[0] == "1" && len(f) == 5: // of the program before; it had no more
		p.Phase, p.Node = f[3], f[4]
		return p, true
	case f[0] != stateVersion:
		return packed{}, false
	}
	seen := map[string]bool{}
	for _, part := range f[3:] {
		key, v, ok := strings.Cut(part, "=")
		if !ok || v == "" || seen[key] || !plainValue(v) {
			return packed{}, false
		}
		seen[key] = true
		for _, field := range stateFields {
			if field.key == key && !field.set(&p, v) {
				return packed{}, false
			}
		}
	}
	return p, true
}

// contactOf returns the contact whose channel, bridge or playback the id names, when it is one of
// ours: "acc.<contact>.<rest>".
func contactOf(id string) (acd.ContactID, bool) {
	rest, ok := strings.CutPrefix(id, "acc.")
	if !ok {
		return "", false
	}
	c, _, ok := strings.Cut(rest, ".")
	return acd.ContactID(c), ok && c != ""
}
