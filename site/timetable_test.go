package site

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTimetables: one set of hours for an entry, a reason and a queue, in every kind of day that a site
// file can describe.
func TestTimetables(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	path := filepath.Join(dir, "site.yaml")
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(
		"scenario: principal}", "scenario: principal, hours: bureau}",
		"queue: rdv, points: 2}", "queue: rdv, points: 2, hours: bureau}",
		"    fallback: {goto: \"4000\"}", "    fallback: {goto: \"4000\"}\n    hours: bureau\n    last_call: 5m\n    overflow: {closed: {goto: \"4001\"}}",
	).Replace(string(src)) + `
calendars:
  strasbourg:
    holidays: ALSACE-MOSELLE
    exceptions: [{from: 2026-11-27, hours: "10:00-11:00"}]
timetables:
  bureau:
    calendar: strasbourg
    week: {mon-fri: "08:00-12:00, 13:30-18:00"}
    holidays: "09:00-10:00"
    seasons: [{from: 07-01, to: 08-31, week: {mon-thu: "09:00-16:00"}, label: {fr: été, en: summer}}]
    closures: [{from: 2026-12-23, to: 2026-12-24, label: {fr: inventaire, en: stock-taking}, announce_days: 7}]
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, found := Load(path)
	if len(found) > 0 {
		t.Fatal(found)
	}
	queue, hours := s.Queues["rdv"], s.Timetables["bureau"].Hours
	if s.Entries["3000"].Hours != "bureau" || s.Reasons["rdv.irm"].Hours != "bureau" || queue.Hours != "bureau" ||
		queue.LastCall != 5*time.Minute || queue.KeepAfterClosing != 15*time.Minute || queue.Overflow.Closed.Target.Number != "4001" {
		t.Errorf("%+v", queue)
	}
	for at, open := range map[string]bool{
		"2026-11-23 11:59": true, "2026-11-23 12:30": false, // lunch
		"2026-12-26 09:30": true, "2027-03-26 11:00": false, // holidays of Alsace
		"2026-11-27 10:30": true, "2026-11-27 09:00": false, // an exception
		"2026-07-03 10:00": false, "2026-07-02 08:30": false, "2026-07-02 09:00": true, // summer
		"2026-12-24 10:00": false, "2026-12-22 10:00": true, // a planned closure
	} {
		when, err := time.ParseInLocation("2006-01-02 15:04", at, s.Location)
		if err != nil {
			t.Fatal(err)
		}
		if got := hours.Status(when); got.Open != open {
			t.Errorf("%s: %+v", at, got)
		}
	}
	if a := hours.Announcements(); len(a) != 1 || a[0].Label["fr"] != "inventaire" {
		t.Errorf("%+v", a)
	}
}

// TestReversedHours: a night passes midnight, eighteen hours are two times of day the wrong way round.
func TestReversedHours(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	path := filepath.Join(dir, "site.yaml")
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for hours, warned := range map[string]bool{
		"20:00-14:00": true, "08:00-12:00, 18:01-08:00": false, "18:00-08:00": false, "18:00-08:01": true,
		"20:00-06:00": false, "06:00-00:00": false, "00:00-24:00": false,
	} {
		for at, week := range map[string]string{
			"timetables.nuit.week.mon":            `week: {mon: "` + hours + `"}`,
			"timetables.nuit.seasons[0].week.mon": `week: {sat: "08:00-09:00"}, seasons: [{from: 07-01, to: 08-31, week: {mon: "` + hours + `"}}]`,
		} {
			if err := os.WriteFile(path, []byte(string(src)+"\ntimetables:\n  nuit: {"+week+"}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, found := Load(path)
			told := false
			for _, f := range found.Warnings() {
				told = told || f.Path == at && strings.Contains(f.String(), "passes midnight and lasts more than 14 hours")
			}
			if found.Failed() || told != warned {
				t.Errorf("%s, %s: %v", at, hours, found)
			}
		}
	}
}
