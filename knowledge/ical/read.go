package ical

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"accueil/diag"
	"accueil/wording"
)

// Options bound a reading.
type Options struct {
	// Location of times that name no zone.
	Location *time.Location
	// From and To are the window within which repeated events are spelled out. What happens once is told wherever
	// it lies.
	From, To time.Time
	// Most is how many events may be in a file, and how many times they may happen in all.
	Most int
}

// Occurrence is one time of an event.
type Occurrence struct {
	From, To time.Time // To excluded
	*Event
	// Own says that the event is one of a series, written on its own because it differs.
	Own bool
}

// Event is what occurrences of one origin share.
type Event struct {
	// Line of the file in which it begins.
	Line int
	// The texts, without escapes, spaces around them taken off. What one of a series leaves out, the series says.
	Categories                              []string
	Summary, Contact, Description, Location string
	// Repeats says that a rule or a list of dates repeats it.
	Repeats bool
}

// Calendar is what a file says.
type Calendar struct {
	// Name of the calendar, as Google and Zimbra export it; "" for none.
	Name string
	// Occurrences by instant, then line.
	Occurrences []Occurrence
}

// Is reports whether a file is an iCalendar file.
func Is(content []byte) bool {
	const begin = "BEGIN:VCALENDAR"
	head := bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")))
	return len(head) >= len(begin) && strings.EqualFold(string(head[:len(begin)]), begin)
}

// Read reads a file. Findings have a line and the name of a property; none repeats what the file says of people.
// An event with a finding that is an error is not among the occurrences.
func Read(content string, o Options) (Calendar, diag.Findings) {
	c := &calendar{options: o, zones: ownZones{}}
	c.parse(properties(strings.TrimPrefix(content, "\ufeff")))
	if c.full {
		return Calendar{}, c.findings
	}
	c.spellOut()
	slices.SortStableFunc(c.out.Occurrences, func(a, b Occurrence) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Line, b.Line))
	})
	return c.out, c.findings
}

// calendar is a file being read.
type calendar struct {
	options  Options
	findings diag.Findings
	zones    ownZones
	events   []*event
	out      Calendar
	never    int  // repetitions that never happen
	full     bool // a bound of the whole was passed
}

// event is a VEVENT as it is written.
type event struct {
	Event
	uid       string
	sequence  string
	cancelled bool
	wrong     bool // told
	start     *property
	end       *property
	duration  *property
	of        *property // RECURRENCE-ID: the one of the series that it replaces
	rules     []property
	dates     []property
	without   []property
}

func (c *calendar) tell(line int, property string, suggestion, format wording.Sentence, args ...any) {
	c.findings = append(c.findings, diag.Finding{Line: line, Column: 1, Path: property, Message: wording.Say(format, args...), Suggestion: wording.Say(suggestion)})
}

func (c *calendar) warn(line int, property string, suggestion, format wording.Sentence, args ...any) {
	c.tell(line, property, suggestion, format, args...)
	c.findings[len(c.findings)-1].Severity = diag.Warning
}

// wrong tells what keeps an event from being used.
func (c *calendar) wrong(e *event, p property, suggestion, format wording.Sentence, args ...any) {
	if !e.wrong {
		c.tell(p.line, p.name, suggestion, format, args...)
	}
	e.wrong = true
}

// whole tells what is wrong with all of the file.
func (c *calendar) whole(suggestion, format wording.Sentence, args ...any) {
	c.findings, c.full = append(c.findings, diag.Finding{Message: wording.Say(format, args...), Suggestion: wording.Say(suggestion)}), true
}

// parse sorts the lines into events and zones.
func (c *calendar) parse(lines []property) {
	var (
		within []string // components, from the outside
		now    *event
		zone   *ownZone
		named  string
	)
	for _, p := range lines {
		kind := strings.ToUpper(strings.TrimSpace(p.value))
		switch p.name {
		case "BEGIN":
			switch {
			case kind == "VEVENT" && now == nil:
				now, within = &event{Event: Event{Line: p.line}}, nil
				if c.events = append(c.events, now); len(c.events) > c.options.Most {
					c.whole("", "the file has more than %d events", c.options.Most)
					return
				}
			case kind == "VTIMEZONE" && now == nil:
				zone, named = &ownZone{line: p.line}, ""
			case zone != nil && (kind == "STANDARD" || kind == "DAYLIGHT"):
				zone.rules = append(zone.rules, observance{})
			}
			within = append(within, kind)
			continue
		case "END":
			if len(within) > 0 {
				within = within[:len(within)-1]
			}
			switch {
			case kind == "VEVENT" && len(within) == 0:
				now = nil
			case kind == "VTIMEZONE" && zone != nil:
				if named != "" {
					c.zones[named] = zone
				}
				zone = nil
			}
			continue
		}
		switch {
		case now != nil && len(within) == 1:
			now.take(p)
		case now != nil: // an alarm within
		case zone != nil && p.name == "TZID":
			named = p.value
		case zone != nil && len(zone.rules) > 0:
			c.observe(&zone.rules[len(zone.rules)-1], p)
		case p.name == "X-WR-CALNAME":
			c.out.Name = text(p.value)
		}
	}
	if now != nil {
		c.tell(now.Line, "", "export it again", "the last event has no end")
		now.wrong = true
	}
	if len(c.events) == 0 {
		c.whole("", "the calendar has no event")
	}
}

// observe takes one line of a zone's summer or winter. What cannot be read leaves the zone as it would be without.
func (c *calendar) observe(o *observance, p property) {
	switch p.name {
	case "DTSTART":
		o.start, _ = wallOf(p.value)
	case "TZOFFSETFROM":
		o.from, _ = utcOffset(p.value)
	case "TZOFFSETTO":
		o.to, _ = utcOffset(p.value)
	case "RRULE":
		o.rules = append(o.rules, p)
	case "RDATE":
		for v := range strings.SplitSeq(p.value, ",") {
			if at, ok := wallOf(v); ok {
				o.dates = append(o.dates, at)
			}
		}
	}
}

// take takes one line of an event.
func (e *event) take(p property) {
	switch p.name {
	case "UID":
		e.uid = p.value
	case "SEQUENCE":
		e.sequence = p.value
	case "STATUS":
		e.cancelled = strings.EqualFold(strings.TrimSpace(p.value), "CANCELLED")
	case "CATEGORIES":
		for _, t := range texts(p.value) {
			e.Categories = append(e.Categories, strings.TrimSpace(t))
		}
	case "SUMMARY":
		e.Summary = text(p.value)
	case "CONTACT":
		e.Contact = strings.Trim(e.Contact+"\n"+text(p.value), "\n")
	case "DESCRIPTION":
		e.Description = text(p.value)
	case "LOCATION":
		e.Location = text(p.value)
	case "DTSTART":
		e.start = &p
	case "DTEND":
		e.end = &p
	case "DURATION":
		e.duration = &p
	case "RECURRENCE-ID":
		e.of = &p
	case "RRULE", "EXRULE":
		e.rules = append(e.rules, p)
	case "RDATE":
		e.dates = append(e.dates, p)
	case "EXDATE":
		e.without = append(e.without, p)
	}
}
