package knowledge

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"accueil/ivr/calendar"
	"accueil/ivr/numerals"
)

// typedHours are the hours of a fact, as a text may hold them.
type typedHours struct {
	name  string
	spans []calendar.Hours
}

func hoursTyped(name string, t *calendar.Timetable) typedHours {
	out := typedHours{name: name}
	days, holidays, _ := t.Weekly()
	for _, hours := range days {
		out.spans = append(out.spans, hours...)
	}
	out.spans = append(out.spans, holidays...)
	for _, s := range t.Seasons() {
		for _, hours := range s.Days {
			out.spans = append(out.spans, hours...)
		}
	}
	return out
}

// spelledNumbers are the numbers of a clock in words.
var spelledNumbers = func() map[string]int {
	out := map[string]int{}
	for n := range 60 {
		out[numerals.French(n, true)], out[numerals.French(n, false)], out[numerals.English(n)] = n, n, n
	}
	return out
}()

// A time of day: "8 h", "18h30", "8:30", "8 heures 30", "huit heures trente", "midi", "8 a.m.", "eight thirty p.m.".
var (
	clockNumber = func() string {
		var words []string
		for w := range spelledNumbers {
			words = append(words, regexp.QuoteMeta(w))
		}
		slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) }) // the longest first
		return `(?:[0-9]{1,2}|` + strings.Join(words, "|") + `)`
	}()
	clockTime = `(?:midi|minuit|noon|midnight|` + clockNumber + `(?: ?(?:heures?|h|:) ?(?:` + clockNumber + `)?|(?:(?: |:)(?:oh )?` + clockNumber + `)? ?[ap]\.?m\.?))`
	// From one to another; where the first has no unit it has that of the second: "de 8 à 18 heures". A dash between
	// words joins them: "vingt-quatre heures".
	typedSpan = regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(?:(` + clockTime + `|` + clockNumber + `) ?(?:à|jusqu'à|to|until|et|and) ?|(` + clockTime + `|[0-9]{1,2}) ?[–-] ?)(` + clockTime + `)(?:[^\pL\pN]|$)`)
	// "18h30" and "8:00"; not "6 heures avant l'examen", which is no opening hour.
	typedTime = regexp.MustCompile(`(?i)\b([01]?[0-9]|2[0-4]) ?[h:] ?[0-5][0-9]\b`)
	clockPart = regexp.MustCompile(`(?i)` + clockNumber)
)

// hour finds something like opening hours in words, and the fact that they are of, if any.
func (t *Typed) hour(words string) (hour, fact string) {
	words = strings.Join(strings.Fields(words), " ")
	for _, m := range typedSpan.FindAllStringSubmatch(words, -1) {
		from, ok1 := clockMinute(m[1] + m[2])
		to, ok2 := clockMinute(m[3])
		if !ok1 || !ok2 {
			continue
		}
		if hour == "" {
			hour = strings.Trim(m[0], " .,;:!?()")
		}
		for _, f := range t.hours {
			if slices.ContainsFunc(f.spans, func(h calendar.Hours) bool { return h.From == from && h.To%midnight == to%midnight }) {
				return strings.Trim(m[0], " .,;:!?()"), f.name
			}
		}
	}
	if hour == "" {
		hour = typedTime.FindString(words)
	}
	return hour, ""
}

// clockMinute reads a time of day, in minutes after midnight.
func clockMinute(said string) (int, bool) {
	said = strings.ToLower(said)
	switch said {
	case "midi", "noon":
		return 12 * 60, true
	case "minuit", "midnight":
		return 0, true
	}
	var parts []int
	for _, p := range clockPart.FindAllString(said, -1) {
		n, err := strconv.Atoi(p)
		if err != nil {
			n = spelledNumbers[p]
		}
		parts = append(parts, n)
	}
	if len(parts) == 0 || parts[0] > 24 || len(parts) > 1 && parts[1] > 59 {
		return 0, false
	}
	hour := parts[0]
	if afternoon := strings.Contains(said, "p.m") || strings.Contains(said, "pm"); afternoon && hour < 12 {
		hour += 12
	}
	minute := hour * 60
	if len(parts) > 1 {
		minute += parts[1]
	}
	return minute, true
}
