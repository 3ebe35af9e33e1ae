package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDemonstrationKeepsItsTests(t *testing.T) {
	t.Parallel()
	s := command(t, "check", "--tests", demoSite)
	if s.code != exitOK || !strings.Contains(s.talk, "17 calls went as expected") {
		t.Errorf("code %d\n%s%s", s.code, s.out, s.talk)
	}
}

func TestScenarioTestThatFails(t *testing.T) {
	t.Parallel()
	site := smallSite(t)
	if s := command(t, "check", "--tests", site); s.code != exitConfig || !strings.Contains(s.talk, "no tests/*.yaml") {
		t.Errorf("no tests: code %d, %q", s.code, s.talk)
	}
	write := func(text string) {
		t.Helper()
		dir := filepath.Join(filepath.Dir(site), "tests")
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "menu.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("version: 1\ntests:\n  rdv:\n    entry: \"3000\"\n    steps: [{press: \"1\"}]\n    expect: {queue: rdv}\n" +
		"  autre:\n    entry: \"3000\"\n    steps:\n      - hear: bonsoir\n    expect: {queue: rdv}\n" +
		"  nulle-part:\n    entry: \"3999\"\n    expect: {queue: rdv}\n")
	s := command(t, "check", "--tests", site)
	if s.code != exitFailure || !strings.Contains(s.out, "menu.yaml:10:") || !strings.Contains(s.out, `does not hear "bonsoir"`) ||
		!strings.Contains(s.out, `no entry "3999"`) || strings.Contains(s.out, `test "rdv"`) {
		t.Errorf("code %d\n%s%s", s.code, s.out, s.talk)
	}
	write("version: 1\ntests:\n  rdv:\n    entry: \"3000\"\n    setps: []\n")
	if s := command(t, "check", "--tests", "--json", site); s.code != exitFailure || !strings.Contains(s.out, `"line": 5`) || !strings.Contains(s.out, "steps") {
		t.Errorf("code %d\n%s%s", s.code, s.out, s.talk)
	}
}

func TestTry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line string
		code int
		want []string
	}{
		{"try " + demoSite + " 3000 --keys 12a --words fr", exitOK, []string{"Si votre vie", "→ touche 2", "file imagerie demandée", "un agent répond", "fin de l'appel : answered"}},
		{"try " + demoSite + " 3001 --keys 9h --words en", exitOK, []string{"dial 15 or 112", "emergency noted", "the call ends: emergency (key_9)"}},
		{"try " + demoSite + " 3000 --keys .. --words en", exitOK, []string{"silence (10s)", "silence (20s)", "queue accueil is asked"}},
		{"try " + demoSite + " 3000 --full --keys 3 --words en", exitOK, []string{"the queue refuses: full", "4000 answers", "the call ends: overflow"}},
		{"try " + demoSite + " 3000 --full --extension busy --keys 3 --words en", exitOK, []string{"4000 does not answer", "the call ends: dissuaded"}},
		{"try " + demoSite + " 3000 --closed --keys= --words fr", exitOK, []string{"fermé pour le moment", "fin de l'appel : closed"}},
		{"try " + demoSite + " 3000 --at 2026-07-14T10:00 --keys 1 --lang en", exitOK, []string{"10:00:00", "For a consultation"}},
		{"try " + demoSite + " 3999", exitUsage, []string{`no entry "3999"`, "3000, 3001, 3900"}},
		{"try " + demoSite + " 3000 --keys 1x", exitUsage, []string{"'x' can do nothing here"}},
		{"try " + demoSite + " 3000 --lang de --keys 1", exitUsage, []string{`does not speak "de"`}},
		{"try " + demoSite + " 3000 --at tomorrow", exitUsage, []string{"2026-12-24 10:00"}},
		{"try " + demoSite + " 3000 --full --unstaffed", exitUsage, []string{"either --full or --unstaffed"}},
		{"try " + demoSite + " 3000 --keys 9h1", exitFailure, []string{"ended before"}},
		{"try nowhere.yaml 3000", exitConfig, []string{"pas de fichier de site"}},
	} {
		s := command(t, strings.Fields(c.line)...)
		for _, w := range c.want {
			if !strings.Contains(s.out+s.talk, w) {
				t.Errorf("%s: no %q in\n%s%s", c.line, w, s.out, s.talk)
			}
		}
		if s.code != c.code {
			t.Errorf("%s: code %d, want %d", c.line, s.code, c.code)
		}
	}
}

// TestTryAsks walks as a person would: a wrong letter, silence, the emergency and back, the end of input.
func TestTryAsks(t *testing.T) {
	t.Parallel()
	var out, talk bytes.Buffer
	code := run(context.Background(), []string{"try", demoSite, "3000", "--words", "fr"}, strings.NewReader("z\n\n9\n*\n12\n\n"), &out, &talk)
	for _, w := range []string{"« z » ne fait rien ici", "touche ? (Entrée", "en attente (a : un agent"} {
		if !strings.Contains(talk.String(), w) {
			t.Errorf("the talk lacks %q:\n%s", w, talk.String())
		}
	}
	for _, w := range []string{"silence (10s)", "→ touche 9", "→ touche *", "file imagerie", "♪ musique"} {
		if !strings.Contains(out.String(), w) {
			t.Errorf("the call lacks %q:\n%s", w, out.String())
		}
	}
	if code != exitOK {
		t.Errorf("code %d", code)
	}
}

func TestTryAsJSON(t *testing.T) {
	t.Parallel()
	s := command(t, "try", demoSite, "3000", "--json", "--keys", "11", "--at", "2026-07-14 10:00")
	var got struct {
		Awaits, Queue, Reason string
		Events                []struct{ Kind, Text, Key, At string }
	}
	if err := json.Unmarshal([]byte(s.out), &got); err != nil || s.code != exitOK {
		t.Fatalf("code %d, %v\n%s", s.code, err, s.out)
	}
	if got.Awaits != "agent" || got.Queue != "rdv" || got.Reason != "rdv.consultation" || len(got.Events) < 6 || got.Events[0].Kind != "heard" ||
		!strings.HasPrefix(got.Events[0].At, "2026-07-14T10:00:00+02:00") || !strings.Contains(got.Events[0].Text, "15") {
		t.Errorf("%+v", got)
	}
}

func TestGraph(t *testing.T) {
	t.Parallel()
	if s := command(t, "graph", demoSite, "3000", "--lang", "fr"); s.code != exitOK || !strings.HasPrefix(s.out, "<svg ") || !strings.Contains(s.out, "rdv-imagerie") ||
		!strings.Contains(s.out, "après le message d&#39;urgence") || !strings.Contains(s.out, "prefers-color-scheme:dark") {
		t.Errorf("code %d, %.400s %s", s.code, s.out, s.talk)
	}
	if s := command(t, "graph", demoSite, "interne", "--lang", "en", "--format", "mermaid"); s.code != exitOK || !strings.HasPrefix(s.out, "flowchart TD\n") || strings.Contains(s.out, "emergency") {
		t.Errorf("code %d, %.400s %s", s.code, s.out, s.talk)
	}
	file := filepath.Join(t.TempDir(), "menu.svg")
	if s := command(t, "graph", demoSite, "-o", file); s.code != exitOK || s.out != "" {
		t.Errorf("code %d, %s%s", s.code, s.out, s.talk)
	}
	before, err := os.ReadFile(file)
	if err != nil || len(before) == 0 {
		t.Fatal(err)
	}
	if s := command(t, "graph", demoSite, "nowhere", "-o", file); s.code != exitUsage || !strings.Contains(s.talk, "attente, interne, principal") {
		t.Errorf("code %d, %s", s.code, s.talk)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(after, before) {
		t.Error("a drawing that failed took the earlier one away")
	}
	if s := command(t, "graph", demoSite, "--format", "png"); s.code != exitUsage {
		t.Errorf("code %d, %s", s.code, s.talk)
	}
}

// TestExplainNamesTheDay: who asks what would happen on a holiday reads its name and when it opens.
func TestExplainNamesTheDay(t *testing.T) {
	t.Parallel()
	site := smallSite(t)
	dir := filepath.Dir(site)
	for name, edit := range map[string][2]string{
		"site.yaml":                {"\nfallback:", "\ncalendars:\n  hopital: {holidays: FR}\nfallback:"},
		"scenarios/principal.yaml": {"start: menu\nnodes:\n", "start: ouvert\ntimetables:\n  bureau: {mon-fri: \"08:00-18:00\", calendar: hopital}\nnodes:\n  ouvert: {hours: {timetable: bureau, open: menu, closed: ferme}}\n  ferme: {say: {fr: \"Nous sommes fermés.\"}}\n"},
	} {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), edit[0]) {
			t.Fatal(name, err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), edit[0], edit[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := command(t, "explain", "--site", site, "--reason", "accueil", "--at", "2026-12-25 10:00", "--words", "fr")
	if s.code != exitOK || !strings.Contains(s.out, "fermé (Noël), rouvre le 2026-12-28 08:00") {
		t.Errorf("code %d\n%s%s", s.code, s.out, s.talk)
	}
	s = command(t, "explain", "--site", site, "--reason", "accueil", "--at", "2026-12-24 10:00", "--words", "en")
	if s.code != exitOK || !strings.Contains(s.out, "open, goes on at menu") {
		t.Errorf("code %d\n%s%s", s.code, s.out, s.talk)
	}
}

// TestTryInOtherScenes: who calls, what is announced and what a lookup answers decide where a caller
// goes, in the terminal and in tests written down.
func TestTryInOtherScenes(t *testing.T) {
	t.Parallel()
	site := smallSite(t)
	dir := filepath.Dir(site)
	replace := func(name, old, new string) {
		t.Helper()
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), old) {
			t.Fatal(name, err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	replace("site.yaml", "\nfallback:", "\nannouncements:\n  crise: {fr: \"Les visites sont suspendues.\"}\nlookups:\n  dossier: {url: \"http://127.0.0.1:1/\"}\nfallback:")
	replace("scenarios/principal.yaml", "start: menu\nnodes:\n", `start: qui
nodes:
  qui: {branch: {if: 'caller == "professional"', then: pro, else: chercher}}
  pro: {say: {fr: "Ligne des professionnels."}, next: rdv}
  chercher: {lookup: {use: dossier, found: connu, unknown: menu, failed: menu}}
  connu: {say: {fr: "Nous vous connaissons."}, next: rdv}
`)
	for _, c := range []struct{ flags, want string }{
		{"", "Pour un rendez-vous"},
		{"--caller professional", "Ligne des professionnels"},
		{"--lookup found", "Nous vous connaissons"},
		{"--announce crise", "Les visites sont suspendues"},
		{"--caller professional --position 3 --expected-wait 3m30s", "Votre appel est en position trois L'attente est d'environ quatre minutes"},
		{"--caller professional --position 1", "Votre appel est le prochain. »"},
	} {
		s := command(t, strings.Fields("try "+site+" 3000 --words fr --keys= "+c.flags)...)
		if s.code != exitOK || !strings.Contains(s.out, c.want) {
			t.Errorf("%s: code %d, no %q in\n%s%s", c.flags, s.code, c.want, s.out, s.talk)
		}
	}
	for _, flags := range []string{"--caller doctor", "--lookup maybe", "--announce greve"} {
		if s := command(t, strings.Fields("try "+site+" 3000 --keys= "+flags)...); s.code != exitUsage || s.talk == "" {
			t.Errorf("%s: code %d, %s", flags, s.code, s.talk)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "tests"), 0o750); err != nil {
		t.Fatal(err)
	}
	tests := `version: 1
tests:
  pro: {entry: "3000", caller: professional, position: 1, expected_wait: 12m, steps: [{hear: "professionnels"}, {hear: "le prochain"}, {hear: "environ douze minutes"}], expect: {queue: rdv}}
  connu: {entry: "3000", lookup: found, announce: [crise], steps: [{hear: "suspendues"}, {hear: "connaissons"}], expect: {queue: rdv}}
  autre: {entry: "3000", announce: [greve], expect: {queue: rdv}}
`
	if err := os.WriteFile(filepath.Join(dir, "tests", "scenes.yaml"), []byte(tests), 0o600); err != nil {
		t.Fatal(err)
	}
	s := command(t, "check", "--tests", site)
	if s.code != exitFailure || strings.Contains(s.out, `test "pro"`) || strings.Contains(s.out, `test "connu"`) || !strings.Contains(s.out, `no announcement "greve"`) {
		t.Errorf("code %d\n%s%s", s.code, s.out, s.talk)
	}
}
