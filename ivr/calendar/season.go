package calendar

import (
	"slices"
	"time"

	"accueil/wording"
)

// SeasonDays is a time of the year with a week of its own. Public holidays, exceptions and closures win
// over it, as they do over the usual week.
type SeasonDays struct {
	// From and To are its first and last day: "07-01" in every year, or "2026-07-01". A season of every
	// year may pass New Year.
	From, To string
	Week     map[string][]string // as of ParseWeek, without holidays
	Label    Names
}

type season struct {
	stretch
	days  [7][]span
	label Names
}

// stretch is days in a row; of every year when its dates have no year.
type stretch struct{ from, to date }

func (s stretch) holds(d date) bool {
	if s.from.year != 0 {
		return s.from.compare(d) <= 0 && d.compare(s.to) <= 0
	}
	d.year = 0
	if s.to.compare(s.from) < 0 { // over New Year
		return s.from.compare(d) <= 0 || d.compare(s.to) <= 0
	}
	return s.from.compare(d) <= 0 && d.compare(s.to) <= 0
}

// meets reports whether two stretches have a day in common, also one of every year and one of a year.
func (s stretch) meets(o stretch) bool {
	if s.from.year == 0 {
		s, o = o, s
	}
	if s.from.year == 0 || o.from.year != 0 {
		return s.holds(o.from) || o.holds(s.from)
	}
	for day, n := s.from.midnight(), 0; n <= 366 && s.holds(dateOf(day)); day, n = day.AddDate(0, 0, 1), n+1 {
		if o.holds(dateOf(day)) {
			return true
		}
	}
	return false
}

// AddSeason gives a stretch of the year its own week. Two seasons of a timetable may not overlap. The
// error is about the dates; complain is told the day of the week at fault.
func (t *Timetable) AddSeason(s SeasonDays, complain Complain) error {
	out := season{label: s.Label}
	var err error
	if out.stretch, err = parseStretch(s.From, s.To); err != nil {
		return err
	}
	out.days = parseDaily(s.Week, complain)
	if slices.ContainsFunc(t.seasons, func(o season) bool { return o.meets(out.stretch) }) {
		return wording.Say("days of this season are in another one too")
	}
	t.seasons = append(t.seasons, out)
	return nil
}

func parseStretch(from, to string) (s stretch, err error) {
	if s.from, err = parseSeasonDay(from); err != nil {
		return s, err
	}
	if s.to, err = parseSeasonDay(to); err != nil {
		return s, err
	}
	switch {
	case (s.from.year == 0) != (s.to.year == 0):
		return s, wording.Say("give both days a year, or none")
	case s.from.year != 0 && s.to.compare(s.from) < 0:
		return s, wording.Say("the season ends before it begins")
	}
	return s, nil
}

func parseSeasonDay(text string) (date, error) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return dateOf(t), nil
	}
	if t, err := time.Parse("2006-01-02", "2000-"+text); err == nil { // a leap year: 29 February is a day
		return date{0, t.Month(), t.Day()}, nil
	}
	return date{}, wording.Say(`%q is no day, write "07-01" for every year or "2026-07-01"`, text)
}

func (t *Timetable) seasonOn(d date) *season {
	for i := range t.seasons {
		if t.seasons[i].holds(d) {
			return &t.seasons[i]
		}
	}
	return nil
}
