package site

import (
	"accueil/acd"
	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// Calendar says which days are not as their weekday; timetables of scenarios name it.
type Calendar struct {
	// Holidays are those of a part of France; none when absent.
	Holidays string `yaml:"holidays" schema:"enum=FR|ALSACE-MOSELLE|GP|MQ|GF|RE|YT|BL|MF"`
	// Exceptions are days with hours of their own; they win over holidays.
	Exceptions []Exception `yaml:"exceptions"`

	// Days is the calendar, ready to be asked.
	Days *calendar.Calendar `yaml:"-"`
}

// Exception is a day, or days in a row, with hours of their own.
type Exception struct {
	// From is the first day.
	From string `yaml:"from" schema:"required,form=a date as 2026-12-24,pattern=^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`
	// To is the last day; one day when absent.
	To string `yaml:"to" schema:"form=a date as 2026-12-24,pattern=^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`
	// Hours of these days, as in a timetable.
	Hours string `yaml:"hours" schema:"default=closed"`
	// Label names the days, in each language, as callers hear it: "veille de Noël".
	Label map[acd.Lang]string `yaml:"label"`
}

func (c *checker) calendars() {
	for _, name := range sorted(c.site.Calendars) {
		at, k := diag.Join("calendars", name), c.site.Calendars[name]
		if name == "none" {
			c.key(at, wording.Say("choose another name"), "none is how a timetable says that it follows no calendar")
		}
		exceptions := make([]calendar.Exception, len(k.Exceptions))
		for i, x := range k.Exceptions {
			c.labels(diag.Join(at, "exceptions", i, "label"), x.Label)
			exceptions[i] = calendar.Exception{From: x.From, To: x.To, Hours: x.Hours, Label: calendar.Names(x.Label)}
		}
		days, wrong := calendar.New(k.Holidays, exceptions)
		for _, w := range wrong {
			// The region, and a day that is missing, have been told already by their rules.
			if w.Index >= 0 && k.Exceptions[w.Index].From != "" {
				c.fail(diag.Join(at, "exceptions", w.Index), nil, "%s", w.Message)
			}
		}
		k.Days = days
		c.site.Calendars[name] = k
	}
}
