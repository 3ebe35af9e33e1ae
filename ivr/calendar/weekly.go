package calendar

import (
	"cmp"
	"slices"
	"time"
)

// Hours are a span of opening hours on the wall, in minutes after the midnight that the day begins with.
// To is more than From; above 24:00 it is an hour of the next day.
type Hours struct{ From, To int }

// lateMorning bounds the end of a night: what goes on after it is told with its own day.
const lateMorning = 12 * 60

// Weekly tells the hours as people say them: of each weekday (by time.Weekday), a night's hours with the
// day on which they begin, and of public holidays. follows says that public holidays have hours of
// their own; without, they are as their weekday. Seasons, exceptions and closures are not in it.
func (t *Timetable) Weekly() (days [7][]Hours, holidays []Hours, follows bool) {
	for _, s := range t.holiday {
		holidays = append(holidays, Hours{s.from, s.to})
	}
	sortHours(holidays)
	return weekly(t.days), holidays, t.calendar != nil && t.calendar.holidays != nil
}

// SeasonWeek is a season as people say it.
type SeasonWeek struct {
	From, To Day
	Days     [7][]Hours // as Weekly has them
}

// Day is a day of every year, or, with a year, of one.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// Seasons tells the seasons in the order of the file.
func (t *Timetable) Seasons() (out []SeasonWeek) {
	for _, s := range t.seasons {
		out = append(out, SeasonWeek{s.from.told(), s.to.told(), weekly(s.days)})
	}
	return out
}

func (d date) told() Day { return Day{d.year, d.month, d.day} }

func weekly(week [7][]span) (days [7][]Hours) {
	const midnight = 24 * 60
	for day, spans := range week {
		for _, s := range spans {
			if s.from == 0 && s.to <= lateMorning && reaches(week, day-1) {
				continue // told with the evening before
			}
			h := Hours{s.from, s.to}
			if s.to == midnight && s.from > 0 {
				for _, next := range week[(day+1)%7] {
					if next.from == 0 && next.to <= lateMorning {
						h.To = midnight + next.to
					}
				}
			}
			days[day] = append(days[day], h)
		}
		sortHours(days[day])
	}
	return days
}

// reaches reports whether the hours of a day go on after midnight.
func reaches(week [7][]span, day int) bool {
	for _, s := range week[(day+7)%7] {
		if s.to == 24*60 && s.from > 0 {
			return true
		}
	}
	return false
}

func sortHours(h []Hours) {
	slices.SortFunc(h, func(a, b Hours) int { return cmp.Compare(a.From, b.From) })
}
