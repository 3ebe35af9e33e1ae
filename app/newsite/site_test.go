package newsite_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"accueil/app"
	"accueil/app/newsite"
	asteriskconf "accueil/deploy/asterisk"
	"accueil/diag"
	"accueil/site"
)

// dice gives the same secrets at every run.
func dice() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{7}) }

// answersOf reads a YAML text of answers and, where one is given, a table.
func answersOf(answers, table string) (newsite.Answers, diag.Findings) {
	form := newsite.NewForm()
	if answers != "" {
		if found := form.ReadAnswers("answers.yaml", []byte("version: 1\n"+answers), newsite.French); found.Failed() {
			return newsite.Answers{}, found
		}
	}
	if table != "" {
		if found := form.ReadTable("services.csv", []byte(table), newsite.French); found.Failed() {
			return newsite.Answers{}, found
		}
	}
	return form.Answers(newsite.French)
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// written writes a site to disk and returns the path of its site file.
func written(t fataler, dir string, made newsite.Site) string {
	t.Helper()
	for _, f := range made.Files {
		path := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatalf("%v", err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatalf("%v", err)
		}
	}
	return filepath.Join(dir, newsite.SiteFile)
}

// passes has a site checked as serve and check --tests do: not even a warning, Asterisk's side of it can
// be written, and every call of its tests goes as expected.
func passes(t fataler, dir string, a newsite.Answers, l newsite.Lang) (newsite.Site, int) {
	t.Helper()
	made, err := newsite.Build(a, l, dice())
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	path := written(t, dir, made)
	show := func() string {
		scenario, _ := os.ReadFile(filepath.Join(dir, "scenarios", "principal.yaml"))
		file, _ := os.ReadFile(path)
		return string(file) + "\n" + string(scenario)
	}
	if findings, ok := app.Check(path); !ok || len(findings) > 0 {
		t.Fatalf("check: %v\n%s", findings, show())
	}
	loaded, _ := site.Load(path)
	if _, err := asteriskconf.Render(loaded, asteriskconf.Options{MusicDir: "/srv/music"}); err != nil {
		t.Fatalf("Asterisk's side: %v\n%s", err, show())
	}
	findings, ran, err := app.CheckTests(path)
	if err != nil || len(findings) > 0 {
		t.Fatalf("tests: %v %v\n%s", err, findings, show())
	}
	return made, ran
}

func TestSites(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers, table string
		tests          int
		want           []string // of all files together
	}{
		"nothing but the usual answers": {"", "", 13, []string{"holidays: FR", "192.0.2.10", "hours: {timetable: standard, open: bienvenue, closed: ferme}"}},
		"the smallest": {`
name: Clinique du Lac
languages: fr
reception: 24h/24
services: [{label_fr: Accueil, hours: 24h/24}]
desks: 1
`, "", 6, []string{"Accueil, tapez 1.", "start: bienvenue", "languages: [fr]", `fallback: {ring: ["101"]}`, "service-accueil:"}},
		"Réunion, register, callback": {`
name: Hôpital du Sud
region: La Réunion
trunk: 0262000000@sip.operateur.example
full: rappel
`, "", 13, []string{"timezone: Indian/Reunion", "region: RE", "holidays: RE", "kind: register", "password_file: secrets/operateur", "callback: {reason: accueil, no: complet}"}},
		"Alsace, night, PBX": {`
region: alsace
pbx: 10.0.0.5 4xxx, 51xx
night: "4000"
full: "5100"
reception: lun-ven 8h-18h
`, "", 14, []string{"holidays: ALSACE-MOSELLE", "timezone: Europe/Paris", `extensions: ["4[0-9]{3}", "51[0-9]{2}"]`, `fallback: {goto: "5100"}`, `transfer: {to: "4000", no_answer: ferme`}},
		"messages": {`
name: Hôpital de Metz
region: ALSACE-MOSELLE
full: messagerie
`, "", 13, []string{"voicemail:", "next: messagerie", "overflow: {closed: {goto: ferme}}", "expect: {outcome: voicemail}"}},
		"English first, in English": {`
languages: en, fr
services: [{label_fr: Horaires, label_en: Opening hours}, {label_fr: Maternité, target: "4010", hours: mon-fri 9:00-17:00}]
`, "", 11, []string{"Opening hours, press 1.", "languages: [en, fr]", `transfer: "4010"`, `callers: unknown, extensions: ["4010"]`}},
		"seven services without keys": {`
services:
  - {label_fr: Rendez-vous}
  - {label_fr: Résultats}
  - {label_fr: Admissions}
  - {label_fr: Imagerie}
  - {label_fr: Laboratoire}
  - {label_fr: Maternité}
  - {label_fr: Facturation}
`, "", 21, []string{"Autres services, tapez 4.", "Other services, press 4.", "menu-autres-services:", "Laboratoire, tapez 2.", `press: "44"`}},
		"sixteen in groups, from a spreadsheet": {"full: callback\ndesks: 40\nfirst_phone: 200", sixteen(), 39, []string{"Service 4-4, tapez 4.", "set: {reason: service-1-1}", `"239"`}},
		"a night over midnight": {`
reception: lun-dim 20h-6h, fériés 0h-6h 20h-24h
services: [{label_fr: Garde, hours: sam-dim 18h-8h}]
night: "0612345678"
`, "", 10, []string{"service-garde:", `"00:00-06:00, 20:00-24:00"`, `extensions: ["0612345678"]`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, found := answersOf(c.answers, c.table)
			if len(found) > 0 {
				t.Fatal(found)
			}
			made, ran := passes(t, t.TempDir(), a, newsite.English)
			if ran != c.tests {
				t.Errorf("%d tests, want %d", ran, c.tests)
			}
			all := ""
			for _, f := range made.Files {
				all += string(f.Data)
			}
			for _, w := range c.want {
				if !strings.Contains(all, w) {
					t.Errorf("no %q in\n%s", w, all)
				}
			}
		})
	}
}

func sixteen() string {
	table := "key,label_fr,kind,target,hours\n"
	for g := range 4 {
		table += fmt.Sprintf("%d,Groupe %d,groupe,,\n", g+1, g+1)
		for s := range 4 {
			table += fmt.Sprintf("%d%d,Service %d-%d,file,equipe %d,\"lun-ven 8h-12h, 13h-%dh\"\n", g+1, s+1, g+1, s+1, g%2, 14+s)
		}
	}
	return table
}

// TestSecrets: each stands in one private file, is handed over once, and is nowhere else.
func TestSecrets(t *testing.T) {
	t.Parallel()
	a, found := answersOf("trunk: 0140000000@sip.operateur.example\ndesks: 12\nfirst_phone: 301", "")
	if len(found) > 0 {
		t.Fatal(found)
	}
	made, err := newsite.Build(a, newsite.French, dice())
	if err != nil {
		t.Fatal(err)
	}
	again, err := newsite.Build(a, newsite.French, dice())
	if err != nil {
		t.Fatal(err)
	}
	if len(made.Handover.Desks) != 12 || len(made.Handover.Tokens) != 2 {
		t.Fatalf("%+v", made.Handover)
	}
	var secrets []string
	for _, d := range made.Handover.Desks {
		secrets = append(secrets, d.Password)
		if len(d.Password) != 16 || len(d.PIN) != 6 {
			t.Errorf("%+v", d)
		}
	}
	for _, k := range made.Handover.Tokens {
		secrets = append(secrets, k.Token)
	}
	seen := map[string]bool{}
	for i, f := range made.Files {
		if !bytes.Equal(f.Data, again.Files[i].Data) {
			t.Errorf("%s: the same answers and dice give another file", f.Path)
		}
		private := strings.HasPrefix(f.Path, "secrets/")
		if f.Private != private {
			t.Errorf("%s: private %v", f.Path, f.Private)
		}
		if private && f.Path != "secrets/tokens" {
			secrets = append(secrets, strings.TrimSpace(string(f.Data)))
		}
	}
	for _, secret := range secrets {
		count := 0
		for _, f := range made.Files {
			if bytes.Contains(f.Data, []byte(secret)) {
				count++
				if !f.Private {
					t.Errorf("a secret stands in %s", f.Path)
				}
			}
		}
		isToken := len(secret) == 64 && (secret == made.Handover.Tokens[0].Token || secret == made.Handover.Tokens[1].Token)
		if want := map[bool]int{true: 0, false: 1}[isToken]; count != want {
			t.Errorf("a secret stands in %d files, want %d", count, want)
		}
		seen[secret] = true
	}
	if len(seen) != 12+2+1+1+12 { // passwords, tokens, ARI, operator, PINs
		t.Errorf("%d different secrets", len(seen))
	}
	if _, err := newsite.Build(a, newsite.French, bytes.NewReader([]byte("short"))); err == nil {
		t.Error("secrets were made without randomness")
	}
}

// TestWhateverIsAnswered: any answers that are taken make a site that check accepts, with its proof of
// every way, and whose own tests pass.
func TestWhateverIsAnswered(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		text := drawAnswers(t)
		a, found := answersOf(text, "")
		if found.Failed() {
			t.Fatalf("refused: %v\n%s", found, text)
		}
		n++
		dir := filepath.Join(base, fmt.Sprint(n))
		passes(t, dir, a, rapid.SampledFrom([]newsite.Lang{newsite.French, newsite.English}).Draw(t, "reader"))
		if err := os.RemoveAll(dir); err != nil {
			t.Fatalf("%v", err)
		}
	})
}

// labels are names that would be something else in YAML, in the site file or in a menu, and usual ones.
var labels = []string{"Rendez-vous", "Résultats d'examens", "Admission & sortie", "null", "true", "accueil", "Urgence", "menu", "not", "none", "return", "fr", "rappel-standard",
	"Œil, nez : gorge", "L’hôpital de jour", "2e avis", "Service + n° 3", "- tiret", "a", "Nuit", "ferme", "rdv", "poste 4", "sys", "standard", "services", "file-rdv",
	"Un nom de service aussi long que permis.", "Éàüçñ", "y", "no", "autres services"}

func drawAnswers(t *rapid.T) string {
	var b strings.Builder
	quoted := func(key, value string) { fmt.Fprintf(&b, "%s: '%s'\n", key, strings.ReplaceAll(value, "'", "''")) }
	maybe := func(key string, values ...string) {
		if rapid.Bool().Draw(t, key+" given") {
			quoted(key, rapid.SampledFrom(values).Draw(t, key))
		}
	}
	hours := rapid.SampledFrom([]string{"24h/24", "lun-ven 8h-18h", "lun-ven 8h-12h 13h30-18h, sam 9h-12h", "tous les jours 20h-6h", "dim 10h-10h20", "lun-dim 0h-24h, fériés fermé", "mer 9h-10h, fériés 9h-17h", ""})
	maybe("name", "Centre hospitalier de Val-Fleuri", "CHU", "L'Hôpital : n° 1 & Cie", "123 soleil", "true")
	maybe("id", "ch-1", "1", "null", "on")
	maybe("region", "FR", "ALSACE-MOSELLE", "GP", "MQ", "GF", "RE", "YT", "Guyane", "la réunion")
	langs := rapid.SampledFrom([]string{"fr", "en", "fr, en", "en, fr"}).Draw(t, "languages")
	quoted("languages", langs)
	maybe("trunk", "198.51.100.10", "198.51.100.10, 2001:db8::1", "user@sip.example.org", "0140@sip.example.org:5070")
	numbers := []string{"01 40 00 00 00", "3000", "+33140000000, 3001", "0140000000, 0140000001:" + langs[:2]}
	maybe("numbers", numbers...)
	maybe("pbx", "non", "10.0.0.5 4xxx", "10.0.0.5 7xxx 51xx, 8x")
	reception := hours.Draw(t, "reception")
	if reception != "" {
		quoted("reception", reception)
	}
	if rapid.Bool().Draw(t, "services given") {
		b.WriteString("services:\n" + drawServices(t, hours))
	}
	quoted("desks", fmt.Sprint(rapid.SampledFrom([]int{1, 2, 11, 30, 150}).Draw(t, "desks")))
	maybe("full", "message", "rappel", "messagerie", "4999", "0699999999")
	if reception != "24h/24" {
		maybe("night", "non", "4998", "0699999999")
	}
	return b.String()
}

// drawServices draws a table: up to seven lines without keys, or groups and services with theirs.
func drawServices(t *rapid.T, hours *rapid.Generator[string]) string {
	var b strings.Builder
	line := func(key string, group bool) {
		fmt.Fprintf(&b, "  - {key: '%s', label_fr: '%s', label_en: '%s'", key, strings.ReplaceAll(rapid.SampledFrom(labels).Draw(t, "label"), "'", "''"),
			rapid.SampledFrom([]string{"", "Test results", "o", "None"}).Draw(t, "english"))
		switch {
		case group:
			b.WriteString(", kind: groupe}\n")
			return
		case rapid.Bool().Draw(t, "extension"):
			fmt.Fprintf(&b, ", kind: poste, target: '%s'", rapid.SampledFrom([]string{"4010", "4011", "06 12 34 56 78", "87"}).Draw(t, "number"))
		case rapid.Bool().Draw(t, "shared queue"):
			b.WriteString(", kind: file, target: 'Équipe commune'")
		}
		fmt.Fprintf(&b, ", hours: '%s'}\n", hours.Draw(t, "hours"))
	}
	if rapid.Bool().Draw(t, "keys") {
		for _, key := range rapid.Permutation([]string{"1", "2", "3", "5", "7"}).Draw(t, "order")[:rapid.IntRange(1, 4).Draw(t, "choices")] {
			group := rapid.Bool().Draw(t, "group")
			line(key, group)
			for i := 0; group && i < rapid.IntRange(1, 4).Draw(t, "inner"); i++ {
				line(key+fmt.Sprint(i+1), false)
			}
		}
		return b.String()
	}
	for range rapid.IntRange(1, 7).Draw(t, "lines") {
		line("", false)
	}
	return b.String()
}

// TestTheExampleOfTheDocs keeps docs/init.md true: its files are read, and make a site.
func TestTheExampleOfTheDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "init.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string) string {
		_, rest, ok := strings.Cut(string(page), "```"+kind+"\n")
		text, _, closed := strings.Cut(rest, "```")
		if !ok || !closed {
			t.Fatalf("docs/init.md has no block of %s", kind)
		}
		return text
	}
	for _, c := range []struct{ answers, table string }{{strings.TrimPrefix(block("yaml"), "version: 1\n"), ""}, {"", block("csv")}} {
		a, found := answersOf(c.answers, c.table)
		if len(found) > 0 {
			t.Fatal(found)
		}
		made, _ := passes(t, t.TempDir(), a, newsite.French)
		if !strings.Contains(made.Menu, "Centre hospitalier de Val-Fleuri (") {
			t.Errorf("the menu:\n%s", made.Menu)
		}
	}
}

// TestPlainTable: a list of services, numbers and hours, headed as whoever keeps it would head it, is
// enough.
func TestPlainTable(t *testing.T) {
	t.Parallel()
	for _, table := range []string{
		"service;numéro;horaires\nCardiologie;4101;lun-ven 8h-18h\nRendez-vous;;\n",
		"services,numbers,hours\nCardiology,4101,mon-fri 08:00-18:00\nAppointments,,\n",
		"Nom\tTéléphone\tHeures\nCardiologie\t4101\tlun-ven 8h-18h\nRendez-vous\t\t\n",
	} {
		a, found := answersOf("", table)
		if found.Failed() {
			t.Fatalf("%s: %v", table, found)
		}
		made, _ := passes(t, t.TempDir(), a, newsite.French)
		if !strings.Contains(made.Menu, "poste 4101") || !strings.Contains(made.Menu, "file ") {
			t.Errorf("%s gives\n%s", table, made.Menu)
		}
	}
}

// TestASpreadsheetTakesTheZero: a number that lost its first digit would ring nobody, or somebody else.
func TestASpreadsheetTakesTheZero(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"service;numéro\nCardiologie;140000000\n", "service;genre;numéro\nCardiologie;;4101\n;entree;140000000\n", "service;genre;numéro\nCardiologie;;4101\n;garde;612345678\n"} {
		if _, found := answersOf("", table); !found.Failed() || !strings.Contains(found.String(), "vouliez-vous dire 0") {
			t.Errorf("%s: %v", table, found)
		}
	}
}
