package knowledge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/ivr/calendar"
	"accueil/ivr/numerals"
)

// weekdays in the order in which a week is told, by time.Weekday.
var weekdays = []int{1, 2, 3, 4, 5, 6, 0}

var dayWords = map[acd.Lang][7]string{
	"fr": {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
	"en": {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
}

const midnight = 24 * 60

// hourLines tells the opening hours of a week, one line for the days that have the same ones. Public
// holidays are told where they differ from the week, then each season, then the special days that come.
func hourLines(t *calendar.Timetable, ch Channel, lang acd.Lang, now time.Time) []string {
	w := hourWords{ch, lang}
	days, holidays, follows := t.Weekly()
	lines := w.week(days, holidays, follows)
	for _, s := range t.Seasons() {
		lines = append(lines, w.season(s))
	}
	return append(lines, w.specialLines(t, now)...)
}

// season tells the hours of a time of the year on one line.
func (w hourWords) season(s calendar.SeasonWeek) string {
	colon := w.pick(" : ", ": ")
	if w.ch == Voice {
		colon = ", "
	}
	return w.pick("du ", "from ") + w.date(s.From, s.From.Year != s.To.Year) + w.pick(" au ", " to ") + w.date(s.To, true) + colon +
		strings.Join(w.week(s.Days, nil, false), ", ")
}

var monthWords = map[acd.Lang][12]string{
	"fr": {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// date writes a day: "1er juillet", "premier juillet", "six juillet"; "6 July". A year is written where it
// has one, and never said.
func (w hourWords) date(d calendar.Day, year bool) string {
	months := monthWords[w.lang]
	if months[0] == "" {
		months = monthWords["en"]
	}
	day := fmt.Sprint(d.Day)
	switch {
	case d.Day == 1 && w.lang == "fr":
		day = "1er"
		if w.ch == Voice {
			day = "premier"
		}
	case w.ch == Voice && w.lang == "fr":
		day = numerals.French(d.Day, false)
	case w.ch == Voice:
		day = "the " + numerals.Ordinal(d.Day) + " of"
	}
	out := day + " " + months[d.Month-1]
	if year && d.Year != 0 && w.ch != Voice {
		out += fmt.Sprintf(" %d", d.Year)
	}
	return out
}

// week tells the hours of a week.
func (w hourWords) week(days [7][]calendar.Hours, holidays []calendar.Hours, follows bool) []string {
	var lines []string
	told, asADay := [7]bool{}, false // of holidays: they are named with weekdays
	for _, d := range weekdays {
		if told[d] || len(days[d]) == 0 {
			continue
		}
		var same []int
		for _, other := range weekdays {
			if slices.Equal(days[other], days[d]) {
				told[other] = true
				same = append(same, other)
			}
		}
		named := w.days(same)
		if follows && len(same) < 7 && slices.Equal(holidays, days[d]) {
			asADay = true
			named = w.days(same, w.pick("les jours fériés", "public holidays"))
		}
		lines = append(lines, w.line(named, days[d]))
	}
	asEveryDay := !slices.ContainsFunc(days[:], func(h []calendar.Hours) bool { return !slices.Equal(h, holidays) })
	switch {
	case len(lines) == 0 && len(holidays) == 0:
		return []string{w.pick("fermé", "closed")}
	case !follows || asEveryDay || asADay:
	case len(holidays) == 0:
		lines = append(lines, w.pick("fermé les jours fériés", "closed on public holidays"))
	default:
		lines = append(lines, w.line(w.pick("les jours fériés", "on public holidays"), holidays))
	}
	return lines
}

// hourWords puts hours into words for a channel.
type hourWords struct {
	ch   Channel
	lang acd.Lang
}

func (w hourWords) pick(french, english string) string {
	if w.lang == "fr" {
		return french
	}
	return english
}

func (w hourWords) line(days string, hours []calendar.Hours) string {
	comma := ""
	if w.ch == Voice {
		comma = ","
	}
	return days + comma + " " + w.spans(hours)
}

// days names days: "du lundi au vendredi", "le mardi et le jeudi", "tous les jours"; and others after them.
func (w hourWords) days(days []int, others ...string) string {
	if len(days) == 7 {
		return w.pick("tous les jours", "every day")
	}
	names := dayWords[w.lang]
	if names[0] == "" {
		names = dayWords["en"]
	}
	var runs []string
	for len(days) > 0 {
		n := 1
		for n < len(days) && days[n] == (days[n-1]+1)%7 {
			n++
		}
		switch first, last := names[days[0]], names[days[n-1]]; {
		case n >= 3:
			runs = append(runs, w.pick("du "+first+" au "+last, first+" to "+last))
			days = days[n:]
		default:
			runs = append(runs, w.pick("le "+first, first))
			days = days[1:]
		}
	}
	return enumerate(append(runs, others...), w.lang)
}

// spans tells the hours of a day.
func (w hourWords) spans(hours []calendar.Hours) string {
	if slices.Equal(hours, []calendar.Hours{{From: 0, To: midnight}}) {
		if w.ch == Voice {
			return w.pick("vingt-quatre heures sur vingt-quatre", "around the clock")
		}
		return w.pick("24 heures sur 24", "around the clock")
	}
	var spans []string
	for _, h := range hours {
		from, to := w.clock(h.From), w.clock(h.To)
		spans = append(spans, w.pick("de "+from+" à "+to, "from "+from+" to "+to))
	}
	return enumerate(spans, w.lang)
}

// clock writes a minute of the day: "8 h 30", "huit heures trente", "midi"; "8:30 a.m.", "noon".
func (w hourWords) clock(minute int) string {
	minute %= midnight
	h, m := minute/60, minute%60
	switch {
	case minute == 12*60:
		return w.pick("midi", "noon")
	case minute == 0:
		return w.pick("minuit", "midnight")
	case w.lang != "fr":
		return w.english(h, m)
	case w.ch != Voice && m == 0:
		return fmt.Sprintf("%d h", h)
	case w.ch != Voice:
		return fmt.Sprintf("%d h %02d", h, m)
	}
	said := []string{numerals.French(h, true), "heures"}
	if h < 2 { // zéro heure trente, une heure
		said[1] = "heure"
	}
	if m > 0 {
		said = append(said, numerals.French(m, true))
	}
	return strings.Join(said, " ")
}

func (w hourWords) english(h, m int) string {
	half := "a.m."
	if h >= 12 {
		half = "p.m."
	}
	if h %= 12; h == 0 {
		h = 12
	}
	switch {
	case w.ch != Voice && m == 0:
		return fmt.Sprintf("%d %s", h, half)
	case w.ch != Voice:
		return fmt.Sprintf("%d:%02d %s", h, m, half)
	case m == 0:
		return numerals.English(h) + " " + half
	case m < 10:
		return numerals.English(h) + " oh " + numerals.English(m) + " " + half
	}
	return numerals.English(h) + " " + numerals.English(m) + " " + half
}
