package knowledge

import (
	"strings"
	"testing"

	"accueil/acd"
	"accueil/diag"
)

// TestTypedFacts: in whatever form somebody has typed them.
func TestTypedFacts(t *testing.T) {
	t.Parallel()
	typed := NewTyped(map[string]Fact{
		"standard": {Number: Number{Shown: "01 99 00 30 00", Dial: "+33199003000"}},
		"poste":    {Number: Number{Shown: "4010", Dial: "4010"}},
		"samu":     {Number: Number{Shown: "15", Dial: "15"}},
		"adresse":  {Text: map[acd.Lang]string{"fr": "12 rue des Tilleuls, 69000 Lyon"}, Spoken: map[acd.Lang]string{"fr": "douze rue des Tilleuls, à Lyon"}},
		"ville":    {Text: map[acd.Lang]string{"fr": "Lyon"}},
		"bureau":   {Hours: timetable(t, "FR", map[string][]string{"mon-fri": {"08:00-12:00, 13:30-18:00"}, "sat": {"20:00-02:00"}})},
	}, []acd.Lang{"fr", "en"})
	for words, want := range map[string]string{
		"Appelez le 01.99.00.30.00": `error the fact "standard"`,
		"Appelez le zéro un, quatre-vingt-dix-neuf, zéro zéro, trente, zéro zéro": `error the fact "standard"`,
		"Call zero one nine nine zero zero three zero zero zero.":                 `error the fact "standard"`,
		"Composez le 4010 ou le 15":                                               `warning "4010" is the number of the fact "poste" too`,
		"au 12 Rue des tilleuls, 69000  Lyon":                                     `error the fact "adresse"`,
		"au douze rue des Tilleuls, à Lyon":                                       `error the fact "adresse"`,
		"à Lyon":                                                                  "",
		"de 8 h à midi":                                                           `warning "8 h à midi" are hours of the fact "bureau"`,
		"de 13h30 à 18h":                                                          `are hours of the fact "bureau"`,
		"de treize heures trente à dix-huit heures":                               `warning "treize heures trente à dix-huit heures" are hours of the fact "bureau"`,
		"from one thirty p.m. to six p.m.":                                        `are hours of the fact "bureau"`,
		"de 20 heures à deux heures":                                              `are hours of the fact "bureau"`,
		"de 9 à 17 heures":                                                        `warning "9 à 17 heures" looks like an opening hour`,
		"entre neuf heures et dix-sept heures":                                    "looks like an opening hour",
		"from 9:30 a.m. to 5 p.m.":                                                "looks like an opening hour",
		"ouvert dès 18h30":                                                        `"18h30" looks like an opening hour`,
		"au 04 99 00 30 01":                                                       "looks like a telephone number",
		"À jeun six heures avant":                                                 "",
		"vingt-quatre heures sur vingt-quatre":                                    "",
		"Rendez-vous, tapez un. Résultats, tapez deux.":                           "",
		"Pour l'un à l'autre":                                                     "",
		"de 12 à 14 comprimés":                                                    "",
		"entre le 15 et le 112":                                                   "",
	} {
		var got []string
		for _, f := range typed.Find(words) {
			got = append(got, f.Severity.String()+" "+f.Message.String())
			if f.Severity == diag.Error && !strings.HasPrefix(f.Suggestion.String(), "write {{") {
				t.Errorf("%q: %q", words, f.Suggestion)
			}
		}
		if all := strings.Join(got, "; "); (want == "") != (all == "") || !strings.Contains(all, want) {
			t.Errorf("%q: %q, want %q", words, all, want)
		}
	}
}
