package newsite

import (
	"slices"
	"strings"

	"accueil/diag"
	"accueil/ivr/calendar"
)

// Region is a part of France: its public holidays, its clock, and how its telephone numbers are written.
type Region struct {
	Holidays string // as in calendars.<name>.holidays
	Phones   string // as in region, ISO 3166
	Timezone string // as in timezone
}

// elsewhere are the parts of France that have a clock of their own.
var elsewhere = map[string]string{
	"GP": "America/Guadeloupe", "MQ": "America/Martinique", "GF": "America/Cayenne", "RE": "Indian/Reunion", "YT": "Indian/Mayotte",
}

// otherNames are how people call a region.
var otherNames = map[string]string{
	"FRANCE": "FR", "METROPOLE": "FR", "ALSACE": "ALSACE-MOSELLE", "MOSELLE": "ALSACE-MOSELLE", "GUADELOUPE": "GP", "MARTINIQUE": "MQ",
	"GUYANE": "GF", "REUNION": "RE", "LA REUNION": "RE", "MAYOTTE": "YT",
}

func parseRegion(text string) (Region, error) {
	code := strings.ToUpper(fold(strings.TrimSpace(text)))
	if known, ok := otherNames[code]; ok {
		code = known
	}
	if !slices.Contains(calendar.Regions(), code) {
		return Region{}, say("la région %q est inconnue : %s", "the region %q is not known: %s", text, strings.Join(calendar.Regions(), ", ")).
			hint(diag.Closest(code, append(calendar.Regions(), "GUADELOUPE", "MARTINIQUE", "GUYANE", "REUNION", "MAYOTTE", "ALSACE")))
	}
	if zone, ok := elsewhere[code]; ok {
		return Region{code, code, zone}, nil
	}
	return Region{code, "FR", "Europe/Paris"}, nil
}

// hint adds what was probably meant; nothing when it is empty.
func (s Says) hint(meant string) Says {
	if meant == "" {
		return s
	}
	return Says{s.French + " ; vouliez-vous dire « " + meant + " » ?", s.English + "; did you mean \"" + meant + "\"?"}
}
