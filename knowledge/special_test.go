package knowledge

import (
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// TestSpecialDaysAreToldWithHours on every channel, as of the day.
func TestSpecialDaysAreToldWithHours(t *testing.T) {
	t.Parallel()
	days, wrong := calendar.New("FR", []calendar.Exception{
		{From: "2026-12-24", Hours: "08:00-12:00", Label: calendar.Names{"fr": "veille de Noël", "en": "Christmas Eve"}},
		{From: "2026-12-28"},
	})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	x := calendar.ParseWeek(map[string][]string{"mon-fri": {"08:00-18:00"}}, time.UTC, days, func(key string, _, message *wording.Text) { t.Fatalf("%s: %s", key, message) })
	if err := x.AddClosure(calendar.Closure{From: "2027-01-04", To: "2027-01-08", Label: calendar.Names{"fr": "travaux", "en": "building works"}}); err != nil {
		t.Fatal(err)
	}
	f := Fact{Hours: x}
	for _, c := range []struct {
		ch   Channel
		lang acd.Lang
		now  string
		want string // after the week
	}{
		{Web, "fr", "2026-11-20", ""},
		{Web, "fr", "2026-12-20", ", sauf le jeudi 24 décembre (veille de Noël) : de 8 h à midi, sauf le vendredi 25 décembre (Noël) : fermé, sauf le lundi 28 décembre : fermé, sauf le vendredi 1er janvier 2027 (le jour de l'An) : fermé, sauf du lundi 4 janvier 2027 au vendredi 8 janvier 2027 (travaux) : fermé"},
		{SMS, "fr", "2026-12-23", ", sauf le jeudi 24 décembre (veille de Noël) : de 8 h à midi, sauf le vendredi 25 décembre (Noël) : fermé"},
		{Letter, "en", "2026-12-31", ", except on Friday 1 January 2027 (New Year's Day): closed, except from Monday 4 January 2027 to Friday 8 January 2027 (building works): closed"},
		{Voice, "fr", "2026-12-28", " ; sauf le lundi vingt-huit décembre, fermé ; sauf le vendredi premier janvier, le jour de l'An, fermé"},
		{Voice, "en", "2026-12-18", " ; except on Thursday, the twenty-fourth of December, Christmas Eve, from eight a.m. to noon"},
	} {
		now, err := time.Parse(time.DateOnly, c.now)
		if err != nil {
			t.Fatal(err)
		}
		week := f.part("h", c.ch, c.lang, false, time.Time{}).Text
		got := f.part("h", c.ch, c.lang, false, now.Add(10*time.Hour)).Text
		if rest, ok := strings.CutPrefix(got, week); !ok || rest != c.want {
			t.Errorf("%s %s %s: %q, want %q", c.ch, c.lang, c.now, rest, c.want)
		}
	}
	if lines := f.Shown("h", "fr", time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)).Lines; len(lines) != 4 || lines[2] != "sauf le vendredi 1er janvier 2027 (le jour de l'An) : fermé" {
		t.Errorf("%q", lines)
	}
	if f.Voiced("fr") != f.part("h", Voice, "fr", false, time.Time{}).Text {
		t.Error("what is made once for the menu tells special days")
	}
}
