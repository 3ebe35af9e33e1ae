package ivr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"accueil/acd"
	"accueil/ivr/calendar"
)

// Special days are spoken in pieces, as openings are: "sauf", "jeudi", "premier", "janvier", "le jour de l'An",
// "fermé". So they are true on every day of a program that was loaded months ago.

// onTheDay is what the id of a message ends with that names the day because of which it is closed.
const onTheDay = "_day"

// How many days ahead special days are told with hours, and how many of them at most.
const (
	specialDays = 7
	mostSpecial = 3
)

const (
	pieceExcept = "cal.except"
	pieceShut   = "cal.shut"
	pieceUntil  = "cal.until"
)

func pieceSpan(h calendar.Hours) string {
	return fmt.Sprintf("cal.span.%02d%02d-%02d%02d", h.From/60, h.From%60, h.To/60, h.To%60)
}

// specials adds the words for special days, where some text may tell them.
func (l *loader) specials(all []*Timetable) {
	names, days := false, false
	for _, m := range l.program.marked {
		names, days = names || m.says(markClosure) || m.says(markSpecial), days || m.says(markSpecial)
	}
	if !names {
		return
	}
	for _, lang := range l.site.Languages {
		texts := map[string]string{}
		for _, t := range all {
			for _, n := range t.SpecialNames() {
				if n[lang] != "" {
					texts[l.program.named(n)] = n[lang]
				}
			}
		}
		if days {
			maps.Copy(texts, spokenDates(lang).special)
		}
		for name := range l.site.Hours {
			for _, h := range l.site.Hours[name].SpecialHours() {
				texts[pieceSpan(h)] = spokenDates(lang).span(h)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(texts)) {
			l.program.texts = append(l.program.texts, Text{id, lang, texts[id]})
		}
	}
}

// named is the id under which a name of a day is spoken: by its words in the first of the site's languages that it
// has, so that a recording keeps its file when days are added before it.
func (p *Program) named(n calendar.Names) string {
	for _, lang := range p.site.Languages {
		if n[lang] != "" {
			return "cal.name." + slug(n[lang])
		}
	}
	return ""
}

// slug writes words as the name of a file: "le-jour-de-l-an".
func slug(words string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "-")
}

// special lists the texts for the special days of a fact's hours.
func (p *Program) special(fact string, lang acd.Lang, now time.Time) (out []string) {
	t := p.site.Hours[fact]
	if t == nil {
		return nil
	}
	specials := t.Specials(now, specialDays)
	for _, s := range specials[:min(len(specials), mostSpecial)] {
		out = append(out, pieceExcept)
		out = append(out, dayPieces(now.In(t.Location()), s.From)...)
		if s.From != s.To {
			out = append(out, pieceUntil, pieceDate(s.To.Day), pieceMonth(s.To.Month))
		}
		if s.Label[lang] != "" {
			out = append(out, p.named(s.Label))
		}
		for _, h := range s.Hours {
			out = append(out, pieceSpan(h))
		}
		if len(s.Hours) == 0 {
			out = append(out, pieceShut)
		}
	}
	return out
}

// dayPieces says which day, seen from now: "aujourd'hui", "demain", "jeudi premier janvier".
func dayPieces(now time.Time, d calendar.Day) []string {
	day := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	switch days := daysBetween(now, day); {
	case days <= 0:
		return []string{"cal.day.today"}
	case days == 1:
		return []string{"cal.day.tomorrow"}
	}
	return []string{pieceDay(day.Weekday()), pieceDate(d.Day), pieceMonth(d.Month)}
}

// closure is the text for why it is closed: the name of the day, where that closes it and has one.
func (w *walk) closure(now time.Time) string {
	if name := w.dayName(now); name != "" {
		return name
	}
	for _, t := range w.shutters() {
		if t != nil && !t.Status(now).Open && !t.Status(now).DayOff && !w.closed {
			return "sys.closure_hours"
		}
	}
	return "sys.closure_unnamed"
}

// dayName is the text that names the day because of which what the caller has found is closed; empty when it is
// closed for another reason, or the day has no name.
func (w *walk) dayName(now time.Time) string {
	if w.closed {
		return ""
	}
	for _, t := range w.shutters() {
		if t == nil {
			continue
		}
		if n := t.Status(now).Reason(); n[w.lang] != "" {
			return w.program.named(n)
		}
	}
	return ""
}

// shutters are the timetables that may have closed what the caller has found closed.
func (w *walk) shutters() []*Timetable {
	out := w.shutBys(w.shut)
	for _, other := range w.shut.or {
		out = append(out, w.shutBys(other)...)
	}
	return out
}

// shutBys are the timetables that must all be open; nil ones always are.
func (w *walk) shutBys(s shut) []*Timetable {
	if s.by == nil {
		return []*Timetable{w.timetable()}
	}
	return append([]*Timetable{w.hours}, s.by...)
}

// Written is a text as it is sent: with the special days of hours that come, in words. False where it is no text of
// the program.
func (p *Program) Written(id string, lang acd.Lang, now time.Time) (string, bool) {
	m, ok := p.marked[textKey{id, lang}]
	if !ok {
		return p.Text(id, lang)
	}
	return marks.ReplaceAllStringFunc(m.whole, func(mark string) string {
		fact, ok := strings.CutPrefix(mark[1:len(mark)-1], markSpecial)
		if !ok {
			return ""
		}
		var words []string
		for _, piece := range p.special(fact, lang, now) {
			if piece == pieceExcept && len(words) > 0 {
				words[len(words)-1] += ","
			}
			text, _ := p.Text(piece, lang)
			words = append(words, text)
		}
		if len(words) == 0 {
			return ""
		}
		return ", " + strings.Join(words, " ")
	}), true
}
