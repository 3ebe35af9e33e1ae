package calendar

import (
	"slices"
	"testing"
	"time"
)

func TestWeekly(t *testing.T) {
	t.Parallel()
	x := week(t, time.UTC, of(t, "FR"), map[string][]string{
		"mon": {"13:30-18:00, 08:00-12:00"}, "tue": {"closed"}, "fri": {"20:00-02:00"}, "sat": {"22:00-24:00"}, "sun": {"00:00-14:00"},
		"holidays": {"09:00-10:00"},
	})
	days, holidays, follows := x.Weekly()
	for day, want := range map[time.Weekday][]Hours{
		time.Monday: {{480, 720}, {810, 1080}}, time.Tuesday: nil, time.Friday: {{1200, 1560}},
		time.Saturday: {{1320, 1440}}, time.Sunday: {{0, 840}},
	} {
		if !slices.Equal(days[day], want) {
			t.Errorf("%v: %v, want %v", day, days[day], want)
		}
	}
	if !follows || !slices.Equal(holidays, []Hours{{540, 600}}) {
		t.Errorf("holidays %v, %v", holidays, follows)
	}
	always := week(t, time.UTC, nil, map[string][]string{"every day": {"00:00-24:00"}})
	days, _, follows = always.Weekly()
	for _, d := range days {
		if !slices.Equal(d, []Hours{{0, 1440}}) {
			t.Errorf("around the clock: %v", d)
		}
	}
	if follows {
		t.Error("holidays without a calendar")
	}
}
