package newsite

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseHours(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"lun-ven 8h-18h":                                "mon-fri 08:00-18:00",
		"lun-ven 8h-12h 13h30-18h, sam 9h-12h":          "mon-fri 08:00-12:00, 13:30-18:00, sat 09:00-12:00",
		"Lundi au vendredi de 8h à 18h et samedi 9h-12": "mon-fri 08:00-18:00, sat 09:00-12:00",
		"mon-fri 08:00-18:00; sat, sun 9:00-12:00":      "mon-fri 08:00-18:00, sat-sun 09:00-12:00",
		"Monday to Friday 8:00 to 18:00":                "mon-fri 08:00-18:00",
		"8-18":                                          "every day 08:00-18:00",
		"24h/24":                                        "24/7",
		"24/7":                                          "24/7",
		"H24":                                           "24/7",
		"jour et nuit, 7j/7":                            "24/7",
		"tous les jours 0h-24h":                         "24/7",
		"tous les jours 0h-24h, fériés fermé":           "every day 00:00-24:00",
		"lun-ven 24h/24":                                "mon-fri 00:00-24:00",
		"lun-ven 20h-6h":                                "mon 20:00-24:00, tue-fri 00:00-06:00, 20:00-24:00, sat 00:00-06:00",
		"sam-lun 9h-10h":                                "mon, sat-sun 09:00-10:00",
		"lun-ven 8h-18h, jours fériés 9h-12h":           "mon-fri 08:00-18:00, holidays 09:00-12:00",
		"lun-ven 8h-18h, sam fermé":                     "mon-fri 08:00-18:00",
		"lun 8h-12h 12h-18h":                            "mon 08:00-18:00",
		"mardi: 9h-10h":                                 "tue 09:00-10:00",
		"lun, mer, ven : 9h–17h":                        "mon, wed, fri 09:00-17:00",
	} {
		h, err := ParseHours(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := h.In(English); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestHoursThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Says{
		"":                           {"il faut des heures", "hours are needed"},
		"lundy 8h-18h":               {"ni un jour ni des heures ; vouliez-vous dire « lundi »", `did you mean "lundi"`},
		"lun-vendrdi 8h-18h":         {"vouliez-vous dire « vendredi »", `did you mean "vendredi"`},
		"lun-ven":                    {"il manque les heures", "are missing"},
		"lun-ven 8h-18h sam":         {"il manque les heures", "are missing"},
		"lun-ven 8h-25h":             {"ces heures n'existent pas", "no such hours"},
		"lun-ven 8h60-9h":            {"ces heures n'existent pas", "no such hours"},
		"lun-ven 8h-8h":              {"24h/24", "24/7"},
		"lun-ven 8h-12h, mar 9h-10h": {"mardi/tuesday est donné deux fois", "is given twice"},
		"lun-ven 8h-12h 11h-14h":     {"08:00-12:00 et 11:00-14:00 se chevauchent", "overlap"},
		"fermé":                      {"dites quels jours", "say which days"},
		"lun-dim fermé":              {"aucun jour", "no day"},
		"lun 8h-9h, fériés 20h-6h":   {"ne passent pas minuit", "do not pass midnight"},
		"lun-ven huit heures":        {"ni un jour ni des heures", "is no day"},
		"lun-ven 8h00:18h00":         {"des jours puis des heures", "days, then hours"},
	} {
		_, err := ParseHours(text)
		if err == nil {
			t.Errorf("%q was taken", text)
			continue
		}
		if s := asSays(err); !strings.Contains(s.French, want.French) || !strings.Contains(s.English, want.English) {
			t.Errorf("%q: %q / %q", text, s.French, s.English)
		}
	}
}

// TestHoursAreReadAsTheyAreWritten: what In writes means the same hours again, in both languages.
func TestHoursAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHours(t)
		for _, l := range []Lang{French, English} {
			again, err := ParseHours(h.In(l))
			if err != nil || !again.Equal(h) {
				t.Fatalf("%+v written %q, read %+v, %v", h, h.In(l), again, err)
			}
		}
		if u := Union(h, Hours{}); !u.Equal(h) {
			t.Fatalf("with nothing: %+v", u)
		}
		o := drawHours(t)
		u := Union(h, o)
		for range 20 {
			d, m := rapid.IntRange(0, 6).Draw(t, "day"), rapid.IntRange(0, dayMinutes-1).Draw(t, "minute")
			if u.Open(d, m) != (h.Open(d, m) || o.Open(d, m)) {
				t.Fatalf("day %d minute %d: %+v", d, m, u)
			}
		}
	})
}

func drawHours(t *rapid.T) Hours {
	var h Hours
	spans := func() (out []Span) {
		at := 0
		for range rapid.IntRange(0, 2).Draw(t, "spans") {
			from := at + 5*rapid.IntRange(1, 60).Draw(t, "from")
			to := from + 5*rapid.IntRange(1, 60).Draw(t, "length")
			out, at = append(out, Span{from, to}), to
		}
		return out
	}
	for d := range h.Days {
		h.Days[d] = spans()
	}
	if len(h.Days[2]) == 0 {
		h.Days[2] = []Span{{480, 1080}}
	}
	h.Holidays = spans()
	return h
}
