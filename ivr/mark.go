package ivr

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// What may stand in a text for words that are chosen when it is said. The text is cut there, and each part of it is
// a text of its own.
const (
	markOpening = "next_opening" // when it opens next: "Nous vous répondrons {next_opening}."
	markClosure = "closure"      // why it is closed: "Nous sommes fermés : {closure}."
	// markSpecial and the name of a fact: the special days of its hours that come. facts puts it behind hours.
	markSpecial = "special:"
)

// writtenMarks are those that people write.
var writtenMarks = []string{markOpening, markClosure}

var marks = regexp.MustCompile(`\{([^{}]*)\}?`)

// textKey is a text in a language.
type textKey struct {
	id   string
	lang acd.Lang
}

// marked is a text with marks, in what it is cut into.
type marked struct {
	whole  string
	pieces []piece
}

// piece is words, or a mark.
type piece struct {
	id   string // of a text
	mark string
}

// says reports whether the text has a mark.
func (m marked) says(mark string) bool {
	return slices.ContainsFunc(m.pieces, func(p piece) bool { return strings.HasPrefix(p.mark, mark) })
}

// markFault says what is wrong with the marks of a text, "" for nothing.
func markFault(text string) (suggestion, message *wording.Text) {
	for _, m := range marks.FindAllStringSubmatch(text, -1) {
		whole := m[0] == "{"+m[1]+"}"
		if whole && (slices.Contains(writtenMarks, m[1]) || strings.HasPrefix(m[1], markSpecial)) {
			continue
		}
		return diag.DidYouMean(m[1], writtenMarks), wording.Say("a text cannot hold %s: only {%s} and {%s} stand for something", m[0], markOpening, markClosure)
	}
	return nil, nil
}

// add registers a text as it is to be spoken or recorded: whole, or cut at its marks. What is before the first
// mark is called <id>.1, what is behind it <id>.2, and so on.
func (p *Program) add(id string, lang acd.Lang, text string) {
	at := marks.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 {
		p.texts = append(p.texts, Text{id, lang, text})
		return
	}
	m := marked{whole: text}
	begin := 0
	words := func(n, end int) {
		part := strings.TrimSpace(text[begin:end])
		if n > 1 {
			part = strings.TrimLeft(part, " .,;:!?")
		}
		if part != "" {
			m.pieces = append(m.pieces, piece{id: fmt.Sprintf("%s.%d", id, n)})
			p.texts = append(p.texts, Text{fmt.Sprintf("%s.%d", id, n), lang, part})
		}
	}
	for i, x := range at {
		words(i+1, x[0])
		m.pieces = append(m.pieces, piece{mark: text[x[2]:x[3]]})
		begin = x[1]
	}
	words(len(at)+1, len(text))
	p.marked[textKey{id, lang}] = m
}

// says reports whether the text has a mark in any language.
func (p *Program) says(id, mark string) bool {
	for key, m := range p.marked {
		if key.id == id && m.says(mark) {
			return true
		}
	}
	return false
}

// timed adds the words for days and for the times at which something opens, where anything does.
func (l *loader) timed() {
	all := slices.AppendSeq(l.timetables, maps.Values(l.site.Timetables))
	if l.callsBack {
		all = append(all, l.site.Callbacks...)
	}
	if len(all) == 0 {
		return
	}
	begins := map[int]bool{}
	for _, t := range all {
		for _, minutes := range t.Begins() {
			begins[minutes] = true
		}
	}
	for _, lang := range l.site.Languages {
		texts := momentTexts(lang)
		for minutes := range begins {
			texts[pieceTime(minutes)] = spokenDates(lang).at(minutes)
		}
		for _, id := range slices.Sorted(maps.Keys(texts)) {
			l.program.texts = append(l.program.texts, Text{id, lang, texts[id]})
		}
	}
	for minutes := range begins {
		l.program.spoken[pieceTime(minutes)] = true
	}
	l.specials(all)
}

// closures adds the announcements of planned closures, each a whole sentence.
func (l *loader) closures() {
	for _, name := range slices.Sorted(maps.Keys(l.site.Timetables)) {
		t := l.site.Timetables[name]
		for _, c := range t.Announcements() {
			id := "closure." + name + "." + c.From.Format(time.DateOnly)
			for _, lang := range l.site.Languages {
				l.program.texts = append(l.program.texts, Text{id, lang, closureText(lang, c)})
			}
			l.program.closures[closureKey{t, c.From}] = id
		}
	}
}

// closureKey is a planned closure of a timetable by its first day.
type closureKey struct {
	of   *Timetable
	from time.Time
}

// shut is what has told a caller that it is closed.
type shut struct {
	// by are the timetables that must all be open; nil: what the entry has; empty: nobody knows.
	by []*Timetable
	// or are timetables that were found closed before, without a word in between: the first of all that opens
	// counts.
	or []shut
	// ahead: closing time is near, and new callers are not taken any more.
	ahead bool
}

// timetable is when callers of the entry are answered, as far as that is known: the entry's hours, else
// those with which its scenario begins. Nil is always.
func (w *walk) timetable() *Timetable {
	if w.hours != nil {
		return w.hours
	}
	if n := w.scenario.nodes[w.scenario.start]; n != nil && n.verb == verbHours {
		return n.hours
	}
	return nil
}

// opens is when what the caller has found closed opens next; false when that is not known, as when
// somebody has closed the entry without saying until when.
func (w *walk) opens(now time.Time) (time.Time, bool) {
	first, found := w.opensOf(w.shut, now)
	for _, other := range w.shut.or {
		if at, ok := w.opensOf(other, now); ok && (!found || at.Before(first)) {
			first, found = at, true
		}
	}
	return first, found
}

func (w *walk) opensOf(s shut, now time.Time) (time.Time, bool) {
	all := w.shutBys(s)
	from := now
	switch {
	case s.ahead:
		closing, ok := calendar.Closing(now, all...)
		if !ok {
			return time.Time{}, false
		}
		from = closing
	case w.closed && w.scene.Reopens.After(now):
		from = w.scene.Reopens
	}
	at, ok := calendar.Together(from, all...)
	return at, ok && at.After(now)
}

// closedWords is what a caller hears who finds it closed: with the next opening where that is known.
func (w *walk) closedWords(until string, now time.Time) string {
	if w.fates != nil {
		return "sys.closed"
	}
	if _, ok := w.opens(now); !ok {
		return "sys.closed"
	}
	// A site that has words of its own for the one means them for the other too, until it has those as well.
	own := w.program.site.Texts
	if day := until + onTheDay; w.dayName(now) != "" && (own[until] == nil || own[day] != nil) {
		return day
	}
	return until
}

// entryClosed reports whether the entry is closed, by its hours or by a person.
func (w *walk) entryClosed(now time.Time) bool {
	return w.closed || w.fates == nil && w.hours != nil && !w.hours.Open(now)
}

// shutBy is what has closed the queue to who asks for it: its hours, or, where the reason leads to it,
// the reason's; before closing time, the last call.
func (w *walk) shutBy(q acd.AskQueue, now time.Time) shut {
	s := shut{by: []*Timetable{}, ahead: true}
	for _, t := range w.program.site.hoursOf(w.queueOf(q), q.Reason) {
		s.by, s.ahead = append(s.by, t), s.ahead && t.Open(now)
	}
	return s
}

// closing: the queue that the caller waits in has closed. He is told, and is still served for a while.
func (w *walk) closing() []acd.Ask {
	if w.mode != waiting {
		return nil
	}
	w.words, w.pause = prompts("sys.queue_closing"), usualWait
	return []acd.Ask{acd.AskSay{Prompts: w.words}, acd.AskWait{For: w.pause}}
}

// piece lists the texts of a piece of a text, at an instant.
func (w *walk) piece(x piece, of string, now time.Time) []string {
	switch {
	case x.id != "":
		return []string{x.id}
	case x.mark == markOpening:
		return w.opening(of, now)
	case x.mark == markClosure:
		return []string{w.closure(now)}
	}
	return w.program.special(strings.TrimPrefix(x.mark, markSpecial), w.lang, now)
}

// fill puts words where texts are marked.
func (w *walk) fill(asks []acd.Ask, now time.Time) []acd.Ask {
	if w.fates != nil || len(w.program.marked) == 0 {
		return asks
	}
	for i, a := range asks {
		say, ok := a.(acd.AskSay)
		if !ok || !slices.ContainsFunc(say.Prompts, func(p acd.Prompt) bool { _, ok := w.program.marked[textKey{p.ID, w.lang}]; return ok }) {
			continue
		}
		var out []acd.Prompt
		for _, p := range say.Prompts {
			m, ok := w.program.marked[textKey{p.ID, w.lang}]
			if !ok {
				out = append(out, p)
				continue
			}
			for _, x := range m.pieces {
				for _, id := range w.piece(x, p.ID, now) {
					out = append(out, acd.Prompt{ID: id})
				}
			}
		}
		say.Prompts = out
		asks[i] = say
	}
	return asks
}

// opening lists the words for the next opening that the text speaks of.
func (w *walk) opening(text string, now time.Time) []string {
	at, ok := w.opensFor(text, now)
	if !ok {
		return []string{pieceUnknown}
	}
	zone := w.program.site.location()
	pieces := moment(now.In(zone), at.In(zone))
	if last := len(pieces) - 1; !w.program.spoken[pieces[last]] {
		pieces = pieces[:last] // an hour that the change of the clock has made: the day is true
	}
	return pieces
}

// ahead is the announcement of the planned closure that is near; none outside the hours, when the next
// opening is told.
func (w *walk) ahead(now time.Time) []string {
	t := w.timetable()
	if t == nil || w.closed || !t.Open(now) {
		return nil
	}
	if c, ok := t.Ahead(now); ok {
		if id := w.program.closures[closureKey{t, c.From}]; id != "" {
			return []string{id}
		}
	}
	return nil
}
