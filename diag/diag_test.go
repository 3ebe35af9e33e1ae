package diag_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"accueil/diag"
	"accueil/wording"
)

type queue struct {
	Ring   time.Duration     `yaml:"ring"`
	Max    int               `yaml:"max_waiting"`
	Open   bool              `yaml:"open"`
	Points float64           `yaml:"points"`
	Label  map[string]string `yaml:"label"`
	Steps  []step            `yaml:"steps"`
}

type step struct {
	Require string         `yaml:"require"`
	After   *time.Duration `yaml:"after"`
}

type site struct {
	Version int              `yaml:"version"`
	Name    string           `yaml:"site"`
	Queues  map[string]queue `yaml:"queues"`
	Extra   *diag.Node       `yaml:"extra"`
	Choice  choice           `yaml:"choice"`
}

// choice is "node" or {goto: node}.
type choice struct{ Node string }

func (c *choice) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &c.Node)
	}
	var long struct {
		Goto string `yaml:"goto"`
	}
	fs := at.Decode(n, &long)
	c.Node = long.Goto
	return fs
}

func decode(t *testing.T, src string) (site, diag.Findings) {
	t.Helper()
	var s site
	doc, fs := diag.ParseYAML("site.yaml", []byte(src))
	if doc != nil {
		fs = append(fs, doc.Decode(&s)...)
	}
	return s, fs
}

func TestDecode(t *testing.T) {
	t.Parallel()
	s, fs := decode(t, "\xef\xbb\xbfversion: 1\r\nsite: 007\r\nqueues:\r\n  rdv: &q {ring: 15s, max_waiting: 30, open: true, points: 1.5, label: {fr: \"l'été\"}, steps: [{require: a, after: 20s}]}\r\n  imagerie:\r\n    <<: *q\r\n    max_waiting: 4\r\n  same: *q\r\nextra: [1, {a: b}]\r\nchoice: {goto: menu}\r\n")
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	if s.Version != 1 || s.Name != "007" {
		t.Errorf("version %d, site %q", s.Version, s.Name)
	}
	for name, most := range map[string]int{"rdv": 30, "imagerie": 4, "same": 30} {
		q := s.Queues[name]
		if q.Ring != 15*time.Second || q.Max != most || !q.Open || q.Points != 1.5 || q.Label["fr"] != "l'été" {
			t.Errorf("%s: %+v", name, q)
		}
		if len(q.Steps) != 1 || q.Steps[0].After == nil || *q.Steps[0].After != 20*time.Second {
			t.Errorf("%s: steps %+v", name, q.Steps)
		}
	}
	if s.Extra == nil || len(s.Extra.Items) != 2 {
		t.Errorf("extra %+v", s.Extra)
	}
	if s.Choice.Node != "menu" {
		t.Errorf("choice %+v", s.Choice)
	}
}

// Everything wrong is told at once, each at its place.
func TestFindings(t *testing.T) {
	t.Parallel()
	_, fs := decode(t, `version: one
site: true
qeues: {}
queues:
  rdv:
    rnig: 15s
    ring: 15
    max_waiting: "3"
    steps: {a: b}
    label: [fr]
    open: oui
  rdv: {}
choice: {gto: x}
`)
	want := []string{
		`site.yaml:1:10: a whole number is expected here, this is "one"`,
		`site.yaml:2:7: text is expected here, this is true`,
		`site.yaml:3:1: unknown key "qeues"`,
		`site.yaml:6:5: unknown key "rnig"`,
		`site.yaml:7:11: "15" is not a time`,
		`site.yaml:8:18: a whole number is expected here, this is "3"`,
		`site.yaml:9:5: a list is expected here, this is a group of keys`,
		`site.yaml:10:5: a group of keys is expected here, this is a list`,
		`site.yaml:11:11: true or false is expected here, this is "oui"`,
		`site.yaml:12:3: the key "rdv" is written twice`,
		`site.yaml:13:10: unknown key "gto"`,
	}
	fs = fs.Sorted()
	for i, f := range fs {
		got := fmt.Sprintf("%s: %s", f.Position(), f.Message)
		if i >= len(want) || got != want[i] {
			t.Errorf("finding %d: %s", i, got)
		}
	}
	if len(fs) != len(want) {
		t.Errorf("%d findings, want %d", len(fs), len(want))
	}
	const shown = "site.yaml:3:1: unknown key \"qeues\"\n  3 | qeues: {}\n    | ^\n  did you mean \"queues\"?"
	if got := fs[2].String(); got != shown {
		t.Errorf("got\n%s\nwant\n%s", got, shown)
	}
	if b, err := json.Marshal(fs[2]); err != nil || !strings.Contains(string(b), `"severity":"error"`) {
		t.Errorf("%s %v", b, err)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ src, want string }{
		"empty":       {"", "site.yaml: the file is empty"},
		"comment":     {"# nothing\n", "site.yaml: the file is empty"},
		"large":       {strings.Repeat("#", diag.MaxBytes+1), "site.yaml: the file has 1048577 bytes"},
		"utf-16":      {"\xff\xfev\x00", "site.yaml:1:1: the file is UTF-16"},
		"latin-1":     {"version: 1\nsite: h\xf4pital\n", "site.yaml:2:8: this is not UTF-8 text"},
		"control":     {"site: \"é\x01\"\n", "site.yaml:1:9: a control character (U+0001)"},
		"tab":         {"queues:\n\trdv: {}\n", "site.yaml:2:1: a tab stands where only spaces"},
		"unclosed":    {"queues: {a: 1\nsite: x\n", "site.yaml:"},
		"two":         {"version: 1\n---\nversion: 2\n", "site.yaml:3:"},
		"deep flow":   {strings.Repeat("[", 200_000), "site.yaml:1:1: the file is nested too deeply"},
		"deep block":  {strings.Repeat("- ", 200_000) + "x", "site.yaml:1:1: the file is nested too deeply"},
		"deep indent": {deepIndent(1000), "nested too deeply"},
		"alias":       {"a: *x\n", `site.yaml:1:4: no anchor "x"`},
		"cycle":       {"a: &x [*x]\n", `site.yaml:1:8: no anchor "x"`},
		"bomb":        {bomb(), "values, aliases followed"},
		"tag":         {"site: !!binary aGk=\n", "tags are not used"},
		"key":         {"? [a, b]\n: c\n", "site.yaml:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, fs := decode(t, c.src)
			if !fs.Failed() || fs.Err() == nil || !strings.Contains(fs.String(), c.want) {
				t.Errorf("got %v, want %s", fs, c.want)
			}
		})
	}
}

func deepIndent(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		r := fmt.Sprintf("*a%d", i)
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(r+", ", 10), ", "))
	}
	return b.String()
}

func TestAt(t *testing.T) {
	t.Parallel()
	doc, fs := diag.ParseYAML("s", []byte("reasons:\n  rdv.irm: {queue: rdv}\nqueues:\n  rdv:\n    steps:\n      - {require: a}\n      - require: b\n"))
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	for path, want := range map[string][2]int{
		`reasons["rdv.irm"].queue`:       {2, 20},
		diag.Join("reasons", "rdv.irm"):  {2, 3},
		"queues.rdv.steps[1].require":    {7, 18},
		"queues.rdv.steps[0]":            {6, 9},
		"queues.rdv.steps[7].require":    {5, 5},
		"queues.rdv":                     {4, 3},
		"queues.missing.key":             {3, 1},
		"":                               {1, 1},
		"]][[":                           {1, 1},
		`["unfinished`:                   {1, 1},
		diag.Join("", "queues", "rdv"):   {4, 3},
		diag.Join("", `q"u.e`, 3, "", 1): {1, 1},
	} {
		if line, column, _ := doc.At(path); line != want[0] || column != want[1] {
			t.Errorf("%s: %d:%d, want %v", path, line, column, want)
		}
	}
	if f := doc.Warning("queues.rdv", wording.Say("do"), "queue %q", "rdv"); f.Severity != diag.Warning || (diag.Findings{f}).Err() != nil {
		t.Errorf("%+v", f)
	}
}

func TestExcerptMasksSecretsAndLongLines(t *testing.T) {
	t.Parallel()
	_, fs := decode(t, "site: x\nqueues: {a: {password: hunter2, rnig: 1}}\n"+strings.Repeat("a", 300)+": 1\n")
	s := fs.String()
	if strings.Contains(s, "hunter2") || !strings.Contains(s, "password: *******") {
		t.Error(s)
	}
	for line := range strings.Lines(s) {
		if strings.Contains(line, " | aaa") && len(line) > 120 {
			t.Errorf("excerpt of %d bytes", len(line))
		}
	}
}

func TestClosest(t *testing.T) {
	t.Parallel()
	words := []string{"queues", "queue", "phones", "menu", "fr", "en"}
	for word, want := range map[string]string{
		"qeues": "queues", "QUEUE": "queue", "phonse": "phones", "mneu": "menu", "fre": "fr", "xy": "", "": "", "telephone": "",
		strings.Repeat("q", 1000): "",
	} {
		if got := diag.Closest(word, words); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func FuzzParseYAML(f *testing.F) {
	for _, s := range []string{"a: 1", "a: &x [1]\nb: *x", "<<: {a: b}", "queues: {rdv: {ring: 1s}}", "? a\n: b", "a: |\n  x\n", "- - a", bomb(), "version: 1\nsite: !!str 3"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		var s site
		doc, fs := diag.ParseYAML("f", src)
		if doc == nil && !fs.Failed() {
			t.Fatal("no document and no finding")
		}
		if doc != nil {
			fs = append(fs, doc.Decode(&s)...)
			doc.At(string(src))
		}
		for _, finding := range fs {
			if finding.Message == nil || finding.File != "f" || finding.Line < 0 {
				t.Fatalf("%+v", finding)
			}
			if finding.Mark > 0 && finding.Mark > len([]rune(finding.Excerpt))+1+len(src) {
				t.Fatalf("caret at %d of %q", finding.Mark, finding.Excerpt)
			}
			_ = finding.String()
		}
	})
}

// Slips that a parser notices late are told where they were made.
func TestSlips(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"a:\n  fr: \"Bonjour.\n  en: \"Hello.\"\n":          "site.yaml:2:7: a quote opens here and nothing closes it",
		"a:\n  fr: \"Il dit \\\"oui\\\".\n  en: \"Yes.\"\n": "site.yaml:2:7: a quote opens here and nothing closes it",
		"a:\n  fr: Horaires: lundi\n":                       "site.yaml:2:7: a colon stands in a text without quotes",
		"a:\n  - fr: Horaires: lundi\n":                     "site.yaml:2:9: a colon stands in a text without quotes",
		"a:\n   b: 1\n  c: 2\n":                             "site.yaml:3:3: ",
	} {
		_, fs := diag.ParseYAML("site.yaml", []byte(src))
		if got := fs.String(); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %s, want %s", src, got, want)
		}
	}
	for _, right := range []string{"a:\n  fr: \"Horaires: lundi\"\n", "a: {b: c, d: e}\n", "a: >-\n  Horaires: lundi\n", "a: http://x:1/y # b: c\n"} {
		if _, fs := diag.ParseYAML("site.yaml", []byte(right)); len(fs) > 0 {
			t.Errorf("%q: %s", right, fs)
		}
	}
}
