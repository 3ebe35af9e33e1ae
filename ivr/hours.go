package ivr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"accueil/diag"
)

// Timetable is a week of opening hours on the clock of one place. A span that begins before a change
// of the clock and ends after it follows the clock on the wall, as people do.
type Timetable struct {
	days     [7][]span // by time.Weekday
	location *time.Location
}

// span is minutes after midnight, from included, to excluded, at most 24:00.
type span struct{ from, to int }

// Open reports whether the instant falls into the opening hours.
func (t *Timetable) Open(at time.Time) bool {
	local := at.In(t.location)
	minute := local.Hour()*60 + local.Minute()
	return slices.ContainsFunc(t.days[local.Weekday()], func(s span) bool { return s.from <= minute && minute < s.to })
}

// fileWeek maps days ("mon", "mon-fri", "sat, sun", "every day") to spans ("08:00-12:00,
// 13:30-18:00", "closed").
type fileWeek map[string]fileSpans

// fileSpans is one text or a list of them.
type fileSpans []string

// DecodeNode reads either form.
func (s *fileSpans) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		*s = fileSpans{n.Value}
		return nil
	}
	type list fileSpans
	return at.Decode(n, (*list)(s))
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseWeek reads a week; a day given twice is an error. complain is told the key at fault.
func parseWeek(w fileWeek, location *time.Location, complain func(key, suggestion, message string)) *Timetable {
	t := &Timetable{location: location}
	given := [7]string{}
	keys := make([]string, 0, len(w))
	for k := range w {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, key := range keys {
		days, ok := parseDays(key)
		if !ok {
			complain(key, "write mon, mon-fri, \"sat, sun\" or every day", fmt.Sprintf("%q names no days", key))
			continue
		}
		for _, d := range days {
			if given[d] != "" {
				complain(key, "", fmt.Sprintf("%s is given twice, also by %q", dayNames[d], given[d]))
			}
			given[d] = key
		}
		for _, text := range w[key] {
			spans, err := parseSpans(text)
			if err != nil {
				complain(key, `write "08:00-12:00, 13:30-18:00" or "closed"`, err.Error())
				continue
			}
			for _, d := range days {
				for _, s := range spans {
					t.add(d, s)
				}
			}
		}
	}
	return t
}

// add keeps a span that passes midnight as two.
func (t *Timetable) add(day int, s span) {
	if s.from < s.to {
		t.days[day] = append(t.days[day], s)
		return
	}
	t.days[day] = append(t.days[day], span{s.from, 24 * 60})
	next := (day + 1) % 7
	t.days[next] = append(t.days[next], span{0, s.to})
}

func parseDays(key string) (days []int, ok bool) {
	key = strings.ToLower(strings.TrimSpace(key))
	if key == "every day" || key == "every_day" || key == "daily" {
		return []int{1, 2, 3, 4, 5, 6, 0}, true
	}
	for part := range strings.SplitSeq(key, ",") {
		first, last, ranged := strings.Cut(part, "-")
		from := slices.Index(dayNames, strings.TrimSpace(first))
		to := from
		if ranged {
			to = slices.Index(dayNames, strings.TrimSpace(last))
		}
		if from < 0 || to < 0 {
			return nil, false
		}
		for d := from; ; d = (d + 1) % 7 {
			days = append(days, d)
			if d == to {
				break
			}
		}
	}
	return days, true
}

func parseSpans(text string) (spans []span, err error) {
	text = strings.TrimSpace(text)
	if text == "closed" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		first, last, ok := strings.Cut(part, "-")
		from, okFrom := parseClock(first)
		to, okTo := parseClock(last)
		if !ok || !okFrom || !okTo || from == 24*60 || from == to {
			return nil, fmt.Errorf("%q is not a span of hours", strings.TrimSpace(part))
		}
		spans = append(spans, span{from, to})
	}
	return spans, nil
}

func parseClock(s string) (minutes int, ok bool) {
	hour, minute, ok := strings.Cut(strings.TrimSpace(s), ":")
	h, errH := strconv.Atoi(hour)
	m, errM := strconv.Atoi(minute)
	if !ok || errH != nil || errM != nil || len(minute) != 2 || len(hour) > 2 || h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		return 0, false
	}
	return h*60 + m, true
}
