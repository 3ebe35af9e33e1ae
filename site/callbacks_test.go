package site

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"accueil/ivr/calendar"
)

// Nobody is called back on a Sunday or a public holiday unless a timetable says so; times of day are those
// of working days, with the holidays that the site's calendars know, or its region.
func TestWhenPeopleMayBeCalled(t *testing.T) {
	t.Parallel()
	const alsace = "calendars: {strasbourg: {holidays: ALSACE-MOSELLE}}\n"
	for name, c := range map[string]struct {
		site string
		open map[string]string // instant → from when people may be called
	}{
		"nothing said": {"", map[string]string{
			"2026-11-27 10:00": "2026-11-27 10:00", "2026-11-27 07:59": "2026-11-27 08:00", "2026-11-27 20:00": "2026-11-28 08:00",
			"2026-11-28 20:00": "2026-11-30 08:00", "2026-11-29 10:00": "2026-11-30 08:00", // a Sunday
			"2026-12-25 10:00": "2026-12-26 08:00", "2026-12-24 20:30": "2026-12-26 08:00", // Christmas
			"2027-03-26 10:00": "2027-03-26 10:00", // Good Friday
		}},
		"times of day": {"callbacks: {hours: \"09:30-12:00\"}\n", map[string]string{
			"2026-11-28 08:00": "2026-11-28 09:30", "2026-11-28 12:00": "2026-11-30 09:30"}},
		"times of day in Alsace": {alsace, map[string]string{"2027-03-26 10:00": "2027-03-27 08:00"}},
		"times of day in two regions": {"calendars: {strasbourg: {holidays: ALSACE-MOSELLE}, cayenne: {holidays: GF}}\n", map[string]string{
			"2027-03-26 10:00": "2027-03-27 08:00", "2026-06-10 10:00": "2026-06-11 08:00"}},
		"a timetable": {alsace + `callbacks: {hours: rappels}
timetables:
  rappels:
    calendar: strasbourg
    week: {mon-fri: "08:00-12:00, 13:30-19:00", sun: "10:00-12:00"}
    holidays: "10:00-11:00"
    closures: [{from: 2026-12-07, to: 2026-12-11}]
`, map[string]string{
			"2026-11-27 12:00": "2026-11-27 13:30", "2026-11-28 09:00": "2026-11-29 10:00", "2026-12-04 19:00": "2026-12-06 10:00",
			"2026-12-06 12:00": "2026-12-13 10:00", "2026-12-25 08:00": "2026-12-25 10:00"}},
		"day and night": {"callbacks: {hours: toujours}\ntimetables: {toujours: {calendar: none, week: {every day: \"00:00-24:00\"}}}\n", map[string]string{
			"2026-12-25 03:00": "2026-12-25 03:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t)
			path := filepath.Join(dir, "site.yaml")
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, append(src, "\n"+c.site...), 0o600); err != nil {
				t.Fatal(err)
			}
			s, found := Load(path)
			if s == nil {
				t.Fatal(found)
			}
			for at, want := range c.open {
				when, err := time.ParseInLocation("2006-01-02 15:04", at, s.Location)
				if err != nil {
					t.Fatal(err)
				}
				opens, ok := calendar.Together(when, s.Callbacks.Open...)
				if got := opens.In(s.Location).Format("2006-01-02 15:04"); !ok || got != want {
					t.Errorf("who is to be called at %s is called from %s (%t), want %s", at, got, ok, want)
				}
			}
		})
	}
}
