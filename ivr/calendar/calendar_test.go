package calendar

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"accueil/wording"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func of(t testing.TB, region string, exceptions ...Exception) *Calendar {
	t.Helper()
	c, wrong := New(region, exceptions)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return c
}

func week(t testing.TB, where *time.Location, c *Calendar, w map[string][]string) *Timetable {
	t.Helper()
	return ParseWeek(w, where, c, func(key string, _, message *wording.Text) { t.Errorf("%s: %s", key, message) })
}

var office = map[string][]string{"mon-fri": {"08:00-18:00"}}

func TestHolidaysOfTheRegions(t *testing.T) {
	t.Parallel()
	// Days of 2027, on which Easter is 28 March; 13 and 24 May also tell the years apart.
	all := "01-01 03-29 05-01 05-06 05-08 05-17 07-14 08-15 11-01 11-11 12-25"
	for region, more := range map[string]string{"FR": "", "ALSACE-MOSELLE": "03-26 12-26", "GP": "05-27", "MQ": "05-22", "GF": "06-10", "RE": "12-20", "YT": "04-27", "BL": "10-09", "MF": "05-28"} {
		c := of(t, region)
		want := strings.Fields(all + " " + more)
		found := 0
		for d := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2027; d = d.AddDate(0, 0, 1) {
			names := c.holidayOn(dateOf(d))
			if names == nil {
				continue
			}
			found++
			if names["fr"] == "" || names["en"] == "" {
				t.Errorf("%s: %s has no name in a language", region, d.Format(time.DateOnly))
			}
			if !strings.Contains(strings.Join(want, " "), d.Format("01-02")) {
				t.Errorf("%s: %s is a holiday (%s)", region, d.Format(time.DateOnly), names["fr"])
			}
		}
		if found != len(want) {
			t.Errorf("%s: %d holidays, want %d", region, found, len(want))
		}
	}
	if len(Regions()) != 9 {
		t.Errorf("regions %v", Regions())
	}
}

// TestEasterOfTwoCenturies compares the movable days with the Gauss–Butcher reckoning.
func TestEasterOfTwoCenturies(t *testing.T) {
	t.Parallel()
	c := of(t, "ALSACE-MOSELLE")
	for y := 1950; y < 2150; y++ {
		a, b, cc := y%19, y/100, y%100
		d, e := b/4, b%4
		g := (8*b + 13) / 25
		h := (19*a + b - d - g + 15) % 30
		i, k := cc/4, cc%4
		l := (32 + 2*e + 2*i - h - k) % 7
		m := (a + 11*h + 19*l) / 433
		n := (h + l - 7*m + 90) / 25
		p := (h + l - 7*m + 33*n + 19) % 32
		easter := time.Date(y, time.Month(n), p, 0, 0, 0, 0, time.UTC)
		for days, name := range map[int]string{-2: "Vendredi", 1: "Pâques", 39: "Ascension", 50: "Pentecôte"} {
			day := easter.AddDate(0, 0, days)
			// Another holiday may fall on the same day and be named first (1 or 8 May).
			if got := c.holidayOn(dateOf(day))["fr"]; got == "" || !strings.Contains(got, name) && day.Month() != time.May {
				t.Errorf("%d: %s is %q, want %s", y, day.Format(time.DateOnly), got, name)
			}
		}
	}
}

// TestC15 is scenario C15.
func TestC15(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	lyon, strasbourg := week(t, paris, of(t, "FR"), office), week(t, paris, of(t, "ALSACE-MOSELLE"), office)
	friday, monday := time.Date(2027, 3, 26, 10, 0, 0, 0, paris), time.Date(2027, 3, 29, 10, 0, 0, 0, paris)
	if s := lyon.Status(friday); !s.Open || s.Kind != Week {
		t.Errorf("Lyon on Good Friday: %+v", s)
	}
	if s := strasbourg.Status(friday); s.Open || s.Kind != Holiday || s.Label["fr"] != "le Vendredi saint" {
		t.Errorf("Strasbourg on Good Friday: %+v", s)
	}
	for _, x := range []*Timetable{lyon, strasbourg} {
		if s := x.Status(monday); s.Open || s.Kind != Holiday {
			t.Errorf("Easter Monday: %+v", s)
		}
	}
	if next, ok := strasbourg.NextOpening(friday); !ok || !next.Equal(time.Date(2027, 3, 30, 8, 0, 0, 0, paris)) {
		t.Errorf("Strasbourg opens again %v", next)
	}
	daily := week(t, paris, nil, map[string][]string{"every day": {"08:00-20:00"}})
	for day, want := range map[string]string{"2026-03-29": "06:00", "2026-10-25": "07:00"} {
		midnight, _ := time.ParseInLocation(time.DateOnly, day, paris)
		if next, ok := daily.NextOpening(midnight); !ok || next.UTC().Format("15:04") != want {
			t.Errorf("%s: opens at %v UTC, want %s", day, next.UTC(), want)
		}
	}
}

func TestExceptions(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	c := of(t, "FR",
		Exception{From: "2026-12-25", Hours: "10:00-12:00", Label: Names{"fr": "Noël à l'accueil"}},
		Exception{From: "2026-08-03", To: "2026-08-14", Hours: "09:00-12:00"},
		Exception{From: "2026-12-31"})
	x := week(t, paris, c, map[string][]string{"mon-fri": {"08:00-18:00"}, "holidays": {"09:00-10:00"}})
	for at, want := range map[string]bool{
		"2026-12-25 10:30": true, "2026-12-25 09:30": false, // an exception wins over a holiday
		"2026-11-11 09:30": true, "2026-11-11 10:30": false, // a holiday has hours of its own
		"2026-08-03 08:30": false, "2026-08-14 11:59": true, "2026-08-08 10:00": true, "2026-08-15 10:00": false, "2026-08-17 08:30": true,
		"2026-12-31 10:00": false, "2026-12-30 10:00": true, // exceptional closure in open hours wins (A14)
	} {
		when, err := time.ParseInLocation("2006-01-02 15:04", at, paris)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.Status(when); got.Open != want {
			t.Errorf("%s: %+v", at, got)
		}
	}
	if s := x.Status(time.Date(2026, 12, 25, 10, 0, 0, 0, paris)); s.Kind != Exceptive || s.Label["fr"] != "Noël à l'accueil" {
		t.Errorf("%+v", s)
	}
	for _, bad := range []struct {
		index      int
		exceptions []Exception
	}{
		{0, []Exception{{From: "2026-02-29"}}},
		{0, []Exception{{From: ""}}},
		{1, []Exception{{From: "2026-01-01"}, {From: "2026-01-03", To: "2026-01-02"}}},
		{1, []Exception{{From: "2026-01-01", To: "2026-01-05"}, {From: "2026-01-05"}}},
		{0, []Exception{{From: "2026-01-01", Hours: "8-12"}}},
		{0, []Exception{{From: "2026-01-01", Hours: "20:00-02:00"}}},
	} {
		if _, wrong := New("FR", bad.exceptions); len(wrong) != 1 || wrong[0].Index != bad.index {
			t.Errorf("%+v: %v", bad.exceptions, wrong)
		}
	}
	if _, wrong := New("XX", []Exception{{From: "2026-02-29"}, {From: "soon"}}); len(wrong) != 3 || wrong[0].Index != -1 {
		t.Errorf("not all mistakes are told: %v", wrong)
	}
}

func TestHolidaysNeedACalendar(t *testing.T) {
	t.Parallel()
	var complaints []string
	ParseWeek(map[string][]string{"mon": {"08:00-09:00"}, "holidays": {"08:00-09:00"}}, time.UTC, nil,
		func(key string, _, message *wording.Text) { complaints = append(complaints, key+": "+message.String()) })
	ParseWeek(map[string][]string{"holidays": {"20:00-02:00", "soon"}}, time.UTC, of(t, "FR"),
		func(key string, _, message *wording.Text) { complaints = append(complaints, key+": "+message.String()) })
	if len(complaints) != 3 {
		t.Errorf("%q", complaints)
	}
}

func TestOverlaps(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"08:00-12:00, 11:00-14:00": true, "11:00-14:00, 08:00-12:00": true, "08:00-18:00, 09:00-10:00": true, "08:00-09:00, 08:00-09:00": true,
		"20:00-02:00, 23:00-23:30": true, "20:00-02:00, 01:00-03:00": true, "20:00-02:00, 19:00-21:00": true,
		"08:00-12:00, 12:00-14:00": false, "13:30-18:00, 08:00-12:00": false, "20:00-02:00, 02:00-06:00": false,
	} {
		var got []string
		note := func(key string, _, message *wording.Text) { got = append(got, key+": "+message.String()) }
		ParseWeek(map[string][]string{"mon": {text}}, time.UTC, nil, note)
		ParseWeek(map[string][]string{"mon": strings.Split(text, ", ")}, time.UTC, nil, note)
		if want && len(got) != 2 || !want && len(got) != 0 {
			t.Errorf("%s: %q", text, got)
		}
		if strings.HasPrefix(text, "20:") {
			continue // an exception passes no midnight, which is told
		}
		if _, wrong := New("", []Exception{{From: "2026-01-01", Hours: text}}); (len(wrong) == 1) != want {
			t.Errorf("exception %s: %v", text, wrong)
		}
	}
}

// TestNext compares the search for an opening and a closing with walking through the minutes, over both
// changes of the clock, in zones that change at other hours or not at all.
func TestNext(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(3, 9))
	zones := []*time.Location{zone(t, "Europe/Paris"), zone(t, "Indian/Reunion"), zone(t, "America/Miquelon"), zone(t, "Pacific/Noumea"), time.UTC}
	clock := func() string { m := dice.IntN(24*4) * 15; return fmt.Sprintf("%02d:%02d", m/60, m%60) }
	for range 400 {
		w := map[string][]string{}
		for _, day := range dayNames {
			for range dice.IntN(3) {
				s, err := parseSpans(clock() + "-" + clock())
				others, _ := parseSpans(strings.Join(w[day], ","))
				if _, _, twice := overlap(append(others, s...)); err == nil && !twice {
					w[day] = append(w[day], s[0].String())
				}
			}
		}
		day := time.Date(2026, time.Month(1+dice.IntN(12)), 1+dice.IntN(28), 0, 0, 0, 0, time.UTC)
		if dice.IntN(2) == 0 { // near a change of the clock
			day = []time.Time{time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC),
				time.Date(2026, 3, 7, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC)}[dice.IntN(4)]
		}
		c := of(t, []string{"", "FR", "RE"}[dice.IntN(3)], Exception{From: day.AddDate(0, 0, 2).Format(time.DateOnly), Hours: "02:30-03:15"})
		x := week(t, zones[dice.IntN(len(zones))], c, w)
		at := day.Add(time.Duration(dice.IntN(3*24*60)) * time.Minute)
		got, ok := x.NextOpening(at)
		want, found := walk(x, at, true, 12*24*60)
		if found && (!ok || !got.Equal(want)) || !found && ok && got.Before(at.Add(12*24*time.Hour)) {
			t.Fatalf("%v in %v with %v: opens %v %v, want %v %v", at, x.location, w, got, ok, want, found)
		}
		got, ok = x.NextClosing(at)
		want, found = walk(x, at, false, 24*60)
		if found && (!ok || !got.Equal(want)) || !found && ok && got.Before(at.Add(24*time.Hour)) {
			t.Fatalf("%v in %v with %v: closes %v %v, want %v %v", at, x.location, w, got, ok, want, found)
		}
	}
	if _, ok := week(t, time.UTC, nil, map[string][]string{"mon": {"closed"}}).NextOpening(time.Unix(0, 0)); ok {
		t.Error("what never opens opens")
	}
}

// walk looks at every minute from at on.
func walk(x *Timetable, at time.Time, open bool, minutes int) (time.Time, bool) {
	for m := range minutes {
		if minute := at.Add(time.Duration(m) * time.Minute); x.Open(minute) == open {
			return minute, true
		}
	}
	return time.Time{}, false
}

func TestBegins(t *testing.T) {
	t.Parallel()
	x := week(t, time.UTC, of(t, "FR", Exception{From: "2026-12-24", Hours: "07:15-09:00"}), map[string][]string{"mon": {"08:00-12:00, 13:30-18:00"}, "tue": {"08:00-12:00"}, "holidays": {"10:00-11:00"}})
	if err := x.AddSeason(SeasonDays{From: "07-01", To: "07-02", Week: map[string][]string{"mon": {"22:00-02:00"}}}, refuse); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(x.Begins()), "[0 435 480 600 810 1320]"; got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if x.Location() != time.UTC {
		t.Error(x.Location())
	}
}
