package calendar

import (
	"fmt"
	"regexp"
	"strings"

	"accueil/wording"
)

// What people of a French hospital write out of habit, and what to write instead. The files have one way of
// writing, so that each reads them all.

var habits = strings.NewReplacer("lundi", "mon", "mardi", "tue", "mercredi", "wed", "jeudi", "thu", "vendredi", "fri", "samedi", "sat", "dimanche", "sun",
	"monday", "mon", "tuesday", "tue", "wednesday", "wed", "thursday", "thu", "friday", "fri", "saturday", "sat", "sunday", "sun",
	"lun", "mon", "mar", "tue", "mer", "wed", "jeu", "thu", "ven", "fri", "sam", "sat", "dim", "sun",
	"tous les jours", "every day", " au ", "-", " à ", "-", " et ", ", ", " to ", "-")

// daysMeant says how to write days.
func daysMeant(key string) *wording.Text {
	meant := habits.Replace(strings.ToLower(strings.TrimSpace(key)))
	switch _, ok := parseDays(meant); {
	case !ok:
		return wording.Say("write mon, mon-fri, \"sat, sun\" or every day")
	case strings.Contains(meant, ","):
		return wording.Say("write %q", meant)
	}
	return wording.Say("write %s", meant)
}

var habitTime = regexp.MustCompile(`\b([0-9]{1,2}) ?(?:[hH:.]|heures?) ?([0-5][0-9])?`)

// spansMeant says how to write hours.
func spansMeant(text string) *wording.Text {
	meant := habitTime.ReplaceAllStringFunc(strings.NewReplacer(" à ", "-", " et ", ", ", "–", "-", " - ", "-").Replace(text), func(said string) string {
		m := habitTime.FindStringSubmatch(said)
		return fmt.Sprintf("%02s:%02s", m[1], m[2])
	})
	if spans, err := parseSpans(meant); err != nil || len(spans) == 0 {
		return wording.Say(`write "08:00-12:00, 13:30-18:00" or "closed"`)
	}
	return wording.Say("write %s", meant)
}
