package app

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// mistakes are those that whoever looks after a site makes with a text editor: a file of the demo site,
// what stands there, and what is written instead.
var mistakes = []struct{ name, file, old, new string }{
	{"une touche mène à une étape mal écrite", "scenarios/principal.yaml", `"1": rdv-consultation`, `"1": rdv-consultaion`},
	{"la touche 9 prise pour un service", "scenarios/principal.yaml", `"4": informations`, `"9": informations`},
	{"une phrase en français seulement", "scenarios/principal.yaml", "      en: \"Hello, {{hopital}}.\"\n", ""},
	{"un guillemet oublié", "scenarios/principal.yaml", `fr: "Bonjour, {{hopital}}."`, `fr: "Bonjour, {{hopital}}.`},
	{"deux-points dans une phrase sans guillemets", "scenarios/principal.yaml", `fr: "Bonjour, {{hopital}}."`, `fr: Bonjour: {{hopital}}.`},
	{"une tabulation", "scenarios/principal.yaml", "    next: menu", "\tnext: menu"},
	{"une ligne mal alignée", "scenarios/principal.yaml", "      options:\n        \"1\": rdv-consultation", "     options:\n        \"1\": rdv-consultation"},
	{"next oublié après un message", "scenarios/principal.yaml", "    next: au-revoir\n", ""},
	{"un menu qui tourne en rond", "scenarios/principal.yaml", "    next: au-revoir\n", "    next: horaires\n"},
	{"une fin d'appel sans un mot", "scenarios/principal.yaml", `"3": admission`, `"3": au-revoir`},
	{"un motif inconnu", "scenarios/principal.yaml", "queue: rdv.imagerie", "queue: rdv.imagrie"},
	{"une étape qui fait deux choses", "scenarios/principal.yaml", "    queue: resultats", "    queue: resultats\n    say: {fr: \"Un instant.\", en: \"One moment.\"}"},
	{"un verbe en français", "scenarios/principal.yaml", "    say:\n      fr: \"Bonjour", "    dire:\n      fr: \"Bonjour"},
	{"un article qui n'existe pas", "scenarios/principal.yaml", "info: horaires-visites", "info: horaire-visites"},
	{"une information du site mal nommée", "scenarios/principal.yaml", "Bonjour, {{hopital}}.", "Bonjour, {{hospital}}."},
	{"des horaires à la française", "site.yaml", `week: {every day: "00:00-24:00"}`, `week: {lun-ven: "8h-18h"}`},
	{"une heure en plus", "site.yaml", `week: {every day: "00:00-24:00"}`, `week: {mon-fri: "08:00-25:00"}`},
	{"une fermeture à l'envers", "site.yaml", `    holidays: "00:00-24:00"`, "    holidays: \"00:00-24:00\"\n    closures: [{from: 2026-12-26, to: 2026-12-24, label: {fr: \"inventaire\", en: \"stock\"}}]"},
	{"une date qui n'existe pas", "site.yaml", `    holidays: "00:00-24:00"`, "    holidays: \"00:00-24:00\"\n    closures: [{from: 2026-02-30}]"},
	{"un nom d'horaires mal écrit", "scenarios/principal.yaml", "timetable: jour-et-nuit", "timetable: jour-et-nuits"},
	{"une durée sans unité", "site.yaml", "max_wait: 10m", "max_wait: 10"},
	{"une compétence mal écrite", "site.yaml", `require: "resultats >= 4"`, `require: "resultat >= 4"`},
	{"une condition incomplète", "site.yaml", `require: "resultats >= 4"`, `require: "resultats >="`},
	{"une clé mal écrite", "site.yaml", "    max_waiting: 30\n    max_wait: 15m\n    when_unstaffed", "    max_waitting: 30\n    max_wait: 15m\n    when_unstaffed"},
	{"un agent sans code", "site.yaml", `a01: {name: "Claire Dupont", phone: "101", pin_file: secrets/pins/demo,`, `a01: {name: "Claire Dupont", phone: "101",`},
	{"deux agents au même poste de trop", "site.yaml", `phone: "102", pin_file`, `phone: "202", pin_file`},
	{"un article sans responsable", "articles/horaires-visites.yaml", "owner:", "proprietaire:"},
	{"un numéro tapé dans un article", "articles/horaires-visites.yaml", "{{heures-de-visite}}", "de 14 h à 20 h, au 01 99 00 30 00"},
	{"une sorte inconnue dans l'annuaire", "annuaire.csv", "accueil;service;", "accueil;servcie;"},
	{"deux lignes de même nom dans l'annuaire", "annuaire.csv", "admissions;service;", "accueil;service;"},
	{"une garde à l'envers", "gardes.csv", "2026-01-01 00:00;2027-01-01 00:00;4106", "2027-01-01 00:00;2026-01-01 00:00;4106"},
	{"une condition fausse dans un menu", "scenarios/principal.yaml", "    branch:\n      language:\n        fr: en-anglais\n        en: en-francais", "    branch: {if: 'langue == \"fr\"', then: en-anglais, else: en-francais}"},
	{"une attente sans pause", "scenarios/attente.yaml", "wait:", "wait: 1s #"},
	{"un numéro de transfert inconnu", "scenarios/principal.yaml", "    queue: admission", "    transfer: {to: \"5003\", no_answer: menu}"},
	{"l'ordre des appels d'essai", "tests/menu.yaml", `press: "2"`, `press: "deux"`},
	{"un essai qui ne se passe pas comme prévu", "tests/menu.yaml", "expect: {queue: imagerie,", "expect: {queue: rdv,"},
}

// TestOneCall: one call is not told as many.
func TestOneCall(t *testing.T) {
	t.Parallel()
	for ran, want := range map[int][2]string{
		1: {"site.yaml est utilisable ; 1 appel d'essai s'est passé comme prévu", "site.yaml can be used; 1 call went as expected"},
		2: {"site.yaml est utilisable ; 2 appels d'essai se sont passés comme prévu", "site.yaml can be used; 2 calls went as expected"},
	} {
		said := CheckWords("site.yaml", nil, ran)
		if got := [2]string{strings.ReplaceAll(said.In(Language("fr")), "\u00a0", " "), said.In(Language("en"))}; got != want {
			t.Errorf("%d: %q", ran, got)
		}
	}
}

// A hospital's secretary reads in French what is wrong, where, and what to do. The golden file is what
// each mistake tells; whoever changes it reads it as she would.
func TestMistakesAreToldInFrench(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, m := range mistakes {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS("../deploy/demo")); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, filepath.FromSlash(m.file))
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), m.old) {
			t.Fatalf("%s: %s has no %q", m.name, m.file, m.old)
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(text), m.old, m.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "site.yaml")
		findings, ok := Check(path)
		ran := -1
		if strings.HasPrefix(m.file, "tests/") && ok {
			more, n, err := CheckTests(path)
			if err != nil {
				t.Fatal(err)
			}
			findings, ran = append(findings, more...), n
		}
		if len(findings) == 0 {
			t.Errorf("%s: nothing was found", m.name)
		}
		told := findings.In(Language("fr")) + "\n" + CheckWords("site.yaml", findings, ran).In(Language("fr")) + ".\n"
		told = strings.ReplaceAll(strings.ReplaceAll(told, dir+"/", ""), dir, ".")
		got.WriteString("# " + m.name + " (" + m.file + ")\n" + told + "\n")
		for line := range strings.Lines(told) {
			if !strings.Contains(line, " | ") { // an excerpt is whose file it is
				if leak := english.FindString(quoted.ReplaceAllString(line, "")); leak != "" {
					t.Errorf("%s: English %q in: %s", m.name, leak, line)
				}
			}
		}
	}
	golden := filepath.Join("testdata", "mistakes.fr.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

var (
	// english are words that no French sentence has.
	english = regexp.MustCompile(`(?i)\b(the|is|are|must|of|write|with|no such|there|this|does|cannot|and|or|to|in|not)\b`)
	// quoted is what a person has written, or is to write.
	quoted = regexp.MustCompile(`« [^»]* »|"[^"]*"|\{[^}]*\}|possible : .*|écrivez .*|utilisez .*|suit not, par exemple .*|après not$`)
)

// No French form keeps a word of English, but what is to be typed.
func TestFrenchFormsAreFrench(t *testing.T) {
	t.Parallel()
	for pkg, forms := range frenchTables() {
		for s, form := range forms {
			if leak := english.FindString(quoted.ReplaceAllString(form, "")); leak != "" {
				t.Errorf("%s: %q: English %q in %q", pkg, s, leak, form)
			}
		}
	}
}
