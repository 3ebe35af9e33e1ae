package calendar

import (
	"testing"
	"time"
	_ "time/tzdata" // the test does not depend on the machine's zones

	"accueil/wording"
)

func TestTimetable(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	week := ParseWeek(map[string][]string{
		"mon-fri": {"08:00-12:00, 13:30-18:00"}, "sat": {"09:00-12:00", "22:00-02:00"}, "sun": {"closed"},
	}, paris, nil, func(key string, _, message *wording.Text) { t.Errorf("%s: %s", key, message) })
	always := ParseWeek(map[string][]string{"every day": {"00:00-24:00"}}, paris, nil, func(key string, _, message *wording.Text) { t.Errorf("%s: %s", key, message) })
	for at, want := range map[string]bool{
		"2026-11-23T07:59:59+01:00": false, "2026-11-23T08:00:00+01:00": true, "2026-11-23T11:59:59+01:00": true,
		"2026-11-23T12:00:00+01:00": false, "2026-11-23T13:30:00+01:00": true, "2026-11-23T18:00:00+01:00": false,
		"2026-11-28T21:59:00+01:00": false, "2026-11-28T22:00:00+01:00": true, "2026-11-29T01:59:00+01:00": true,
		"2026-11-29T02:00:00+01:00": false, "2026-11-29T10:00:00+01:00": false,
		// Eight o'clock stays eight o'clock on the wall when the clocks change (C15).
		"2026-03-27T07:00:00Z": true, "2026-03-27T06:59:00Z": false, "2026-03-30T06:00:00Z": true, "2026-03-30T05:59:00Z": false,
		"2026-10-23T06:00:00Z": true, "2026-10-26T06:59:00Z": false, "2026-10-26T07:00:00Z": true,
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := week.Open(when); got != want {
			t.Errorf("%s: open %v", at, got)
		}
		if !always.Open(when) {
			t.Errorf("%s: closed around the clock", at)
		}
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]int{"mon": 1, "mon-fri": 5, "sat, sun": 2, "fri-mon": 4, "Every Day": 7, "daily": 7, "mon-": 0, "": 0, "monday": 0, "mon-fri-sat": 0} {
		if days, ok := parseDays(key); len(days) != want && ok || ok != (want > 0) {
			t.Errorf("%q: %v", key, days)
		}
	}
	for text, want := range map[string]int{"08:00-12:00": 1, "8:00-12:00, 13:00-24:00": 2, "closed": 0, "": -1, "8-12": -1, "12:00-12:00": -1, "24:00-02:00": -1, "08:60-09:00": -1, "-1:00-02:00": -1} {
		if spans, err := parseSpans(text); (err != nil) != (want < 0) || err == nil && len(spans) != want {
			t.Errorf("%q: %v, %v", text, spans, err)
		}
	}
}
