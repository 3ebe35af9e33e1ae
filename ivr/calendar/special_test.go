package calendar

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestSpecials(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	days := of(t, "RE",
		Exception{From: "2026-12-24", Hours: "08:00-12:00", Label: Names{"fr": "veille de Noël"}},
		Exception{From: "2026-12-29", Hours: "08:00-18:00"}, // as on any Tuesday
		Exception{From: "2026-11-30"})
	x := week(t, paris, days, map[string][]string{"mon-fri": {"08:00-18:00"}, "holidays": {"09:00-10:00"}})
	if err := x.AddClosure(Closure{From: "2027-01-04", To: "2027-01-17", Label: Names{"fr": "travaux"}}); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{
		"2026-11-24 10:00": "2026-11-30 2026-11-30 [] exception ",
		"2026-11-23 10:00": "", // the seventh day is tomorrow's
		"2026-11-30 23:30": "2026-11-30 2026-11-30 [] exception ",
		// The abolition of slavery falls on a Sunday in 2026, when it would be closed: open for an hour.
		"2026-12-18 10:00": "2026-12-20 2026-12-20 [{540 600}] holiday le jour de l'abolition de l'esclavage|2026-12-24 2026-12-24 [{480 720}] exception veille de Noël",
		"2026-12-25 10:00": "2026-12-25 2026-12-25 [{540 600}] holiday Noël",
		"2026-12-31 10:00": "2027-01-01 2027-01-01 [{540 600}] holiday le jour de l'An|2027-01-04 2027-01-17 [] closure travaux",
		"2027-01-10 10:00": "2027-01-10 2027-01-17 [] closure travaux",
		"2027-01-18 10:00": "",
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", from, paris)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range x.Specials(at, 7) {
			day := func(d Day) string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }
			got = append(got, fmt.Sprintf("%s %s %v %s %s", day(s.From), day(s.To), s.Hours, s.Kind, s.Label["fr"]))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("from %s: %q, want %q", from, strings.Join(got, "|"), want)
		}
	}
	closed := week(t, paris, of(t, "FR"), office)
	if got := closed.Specials(time.Date(2027, 8, 12, 10, 0, 0, 0, paris), 7); got != nil {
		t.Errorf("15 August 2027 is a Sunday, closed anyway: %v", got)
	}
	if names, hours := x.SpecialNames(), x.SpecialHours(); len(names) != 14 || len(hours) != 3 || !x.Varies() || week(t, paris, nil, office).Varies() {
		t.Errorf("%d names, hours %v", len(names), hours)
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	x := week(t, paris, of(t, "FR", Exception{From: "2026-12-24", Hours: "08:00-12:00", Label: Names{"fr": "veille"}}), office)
	for from, want := range map[string]string{
		"2026-12-24 09:00": "", "2026-12-24 14:00": "veille", "2026-12-25 09:00": "Noël", "2026-12-23 20:00": "", "2026-12-26 09:00": "",
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", from, paris)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.Status(at).Reason()["fr"]; got != want {
			t.Errorf("%s: %q, want %q", from, got, want)
		}
	}
}
