package knowledge

import (
	"strings"
	"time"

	"accueil/acd"
	"accueil/ivr/calendar"
)

// How far ahead special days are told: what is heard or texted is for this week; what is read may be read later.
const (
	soonDays  = 7
	aheadDays = 31
)

// Most special days that an SMS tells: each takes about half of one.
const mostTexted = 2

// specialLines tells the special days that come, a line each: "sauf le jeudi 1er janvier (le jour de l'An) : fermé".
// Without an instant it tells none.
func (w hourWords) specialLines(t *calendar.Timetable, now time.Time) (out []string) {
	if now.IsZero() {
		return nil
	}
	days := aheadDays
	if w.ch.flows() {
		days = soonDays
	}
	for _, s := range t.Specials(now, days) {
		out = append(out, w.special(s, now.In(t.Location())))
	}
	if w.ch == SMS && len(out) > mostTexted {
		out = out[:mostTexted]
	}
	return out
}

func (w hourWords) special(s calendar.Special, now time.Time) string {
	year := func(d calendar.Day) bool { return d.Year != now.Year() }
	first, last := w.weekday(s.From)+w.date(s.From, year(s.From)), w.weekday(s.To)+w.date(s.To, year(s.To))
	out := w.pick("sauf ", "except ")
	switch {
	case s.From == s.To:
		out += w.pick("le ", "on ") + first
	default:
		out += w.pick("du ", "from ") + first + w.pick(" au ", " to ") + last
	}
	hours := w.pick("fermé", "closed")
	if len(s.Hours) > 0 {
		hours = w.spans(s.Hours)
	}
	name := s.Label[w.lang]
	switch {
	case w.ch == Voice && name != "":
		return out + ", " + name + ", " + hours
	case w.ch == Voice:
		return out + ", " + hours
	case name != "":
		out += " (" + name + ")"
	}
	return out + w.pick(" : ", ": ") + hours
}

// weekday names the day of the week: "jeudi ", "Thursday "; "Thursday, " to be spoken before "the first of".
func (w hourWords) weekday(d calendar.Day) string {
	names := dayWords[w.lang]
	if names[0] == "" {
		names = dayWords["en"]
	}
	name := names[time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()]
	if w.ch == Voice && w.lang != "fr" {
		name += ","
	}
	return name + " "
}

// Spoken is the article as it is spoken, with a mark behind each fact whose hours have special days now and then:
// what is spoken is made once, and said for months. mark is asked for each of the facts.
func (a *Article) Spoken(lang acd.Lang, mark func(fact string) string) string {
	src, ok := a.texts[Voice][lang]
	if !ok {
		return ""
	}
	var b strings.Builder
	for _, p := range src[0] {
		b.WriteString(p.words)
		if p.fact != "" {
			b.WriteString(a.facts[p.fact].Voiced(lang) + mark(p.fact))
		}
	}
	return b.String()
}
