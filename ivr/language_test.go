package ivr_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
)

// TestLanguageMistakes: each mistake in the verbs that decide, ask and call is told with its place and
// what was probably meant.
func TestLanguageMistakes(t *testing.T) {
	t.Parallel()
	const head = "version: 1\nstart: a\nnodes:\n  b: {queue: accueil}\n  c: {collect: {prompt: {fr: x, en: x}, length: 4, as: dossier, given: a, none: b}}\n  a: "
	for name, c := range map[string]struct {
		node string
		want []string // each in one finding
	}{
		"unknown variable": {`{branch: {if: 'dosier == "given"', then: b, else: b}}`, []string{`6:21: there is no variable "dosier"`, `did you mean "dossier"?`}},
		"value":            {`{branch: {if: 'dossier == "donne"', then: b, else: b}}`, []string{`6:32: dossier is never "donne"`}},
		"queue":            {`{branch: {if: 'lang == "fr" and queue("rvd").waiting > 5', then: b, else: b}}`, []string{`6:44: there is no queue "rvd"`, `did you mean "rdv"?`}},
		"figure":           {`{branch: {if: 'queue("rdv").waitng > 5', then: b, else: b}}`, []string{`a queue has no figure "waitng"`, `did you mean "waiting"?`}},
		"text and number":  {`{branch: {if: 'lang > 5', then: b, else: b}}`, []string{`lang is compared with a text`}},
		"figure and text":  {`{branch: {if: 'queue("rdv").wait > "5"', then: b, else: b}}`, []string{`a figure is compared with a whole number`}},
		"syntax":           {`{branch: {if: 'lang ==', then: b, else: b}}`, []string{`the condition cannot be read`}},
		"alone":            {`{branch: {if: 'dossier', then: b, else: b}}`, []string{`dossier alone is no condition`}},
		"a function":       {`{branch: {if: 'len("x") > 1', then: b, else: b}}`, []string{`6:21: a variable or a figure`}},
		"no else":          {`{branch: {if: 'lang == "fr"', then: b}}`, []string{`else is missing`}},
		"two branches":     {`{branch: {if: 'lang == "fr"', then: b, else: b, language: {fr: b}}}`, []string{`a branch follows one thing`}},
		"set nothing":      {`{set: {}, next: b}`, []string{`nothing is set`}},
		"set":              {`{set: {reason: acceuil, points: 11, skills: "imagrie >= 3", language: de, variables: {lang: x, Y: z}}, next: b}`, []string{`there is no reason "acceuil"`, `points go from 0 to 10`, `the condition on skills cannot be read`, `the site does not speak "de"`, `"lang" has a meaning of its own`, `"Y" cannot be the name of a variable`}},
		"no reason":        {`{queue: {}}`, []string{`the reason is missing`}},
		"collect bare":     {`{collect: {}}`, []string{`given is missing`, `none is missing`, `nothing is asked`, `has no name`, `how many digits`}},
		"collect":          {`{collect: {form: date, prompt: {fr: x, en: x}, min: 9, max: 4, pattern: "[", pause: 1s, tries: 9, as: d, given: b, none: b}}`, []string{`there is no form "date"`, `from 9 to 4 digits`, `the pattern cannot be read`, `the pause between two digits`, `once to 5 times`}},
		"date":             {`{collect: {form: date_of_birth, length: 6, prompt: {fr: x, en: x}, as: d, given: b, none: b}}`, []string{`a date of birth has eight digits`}},
		"lookup":           {`{lookup: {use: dosier, with: [naisance], found: b, unknown: b}}`, []string{`there is no lookup "dosier"`, `failed is missing`, `no collect node asks for "naisance"`}},
		"directory":        {`{lookup: {use: annuaire, with: [dossier], found: b, unknown: b, failed: b}}`, []string{`takes no digits`}},
		"announce":         {`{announce: cris, next: b}`, []string{`there is no announcement "cris"`, `did you mean "crise"?`}},
		"consent":          {`{consent: {to: record, prompt: {fr: x}}, next: b}`, []string{`cannot be asked to agree to "record"`, `missing in language "en"`}},
		"article":          {`{info: perime}`, []string{`the article "perime" may not be spoken: valid until 2026-01-31`}},
		"no article":       {`{info: {article: document}}`, []string{`there is no article "document"`, `did you mean "documents"?`}},
		"sms":              {`{sms: {}, next: b}`, []string{`an SMS says a text or an article`, `this site has no sender of SMS`}},
		"sub":              {`{sub: identifcation, next: b}`, []string{`there is no scenario "identifcation"`, `did you mean "identification"?`}},
		"sub of itself":    {`{sub: {scenario: s, next: b}}`, []string{`the scenario calls itself: s → s`}},
		"never returns":    {`{sub: interne, next: b}`, []string{`warning: the scenario "interne" never returns`}},
		"circle":           {`{set: {points: 1}, next: d}` + "\n  d: {branch: {if: 'lang == \"fr\"', then: a, else: b}}", []string{`goes round for ever without asking anything`}},
		"cut":              {`{branch: {if: 'lang == "fr"', then: e, else: b}}` + "\n  e: {hangup: closed}", []string{`without a word, from the start`}},
		"cut by a key":     {`{menu: {prompt: {fr: x, en: x}, options: {"1": e, "2": b}}}` + "\n  e: {hangup: self_served}", []string{`the call would end at "e" without a word, from "a"`}},
		"cut by a lookup":  {`{lookup: {use: dossier, found: b, unknown: e, failed: b}}` + "\n  e: {hangup: self_served}", []string{`the call would end at "e" without a word, from "a"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := fullSite()
			site.Entries = nil
			site.SMS = false
			files := demoFiles(t)
			files["identification.yaml"] = readFile(t, "testdata/scenarios/identification.yaml")
			files["s.yaml"] = []byte(head + c.node + "\n")
			_, found := ivr.Load(files, site)
			for _, want := range c.want {
				if !strings.Contains(found.String(), want) {
					t.Errorf("not found: %s\nin\n%s", want, found)
				}
			}
		})
	}
}

// TestDepthOfSubs: scenarios call each other three deep and no more, and none begins with one that
// returns.
func TestDepthOfSubs(t *testing.T) {
	t.Parallel()
	for depth, bad := range map[int]bool{3: false, 4: true} {
		site := fullSite()
		site.Entries = map[acd.EntryID]ivr.Entry{"1": {Scenario: "s0"}}
		files := demoFiles(t)
		for i := range depth {
			files[fmt.Sprintf("s%d.yaml", i)] = fmt.Appendf(nil, "version: 1\nstart: a\nnodes:\n  a: {sub: s%d, next: b}\n  b: {say: {fr: x, en: x}%s}\n", i+1, map[bool]string{true: ", next: return"}[i > 0])
		}
		files[fmt.Sprintf("s%d.yaml", depth)] = []byte("version: 1\nstart: a\nnodes:\n  a: {say: {fr: x, en: x}, next: return}\n")
		p, found := ivr.Load(files, site)
		if bad != strings.Contains(found.String(), "more than 3 deep") || bad == (p != nil) {
			t.Errorf("%d deep: %v", depth, found)
		}
		site.Entries["1"] = ivr.Entry{Scenario: "s1"}
		if _, found := ivr.Load(files, site); !strings.Contains(found.String(), "no caller can begin with it") {
			t.Errorf("an entry of a called scenario: %v", found)
		}
	}
}

// TestDatesOfBirth: only a real day of a life is one; told by what a caller hears next.
func TestDatesOfBirth(t *testing.T) {
	t.Parallel()
	p := fullProgram(t)
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for digits, want := range map[string]bool{
		"07031950": true, "29022024": true, "23112026": true, "29022023": false, "31041990": false, "00011990": false, "01131990": false,
		"24112026": false, "01011895": false, "24111896": true, "01010000": false,
	} {
		s, err := p.Start("5000", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []acd.Heard{acd.HeardStart{}, acd.HeardSaid{}, acd.HeardKey{Key: '1'}} {
			s.Handle(in, acd.SceneAt(now))
		}
		var asks []acd.Ask
		for i := range digits {
			asks = s.Handle(acd.HeardKey{Key: digits[i]}, acd.SceneAt(now))
		}
		if got := strings.Contains(show(asks[0]), "sys.collect_read"); got != want {
			t.Errorf("%s: valid %v: %s", digits, got, show(asks[0]))
		}
	}
}

// TestFindingsShowTheWay: what Prove finds names file, line and how a caller gets there.
func TestFindingsShowTheWay(t *testing.T) {
	t.Parallel()
	var src strings.Builder
	src.WriteString("version: 1\nstart: menu\nnodes:\n  menu: {menu: {prompt: {fr: x, en: x}, options: {\"1\": d0}}}\n  fin: {queue: accueil}\n")
	for i := range 14 {
		next := fmt.Sprintf("d%d", i+1)
		if i == 13 {
			next = "fin"
		}
		fmt.Fprintf(&src, "  d%d: {branch: {if: 'lang == \"fr\"', then: %s, else: fin}}\n", i, next)
	}
	site := fullSite()
	site.Entries = map[acd.EntryID]ivr.Entry{"1": {Scenario: "s"}}
	files := demoFiles(t)
	files["s.yaml"] = []byte(src.String())
	p, fs := ivr.Load(files, site)
	if p == nil {
		t.Fatal(fs)
	}
	found := p.Prove()
	if len(found) != 1 || found[0].File != "s.yaml" || found[0].Line != 4 || !strings.Contains(found[0].Message.String(), "decisions follow each other without a word") ||
		!strings.Contains(found[0].Suggestion.String(), "comes to menu") {
		t.Errorf("%v", found)
	}
}
