package ivr

import (
	"fmt"
	"strings"
	"time"

	"accueil/acd"
	"accueil/ivr/calendar"
	"accueil/ivr/numerals"
)

// An opening is spoken in pieces, the same in every language: the day ("demain", "lundi"), beyond six
// days also the date ("vingt-quatre", "août"), and the time ("à huit heures trente"). Each piece is a
// text of the program, so it may be recorded, and nothing is synthesised during a call. Only times at
// which something opens are made.

// nearDays is how many days ahead a weekday alone says which day is meant.
const nearDays = 6

const pieceUnknown = "sys.next_opening_unknown"

func pieceDay(d time.Weekday) string { return "cal.day." + weekdayCodes[d] }
func pieceDate(day int) string       { return fmt.Sprintf("cal.date.%d", day) }
func pieceMonth(m time.Month) string { return fmt.Sprintf("cal.month.%d", int(m)) }
func pieceTime(minutes int) string   { return fmt.Sprintf("cal.at.%02d%02d", minutes/60, minutes%60) }
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
func daysBetween(from, to time.Time) int {
	return int(midnight(to).Sub(midnight(from)) / (24 * time.Hour))
}

var weekdayCodes = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// moment lists the pieces that say when, seen from now. Both are of the zone on whose clock it is said.
func moment(now, when time.Time) []string {
	var out []string
	switch days := daysBetween(now, when); {
	case days <= 0:
		out = append(out, "cal.day.today")
	case days == 1:
		out = append(out, "cal.day.tomorrow")
	default:
		if out = append(out, pieceDay(when.Weekday())); days > nearDays {
			out = append(out, pieceDate(when.Day()), pieceMonth(when.Month()))
		}
	}
	return append(out, pieceTime(when.Hour()*60+when.Minute()))
}

// momentTexts are the words of all pieces but times, by id.
func momentTexts(lang acd.Lang) map[string]string {
	l := spokenDates(lang)
	out := map[string]string{"cal.day.today": l.today, "cal.day.tomorrow": l.tomorrow}
	for d, name := range l.weekdays {
		out[pieceDay(time.Weekday(d))] = l.on + name
	}
	for day := 1; day <= 31; day++ {
		out[pieceDate(day)] = l.date(day)
	}
	for m, name := range l.months {
		out[pieceMonth(time.Month(m+1))] = l.of + name
	}
	return out
}

// dates are the words of a language for days; English for every language but French.
type dates struct {
	today, tomorrow string
	on, of          string // before a weekday, before a month
	weekdays        [7]string
	months          [12]string
	date            func(day int) string
	at              func(minutes int) string
	special         map[string]string // pieces around special days
	span            func(h calendar.Hours) string
}

func spokenDates(lang acd.Lang) dates {
	if lang == "fr" {
		return frenchDates
	}
	return englishDates
}

var frenchDates = dates{
	today: "aujourd'hui", tomorrow: "demain",
	weekdays: [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
	months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
		"novembre", "décembre"},
	date: func(day int) string {
		if day == 1 {
			return "premier"
		}
		return numerals.French(day, false)
	},
	at:      frenchTime,
	special: map[string]string{pieceExcept: "sauf", pieceShut: "fermé", pieceUntil: "jusqu'au"},
	span: func(h calendar.Hours) string {
		return "de " + strings.TrimPrefix(frenchTime(h.From), "à ") + " " + frenchTime(h.To%(24*60))
	},
}

var englishDates = dates{
	today: "today", tomorrow: "tomorrow", on: "on ", of: "of ",
	weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
		"November", "December"},
	date:    func(day int) string { return "the " + numerals.Ordinal(day) },
	at:      englishTime,
	special: map[string]string{pieceExcept: "except", pieceShut: "closed", pieceUntil: "until"},
	span: func(h calendar.Hours) string {
		return "from " + strings.TrimPrefix(englishTime(h.From), "at ") + " to " + strings.TrimPrefix(englishTime(h.To%(24*60)), "at ")
	},
}

// frenchTime says "à huit heures trente", "à midi", "à une heure cinq".
func frenchTime(minutes int) string {
	h, m := minutes/60, minutes%60
	out := "à " + numerals.French(h, true) + " heures"
	switch h {
	case 0:
		out = "à minuit"
	case 1:
		out = "à une heure"
	case 12:
		out = "à midi"
	}
	if m > 0 {
		out += " " + numerals.French(m, true) // minutes
	}
	return out
}

// englishTime says "at eight thirty in the morning", "at noon", "at five past nine in the evening".
func englishTime(minutes int) string {
	h, m := minutes/60, minutes%60
	switch {
	case m == 0 && h == 0:
		return "at midnight"
	case m == 0 && h == 12:
		return "at noon"
	}
	part := "in the morning"
	switch {
	case h >= 18:
		part = "in the evening"
	case h >= 12:
		part = "in the afternoon"
	}
	hour := numerals.English((h+11)%12 + 1)
	switch {
	case m == 0:
		return "at " + hour + " " + part
	case m < 10:
		return "at " + numerals.English(m) + " past " + hour + " " + part
	}
	return "at " + hour + " " + numerals.English(m) + " " + part
}

// closureText is the whole sentence that announces a closure, made when the site is loaded.
func closureText(lang acd.Lang, c calendar.Announced) string {
	l := spokenDates(lang)
	first, last := l.weekdays[c.From.Weekday()], l.weekdays[c.To.Weekday()]
	var out string
	switch one := c.From.Equal(c.To); {
	case lang == "fr" && one:
		out = fmt.Sprintf("Notre accueil téléphonique sera fermé le %s %s %s", first, l.date(c.From.Day()), l.months[c.From.Month()-1])
	case lang == "fr":
		month := ""
		if c.From.Month() != c.To.Month() {
			month = " " + l.months[c.From.Month()-1]
		}
		out = fmt.Sprintf("Notre accueil téléphonique sera fermé du %s %s%s au %s %s %s",
			first, l.date(c.From.Day()), month, last, l.date(c.To.Day()), l.months[c.To.Month()-1])
	case one:
		out = fmt.Sprintf("Our telephone service will be closed on %s, %s of %s", first, l.date(c.From.Day()), l.months[c.From.Month()-1])
	default:
		out = fmt.Sprintf("Our telephone service will be closed from %s, %s of %s, to %s, %s of %s",
			first, l.date(c.From.Day()), l.months[c.From.Month()-1], last, l.date(c.To.Day()), l.months[c.To.Month()-1])
	}
	if label := c.Label[lang]; label != "" {
		out += ": " + label
	}
	return out + "."
}
