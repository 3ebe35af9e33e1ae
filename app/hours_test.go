package app

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/calls"
	"accueil/ivr/calendar"
	"accueil/site"
	"accueil/web"
	"accueil/wording"
)

// TestHoursAt sees a queue with a lunch break from around its closings.
func TestHoursAt(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	week := func(days map[string][]string) *calendar.Timetable {
		return calendar.ParseWeek(days, paris, nil, func(key string, _, message *wording.Text) { t.Errorf("%s: %s", key, message) })
	}
	desk := week(map[string][]string{"mon-fri": {"08:00-12:00, 12:10-18:00"}})
	reason := week(map[string][]string{"mon-fri": {"08:00-16:00"}})
	always := week(map[string][]string{"every day": {"00:00-24:00"}})
	clock := func(s string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-11-23 "+s, paris)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	const last, keep = 5 * time.Minute, 15 * time.Minute
	for _, c := range []struct {
		at          string
		open, keeps bool
		closes      string
		all         []*calendar.Timetable
	}{
		{"07:59:59", false, false, "", []*calendar.Timetable{desk}},
		{"08:00:00", true, true, "12:00:00", []*calendar.Timetable{desk}},
		{"11:54:59", true, true, "12:00:00", []*calendar.Timetable{desk}},
		{"11:55:00", false, true, "12:00:00", []*calendar.Timetable{desk}},
		{"12:00:00", false, true, "12:00:00", []*calendar.Timetable{desk}},
		{"12:09:59", false, true, "12:00:00", []*calendar.Timetable{desk}},
		{"12:10:00", true, true, "18:00:00", []*calendar.Timetable{desk}},
		{"18:14:59", false, true, "18:00:00", []*calendar.Timetable{desk}},
		{"18:15:00", false, false, "", []*calendar.Timetable{desk}},
		{"15:00:00", true, true, "16:00:00", []*calendar.Timetable{desk, reason}}, // the earlier closing counts
		{"16:14:00", false, true, "16:00:00", []*calendar.Timetable{desk, reason}},
		{"16:15:00", false, false, "", []*calendar.Timetable{reason, desk}},
		{"03:00:00", true, true, "", []*calendar.Timetable{always}},
		{"15:00:00", true, true, "18:00:00", []*calendar.Timetable{always, desk}},
	} {
		want := calls.Hours{Open: c.open, Keeps: c.keeps, Keep: keep}
		if c.closes != "" {
			want.Closes = acd.At(clock(c.closes))
		}
		if got := hoursAt(clock(c.at), last, keep, c.all...); got != want {
			t.Errorf("%s: %+v, want %+v", c.at, got, want)
		}
	}
	if got := hoursAt(clock("18:00:00"), 0, 0, desk); got.Open || got.Keeps || !got.Closes.Never() {
		t.Errorf("nobody is kept: %+v", got)
	}
}

// TestReadersSeeTheHours: who reads a queue sees when it closes and opens, also after the last call.
func TestReadersSeeTheHours(t *testing.T) {
	t.Parallel()
	desk := calendar.ParseWeek(map[string][]string{"mon-fri": {"08:00-18:00"}}, time.UTC, nil, func(key string, _, message *wording.Text) { t.Errorf("%s: %s", key, message) })
	s := &site.Site{Timetables: map[string]site.Timetable{"bureau": {Hours: desk}}, Queues: map[acd.QueueID]site.Queue{
		"rdv":     {Hours: "bureau", LastCall: 10 * time.Minute, KeepAfterClosing: 5 * time.Minute, Overflow: site.Overflow{Closed: site.Fallback{Goto: "4000"}}},
		"accueil": {},
	}}
	if p := withHours(s, "accueil", web.QueuePlan{}); p.Hours != nil || p.Limits.Overflow != nil {
		t.Errorf("a queue that never closes: %+v", p)
	}
	p := withHours(s, "rdv", web.QueuePlan{})
	if p.Limits.Overflow["closed"] != "4000" {
		t.Errorf("%+v", p.Limits)
	}
	at := func(text string) acd.Instant {
		when, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return acd.At(when)
	}
	for now, want := range map[string]web.Opening{
		"2026-11-27 12:00": {Open: true, Closes: at("2026-11-27 18:00")},
		"2026-11-27 17:55": {Closes: at("2026-11-27 18:00"), Opens: at("2026-11-30 08:00")},
		"2026-11-27 18:04": {Closes: at("2026-11-27 18:00"), Opens: at("2026-11-30 08:00")},
		"2026-11-28 12:00": {Opens: at("2026-11-30 08:00")},
	} {
		if got := p.Hours(at(now)); got != want {
			t.Errorf("%s: %+v, want %+v", now, got, want)
		}
	}
}
