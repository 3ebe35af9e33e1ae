package ical

import (
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"accueil/wording"
)

// Bounds of one rule.
const (
	mostRule     = 500    // characters
	mostInterval = 1000   // days, weeks, months or years
	mostRepeats  = 60_000 // times from its beginning: daily for a century and a half
	mostNever    = 10     // rules of a file that never happen: the library looks for them up to the year 9999
)

// ruled spells out a rule of an event on the wall of its beginning, up to the end of the window.
func (c *calendar) ruled(e *event, p property, from moment) []time.Time {
	if c.never >= mostNever { // enough was told
		e.wrong = true
		return nil
	}
	out, wrong := c.rule(p, from.wall, from.zone)
	if wrong.message != "" {
		c.wrong(e, p, wrong.suggestion, wrong.message)
	}
	return out
}

// repeats spells out the rule of a zone.
func (c *calendar) repeats(p property, start time.Time, z zone) []time.Time {
	if c.never >= mostNever {
		return nil
	}
	out, wrong := c.rule(p, start, z)
	if wrong.message != "" {
		c.warn(p.line, p.name, wrong.suggestion, wrong.message)
	}
	return out
}

type wrongRule struct{ message, suggestion wording.Sentence }

// rule spells out a rule from a beginning on the wall up to the end of the window.
func (c *calendar) rule(p property, start time.Time, z zone) (out []time.Time, wrong wrongRule) {
	notRead := wrongRule{"the rule by which it repeats is not read", "repeat it by days, weeks, months or years"}
	value := strings.ToUpper(strings.Trim(strings.TrimSpace(p.value), ";"))
	if len(value) > mostRule {
		return nil, notRead
	}
	end := z.wall(c.options.To)
	var kept []string
	for part := range strings.SplitSeq(value, ";") {
		key, v, _ := strings.Cut(part, "=")
		switch {
		case key == "UNTIL": // in UTC where the beginning has a zone, which the library would not know
			until, ok := untilOf(v, z)
			if !ok {
				return nil, wrongRule{"the rule ends at no time", howTime}
			}
			if until.Before(end) {
				end = until
			}
		case key == "DTSTART", key == "BYEASTER", strings.HasPrefix(key, "X-"): // not of RFC 5545
		default:
			kept = append(kept, part)
		}
	}
	option, err := rrule.StrToROption(strings.Join(kept, ";"))
	if err != nil || option.Freq > rrule.DAILY || option.Interval > mostInterval || option.Interval < 0 || option.Count < 0 || len(option.Byminute) > 1 || len(option.Bysecond) > 1 {
		return nil, notRead
	}
	// The library reaches outside its tables for a ninth Friday of a month, counted from its end, and perhaps for what
	// nobody has found yet: a file of the hospital's must not stop its telephones.
	if slices.ContainsFunc(option.Byweekday, func(d rrule.Weekday) bool { return d.N() < -5 || d.N() > 5 }) {
		return nil, notRead
	}
	defer func() {
		if recover() != nil {
			out, wrong = nil, notRead
		}
	}()
	// Always an end: without one the library takes 292 years, which a zone that begins in 1601, as Outlook's do,
	// has behind it.
	option.Dtstart, option.Until = start, end
	r, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, notRead
	}
	next := r.Iterator()
	for at, ok := next(); ok; at, ok = next() {
		if out = append(out, at); len(out) > mostRepeats {
			return nil, wrongRule{"it repeats too often, or began too long ago", "let it begin this year"}
		}
	}
	if len(out) == 0 && start.Before(end) {
		c.never++
		return nil, wrongRule{"the rule by which it repeats never happens", "look at the event in the calendar"}
	}
	return out, wrongRule{}
}

// untilOf reads the end of a rule, on the wall of its zone. A day is in it as a whole.
func untilOf(value string, z zone) (time.Time, bool) {
	if day, err := time.Parse(dayForm, value); err == nil {
		return day.Add(24*time.Hour - time.Second), true
	}
	at, ok := wallOf(value)
	if ok && strings.HasSuffix(value, "Z") {
		at = z.wall(at)
	}
	return at, ok
}
