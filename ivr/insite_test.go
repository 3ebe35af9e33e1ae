package ivr_test

import (
	"strings"
	"testing"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr"
)

// TestFindingsInTheSiteFile: what scenarios find wrong in the site file has its line there.
func TestFindingsInTheSiteFile(t *testing.T) {
	t.Parallel()
	const file = `version: 1
entries:
  "3000": {scenario: principale}
  "3001": {scenario: interne}
queues:
  rdv:
    waiting: atente
texts:
  sys.operateur: {fr: "Un instant.", en: "One moment."}
  sys.operator: {fr: "{{hopitl}}, un instant.", en: "One moment."}
`
	for want, spoil := range map[string]func(*ivr.Site){
		`site.yaml:3:22: entry "3000": there is no scenario "principale"`:    func(s *ivr.Site) { s.Entries["3000"] = ivr.Entry{Scenario: "principale"} },
		`site.yaml:7:14: queue "rdv": there is no waiting scenario "atente"`: func(s *ivr.Site) { s.Queues["rdv"] = ivr.Queue{Waiting: "atente"} },
		`site.yaml:9:3: the site replaces an unknown text "sys.operateur"`:   func(s *ivr.Site) { s.Texts = own("sys.operateur", "Un instant.", "One moment.") },
		`site.yaml:10:3: `: func(s *ivr.Site) { s.Texts = own("sys.operator", "{{hopitl}}, un instant.", "One moment.") },
		`warning: who calls "3001" from outside does not hear the emergency mes`: func(s *ivr.Site) { s.Entries["3001"] = ivr.Entry{Scenario: "interne"} },
	} {
		s := demoSite()
		doc, _ := diag.ParseYAML("site.yaml", []byte(file))
		s.File = doc
		spoil(&s)
		if _, fs := ivr.Load(demoFiles(t), s); !strings.Contains(fs.String(), want) {
			t.Errorf("want %q in\n%s", want, fs)
		}
	}
}

// TestWordsOfTheSite: a site says otherwise what the system says; its words may say facts.
func TestWordsOfTheSite(t *testing.T) {
	t.Parallel()
	s := demoSite()
	s.Texts = own("sys.operator", "{{hopital}}, un instant.", "One moment.")
	p := load(t, demoFiles(t), s)
	if got, _ := p.Text("sys.operator", "fr"); got != "Centre hospitalier de démonstration, un instant." {
		t.Errorf("%q", got)
	}
}

func own(id, fr, en string) map[string]map[acd.Lang]string {
	return map[string]map[acd.Lang]string{id: {"fr": fr, "en": en}}
}

// TestDoubtfulNumbers: a transfer to an extension with a digit too few is told.
func TestDoubtfulNumbers(t *testing.T) {
	t.Parallel()
	s := demoSite()
	s.Doubtful = func(n string) bool { return len(n) < 4 }
	s.Extension = func(string) bool { return true }
	s.Entries["1"] = ivr.Entry{Scenario: "main"}
	for to, want := range map[string]bool{"400": true, "4000": false} {
		files := demoFiles(t)
		files["main.yaml"] = []byte("version: 1\nstart: a\nnodes:\n  a: {transfer: {to: \"" + to + "\", no_answer: b}}\n  b: {queue: accueil}\n")
		_, fs := ivr.Load(files, s)
		if got := strings.Contains(fs.String(), "main.yaml:4:22: warning: 400 is no extension"); got != want {
			t.Errorf("%s: %s", to, fs)
		}
	}
}

// TestAFileThatIsNoYAML is told once, and not by whoever names it.
func TestAFileThatIsNoYAML(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"principal.yaml", "attente.yaml", "appele.yaml"} {
		files := demoFiles(t)
		files["appele.yaml"] = []byte("version: 1\nstart: a\nnodes:\n  a: {say: {fr: x, en: x}, next: return}\n")
		files["appelant.yaml"] = []byte("version: 1\nstart: a\nnodes:\n  a: {sub: appele, next: b}\n  b: {queue: accueil}\n")
		for _, text := range []string{"x: [\n" + string(files[name]), "", "# todo\n"} {
			files[name] = []byte(text)
			if p, fs := ivr.Load(files, demoSite()); p != nil || len(fs) != 1 || fs[0].File != name {
				t.Errorf("%s with %.10q: %s", name, text, fs)
			}
		}
	}
}

// TestKeyZeroBoundAnew: 0 may lead to another person, not back to the menu nor to words and the end.
func TestKeyZeroBoundAnew(t *testing.T) {
	t.Parallel()
	for to, good := range map[string]bool{"a": false, "b": false, "c": true, "d": true, "e": true, "f": false, "g": true} {
		s := demoSite()
		s.Extension = func(string) bool { return true }
		s.Entries["1"] = ivr.Entry{Scenario: "main"}
		files := demoFiles(t)
		files["main.yaml"] = []byte(`version: 1
start: a
nodes:
  a:
    menu: {prompt: {fr: x, en: x}, options: {"1": b, "2": c, "3": d, "4": f}}
    rebind: {"0": ` + to + `, why: essai}
  b: {say: {fr: Bonjour, en: Hello}}
  c: {queue: accueil}
  d: {say: {fr: Un instant, en: One moment}, next: e}
  e: {transfer: {to: "4003", no_answer: c}}
  f: {branch: {if: 'lang == "fr"', then: c, else: b}}
  g: {menu: {prompt: {fr: y, en: y}, options: {"1": c}}}
`)
		p, fs := ivr.Load(files, s)
		if (p != nil) != good || !good && !strings.Contains(fs.String(), `key 0 does not lead to a human`) {
			t.Errorf("0 leads to %s: %s", to, fs)
		}
	}
}
