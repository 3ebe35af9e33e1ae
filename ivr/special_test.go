package ivr_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// specialSite has an entry that tells why it is closed, and hours as a fact.
func specialSite(t *testing.T) ivr.Site {
	t.Helper()
	days, wrong := calendar.New("RE", []calendar.Exception{
		{From: "2026-12-24", Hours: "08:00-12:00", Label: calendar.Names{"fr": "veille de Noël", "en": "Christmas Eve"}},
		{From: "2026-12-28"},
	})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	office := calendar.ParseWeek(map[string][]string{"mon-fri": {"08:00-18:00"}}, paris, days, func(key string, _, message *wording.Text) { t.Fatalf("%s: %s", key, message) })
	if err := office.AddClosure(calendar.Closure{From: "2027-01-04", To: "2027-01-08", Label: calendar.Names{"fr": "travaux", "en": "building works"}}); err != nil {
		t.Fatal(err)
	}
	plain := calendar.ParseWeek(map[string][]string{"mon-fri": {"08:00-18:00"}}, paris, nil, func(key string, _, message *wording.Text) { t.Fatalf("%s: %s", key, message) })
	s := demoSite()
	s.Location = paris
	s.SMS = true
	s.Timetables["bureau"], s.Timetables["simple"] = office, plain
	s.Hours = map[string]*ivr.Timetable{"horaires": office, "simple": plain}
	week := map[acd.Lang]string{"fr": "du lundi au vendredi", "en": "Monday to Friday"}
	s.Facts["horaires"], s.Facts["simple"] = week, week
	s.Articles["visites"] = ivr.Article{Texts: map[acd.Lang]string{"fr": "Visites du lundi au vendredi" + s.SpecialMark("horaires") + ". Merci.", "en": "Visits."}}
	s.Extension = func(n string) bool { return len(n) == 4 }
	s.Entries = map[acd.EntryID]ivr.Entry{"3000": {Scenario: "principal"}, "3900": {Scenario: "interne"}, "1": {Scenario: "main"}, "2": {Scenario: "main", Language: "en"}, "3": {Scenario: "parle"}, "4": {Scenario: "ecrit"}, "5": {Scenario: "article"}, "6": {Scenario: "main", Hours: office}, "7": {Scenario: "accueil", Hours: office}}
	return s
}

func specialFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := demoFiles(t)
	const head = "version: 1\nemergency_message: false\nstart: a\nnodes:\n"
	maps.Copy(files, map[string][]byte{
		"main.yaml":    []byte(head + "  a: {hours: {timetable: bureau, open: o, closed: c}}\n  o: {queue: accueil}\n  c: {say: {fr: \"Fermé, {closure}. Nous ouvrons {next_opening}. Merci.\", en: \"Closed: {closure}. Back {next_opening}.\"}}\n"),
		"parle.yaml":   []byte(head + "  a: {say: {fr: \"Ouvert {{horaires}} et {{simple}}. Merci.\", en: \"Open {{horaires}}.\"}}\n"),
		"ecrit.yaml":   []byte(head + "  a: {sms: {text: {fr: \"Ouvert {{horaires}}.\", en: \"Open {{horaires}}.\"}}, next: b}\n  b: {queue: accueil}\n"),
		"article.yaml": []byte(head + "  a: {info: {article: visites}}\n"),
		"accueil.yaml": []byte(head + "  a: {queue: accueil}\n"),
	})
	return files
}

// TestWhyItIsClosed names the day in the message, with the next opening; hours tell the special days of the week that
// comes. Each on the day that it is, of a program that was loaded at no particular time.
func TestWhyItIsClosed(t *testing.T) {
	t.Parallel()
	p := load(t, specialFiles(t), specialSite(t))
	for _, c := range []struct {
		entry acd.EntryID
		at    string
		want  string
	}{
		{"1", "2026-12-25 10:00", "Fermé, Noël Nous ouvrons mardi à huit heures Merci."},
		{"2", "2026-12-25 10:00", "Closed: Christmas Day Back on Tuesday at eight in the morning"},
		{"1", "2026-12-24 14:00", "Fermé, veille de Noël Nous ouvrons mardi à huit heures Merci."},
		{"1", "2026-12-28 10:00", "Fermé, fermeture exceptionnelle Nous ouvrons demain à huit heures Merci."},
		{"1", "2027-01-05 10:00", "Fermé, travaux Nous ouvrons lundi à huit heures Merci."},
		{"1", "2026-12-22 20:00", "Fermé, en dehors des heures d'ouverture Nous ouvrons demain à huit heures Merci."},
		{"7", "2026-12-25 10:00", "Notre accueil téléphonique est fermé : Noël Nous vous répondrons mardi à huit heures Merci de votre appel. Au revoir."},
		{"7", "2026-12-28 10:00", "Notre accueil téléphonique est fermé pour le moment. Nous vous répondrons demain à huit heures Merci de votre appel. Au revoir."},
		{"3", "2026-11-23 10:00", "Ouvert du lundi au vendredi et du lundi au vendredi. Merci."},
		{"3", "2026-12-18 10:00", "Ouvert du lundi au vendredi sauf jeudi vingt-quatre décembre veille de Noël de huit heures à midi et du lundi au vendredi. Merci."},
		{"3", "2026-12-25 10:00", "Ouvert du lundi au vendredi sauf aujourd'hui Noël fermé sauf lundi vingt-huit décembre fermé et du lundi au vendredi. Merci."},
		{"3", "2027-01-02 10:00", "Ouvert du lundi au vendredi sauf lundi quatre janvier jusqu'au huit janvier travaux fermé et du lundi au vendredi. Merci."},
		{"3", "2028-12-18 10:00", "Ouvert du lundi au vendredi sauf mercredi vingt décembre le jour de l'abolition de l'esclavage fermé et du lundi au vendredi. Merci."},
		{"5", "2026-12-25 10:00", "Visites du lundi au vendredi sauf aujourd'hui Noël fermé sauf lundi vingt-huit décembre fermé Merci. Pour recevoir cette information par SMS, tapez 1. Pour réécouter, appuyez sur étoile. Pour parler à quelqu'un, appuyez sur zéro. Pour terminer, tapez 2."},
	} {
		s, err := p.Start(c.entry, "")
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, paris)
		if err != nil {
			t.Fatal(err)
		}
		if got := spoken(t, p, s, s.Handle(acd.HeardStart{}, acd.SceneAt(at))); got != c.want {
			t.Errorf("%s at %s: %q, want %q", c.entry, c.at, got, c.want)
		}
	}
	at := time.Date(2026, 12, 25, 10, 0, 0, 0, paris)
	if got, ok := p.Written("ecrit.a", "fr", at); !ok || got != "Ouvert du lundi au vendredi, sauf aujourd'hui Noël fermé, sauf lundi vingt-huit décembre fermé." {
		t.Errorf("%q", got)
	}
	if got, _ := p.Written("ecrit.a", "fr", at.AddDate(0, 1, 0)); got != "Ouvert du lundi au vendredi." {
		t.Errorf("%q", got)
	}
	if fs := p.Prove(); len(fs) > 0 {
		t.Error(fs)
	}
}

// TestASiteKeepsItsWords: who has replaced the message of the hours hears it on holidays too.
func TestASiteKeepsItsWords(t *testing.T) {
	t.Parallel()
	s := specialSite(t)
	s.Texts = map[string]map[acd.Lang]string{"sys.closed_until": {"fr": "Fermé jusqu'à {next_opening}.", "en": "Closed."}}
	p := load(t, specialFiles(t), s)
	script, err := p.Start("7", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := spoken(t, p, script, script.Handle(acd.HeardStart{}, acd.SceneAt(time.Date(2026, 12, 25, 10, 0, 0, 0, paris)))); got != "Fermé jusqu'à mardi à huit heures" {
		t.Errorf("%q", got)
	}
}

// TestMarksAreNotSent, nor where nothing is known of them.
func TestMarksAreNotSent(t *testing.T) {
	t.Parallel()
	files := specialFiles(t)
	files["ecrit.yaml"] = []byte(strings.Replace(string(files["ecrit.yaml"]), "Ouvert {{horaires}}", "Fermé: {closure}", 1))
	if _, fs := ivr.Load(files, specialSite(t)); !strings.Contains(fs.String(), "{closure} can be spoken, not sent") {
		t.Errorf("%v", fs)
	}
}
