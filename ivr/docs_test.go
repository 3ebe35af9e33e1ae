package ivr_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
)

// yamlBlock is an example of the documentation.
var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// around is what the examples of docs/scenarios.md lead to and do not show.
const around = `version: 1
start: menu
timetables: {semaine: {mon-fri: "08:00-18:00"}}
nodes:
  menu:
    menu: {prompt: {fr: x, en: x}, options: {"1": resultats}}
  menu-anglais: {goto: menu}
  rendez-vous: {queue: rdv.consultation}
  resultats: {queue: resultats}
  horaires: {goto: menu}
  ferme: {hangup: closed}
  ferie: {hangup: closed}
  au-revoir: {hangup: closed}
  absent: {goto: menu}
  etage: {goto: menu}
  patientez: {say: {fr: x, en: x}, next: menu}
  professionnels: {queue: admission}
  naissance: {collect: {form: date_of_birth, prompt: {fr: x, en: x}, as: naissance, given: menu, none: menu}}
`

// docSite is a site in which the examples make sense.
func docSite() ivr.Site {
	s := demoSite()
	both := map[acd.Lang]string{"fr": "x", "en": "x"}
	s.Announcements = map[acd.AnnouncementID]map[acd.Lang]string{"crise": both}
	s.Lookups = map[acd.LookupID]ivr.Lookup{"dossier": {Timeout: 800 * time.Millisecond, TakesKeys: true}}
	s.Articles["documents-a-apporter"] = ivr.Article{Texts: both}
	s.SMS = true
	s.Requirement = func(string) error { return nil }
	return s
}

// TestDocumentedExamples: each example of docs/scenarios.md is one that check accepts, and each verb has
// one.
func TestDocumentedExamples(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	identification, shown, verbs := "", 0, map[string]bool{}
	var parts []string
	for _, m := range yamlBlock.FindAllStringSubmatch(string(src), -1) {
		body := m[1]
		for verb := range strings.FieldsSeq("say menu goto hours branch set collect lookup announce consent info sms sub queue callback voicemail survey transfer hangup wait tell offer") {
			verbs[verb] = verbs[verb] || regexp.MustCompile(`(?m)^ {4}`+verb+`:`).MatchString(body)
		}
		switch {
		case strings.HasPrefix(body, "say:") || strings.Contains(body, "…"), strings.Contains(body, "tests:"): // forms; tests
			continue
		case strings.HasPrefix(body, "    rebind"):
			body = "  avec-rebind:\n    menu: {prompt: {fr: x, en: x}, options: {\"1\": resultats}}\n" + body
		case strings.HasPrefix(body, "timetables:"):
			_, body, _ = strings.Cut(body, "nodes:\n")
		case strings.HasPrefix(body, "version:") && strings.Contains(body, "start: numero"):
			identification = body
			continue
		case strings.HasPrefix(body, "version:"): // a waiting scenario
			s := docSite()
			s.Queues["rdv"] = ivr.Queue{Waiting: "patience"}
			files := demoFiles(t)
			files["patience.yaml"] = []byte(body)
			if p, fs := ivr.Load(files, s); p == nil {
				t.Errorf("%v\n%s", fs, body)
			}
			continue
		}
		parts = append(parts, body)
	}
	if identification == "" {
		t.Fatal("no scenario to call is shown")
	}
	for _, body := range parts {
		shown++
		text := around
		for _, m := range regexp.MustCompile(`(?m)^  ([a-z-]+):\n`).FindAllStringSubmatch(body, -1) { // shown wins over around
			text = regexp.MustCompile(`(?m)^  `+m[1]+`:( \{.*\})?\n(    .*\n)*`).ReplaceAllString(text, "")
		}
		if !strings.Contains(text, "  menu:\n") && !strings.Contains(body, "  menu:\n") {
			t.Fatalf("the menu got lost beside\n%s", body)
		}
		s := docSite()
		s.Entries = map[acd.EntryID]ivr.Entry{"1": {Scenario: "main"}}
		files := demoFiles(t)
		files["main.yaml"], files["identification.yaml"] = []byte(text+body), []byte(identification)
		files["mere-enfant.yaml"] = []byte("version: 1\nstart: a\nnodes:\n  a: {queue: accueil}\n")
		p, fs := ivr.Load(files, s)
		if p == nil {
			t.Errorf("%v\n%s", fs, text+body)
			continue
		}
		// The example must be met: every node of it is an entry of its own.
		for _, m := range regexp.MustCompile(`(?m)^  ([a-z-]+):`).FindAllStringSubmatch(body, -1) {
			files["main.yaml"] = []byte(strings.Replace(text+body, "start: menu", "start: "+m[1], 1))
			if p, fs := ivr.Load(files, s); p == nil && (strings.Contains(fs.String(), "without a word, from the start") || strings.Contains(fs.String(), "cannot begin with the survey")) {
				continue // an example of how a call ends begins no call
			} else if p == nil {
				t.Errorf("from %s: %v", m[1], fs)
			} else if strings.Contains(body, "wait:") {
				continue
			} else if fs := p.Prove(); len(fs) > 0 {
				t.Errorf("from %s: %v", m[1], fs)
			}
		}
	}
	if shown < 17 {
		t.Errorf("only %d examples", shown)
	}
	for verb, has := range verbs {
		if !has {
			t.Errorf("no example of %s", verb)
		}
	}
}
