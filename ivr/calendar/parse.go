package calendar

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"accueil/wording"
)

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Holidays is the key of a week for what holds on public holidays.
const Holidays = "holidays"

// Complain is told what is wrong with a key of a week, and perhaps what to write.
type Complain func(key string, suggestion, message *wording.Text)

// ParseWeek reads a week of hours: days ("mon", "mon-fri", "sat, sun", "every day") to spans
// ("08:00-12:00, 13:30-18:00", "closed"), and "holidays" to those of public holidays, when it is closed
// without. A day given twice is an error. complain is told the key at fault.
func ParseWeek(week map[string][]string, location *time.Location, calendar *Calendar, complain Complain) *Timetable {
	t := &Timetable{location: location, calendar: calendar}
	days := map[string][]string{}
	for key, texts := range week {
		if key != Holidays {
			days[key] = texts
		}
	}
	t.days = parseDaily(days, complain)
	if texts, ok := week[Holidays]; ok {
		t.parseHolidays(texts, complain)
	}
	return t
}

// parseDaily reads what holds on each weekday.
func parseDaily(week map[string][]string, complain Complain) (out [7][]span) {
	given := [7]string{}
	for _, key := range slices.Sorted(maps.Keys(week)) {
		days, ok := parseDays(key)
		if !ok {
			complain(key, daysMeant(key), wording.Say("%q names no days", key))
			continue
		}
		for _, d := range days {
			if given[d] != "" {
				complain(key, nil, wording.Say("%s is given twice, also by %q", dayNames[d], given[d]))
			}
			given[d] = key
		}
		for _, s := range spansOf(key, week[key], complain) {
			for _, d := range days {
				add(&out, d, s)
			}
		}
	}
	return out
}

// spansOf reads all spans of a key.
func spansOf(key string, texts []string, complain Complain) (all []span) {
	for _, text := range texts {
		spans, err := parseSpans(text)
		if err != nil {
			complain(key, spansMeant(text), wording.Of(err))
			continue
		}
		all = append(all, spans...)
	}
	if a, b, ok := overlap(all); ok {
		complain(key, wording.Say("write one span for both"), wording.Say("%s and %s overlap", a, b))
	}
	return all
}

// longestNight is how long, in minutes, hours over midnight last in a hospital at most; those that last longer are
// most often two times of day the wrong way round: 20:00-14:00.
const longestNight = 14 * 60

// Reversed warns of hours of a day that pass midnight and last too long to be a night; message is nil when there
// are none. Hours that end at midnight do not pass it. What is no span of hours is told by ParseWeek.
func Reversed(texts []string) (suggestion, message *wording.Text) {
	for _, text := range texts {
		spans, err := parseSpans(text)
		if err != nil {
			continue
		}
		for _, s := range spans {
			if s.to > 0 && s.to < s.from && 24*60-s.from+s.to > longestNight {
				return wording.Say("write %s if these are the wrong way round", span{s.to, s.from}),
					wording.Say("%s passes midnight and lasts more than %d hours", s, longestNight/60)
			}
		}
	}
	return nil, nil
}

// overlap finds two spans of one day that have a minute in common: one of them is a mistake.
func overlap(spans []span) (a, b span, found bool) {
	for i, a := range spans {
		for _, b := range spans[i+1:] {
			if a.holds(b.from) || b.holds(a.from) {
				return a, b, true
			}
		}
	}
	return span{}, span{}, false
}

func (t *Timetable) parseHolidays(texts []string, complain Complain) {
	if t.calendar == nil || t.calendar.holidays == nil {
		complain(Holidays, wording.Say("write calendar: with the name of one that has holidays"), wording.Say("without a calendar nothing says which days are holidays"))
	}
	for _, s := range spansOf(Holidays, texts, complain) {
		if s.from >= s.to {
			complain(Holidays, wording.Say(`write "00:00-06:00, 20:00-24:00"`), wording.Say("hours of a holiday cannot pass midnight"))
			continue
		}
		t.holiday = append(t.holiday, s)
	}
}

// add keeps a span that passes midnight as two.
func add(days *[7][]span, day int, s span) {
	if s.from < s.to {
		days[day] = append(days[day], s)
		return
	}
	days[day] = append(days[day], span{s.from, 24 * 60})
	next := (day + 1) % 7
	days[next] = append(days[next], span{0, s.to})
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
			return nil, wording.Say("%q is not a span of hours", strings.TrimSpace(part))
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
