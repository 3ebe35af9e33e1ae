package ivr

import (
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr/calendar"
)

// TestMoment says in both languages when it opens, seen from a Wednesday evening.
func TestMoment(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 23, 19, 0, 0, 0, time.UTC)
	for when, want := range map[string][2]string{
		"2026-12-23 21:00": {"aujourd'hui à vingt et une heures", "today at nine in the evening"},
		"2026-12-24 00:00": {"demain à minuit", "tomorrow at midnight"},
		"2026-12-24 08:00": {"demain à huit heures", "tomorrow at eight in the morning"},
		"2026-12-25 12:00": {"vendredi à midi", "on Friday at noon"},
		"2026-12-26 12:05": {"samedi à midi cinq", "on Saturday at five past twelve in the afternoon"},
		"2026-12-28 08:30": {"lundi à huit heures trente", "on Monday at eight thirty in the morning"},
		"2026-12-29 13:45": {"mardi à treize heures quarante-cinq", "on Tuesday at one forty-five in the afternoon"},
		"2026-12-30 01:21": {"mercredi trente décembre à une heure vingt et une", "on Wednesday the thirtieth of December at one twenty-one in the morning"},
		"2027-01-01 10:00": {"vendredi premier janvier à dix heures", "on Friday the first of January at ten in the morning"},
		"2027-02-22 00:15": {"lundi vingt-deux février à minuit quinze", "on Monday the twenty-second of February at twelve fifteen in the morning"},
	} {
		at, err := time.Parse("2006-01-02 15:04", when)
		if err != nil {
			t.Fatal(err)
		}
		for i, lang := range []acd.Lang{"fr", "en"} {
			texts := momentTexts(lang)
			texts[pieceTime(at.Hour()*60+at.Minute())] = spokenDates(lang).at(at.Hour()*60 + at.Minute())
			var words []string
			for _, id := range moment(now, at) {
				if texts[id] == "" {
					t.Errorf("%s: the piece %q has no words", when, id)
				}
				words = append(words, texts[id])
			}
			if got := strings.Join(words, " "); got != want[i] {
				t.Errorf("%s: %q, want %q", when, got, want[i])
			}
		}
	}
}

func TestClosureText(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	label := calendar.Names{"fr": "congés d'été", "en": "summer break"}
	for _, c := range []struct{ from, to, fr, en string }{
		{"2026-12-24", "2026-12-24", "Notre accueil téléphonique sera fermé le jeudi vingt-quatre décembre: congés d'été.",
			"Our telephone service will be closed on Thursday, the twenty-fourth of December: summer break."},
		{"2026-08-03", "2026-08-21", "Notre accueil téléphonique sera fermé du lundi trois au vendredi vingt et un août: congés d'été.",
			"Our telephone service will be closed from Monday, the third of August, to Friday, the twenty-first of August: summer break."},
		{"2026-12-31", "2027-01-01", "Notre accueil téléphonique sera fermé du jeudi trente et un décembre au vendredi premier janvier: congés d'été.",
			"Our telephone service will be closed from Thursday, the thirty-first of December, to Friday, the first of January: summer break."},
	} {
		for lang, want := range map[acd.Lang]string{"fr": c.fr, "en": c.en} {
			if got := closureText(lang, calendar.Announced{From: day(c.from), To: day(c.to), Label: label}); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
	if got := closureText("fr", calendar.Announced{From: day("2026-12-24"), To: day("2026-12-24")}); !strings.HasSuffix(got, "décembre.") {
		t.Error(got)
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Bonjour.": "", "Il ouvre {next_opening}.": "", "{next_opening}": "",
		"{next_openning}": "cannot hold {next_openning}", "{": "cannot hold {", "{next_opening} {closure}": "", "{}": "cannot hold {}", "{closing}": "cannot hold {closing}: only {next_opening} and {closure}",
	} {
		_, got := markFault(text)
		if (got == nil) != (want == "") || !strings.Contains(got.String(), want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string][2]string{
		"Avant {next_opening}. Après.": {"Avant", "Après."}, "{next_opening}, après": {"", "après"}, "Avant {next_opening}.": {"Avant", ""}, "{next_opening}": {"", ""}, "{closure}. {next_opening}.": {"", ""},
	} {
		p := &Program{marked: map[textKey]marked{}}
		p.add("x", "fr", text)
		var got [2]string
		for _, s := range p.texts {
			got[map[string]int{"x.1": 0, "x.2": 1}[s.ID]] = s.Text
		}
		if whole, ok := p.Text("x", "fr"); got != want || whole != text || !ok {
			t.Errorf("%q: %q, %q", text, got, whole)
		}
	}
}
