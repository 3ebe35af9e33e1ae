package ivr

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"accueil/acd"
	"accueil/diag"
)

// Version is the format of scenario files.
const Version = 1

// Bounds of a scenario.
const (
	maxNodes   = 500
	maxText    = 1200 // characters, about 80 s of speech
	longText   = 400  // worth a warning
	minRing    = 5 * time.Second
	maxRing    = 60 * time.Second
	usualRing  = 20 * time.Second // DESIGN §4.7
	minWait    = 5 * time.Second
	maxWait    = 10 * time.Minute
	maxOptions = 4 // DESIGN §8
	maxLevels  = 2
)

var nodeName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_-]{0,63}$`)

// Load reads scenario files (name → content; a scenario is called as its file without folder and
// ending) against the site. The program is nil when a finding forbids its use.
func Load(files map[string][]byte, site Site) (*Program, diag.Findings) {
	l := loader{site: &site, program: &Program{site: site, scenarios: map[acd.ScenarioID]*scenario{}}, docs: map[acd.ScenarioID]*diag.Doc{}}
	l.system()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		l.file(name, files[name])
	}
	l.check()
	if l.findings.Failed() {
		return nil, l.findings.Sorted()
	}
	slices.SortFunc(l.program.texts, func(a, b Text) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Lang, b.Lang)) })
	return l.program, l.findings.Sorted()
}

type loader struct {
	site     *Site
	program  *Program
	docs     map[acd.ScenarioID]*diag.Doc
	findings diag.Findings
}

// system adds the texts that need no file: the catalogue, the site's words for it, the reasons.
func (l *loader) system() {
	texts := map[string]map[acd.Lang]string{}
	for id, byLang := range catalogue {
		texts[id] = maps.Clone(byLang)
	}
	for id, byLang := range l.site.Texts {
		if _, ok := texts[id]; !ok {
			l.whole("", diag.DidYouMean(id, slices.Sorted(maps.Keys(catalogue))), "the site replaces an unknown text %q", id)
			continue
		}
		maps.Copy(texts[id], byLang)
	}
	for id, r := range l.site.Reasons {
		texts["reason."+string(id)] = r.Label
	}
	for _, id := range slices.Sorted(maps.Keys(texts)) {
		for _, lang := range l.site.Languages {
			if strings.TrimSpace(texts[id][lang]) == "" {
				l.whole("", "give it in the site file", "the text %q is missing in language %q", id, lang)
				continue
			}
			l.program.texts = append(l.program.texts, Text{id, lang, texts[id][lang]})
		}
	}
}

func (l *loader) whole(file, suggestion, format string, args ...any) {
	l.findings = append(l.findings, diag.Finding{File: cmp.Or(file, "site file"), Message: fmt.Sprintf(format, args...), Suggestion: suggestion})
}

func (l *loader) file(name string, src []byte) {
	id := acd.ScenarioID(strings.TrimSuffix(strings.TrimSuffix(path.Base(name), ".yaml"), ".yml"))
	doc, fs := diag.ParseYAML(name, src)
	l.findings = append(l.findings, fs...)
	if doc == nil {
		return
	}
	var f fileScenario
	fs = doc.Decode(&f)
	l.findings = append(l.findings, fs...)
	if !nodeName.MatchString(string(id)) {
		l.whole(name, "name the file with letters, digits, - and _", "%q cannot be the name of a scenario", id)
		return
	}
	if _, ok := l.program.scenarios[id]; ok {
		l.whole(name, "", "there is another scenario %q", id)
		return
	}
	switch {
	case doc.Lookup("version") == nil:
		l.findings = append(l.findings, doc.Error("", "begin the file with version: 1", "version is missing"))
	case f.Version != Version && !fs.Failed():
		l.findings = append(l.findings, doc.Error("version", "", "version %d is not known, this program reads %d", f.Version, Version))
	}
	c := compiler{loader: l, doc: doc, file: &f, scenario: &scenario{id: id, start: f.Start, emergency: f.Emergency == nil || *f.Emergency, nodes: map[string]*node{}}}
	c.compile()
	l.program.scenarios[id] = c.scenario
	l.docs[id] = doc
}

// compiler turns one file into one scenario.
type compiler struct {
	*loader
	doc      *diag.Doc
	file     *fileScenario
	scenario *scenario
	weeks    map[string]*Timetable
}

func (c *compiler) fail(path, suggestion, format string, args ...any) {
	c.findings = append(c.findings, c.doc.Error(path, suggestion, format, args...))
}

func (c *compiler) warn(path, suggestion, format string, args ...any) {
	c.findings = append(c.findings, c.doc.Warning(path, suggestion, format, args...))
}

func (c *compiler) compile() {
	c.weeks = map[string]*Timetable{}
	for _, name := range slices.Sorted(maps.Keys(c.file.Timetables)) {
		c.weeks[name] = c.week(diag.Join("timetables", name), c.file.Timetables[name])
	}
	if len(c.file.Nodes) == 0 {
		c.fail("nodes", "", "a scenario needs nodes")
		return
	}
	if len(c.file.Nodes) > maxNodes {
		c.fail("nodes", "", "%d nodes are more than the %d allowed", len(c.file.Nodes), maxNodes)
		return
	}
	names := slices.Sorted(maps.Keys(c.file.Nodes))
	switch _, ok := c.file.Nodes[c.file.Start]; {
	case c.file.Start == "":
		c.fail("", "name the first node", "start is missing")
	case !ok:
		c.fail("start", diag.DidYouMean(c.file.Start, names), "there is no node %q", c.file.Start)
	}
	for _, name := range names {
		at := diag.Join("nodes", name)
		if !nodeName.MatchString(name) {
			c.fail(at, "use letters, digits, - and _, a letter first", "%q cannot be the name of a node", name)
		}
		f := c.file.Nodes[name]
		c.scenario.nodes[name] = c.node(name, at, &f)
	}
}

func (c *compiler) week(at string, w fileWeek) *Timetable {
	if len(w) == 0 {
		c.fail(at, `write {mon-fri: "08:00-18:00"}`, "the timetable is empty: always closed")
	}
	return parseWeek(w, c.site.location(), func(key, suggestion, message string) {
		c.fail(diag.Join(at, key), suggestion, "%s", message)
	})
}

// text registers a text and returns its id.
func (c *compiler) text(at, node string, t *fileText) string {
	if t.File != "" {
		for _, lang := range c.site.Languages {
			if _, ok := catalogue[t.File][lang]; !ok && (c.site.Recorded == nil || !c.site.Recorded(lang, t.File)) {
				c.fail(diag.Join(at, "file"), "record it, or write the text here", "there is no recording %q in language %q", t.File, lang)
			}
		}
		return t.File
	}
	id := string(c.scenario.id) + "." + node
	if t.bad {
		return id
	}
	for _, lang := range slices.Sorted(maps.Keys(t.Texts)) {
		if !slices.Contains(c.site.Languages, lang) {
			c.fail(diag.Join(at, string(lang)), diag.DidYouMean(string(lang), words(c.site.Languages)), "the site does not speak %q", lang)
		}
	}
	for _, lang := range c.site.Languages {
		text, ok := t.Texts[lang]
		length := utf8.RuneCountInString(text)
		switch under := diag.Join(at, string(lang)); {
		case !ok:
			c.fail(at, "", "the text is missing in language %q", lang)
		case strings.TrimSpace(text) == "":
			c.fail(under, "", "the text is empty")
		case length > maxText:
			c.fail(under, "", "the text has %d characters, more than the %d allowed", length, maxText)
		case length > longText:
			c.warn(under, "shorten it or cut it in two", "the text takes about %d seconds to hear", length/15)
		}
		c.program.texts = append(c.program.texts, Text{id, lang, text})
	}
	return id
}

func (c *compiler) link(f *fileLink, at string, needed bool) link {
	if f == nil {
		if needed {
			c.fail(at, "name a node", "%s is missing", at[strings.LastIndexByte(at, '.')+1:])
		}
		return link{}
	}
	if f.Goto == "" {
		return link{} // its form was wrong, which has been said
	}
	if _, ok := c.file.Nodes[f.Goto]; !ok {
		c.fail(f.path, diag.DidYouMean(f.Goto, slices.Sorted(maps.Keys(c.file.Nodes))), "there is no node %q", f.Goto)
		return link{}
	}
	if f.Language != "" && !slices.Contains(c.site.Languages, f.Language) {
		c.fail(at, diag.DidYouMean(string(f.Language), words(c.site.Languages)), "the site does not speak %q", f.Language)
	}
	return link{f.Goto, f.Language}
}

func words[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, w := range in {
		out[i] = string(w)
	}
	return out
}
