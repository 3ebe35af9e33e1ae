package ivr

import (
	"cmp"
	_ "embed" // the built-in waiting scenario
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/wording"
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
	l := loader{site: &site, program: &Program{site: site, scenarios: map[acd.ScenarioID]*scenario{}, figures: map[acd.QueueID]bool{},
		marked: map[textKey]marked{}, spoken: map[string]bool{}, closures: map[closureKey]string{}},
		docs: map[acd.ScenarioID]*diag.Doc{}, parsed: map[acd.ScenarioID]parsedFile{}, unread: map[acd.ScenarioID]bool{}, called: map[acd.ScenarioID]bool{}, vars: variables{}, collected: map[string]bool{}, private: map[string]bool{}}
	l.system()
	l.builtIn()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		l.file(name, files[name])
	}
	l.compileAll()
	l.check()
	if l.findings.Failed() {
		return nil, l.findings.Sorted()
	}
	l.program.kept = maps.Clone(l.vars)
	maps.DeleteFunc(l.program.kept, func(name string, _ []string) bool { return l.private[name] || l.collected[name] })
	slices.SortFunc(l.program.texts, compareTexts)
	l.program.texts = slices.Compact(l.program.texts) // a scenario that two call says the same twice
	return l.program, l.findings.Sorted()
}

type loader struct {
	site     *Site
	program  *Program
	docs     map[acd.ScenarioID]*diag.Doc
	findings diag.Findings

	parsed    map[acd.ScenarioID]parsedFile
	names     []acd.ScenarioID        // of parsed, in order
	unread    map[acd.ScenarioID]bool // files that are no YAML: what names them is not to blame
	called    map[acd.ScenarioID]bool
	vars      variables
	collected map[string]bool // variables of collect nodes
	private   map[string]bool // variables that say something of who calls
	later     []func(*grammar)
	// timetables are those written in scenarios.
	timetables []*Timetable
	callsBack  bool // some node offers to call back
}

// system adds the texts that need no file: the catalogue, the site's words for it, the reasons.
func (l *loader) system() {
	texts := map[string]map[acd.Lang]string{}
	for id, byLang := range catalogue {
		texts[id] = maps.Clone(byLang)
	}
	for id, byLang := range l.site.Texts {
		if _, ok := texts[id]; !ok {
			l.inSite(diag.Join("texts", id), diag.DidYouMean(id, slices.Sorted(maps.Keys(catalogue))), "the site replaces an unknown text %q", id)
			continue
		}
		maps.Copy(texts[id], byLang)
	}
	for id, r := range l.site.Reasons {
		texts["reason."+string(id)] = r.Label
		if len(r.WaitingInfo) > 0 {
			texts[waitingInfo(id)] = r.WaitingInfo
		}
	}
	for id, byLang := range l.site.Announcements {
		texts[announcementText(id)] = byLang
	}
	for _, id := range slices.Sorted(maps.Keys(texts)) {
		for _, lang := range l.site.Languages {
			if strings.TrimSpace(texts[id][lang]) == "" {
				l.inSite(l.siteTextPath(id), wording.Say("give it in the site file"), "the text %q is missing in language %q", id, lang)
				continue
			}
			text := texts[id][lang]
			if path := l.inSiteFile(id); path != "" {
				text = l.facts(text, Place{Text: id, Lang: lang, Site: path}, func(suggestion *wording.Text, format wording.Sentence, args ...any) {
					l.inSite(path, suggestion, "%s in language %q: %s", path, lang, wording.Say(format, args...))
				})
			}
			if _, message := markFault(text); message != nil {
				l.inSite(l.siteTextPath(id), nil, "the text %q in language %q: %s", id, lang, message)
				continue
			}
			l.program.add(id, lang, text)
		}
	}
	l.closures()
}

// inSiteFile is the path of a text that stands in the site file and may say facts; empty for the others.
func (l *loader) inSiteFile(id string) string {
	if _, ok := l.site.Texts[id]; ok {
		return diag.Join("texts", id)
	}
	if announcement, ok := strings.CutPrefix(id, announcementText("")); ok {
		return diag.Join("announcements", announcement)
	}
	if reason, ok := strings.CutPrefix(id, waitingInfo("")); ok {
		return diag.Join("reasons", reason, "waiting_info")
	}
	return ""
}

// siteTextPath is where the site file has a text, or would have it.
func (l *loader) siteTextPath(id string) string {
	if reason, ok := strings.CutPrefix(id, "reason."); ok {
		return diag.Join("reasons", reason, "label")
	}
	return cmp.Or(l.inSiteFile(id), diag.Join("texts", id))
}

//go:embed waiting.yaml
var waitingSource []byte

// builtIn compiles the waiting scenario of queues that name none. It is written like any other, and a
// test looks at it; what its texts lack in a language of the site, system tells.
func (l *loader) builtIn() {
	told := len(l.findings)
	var f fileScenario
	doc, fs := diag.ParseYAML("waiting.yaml", waitingSource)
	if doc == nil {
		panic(fmt.Sprintf("ivr: the built-in waiting scenario cannot be read: %v", fs))
	}
	fs = doc.Decode(&f)
	if fs.Failed() {
		panic(fmt.Sprintf("ivr: the built-in waiting scenario cannot be read: %v", fs))
	}
	s := &scenario{id: "built-in", start: f.Start, nodes: map[string]*node{}}
	c := compiler{loader: l, doc: doc, file: &f, scenario: s, stack: []acd.ScenarioID{s.id}}
	c.compile()
	l.program.waiting, l.findings = s, l.findings[:told]
}

// whole tells what is wrong with a whole file.
func (l *loader) whole(file string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	l.findings = append(l.findings, diag.Finding{File: file, Message: wording.Say(format, args...), Suggestion: suggestion})
}

// inSite tells what is wrong at a path of the site file (diag.Join).
func (l *loader) inSite(path string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	l.siteFinding(path, diag.Error, suggestion, format, args...)
}

func (l *loader) siteFinding(path string, s diag.Severity, suggestion *wording.Text, format wording.Sentence, args ...any) {
	message := wording.Say(format, args...)
	if l.site.File == nil {
		l.findings = append(l.findings, diag.Finding{File: "site file", Path: path, Severity: s, Message: message, Suggestion: suggestion})
		return
	}
	l.findings = append(l.findings, l.site.File.Finding(path, s, suggestion, message))
}

// parsedFile is a scenario file as written.
type parsedFile struct {
	doc     *diag.Doc
	file    *fileScenario
	returns bool // something in it leads to return
}

// file reads one file; it is compiled when all have been read, since scenarios call each other.
func (l *loader) file(name string, src []byte) {
	id := acd.ScenarioID(strings.TrimSuffix(strings.TrimSuffix(path.Base(name), ".yaml"), ".yml"))
	doc, fs := diag.ParseYAML(name, src)
	l.findings = append(l.findings, fs...)
	if doc == nil || doc.Root().Kind == diag.Null {
		if l.unread[id] = true; doc != nil {
			l.whole(name, wording.Say("begin the file with version: 1"), "the file is empty")
		}
		return
	}
	var f fileScenario
	fs = doc.Decode(&f)
	l.findings = append(l.findings, fs...)
	if !nodeName.MatchString(string(id)) {
		l.whole(name, wording.Say("name the file with letters, digits, - and _"), "%q cannot be the name of a scenario", id)
		return
	}
	if _, ok := l.parsed[id]; ok {
		l.whole(name, nil, "there is another scenario %q", id)
		return
	}
	switch {
	case doc.Lookup("version") == nil:
		l.findings = append(l.findings, doc.Error("", wording.Say("begin the file with version: 1"), "version is missing"))
	case f.Version != Version && !fs.Failed():
		l.findings = append(l.findings, doc.Error("version", nil, "version %d is not known, this program reads %d", f.Version, Version))
	}
	_, named := f.Nodes[linkReturn]
	l.parsed[id] = parsedFile{doc, &f, !named && strings.Contains(string(src), linkReturn) && leadsBack(doc.Root())}
	l.names = append(l.names, id)
}

// leadsBack reports whether any link of the file leads to return: such a file is called by others.
func leadsBack(n *diag.Node) bool {
	nodes := n.Field("nodes")
	if nodes == nil {
		return false
	}
	return slices.ContainsFunc(nodes.Fields, func(f diag.Field) bool { return f.Value.Kind == diag.Mapping && mentionsReturn(f.Value, "") })
}

// textKeys hold words for people, where "return" is one of them.
var textKeys = []string{"say", "prompt", "text", "why", "waiver", "variables", "if"}

func mentionsReturn(n *diag.Node, key string) bool {
	if slices.Contains(textKeys, key) {
		return false
	}
	if n.Kind == diag.Scalar {
		return n.Value == linkReturn
	}
	return slices.ContainsFunc(n.Fields, func(f diag.Field) bool { return mentionsReturn(f.Value, f.Key) }) ||
		slices.ContainsFunc(n.Items, func(n *diag.Node) bool { return mentionsReturn(n, key) })
}

// compileAll turns the files into scenarios, each with those that it calls.
func (l *loader) compileAll() {
	for _, id := range l.names {
		p := l.parsed[id]
		s := &scenario{id: id, start: p.file.Start, emergency: p.file.Emergency == nil || *p.file.Emergency, nodes: map[string]*node{},
			announces: map[acd.AnnouncementID]bool{}, part: p.returns}
		c := compiler{loader: l, doc: p.doc, file: p.file, scenario: s, stack: []acd.ScenarioID{id}}
		c.compile()
		l.program.scenarios[id] = s
		l.docs[id] = p.doc
	}
	l.timed()
	g := l.grammar()
	for _, do := range l.later {
		do(g)
	}
}

// compiler turns one file into one scenario.
type compiler struct {
	*loader
	doc      *diag.Doc
	file     *fileScenario
	scenario *scenario
	weeks    map[string]*Timetable
	// Of a file that another one calls: what its nodes' names begin with, where return leads, and which
	// scenarios are being put into each other.
	prefix string
	back   *link
	stack  []acd.ScenarioID
}

func (c *compiler) fail(path string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	c.findings = append(c.findings, c.doc.Error(path, suggestion, format, args...))
}

func (c *compiler) warn(path string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	c.findings = append(c.findings, c.doc.Warning(path, suggestion, format, args...))
}

func (c *compiler) compile() {
	c.weeks = map[string]*Timetable{}
	for _, name := range slices.Sorted(maps.Keys(c.file.Timetables)) {
		if _, twice := c.site.Timetables[name]; twice {
			c.fail(diag.Join("timetables", name), wording.Say("choose another name, or use the site's"), "the site file has a timetable %q too", name)
		}
		c.weeks[name] = c.week(diag.Join("timetables", name), c.file.Timetables[name])
	}
	if len(c.file.Nodes) == 0 {
		c.fail("nodes", nil, "a scenario needs nodes")
		return
	}
	if len(c.file.Nodes) > maxNodes {
		c.fail("nodes", nil, "%d nodes are more than the %d allowed", len(c.file.Nodes), maxNodes)
		return
	}
	names := slices.Sorted(maps.Keys(c.file.Nodes))
	switch _, ok := c.file.Nodes[c.file.Start]; {
	case c.file.Start == "":
		c.fail("", wording.Say("name the first node"), "start is missing")
	case !ok:
		c.fail("start", diag.DidYouMean(c.file.Start, names), "there is no node %q", c.file.Start)
	}
	for _, name := range names {
		at := diag.Join("nodes", name)
		if !nodeName.MatchString(name) {
			c.fail(at, wording.Say("use letters, digits, - and _, a letter first"), "%q cannot be the name of a node", name)
		}
		f := c.file.Nodes[name]
		n := c.node(name, at, &f)
		c.scenario.nodes[n.id] = n
	}
}

// calendarKey names the calendar of a timetable, beside its days.
const (
	calendarKey = "calendar"
	noCalendar  = "none" // said on purpose
)

func (c *compiler) week(at string, w fileWeek) *Timetable {
	if len(w) == 0 {
		c.fail(at, wording.Say(`write {mon-fri: "08:00-18:00"}`), "the timetable is empty: always closed")
	}
	told := len(c.findings)
	week := map[string][]string{}
	var days *calendar.Calendar
	for key, spans := range w {
		if key != calendarKey {
			week[key] = spans
			continue
		}
		name := strings.Join(spans, " ")
		if name == noCalendar {
			continue
		}
		if days = c.site.Calendars[name]; days == nil {
			c.fail(diag.Join(at, key), diag.DidYouMean(name, slices.Sorted(maps.Keys(c.site.Calendars))), "the site file has no calendar %q", name)
		}
	}
	if days == nil && len(c.site.Calendars) > 0 && w[calendarKey] == nil {
		c.warn(at, wording.Say("write calendar: with the name of one, or calendar: none"), "the timetable follows none of the site's calendars: it is open on holidays")
	}
	t := calendar.ParseWeek(week, c.site.location(), days, func(key string, suggestion, message *wording.Text) {
		c.fail(diag.Join(at, key), suggestion, "%s", message)
	})
	for _, day := range slices.Sorted(maps.Keys(week)) {
		if suggestion, message := calendar.Reversed(week[day]); message != nil && day != calendar.Holidays {
			c.warn(diag.Join(at, day), suggestion, "%s", message)
		}
	}
	if len(w) > 0 && len(c.findings) == told && !t.EverOpen() {
		c.warn(at, wording.Say("give it hours in week"), "the timetable is never open")
	}
	c.timetables = append(c.timetables, t)
	return t
}

// speaks reports a character that is heard: marks between words are silence.
func speaks(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// text registers a text and returns its id.
func (c *compiler) text(at, node string, t *fileText) string {
	if t.File != "" {
		for _, lang := range c.site.Languages {
			if _, ok := catalogue[t.File][lang]; !ok && c.site.Texts[t.File][lang] == "" && (c.site.Recorded == nil || !c.site.Recorded(lang, t.File)) {
				suggestion := wording.Say("put %s/%s.wav into prompts.dir, or write the text here", lang, t.File)
				if c.site.Recorded == nil {
					suggestion = wording.Say("write prompts: {dir: …} in the site file, and put %s/%s.wav there; or write the text here", lang, t.File)
				}
				c.fail(diag.Join(at, "file"), suggestion, "there is no recording %q in language %q", t.File, lang)
			}
		}
		return t.File
	}
	id := string(c.stack[len(c.stack)-1]) + "." + node
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
		line, column, _ := c.doc.At(diag.Join(at, string(lang)))
		text = c.facts(text, Place{Text: id, Lang: lang, File: c.doc.File(), Line: line, Column: column}, func(suggestion *wording.Text, format wording.Sentence, args ...any) {
			c.fail(diag.Join(at, string(lang)), suggestion, format, args...)
		})
		length := utf8.RuneCountInString(marks.ReplaceAllString(text, ""))
		suggestion, fault := markFault(text)
		switch under := diag.Join(at, string(lang)); {
		case fault != nil:
			c.fail(under, suggestion, "%s", fault)
			continue
		case !ok:
			c.fail(at, wording.Say("add %s: \"…\"", lang), "the text is missing in language %q", lang)
		case strings.IndexFunc(text, speaks) < 0:
			c.fail(under, nil, "the text is empty")
		case length > maxText:
			c.fail(under, nil, "the text has %d characters, more than the %d allowed", length, maxText)
		case length > longText:
			c.warn(under, wording.Say("shorten it or cut it in two"), "the text takes about %d seconds to hear", length/15)
		}
		c.program.add(id, lang, text)
	}
	return id
}

func (c *compiler) link(f *fileLink, at string, needed bool) link {
	if f == nil {
		if needed {
			c.fail(at, wording.Say("name a node"), "%s is missing", at[strings.LastIndexByte(at, '.')+1:])
		}
		return link{}
	}
	if f.Goto == "" {
		return link{} // its form was wrong, which has been said
	}
	if f.Language != "" {
		c.language(at, f.Language)
	}
	if _, ok := c.file.Nodes[f.Goto]; !ok && f.Goto == linkReturn {
		if c.back == nil {
			return link{} // of the file by itself, which nobody hears
		}
		return link{c.back.node, cmp.Or(f.Language, c.back.lang)}
	} else if !ok {
		c.fail(f.path, diag.DidYouMean(f.Goto, slices.Sorted(maps.Keys(c.file.Nodes))), "there is no node %q", f.Goto)
		return link{}
	}
	return link{c.prefix + f.Goto, f.Language}
}

// language checks that the site speaks it; empty means that none is named.
func (c *compiler) language(at string, lang acd.Lang) acd.Lang {
	if lang != "" && !slices.Contains(c.site.Languages, lang) {
		c.fail(at, diag.DidYouMean(string(lang), words(c.site.Languages)), "the site does not speak %q", lang)
	}
	return lang
}

// reason checks that the site has it.
func (c *compiler) reason(at string, id acd.ReasonID) {
	if _, ok := c.site.Reasons[id]; !ok {
		c.fail(at, diag.DidYouMean(string(id), words(slices.Sorted(maps.Keys(c.site.Reasons)))), "there is no reason %q", id)
	}
}

func words[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, w := range in {
		out[i] = string(w)
	}
	return out
}
