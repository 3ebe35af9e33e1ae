package site

import (
	"accueil/acd"
	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// Timetable is when something is open, on the site's clock. Scenarios, entries, reasons and queues name
// it. What wins: a closure, an exception of the calendar, a public holiday, a season, the week.
type Timetable struct {
	// Calendar that says which days are holidays or exceptional; none for no calendar, said on purpose.
	Calendar string `yaml:"calendar"`
	// Week is the hours of each day: "mon-fri", "sat, sun" or "every day" with
	// "08:00-12:00, 13:30-18:00" (closed for lunch), over midnight "20:00-06:00", or closed. Days that
	// are not named are closed.
	Week map[string]string `yaml:"week" schema:"required,minItems=1"`
	// Holidays are the hours on the public holidays of the calendar.
	Holidays string `yaml:"holidays" schema:"default=closed"`
	// Seasons are times of the year with a week of their own, such as summer.
	Seasons []Season `yaml:"seasons" schema:"maxItems=20"`
	// Closures are days on which it is closed, as was planned.
	Closures []Closure `yaml:"closures" schema:"maxItems=100"`

	// Hours is the timetable, ready to be asked.
	Hours *calendar.Timetable `yaml:"-"`
}

// Season is a time of the year with a week of its own.
type Season struct {
	// From is the first day, of every year or of one.
	From string `yaml:"from" schema:"required,form=a day as 07-01 or a date as 2026-07-01,pattern=^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$"`
	// To is the last day. A season of every year may pass New Year.
	To string `yaml:"to" schema:"required,form=a day as 08-31 or a date as 2026-08-31,pattern=^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$"`
	// Week is the hours of each day, as of the timetable.
	Week map[string]string `yaml:"week" schema:"required,minItems=1"`
	// Label names the season, in each language.
	Label map[acd.Lang]string `yaml:"label"`
}

// Closure is days on which it is closed.
type Closure struct {
	// From is the first day.
	From string `yaml:"from" schema:"required,form=a date as 2026-12-24,pattern=^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`
	// To is the last day; one day when absent.
	To string `yaml:"to" schema:"form=a date as 2026-12-24,pattern=^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`
	// Label says why, in each language, as callers hear it after the dates: "congés d'été".
	Label map[acd.Lang]string `yaml:"label"`
	// AnnounceDays is how many days before callers of an entry with these hours are told; 0 for not at
	// all.
	AnnounceDays int `yaml:"announce_days" schema:"min=0,max=60"`
}

// noCalendar is how a timetable says that it follows none.
const noCalendar = "none"

func (c *checker) timetables() {
	for _, name := range sorted(c.site.Timetables) {
		at, t := diag.Join("timetables", name), c.site.Timetables[name]
		told := len(c.found)
		days, known := c.calendarOf(at, t.Calendar)
		week := split(t.Week)
		if _, ok := week[calendar.Holidays]; ok {
			c.key(diag.Join(at, "week", calendar.Holidays), wording.Say("write it beside week"), "public holidays are no day of the week")
			delete(week, calendar.Holidays)
		}
		if c.given(diag.Join(at, "holidays")) {
			week[calendar.Holidays] = []string{t.Holidays}
		}
		t.Hours = calendar.ParseWeek(week, c.site.Location, days, func(key string, suggestion, message *wording.Text) {
			switch {
			case key != calendar.Holidays:
				c.fail(diag.Join(at, "week", key), suggestion, "%s", message)
			case known:
				c.fail(diag.Join(at, "holidays"), suggestion, "%s", message)
			}
		})
		c.reversed(at, t.Week)
		for i, s := range t.Seasons {
			under := diag.Join(at, "seasons", i)
			err := t.Hours.AddSeason(calendar.SeasonDays{From: s.From, To: s.To, Week: split(s.Week), Label: calendar.Names(s.Label)},
				func(key string, suggestion, message *wording.Text) {
					c.fail(diag.Join(under, "week", key), suggestion, "%s", message)
				})
			if err != nil && s.From != "" && s.To != "" { // what is missing has been told by the rules
				c.fail(under, nil, "%s", err)
			}
			c.reversed(under, s.Week)
			c.labels(diag.Join(under, "label"), s.Label)
		}
		for i, x := range t.Closures {
			under := diag.Join(at, "closures", i)
			err := t.Hours.AddClosure(calendar.Closure{From: x.From, To: x.To, Label: calendar.Names(x.Label), AnnounceDays: x.AnnounceDays})
			if err != nil && x.From != "" {
				c.fail(under, nil, "%s", err)
			}
			c.labels(diag.Join(under, "label"), x.Label)
		}
		c.site.Timetables[name] = t
		if len(c.found) == told && !t.Hours.EverOpen() {
			c.warn(at, wording.Say("give it hours in week"), "the timetable is never open")
		}
	}
}

// reversed warns of hours of a week whose beginning and end are the wrong way round.
func (c *checker) reversed(at string, week map[string]string) {
	for _, day := range sorted(week) {
		if suggestion, message := calendar.Reversed([]string{week[day]}); message != nil && day != calendar.Holidays {
			c.warn(diag.Join(at, "week", day), suggestion, "%s", message)
		}
	}
}

// calendarOf finds the calendar of a timetable; nil for none. known is false for a name that is none.
func (c *checker) calendarOf(at, name string) (days *calendar.Calendar, known bool) {
	switch {
	case name == noCalendar:
	case name != "":
		if !refers(c, diag.Join(at, "calendar"), name, c.site.Calendars, "there is no calendar %q") {
			return nil, false
		}
		return c.site.Calendars[name].Days, true
	case len(c.site.Calendars) > 0:
		c.add(c.doc.KeyFinding(at, diag.Warning, wording.Say("write calendar: with the name of one, or calendar: none"),
			wording.Say("the timetable follows none of the site's calendars: it is open on holidays")))
	}
	return nil, true
}

func split(week map[string]string) map[string][]string {
	out := map[string][]string{}
	for day, hours := range week {
		out[day] = []string{hours}
	}
	return out
}

// hours checks the names of timetables that entries, reasons and queues give.
func (c *checker) hours() {
	refer := func(name, path string) {
		refers(c, diag.Join(path, "hours"), name, c.site.Timetables, "there is no timetable %q")
	}
	for _, id := range sorted(c.site.Entries) {
		refer(c.site.Entries[id].Hours, diag.Join("entries", string(id)))
	}
	timed := map[acd.QueueID]bool{}
	for _, id := range sorted(c.site.Reasons) {
		r := c.site.Reasons[id]
		refer(r.Hours, diag.Join("reasons", string(id)))
		timed[r.Queue] = timed[r.Queue] || r.Hours != ""
	}
	for _, id := range sorted(c.site.Queues) {
		q, path := c.site.Queues[id], diag.Join("queues", string(id))
		refer(q.Hours, path)
		if q.Hours != "" || timed[id] {
			continue
		}
		for _, key := range [][]any{{"last_call"}, {"keep_after_closing"}, {"overflow", "closed"}} {
			if under := diag.Join(path, key...); c.given(under) {
				c.key(under, wording.Say("write hours: with the name of a timetable"), "the queue never closes: it has no hours, nor has any reason that leads to it")
			}
		}
	}
}
