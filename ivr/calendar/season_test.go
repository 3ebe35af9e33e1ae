package calendar

import (
	"strings"
	"testing"
	"time"

	"accueil/wording"
)

var refuse = func(key string, _, message *wording.Text) { panic(key + ": " + message.String()) }

func TestSeasons(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	x := week(t, paris, of(t, "FR", Exception{From: "2026-07-20", Hours: "06:00-07:00"}), map[string][]string{"mon-fri": {"08:00-18:00"}, "holidays": {"10:00-11:00"}})
	for _, s := range []SeasonDays{
		{From: "07-01", To: "08-31", Week: map[string][]string{"mon-fri": {"09:00-16:00"}, "sat": {"09:00-12:00"}}, Label: both("été", "summer")},
		{From: "12-20", To: "01-05", Week: map[string][]string{"mon-wed": {"22:00-02:00"}}},
		{From: "2027-03-01", To: "2027-03-07", Week: map[string][]string{"every day": {"closed"}}},
	} {
		if err := x.AddSeason(s, refuse); err != nil {
			t.Fatal(err)
		}
	}
	for at, want := range map[string]bool{
		"2026-06-30 08:30": true, "2026-07-01 08:30": false, "2026-07-01 09:00": true, "2026-07-04 10:00": true, "2026-06-27 10:00": false,
		"2029-08-31 15:59": true, "2029-08-31 16:00": false, "2029-09-03 16:00": true, // of every year
		"2026-07-14 09:30": false, "2026-07-14 10:30": true, // a holiday wins
		"2026-07-20 06:30": true, "2026-07-20 10:00": false, // so does an exception
		"2026-12-19 10:00": false, "2026-12-21 10:00": false, "2026-12-21 22:00": true, "2026-12-22 01:59": true, "2026-12-22 02:00": false,
		"2027-01-05 22:00": true, "2027-01-06 01:00": false, "2027-01-06 09:00": true, // a night that ends with its season
		"2027-03-02 10:00": false, "2028-03-02 10:00": true, // of one year
	} {
		if got := x.Status(local(t, paris, at)); got.Open != want {
			t.Errorf("%s: %+v", at, got)
		}
	}
	if s := x.Status(local(t, paris, "2026-07-05 10:00")); s.Kind != Season || s.Label["en"] != "summer" || s.DayOff {
		t.Errorf("a Sunday of the season: %+v", s)
	}
	if s := x.Status(local(t, paris, "2026-07-14 12:00")); s.Kind != Holiday || !s.DayOff {
		t.Errorf("a holiday of the season: %+v", s)
	}
	if next, ok := x.NextOpening(local(t, paris, "2026-07-03 16:00")); !ok || !next.Equal(local(t, paris, "2026-07-04 09:00")) {
		t.Errorf("opens %v", next)
	}
	if all := x.Seasons(); len(all) != 3 || all[0].From != (Day{0, time.July, 1}) || all[2].To != (Day{2027, time.March, 7}) ||
		len(all[0].Days[time.Monday]) != 1 || all[1].Days[time.Monday][0] != (Hours{22 * 60, 26 * 60}) || all[2].Days[time.Monday] != nil {
		t.Errorf("%+v", all)
	}
	for text, s := range map[string]SeasonDays{
		"in another one too": {From: "2026-08-31", To: "2026-09-02"}, `"13-01" is no day`: {From: "13-01", To: "12-01"}, `"" is no day`: {From: "10-01"},
		"a year, or none": {From: "10-01", To: "2026-10-02"}, "ends before it begins": {From: "2026-10-02", To: "2026-10-01"},
	} {
		if err := x.AddSeason(s, refuse); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for _, o := range []SeasonDays{{From: "01-05", To: "01-05"}, {From: "11-01", To: "12-31"}, {From: "2020-01-01", To: "2025-01-01"}, {From: "2027-03-07", To: "2027-04-01"}} {
		if err := x.AddSeason(o, refuse); err == nil {
			t.Errorf("%+v overlaps", o)
		}
	}
	if err := x.AddSeason(SeasonDays{From: "2027-01-06", To: "2027-02-28"}, refuse); err != nil {
		t.Error(err)
	}
	var complaints []string
	complain := func(key string, _, message *wording.Text) { complaints = append(complaints, key+": "+message.String()) }
	if err := x.AddSeason(SeasonDays{From: "10-01", To: "10-02", Week: map[string][]string{"mnday": {"08:00-09:00"}, "tue": {"late"}, "holidays": {"closed"}}}, complain); err != nil || len(complaints) != 3 {
		t.Errorf("%v, %q", err, complaints)
	}
}

func TestClosures(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	x := week(t, paris, of(t, "FR", Exception{From: "2026-12-25", Hours: "08:00-20:00"}, Exception{From: "2026-12-31"}, Exception{From: "2027-01-02", Hours: "10:00-11:00"}), map[string][]string{"every day": {"08:00-18:00"}})
	for _, c := range []Closure{
		{From: "2026-12-24", To: "2026-12-26", Label: both("inventaire", "stock-taking"), AnnounceDays: 3},
		{From: "2026-12-10", Label: both("travaux", "works")},
		{From: "2027-02-01", To: "2027-02-02", AnnounceDays: 14},
	} {
		if err := x.AddClosure(c); err != nil {
			t.Fatal(err)
		}
	}
	for at, want := range map[string]Status{
		"2026-12-23 10:00": {Open: true, Kind: Week},
		"2026-12-24 10:00": {Kind: Planned, Label: both("inventaire", "stock-taking"), DayOff: true},
		"2026-12-25 10:00": {Kind: Planned, DayOff: true}, // wins over an exception and a holiday
		"2026-12-27 10:00": {Open: true, Kind: Week},
		"2026-12-31 10:00": {Kind: Exceptive, DayOff: true},
		"2027-01-02 12:00": {Kind: Exceptive}, // closed by the hour
		"2027-01-01 10:00": {Kind: Holiday, DayOff: true},
		"2026-12-22 19:00": {Kind: Week},
	} {
		if got := x.Status(local(t, paris, at)); got.Open != want.Open || got.Kind != want.Kind || got.DayOff != want.DayOff {
			t.Errorf("%s: %+v", at, got)
		}
	}
	for at, want := range map[string]string{
		"2026-12-20 23:59": "", "2026-12-21 00:00": "2026-12-24", "2026-12-23 23:59": "2026-12-24", "2026-12-24 00:00": "", "2026-12-26 10:00": "",
		"2026-12-09 10:00": "", // nobody is told of that one
		"2027-01-17 10:00": "", "2027-01-18 10:00": "2027-02-01",
	} {
		got, ok := x.Ahead(local(t, paris, at))
		if ok != (want != "") || ok && got.From.Format(time.DateOnly) != want {
			t.Errorf("%s: %+v, %v", at, got, ok)
		}
	}
	if all := x.Announcements(); len(all) != 2 || all[0].To.Format(time.DateOnly) != "2026-12-26" || all[0].Label["fr"] != "inventaire" {
		t.Errorf("%+v", all)
	}
	if next, ok := x.NextOpening(local(t, paris, "2026-12-23 18:00")); !ok || !next.Equal(local(t, paris, "2026-12-27 08:00")) {
		t.Errorf("opens %v", next)
	}
	for text, c := range map[string]Closure{
		`"soon" is no date`: {From: "soon"}, `"later" is no date`: {From: "2026-01-01", To: "later"},
		"ends before it begins": {From: "2026-01-02", To: "2026-01-01"}, "in another closure too": {From: "2026-12-26", To: "2026-12-28"},
	} {
		if err := x.AddClosure(c); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func local(t *testing.T, where *time.Location, at string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", at, where)
	if err != nil {
		t.Fatal(err)
	}
	return when
}
