package ivr_test

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
)

const officeHours = `version: 1
start: horaires
timetables:
  bureau: {mon-fri: "08:00-18:00", "sat, sun": closed, calendar: hopital}
nodes:
  horaires:
    hours: {timetable: bureau, open: menu, closed: ferme}
  menu:
    menu: {prompt: {fr: "Rendez-vous, 1. English, 8.", en: "Appointments, 1. Français, 8."}, options: {"1": imagerie, "8": langue}}
  langue:
    branch: {language: {fr: en, en: fr}}
  en: {goto: {goto: menu, language: en}}
  fr: {goto: {goto: menu, language: fr}}
  imagerie: {queue: rdv.imagerie}
  ferme:
    say: {fr: "Nous sommes fermés.", en: "We are closed."}
`

func TestReachSaysWhatTheHoursSay(t *testing.T) {
	t.Parallel()
	site := demoSite()
	site.Entries = map[acd.EntryID]ivr.Entry{"3000": {Scenario: "principal", Language: "fr"}}
	site.Queues = map[acd.QueueID]ivr.Queue{"rdv": {}, "resultats": {}, "admission": {}, "accueil": {}}
	program, findings := ivr.Load(map[string][]byte{"principal.yaml": []byte(officeHours)}, site)
	if findings.Failed() {
		t.Fatal(findings)
	}
	thursday := time.Date(2026, 12, 24, 10, 0, 0, 0, time.UTC)
	monday := time.Date(2026, 12, 28, 8, 0, 0, 0, time.UTC) // after Christmas and the week-end
	for _, c := range []struct {
		reason        acd.ReasonID
		lang          acd.Lang
		at            time.Time
		open          bool
		reaches, ever bool
		day           string    // its name
		opens         time.Time // next
	}{
		{"rdv.imagerie", "fr", thursday, true, true, true, "", time.Time{}},
		{"rdv.imagerie", "en", thursday, true, true, true, "", time.Time{}},
		{"rdv.imagerie", "en", thursday.Add(8 * time.Hour), false, false, true, "", monday},
		{"rdv.imagerie", "fr", thursday.AddDate(0, 0, 1), false, false, true, "Noël", monday},
		{"rdv.imagerie", "fr", thursday.AddDate(0, 0, 2), false, false, true, "", monday}, // Saturday
		{"accueil", "fr", thursday, true, true, true, "", time.Time{}},                    // key 0
		{"accueil", "fr", thursday.AddDate(0, 0, 2), false, true, true, "", monday},       // in the message too
		{"admission", "fr", thursday, true, false, false, "", time.Time{}},
		{"rdv.imagerie", "de", thursday, true, false, false, "", time.Time{}},
	} {
		r, ok := program.Reach("3000", c.reason, c.lang, c.at)
		to := "ferme"
		if c.open {
			to = "menu"
		}
		if !ok || len(r.Hours) != 1 {
			t.Fatalf("%s %s at %s: %+v", c.reason, c.lang, c.at, r)
		}
		if h := r.Hours[0]; h.Node != "horaires" || h.Open != c.open || h.To != to || h.Day["fr"] != c.day || !h.Opens.Equal(c.opens) {
			t.Errorf("%s %s at %s: %+v", c.reason, c.lang, c.at, h)
		}
		if r.Reaches != c.reaches || r.Ever != c.ever || r.Scenario != "principal" {
			t.Errorf("%s %s at %s: %+v, want reaches %t, ever %t", c.reason, c.lang, c.at, r, c.reaches, c.ever)
		}
	}
	if _, ok := program.Reach("9999", "accueil", "fr", thursday); ok {
		t.Error("an unknown entry is explained")
	}
}
