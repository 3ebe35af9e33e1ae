package app

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accueil/site"
)

// hospitalFolder is the demonstration's files, to be changed.
func hospitalFolder(t *testing.T) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../deploy/demo")); err != nil {
		t.Fatal(err)
	}
	return dir, filepath.Join(dir, "site.yaml")
}

func change(t *testing.T, file, old, new string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), old, new)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func prompt(t *testing.T, path, id string) string {
	t.Helper()
	s, findings := site.Load(path)
	if s == nil {
		t.Fatal(findings)
	}
	c, findings := assemble(s)
	if c == nil {
		t.Fatal(findings)
	}
	text, ok := c.program.Text(id, "fr")
	if !ok {
		t.Fatalf("no prompt %s", id)
	}
	return text
}

// TestAChangedFactIsAnotherPrompt: prompts are made by their text, so callers hear it after the next reload,
// and readers read it.
func TestAChangedFactIsAnotherPrompt(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	published := t.TempDir()
	page := func() string {
		t.Helper()
		if err := ExportFAQ(path, published, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(published, "faq.fr.html"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got := prompt(t, path, "article.horaires-visites"); !strings.Contains(got, "de quatorze heures à vingt heures") {
		t.Fatal(got)
	}
	if !strings.Contains(page(), "de 14 h à 20 h") {
		t.Fatal("the page")
	}
	change(t, filepath.Join(dir, "site.yaml"), `mon-fri: "14:00-20:00"`, `mon-fri: "15:30-19:00"`)
	if got := prompt(t, path, "article.horaires-visites"); !strings.Contains(got, "de quinze heures trente à dix-neuf heures") {
		t.Error(got)
	}
	if !strings.Contains(page(), "de 15 h 30 à 19 h") {
		t.Error("the page says the old hours")
	}
}

// TestTheDayAfter: check refuses an article whose time is over, and the phones start all the same.
func TestTheDayAfter(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	if findings, ok := Check(path); !ok || len(findings) > 0 {
		t.Fatal(findings)
	}
	change(t, filepath.Join(dir, "articles", "horaires-visites.yaml"), "2099-12-31", "2020-12-31")
	findings, ok := Check(path)
	if ok || !strings.Contains(findings.String(), `the time of the article "horaires-visites" is over since 2020-12-31`) ||
		!strings.Contains(findings.String(), `the article "horaires-visites" may not be spoken`) {
		t.Errorf("check: %v, %v", ok, findings)
	}
	s, _ := site.Load(path)
	c, findings := compile(s, true)
	if c == nil || len(findings.Warnings()) != 2 {
		t.Fatalf("a start is refused: %v", findings)
	}
	if _, spoken := c.program.Text("article.horaires-visites", "fr"); spoken {
		t.Error("what may not be told is made into a prompt")
	}
	var talk bytes.Buffer
	published := t.TempDir()
	if err := ExportFAQ(path, published, &bytes.Buffer{}, &talk); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(published, "faq.json")); err != nil || strings.Contains(string(text), "horaires-visites") || !strings.Contains(talk.String(), "horaires-visites is left out") {
		t.Errorf("%v, %s", err, talk.String())
	}
}

func TestExportFAQKeepsToItsFolder(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "index.html"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var code ExitError
	if err := ExportFAQ(path, foreign, &bytes.Buffer{}, &bytes.Buffer{}); !errors.As(err, &code) || code.Code != ExitRefused {
		t.Errorf("into a folder of others: %v", err)
	}
	published := filepath.Join(t.TempDir(), "new", "folder")
	if err := ExportFAQ(path, published, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	letter := filepath.Join(published, "letters", "venir-a-l-hopital.fr.html")
	if _, err := os.Stat(letter); err != nil {
		t.Fatal(err)
	}
	change(t, filepath.Join(dir, "scenarios", "principal.yaml"), "info: venir-a-l-hopital", "info: documents-imagerie")
	if err := os.Remove(filepath.Join(dir, "articles", "venir-a-l-hopital.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := ExportFAQ(path, published, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(letter); !errors.Is(err, os.ErrNotExist) {
		t.Error("a letter of an article that is gone is there still")
	}
	left, _ := filepath.Glob(filepath.Join(published, ".new-*"))
	if len(left) > 0 {
		t.Errorf("%v", left)
	}
	change(t, filepath.Join(dir, "site.yaml"), "  name: hopital\n", "")
	if err := ExportFAQ(path, published, &bytes.Buffer{}, &bytes.Buffer{}); !errors.As(err, &code) || code.Code != ExitConfig {
		t.Errorf("without a name: %v", err)
	}
}

// TestListFacts finds a fact wherever it is said: articles, menus, announcements.
func TestListFacts(t *testing.T) {
	t.Parallel()
	_, path := hospitalFolder(t)
	change(t, path, "notre attente est longue.", "notre attente est longue. {{standard}}.")
	var out, talk bytes.Buffer
	if err := ListFacts(path, false, &out, &talk); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"scenarios/principal.yaml:", "announcements.crise", "articles/horaires-visites.yaml:14:9", "zéro un, quatre-vingt-dix-neuf", "douze rue des Tilleuls, à Lyon"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if talk.Len() > 0 {
		t.Errorf("%s", talk.String())
	}
	change(t, path, "  hopital: {text", "  jamais-dit: {number: \"15\"}\n  hopital: {text")
	out.Reset()
	if err := ListFacts(path, true, &out, &talk); err != nil || !strings.HasPrefix(out.String(), "[\n  {\n    \"fact\": \"adresse\"") {
		t.Errorf("%v\n%.200s", err, out.String())
	}
	if err := ListFacts(path, false, &out, &talk); err != nil || !strings.Contains(talk.String(), "Nothing says: jamais-dit") {
		t.Errorf("%v %s", err, talk.String())
	}
}

// TestTypedFactsAreFound in menus, announcements and what is told while one waits, each with its place; a system that
// runs is not stopped by them.
func TestTypedFactsAreFound(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	change(t, filepath.Join(dir, "scenarios", "principal.yaml"), "Bonjour, {{hopital}}.", "Appelez le 01 99 00 30 00, de 14 h à 20 h.")
	change(t, path, "notre attente est longue.", "notre attente est longue. Venez au douze rue des Tilleuls, à Lyon.")
	findings, ok := Check(path)
	got := findings.String()
	for _, want := range []string{`principal.yaml:14:11: the fact "standard" is typed here`, "write {{standard}}", `announcements.crise: the fact "adresse" is typed here`} {
		if ok || !strings.Contains(got, want) {
			t.Errorf("want %q in %s", want, got)
		}
	}
	s, _ := site.Load(path)
	if c, findings := compile(s, true); c == nil || len(findings.Warnings()) < 2 {
		t.Errorf("a start is refused: %v", findings)
	}
	change(t, filepath.Join(dir, "scenarios", "principal.yaml"), "Appelez le 01 99 00 30 00, de 14 h à 20 h.", "Appelez de 14 h à 20 h.")
	change(t, path, "Venez au douze rue des Tilleuls, à Lyon.", "Venez.")
	if findings, ok := Check(path); !ok || !strings.Contains(findings.String(), "are hours of the fact") {
		t.Errorf("%v %v", ok, findings)
	}
}

// TestARecordedFactIsTold: a recording goes on saying what was true when it was made.
func TestARecordedFactIsTold(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	change(t, path, "site: ch-demo\n", "site: ch-demo\nprompts: {dir: enregistrements}\n")
	folder := filepath.Join(dir, "enregistrements", "fr")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	if findings, ok := Check(path); !ok || len(findings) > 0 {
		t.Fatalf("without recordings: %v", findings)
	}
	for _, id := range []string{"article.horaires-visites", "article.horaires-visites.1", "principal.bienvenue", "principal.menu"} {
		fileIn(t, folder, id+".wav", "")
	}
	findings, ok := Check(path)
	if got := findings.String(); !ok || len(findings) != 3 || !strings.Contains(got, "horaires-visites.yaml:14:9") || !strings.Contains(got, "principal.yaml:") ||
		!strings.Contains(got, `the recording of "article.horaires-visites" in language "fr" is not heard`) || !strings.Contains(got, "record its parts instead: article.horaires-visites.1") ||
		!strings.Contains(got, `says the fact "heures-de-visite": a change of the fact is not heard`) {
		t.Errorf("%v %s", ok, got)
	}
}
