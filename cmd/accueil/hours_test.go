package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHoursOfTheSite: the hours of an entry, a reason and a queue are what try plays, what tests hold,
// what explain tells and what check proves.
func TestHoursOfTheSite(t *testing.T) {
	t.Parallel()
	site := smallSite(t)
	dir := filepath.Dir(site)
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	replace := func(name, old, new string) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), old) {
			t.Fatalf("%s has no %q: %v", name, old, err)
		}
		write(name, strings.Replace(string(text), old, new, 1))
	}
	replace("site.yaml", "scenario: principal", "scenario: principal, hours: jour")
	replace("site.yaml", "queue: rdv}", "queue: rdv, hours: matin}")
	replace("site.yaml", "\nfallback:", `
calendars:
  hopital: {holidays: FR}
timetables:
  jour:
    calendar: hopital
    week: {mon-fri: "08:00-18:00"}
    closures: [{from: 2026-12-30, to: 2026-12-31, label: {fr: "inventaire"}, announce_days: 3}]
  matin: {calendar: hopital, week: {mon: "08:00-12:00"}}
fallback:`)
	for _, c := range []struct{ at, keys, want string }{
		{"2026-11-23T10:00", "1", "place accordée"},
		{"2026-11-24T10:00", "1", "Il ouvre lundi à huit heures Merci"},
		{"2026-11-24T10:00", "1", "fin de l'appel : closed (queue_closed)"},
		{"2026-11-23T10:00", "1c", "Le service vient de fermer"},
		{"2026-11-23T10:00", "1c", "Il ouvre lundi trente novembre à huit heures Merci"},
		{"2026-11-23T18:00", "", "Nous vous répondrons demain à huit heures Merci"},
		{"2026-12-25T10:00", "", "Nous vous répondrons lundi à huit heures Merci"},
		{"2026-12-28T10:00", "", "sera fermé du mercredi trente au jeudi trente et un décembre: inventaire."},
		{"2026-12-30T10:00", "", "Nous vous répondrons lundi à huit heures Merci"},
	} {
		s := command(t, "try", site, "3000", "--words", "fr", "--at", c.at, "--keys="+c.keys)
		if s.code != exitOK || !strings.Contains(s.out, c.want) {
			t.Errorf("%s %s: code %d, no %q in\n%s%s", c.at, c.keys, s.code, c.want, s.out, s.talk)
		}
	}
	write("tests/hours.yaml", `version: 1
tests:
  mardi: {entry: "3000", at: "2026-11-24 10:00", steps: [{press: "1"}, {hear: sys.queue_closed_until.1}], expect: {outcome: closed}}
  fermee: {entry: "3000", at: "2026-11-23 10:00", queues: closed, steps: [{press: "1"}, {hear: "lundi trente novembre"}], expect: {outcome: closed}}
  fermeture: {entry: "3000", at: "2026-11-23 10:00", steps: [{press: "1"}, closing], expect: {outcome: closed}}
  nuit: {entry: "3000", at: "2026-11-23 22:00", expect: {outcome: answered}}
`)
	if s := command(t, "check", "--tests", site); s.code != exitFailure || strings.Count(s.out, `test "`) != 1 || !strings.Contains(s.out, `test "nuit": the outcome is closed`) {
		t.Errorf("code %d\n%s%s", s.code, s.out, s.talk)
	}
	s := command(t, "explain", "--site", site, "--reason", "accueil", "--at", "2026-12-30 10:00", "--words", "fr")
	for _, want := range []string{"horaires de l'entrée : fermé (inventaire), rouvre le 2027-01-04 08:00", "Horaires de la file : fermé, rouvre le 2027-01-04 08:00", "on n'y parvient pas"} {
		if s.code != exitOK || !strings.Contains(s.out, want) {
			t.Errorf("code %d, no %q in\n%s%s", s.code, want, s.out, s.talk)
		}
	}
	if s := command(t, "check", site); s.code != exitOK {
		t.Errorf("code %d\n%s%s", s.code, s.out, s.talk)
	}
}
