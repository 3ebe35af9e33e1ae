package app

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/calls"
	"accueil/ivr/calendar"
)

// TestHoursAt sees a queue with a lunch break from around its closings.
func TestHoursAt(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	week := func(days map[string][]string) *calendar.Timetable {
		return calendar.ParseWeek(days, paris, nil, func(key, _, message string) { t.Errorf("%s: %s", key, message) })
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
