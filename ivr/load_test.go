package ivr_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"accueil/acd"
	"accueil/ivr"
)

func TestScenariosKeepTheirPromises(t *testing.T) {
	t.Parallel()
	if fs := fullProgram(t).Prove(); len(fs) > 0 {
		t.Error(fs)
	}
}

// Each mistake is told with its place and, where one can be guessed, what was meant.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src  string
		want []string // position: message, then "→ suggestion" where it matters
	}{
		"no version":      {"start: a\nnodes: {a: {queue: accueil}}", []string{`1:1: version is missing`}},
		"other version":   {"version: 2\nstart: a\nnodes: {a: {queue: accueil}}", []string{`1:10: version 2 is not known, this program reads 1`}},
		"no start":        {"version: 1\nnodes: {a: {queue: accueil}}", []string{`1:1: start is missing`}},
		"wrong start":     {"version: 1\nstart: menus\nnodes: {menu: {queue: accueil}}", []string{`2:8: there is no node "menus" → did you mean "menu"?`}},
		"no nodes":        {"version: 1\nstart: a", []string{`1:1: a scenario needs nodes`}},
		"unknown verb":    {"version: 1\nstart: a\nnodes:\n  a: {qeue: accueil}\n", []string{`4:7: unknown key "qeue" → did you mean "queue"?`}},
		"two verbs":       {"version: 1\nstart: a\nnodes:\n  a: {queue: accueil, hangup: closed}\n", []string{`4:3: a node does one thing, this one has queue and hangup`}},
		"reason":          {"version: 1\nstart: a\nnodes:\n  a: {queue: rdv.imagrie}\n", []string{`4:14: there is no reason "rdv.imagrie" → did you mean "rdv.imagerie"?`}},
		"queue":           {"version: 1\nstart: a\nnodes:\n  a: {queue: {reason: accueil, queue: rvd, points: 11}}\n", []string{`4:39: there is no queue "rvd" → did you mean "rdv"?`, `4:52: points go from 0 to 10`}},
		"language":        {"version: 1\nstart: a\nnodes:\n  a:\n    say: {fr: Bonjour, de: Hallo}\n    next: b\n  b: {queue: accueil}\n", []string{`5:5: the text is missing in language "en"`, `5:28: the site does not speak "de"`}},
		"empty text":      {"version: 1\nstart: a\nnodes:\n  a:\n    say: {fr: \" \", en: Hello}\n", []string{`5:15: the text is empty`}},
		"long text":       {"version: 1\nstart: a\nnodes:\n  a:\n    say: {fr: \"" + strings.Repeat("a ", 210) + "\", en: Hello}\n", []string{`5:15: warning: the text takes about 28 seconds to hear`}},
		"text":            {"version: 1\nstart: a\nnodes:\n  a: {say: Bonjour}\n", []string{`4:12: a text in each language is expected here`}},
		"no recording":    {"version: 1\nstart: a\nnodes:\n  a: {say: {file: nowhere}}\n", []string{`4:19: there is no recording "nowhere" in language "fr"`, `4:19: there is no recording "nowhere" in language "en"`}},
		"menu keys":       {menu(`{"9": a, "0": a, "*": a, "12": a, "1": a}`, ""), []string{`6:22: key 9 is the emergency instruction everywhere`, `6:30: key 0 is bound by the site`, `6:38: key * is bound by the site`, `6:47: "12" is not a key of a menu`}},
		"menu bare":       {"version: 1\nstart: a\nnodes:\n  a: {menu: {}}\n", []string{`4:7: the menu has no prompt`, `4:7: the menu has no options`}},
		"option":          {menu(`{"1": b}`, ""), []string{`6:22: there is no node "b"`}},
		"option language": {menu(`{"8": {goto: a, language: de}}`, ""), []string{`6:17: the site does not speak "de"`}},
		"many options":    {menu(`{"1": a, "2": a, "3": a, "4": a, "5": a, "8": {goto: a, language: en}}`, ""), []string{`5:5: warning: 5 options are more than a caller can keep in mind (4)`}},
		"a language key":  {menu(`{"1": a, "2": a, "3": a, "4": a, "8": other}`, "") + "  other: {branch: {language: {fr: {goto: a, language: en}, en: french}}}\n  french: {goto: {goto: a, language: fr}}\n", nil},
		"no language key": {menu(`{"1": a, "2": a, "3": a, "4": a, "8": other}`, "") + "  other: {branch: {language: {fr: a, en: {goto: a, language: fr}}}}\n", []string{`5:5: warning: 5 options are more than a caller can keep in mind (4)`}},
		"waived options":  {menu(`{"1": a, "2": a, "3": a, "4": a, "5": a}`, "    waiver: decided with the patients' committee\n"), nil},
		"rebind 9":        {menu(`{"1": a}`, "    rebind: {\"9\": a, why: x}\n"), []string{`7:19: key 9 is the emergency instruction everywhere and cannot be rebound`}},
		"rebind why":      {menu(`{"1": a}`, "    rebind: {\"0\": a}\n"), []string{`4:3: key 0 does not lead to a human`, `7:5: rebinding a key of the site needs a reason`}},
		"misplaced":       {"version: 1\nstart: a\nnodes:\n  a: {queue: accueil, next: a, rebind: {\"0\": a, why: x}, waiver: x, barge_in: true}\n", []string{`4:29: next means nothing beside queue`, `4:32: rebind means nothing beside queue`, `4:66: waiver means nothing beside queue`, `4:79: barge_in means nothing beside queue`}},
		"circle":          {"version: 1\nstart: a\nnodes:\n  a: {say: {fr: x, en: x}, next: b}\n  b: {goto: a}\n", []string{`4:3: a → b → a goes round for ever without asking anything`}},
		"circle of calls": {"version: 1\nstart: a\nnodes:\n  a: {transfer: {to: \"4003\", no_answer: a}}\n", []string{`4:3: a → a goes round for ever without asking anything`}},
		"transfer":        {"version: 1\nstart: a\nnodes:\n  a: {transfer: {to: \"0033612345678\", ring: 2m}}\n", []string{`4:22: a scenario may not transfer to "0033612345678"`, `4:45: an extension rings from 5s to 1m`}},
		"hangup":          {"version: 1\nstart: a\nnodes:\n  a: {hangup: answered}\n", []string{`4:3: the call would end at "a" without a word, from the start`, `4:15: a scenario cannot end a call as "answered"`}},
		"calendar": {"version: 1\nstart: a\ntimetables: {week: {mon-fri: \"08:00-18:00\", calendar: hopitl, holidays: \"09:00-12:00\"}, sommer: {sat: \"08:00-12:00\"}, on-purpose: {sun: \"08:00-12:00\", calendar: none}}\nnodes:\n  a: {hours: {timetable: week, open: b, closed: c}}\n  b: {hours: {timetable: sommer, open: c, closed: d}}\n  d: {hours: {timetable: on-purpose, open: c, closed: c}}\n  c: {queue: accueil}\n",
			[]string{`3:55: the site file has no calendar "hopitl" → did you mean "hopital"?`, `3:73: without a calendar nothing says which days are holidays`, `3:89: warning: the timetable follows none of the site's calendars`}},
		"hours":     {"version: 1\nstart: a\ntimetables: {week: {mon-fry: \"8-18\", tue: \"08:00-25:00\", mon-tue: \"08:00-09:00\"}}\nnodes:\n  a: {hours: {timetable: weak, open: b}}\n  b: {queue: accueil}\n", []string{`3:30: "mon-fry" names no days`, `3:43: "08:00-25:00" is not a span of hours`, `3:43: tue is given twice, also by "mon-tue"`, `5:7: closed is missing`, `5:26: there is no timetable "weak" → did you mean "week"?`}},
		"reversed":  {"version: 1\nstart: a\ntimetables: {week: {mon-fri: [\"20:00-14:00\"], sat: \"20:00-06:00\"}}\nnodes:\n  a: {hours: {timetable: week, open: b, closed: b}}\n  b: {queue: accueil}\n", []string{`3:21: warning: 20:00-14:00 passes midnight and lasts more than 14 hours`}},
		"branch":    {"version: 1\nstart: a\nnodes:\n  a: {branch: {language: {fr: b}}}\n  b: {queue: accueil}\n", []string{`4:7: else is missing`}},
		"wait":      {"version: 1\nstart: a\nnodes:\n  a: {wait: 1s, next: a}\n", []string{`4:3: a → a goes round for ever without asking anything`, `4:13: a wait lasts from 5s to 10m`, `4:3: wait belongs to the waiting scenario of a queue`}},
		"node name": {"version: 1\nstart: \"1\"\nnodes:\n  \"1\": {queue: accueil}\n", []string{`4:3: "1" cannot be the name of a node`}},
		"levels":    {levels(), []string{`10:3: warning: the menu "c" is level 3; callers are lost after 2`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := demoSite()
			site.Entries = nil
			if name != "calendar" {
				site.Calendars = nil
			}
			for id, q := range site.Queues {
				q.Waiting = ""
				site.Queues[id] = q
			}
			_, found := ivr.Load(map[string][]byte{"s.yaml": []byte(c.src)}, site)
			var got []string
			for _, f := range found {
				line := strings.TrimPrefix(strings.Split(f.String(), "\n")[0], "s.yaml:")
				for _, w := range c.want {
					if _, hint, ok := strings.Cut(w, " → "); ok && strings.HasSuffix(f.Suggestion.String(), "?") && f.Suggestion.String() == hint {
						line += " → " + f.Suggestion.String()
					}
				}
				got = append(got, line)
			}
			for _, w := range c.want {
				if !slices.ContainsFunc(got, func(g string) bool { return g == w || strings.HasPrefix(g, w) }) {
					t.Errorf("not found: %s", w)
				}
			}
			if t.Failed() || len(got) != len(c.want) {
				t.Errorf("found\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

func menu(options, more string) string {
	return "version: 1\nstart: a\nnodes:\n  a:\n    menu: {prompt: {fr: x, en: x},\n      options: " + options + "}\n" + more
}

func levels() string {
	return `version: 1
start: a
nodes:
  a:
    menu: {prompt: {fr: x, en: x}, options: {"1": b, "8": {goto: english, language: en}}}
  english:
    menu: {prompt: {fr: x, en: x}, options: {"1": b}}
  b:
    menu: {prompt: {fr: x, en: x}, options: {"1": c}}
  c:
    menu: {prompt: {fr: x, en: x}, options: {"1": a}}
`
}

// What the site names must be there.
func TestSiteReferences(t *testing.T) {
	t.Parallel()
	site := demoSite()
	delete(site.Reasons, "accueil")
	site.Entries["5"] = ivr.Entry{Scenario: "principale"}
	site.Queues["resultats"] = ivr.Queue{Waiting: "attendre"}
	site.Queues["admission"] = ivr.Queue{Fallback: ivr.Fallback{Node: "voicemail"}}
	site.Texts = map[string]map[acd.Lang]string{"sys.emergncy": nil, "sys.closed": {"fr": ""}}
	site.Reasons["resultats"] = ivr.Reason{Label: map[acd.Lang]string{"fr": "résultats"}, Queue: "resultats"}
	_, found := ivr.Load(demoFiles(t), site)
	all := found.String()
	for _, want := range []string{
		`there is no reason "accueil", which key 0 needs`,
		"entry \"5\": there is no scenario \"principale\"\n  did you mean \"principal\"?",
		`queue "resultats": there is no waiting scenario "attendre"`,
		`warning: queue "admission" sends callers it cannot take to the node "voicemail", which this scenario lacks`,
		"an unknown text \"sys.emergncy\"\n  did you mean \"sys.emergency\"?",
		`the text "sys.closed" is missing in language "fr"`,
		`the text "reason.resultats" is missing in language "en"`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("not found: %s\nin\n%s", want, all)
		}
	}
}

// Every system text is there in every language, can be spoken and is bearable.
func TestSystemCatalogue(t *testing.T) {
	t.Parallel()
	ids := ivr.SystemPrompts()
	if len(ids) < 40 {
		t.Fatalf("%d texts", len(ids))
	}
	for _, id := range ids {
		for _, lang := range []acd.Lang{"fr", "en"} {
			text, ok := ivr.SystemText(id, lang)
			if !ok || strings.TrimSpace(text) == "" {
				t.Errorf("%s is missing in %s", id, lang)
			}
			if len(text) > 220 {
				t.Errorf("%s in %s has %d bytes: more than 15 seconds of speech", id, lang, len(text))
			}
			for _, r := range text {
				if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" .,:'-?!", r) && !strings.ContainsRune("{}_", r) {
					t.Errorf("%s in %s holds %q, which nobody can say", id, lang, r)
				}
			}
		}
		if fr, _ := ivr.SystemText(id, "fr"); fr != "" {
			if en, _ := ivr.SystemText(id, "en"); en == fr {
				t.Errorf("%s is the same in both languages", id)
			}
		}
	}
	for _, id := range []string{"sys.emergency", "sys.emergency_instruction"} {
		for _, lang := range []acd.Lang{"fr", "en"} {
			if text, _ := ivr.SystemText(id, lang); !strings.Contains(text, "15") || !strings.Contains(text, "112") {
				t.Errorf("%s in %s does not name 15 and 112", id, lang)
			}
		}
	}
}

// Every system prompt that any package names is in the catalogue or is a tone.
func TestNamedPromptsExist(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`"(sys\.[a-z0-9_]*[a-z0-9])"`)
	places := []string{"sys.emergency", "sys.queue", "sys.agreed"} // Node's names of places
	count := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range named.FindAllSubmatch(src, -1) {
			count++
			id := string(m[1])
			if _, ok := ivr.SystemText(id, "fr"); !ok && !slices.Contains(ivr.Tones, id) && !slices.Contains(places, id) {
				t.Errorf("%s names the unknown prompt %q", name, id)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 40 {
		t.Errorf("only %d prompts were found", count)
	}
}

func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	p := fullProgram(t)
	seen := map[string]int{}
	for _, text := range p.Texts() {
		if text.Text == "" || text.Lang != "fr" && text.Lang != "en" {
			t.Errorf("%+v", text)
		}
		seen[text.ID]++
	}
	for id, n := range seen {
		if n != 2 {
			t.Errorf("%s has %d texts", id, n)
		}
	}
	for _, id := range []string{"sys.operator", "reason.rdv.imagerie", "principal.menu", "attente.patience", "full.plan"} {
		if seen[id] == 0 {
			t.Errorf("%s is missing", id)
		}
	}
	if !slices.Contains(p.Nodes("full"), "secours") || p.Nodes("nowhere") != nil {
		t.Error("Nodes")
	}
	if _, err := p.Start("nowhere", "fr"); err == nil {
		t.Error("an unknown entry was started")
	}
}
