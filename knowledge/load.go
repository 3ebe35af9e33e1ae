package knowledge

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// Site is what articles refer to. The maps are read only, during Load and after it.
type Site struct {
	// Languages of the site, the default first; every text needs all of them.
	Languages []acd.Lang
	// Reasons for which people call, with their labels.
	Reasons map[acd.ReasonID]map[acd.Lang]string
	// Facts by the name that texts use.
	Facts map[string]Fact
	// Synonyms are groups of words that mean the same here, with commas between, for searching.
	Synonyms []string
	// Today judges whether an article's time is over, on the calendar of its location.
	Today time.Time
	// Lenient makes a warning of an article that is not approved or whose time is over, and withholds
	// it: a telephone system must start on the morning after.
	Lenient bool
}

// Load reads article files (name → content; an article is called as its file without folder and
// ending). The base holds what could be read, also when a finding forbids its use.
func Load(files map[string][]byte, site Site) (*Base, diag.Findings) {
	l := loader{base: &Base{site: site, articles: map[ArticleID]*Article{}}, names: slices.Sorted(maps.Keys(site.Facts)), typed: NewTyped(site.Facts, site.Languages)}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		l.file(name, files[name])
	}
	slices.SortFunc(l.base.says, func(a, b Saying) int {
		return cmp.Or(cmp.Compare(a.Fact, b.Fact), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return l.base, l.findings.Sorted()
}

type loader struct {
	base     *Base
	names    []string // of facts, sorted
	typed    *Typed
	findings diag.Findings
}

// file reads one article.
func (l *loader) file(name string, src []byte) {
	id := ArticleID(strings.TrimSuffix(strings.TrimSuffix(path.Base(name), ".yaml"), ".yml"))
	doc, fs := diag.ParseYAML(name, src)
	l.findings = append(l.findings, fs...)
	if doc == nil {
		return
	}
	var f fileArticle
	fs = doc.Decode(&f)
	l.findings = append(l.findings, fs...)
	c := checker{loader: l, doc: doc, file: &f, failed: fs.Errors(),
		article: &Article{ID: id, Title: f.Title, Questions: f.Questions, Reasons: f.Reasons, Owner: strings.TrimSpace(f.Owner),
			ValidUntil: f.ValidUntil.Time, ApprovedBy: strings.TrimSpace(f.ApprovedBy), Internal: f.Internal,
			texts: map[Channel]map[acd.Lang]source{}, facts: l.base.site.Facts}}
	if !articleName.MatchString(string(id)) {
		c.add(diag.Finding{File: name, Message: wording.Say("%q cannot be the name of an article", id), Suggestion: wording.Say("name the file with small letters, digits and dashes")})
	}
	if _, twice := l.base.articles[id]; twice {
		c.add(diag.Finding{File: name, Message: wording.Say("there is another article %q", id)})
	}
	if v := doc.Lookup("version"); v == nil {
		c.fail("", wording.Say("begin the file with version: 1"), "version is missing")
	} else if f.Version != Version && !fs.Failed() {
		c.fail("version", nil, "version %d is not known, this program reads %d", f.Version, Version)
		return // what another version means is unknown
	}
	c.head()
	c.texts()
	c.judge()
	l.base.articles[id] = c.article
}

// checker looks at one article.
type checker struct {
	*loader
	doc     *diag.Doc
	file    *fileArticle
	article *Article
	failed  diag.Findings // of decoding: what stands there is unknown and not judged again
}

func (c *checker) fail(at string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	c.add(c.doc.Error(at, suggestion, format, args...))
}

func (c *checker) warn(at string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	c.add(c.doc.Warning(at, suggestion, format, args...))
}

func (c *checker) add(f diag.Finding) {
	for _, before := range c.failed {
		if rest, ok := strings.CutPrefix(f.Path, before.Path); ok && before.Path != "" && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return
		}
	}
	c.findings = append(c.findings, f)
}

// head checks what is said about the article.
func (c *checker) head() {
	c.languages("title", c.file.Title, maxTitle)
	for _, lang := range slices.Sorted(maps.Keys(c.file.Questions)) {
		at := diag.Join("questions", string(lang))
		c.speaks(at, lang)
		if len(c.file.Questions[lang]) > maxQueries {
			c.fail(at, nil, "%d questions are more than the %d allowed", len(c.file.Questions[lang]), maxQueries)
		}
		for i, q := range c.file.Questions[lang] {
			c.length(diag.Join(at, i), q, maxTitle)
		}
	}
	if len(c.file.Reasons) == 0 {
		c.fail("reasons", wording.Say("name the reasons for which people call about it"), "reasons are missing")
	}
	known := slices.Sorted(maps.Keys(c.base.site.Reasons))
	for i, r := range c.file.Reasons {
		at := diag.Join("reasons", i)
		if _, ok := c.base.site.Reasons[r]; !ok {
			c.fail(at, diag.DidYouMean(string(r), words(known)), "the site has no reason %q", r)
		} else if slices.Contains(c.file.Reasons[:i], r) {
			c.fail(at, wording.Say("remove it"), "the reason %q is named twice", r)
		}
	}
	if c.article.Owner == "" {
		c.fail("owner", wording.Say("name who keeps it right"), "owner is missing")
	}
	if c.doc.Lookup("valid_until") == nil {
		c.fail("valid_until", wording.Say("write the last day, 2027-06-30: somebody must look at it again"), "valid_until is missing")
	}
}

// languages checks one text in each language of the site.
func (c *checker) languages(at string, texts map[acd.Lang]string, most int) {
	for _, lang := range slices.Sorted(maps.Keys(texts)) {
		c.speaks(diag.Join(at, string(lang)), lang)
		c.length(diag.Join(at, string(lang)), texts[lang], most)
	}
	for _, lang := range c.base.site.Languages {
		if _, ok := texts[lang]; !ok {
			c.fail(at, nil, "%s is missing in language %q", at, lang)
		}
	}
}

func (c *checker) length(at, text string, most int) {
	switch n := utf8.RuneCountInString(text); {
	case strings.TrimSpace(text) == "":
		c.fail(at, nil, "the text is empty")
	case strings.Contains(text, "{{"):
		c.fail(at, nil, "facts stand in texts only")
	case n > most:
		c.fail(at, wording.Say("shorten it"), "the text has %d characters, more than the %d allowed", n, most)
	}
}

func (c *checker) speaks(at string, lang acd.Lang) {
	if !slices.Contains(c.base.site.Languages, lang) {
		c.fail(at, diag.DidYouMean(string(lang), words(c.base.site.Languages)), "the site does not speak %q", lang)
	}
}

// texts checks what is said, on each channel and in each language.
func (c *checker) texts() {
	for _, ch := range slices.Sorted(maps.Keys(c.file.Texts)) {
		at := diag.Join("texts", string(ch))
		switch {
		case !slices.Contains(Channels(), ch):
			c.fail(at, diag.DidYouMean(string(ch), words(Channels())), "there is no channel %q", ch)
			continue
		case c.article.Internal && ch != Agent:
			c.fail(at, wording.Say("remove it, or remove internal: true"), "an internal article is for agents alone")
			continue
		}
		for _, lang := range slices.Sorted(maps.Keys(c.file.Texts[ch])) {
			c.speaks(diag.Join(at, string(lang)), lang)
			c.text(diag.Join(at, string(lang)), ch, lang, c.file.Texts[ch][lang])
		}
	}
	for _, ch := range c.article.channels() {
		at := diag.Join("texts", string(ch))
		if _, ok := c.file.Texts[ch]; !ok {
			c.fail(at, nil, "the text for the channel %q is missing", ch)
			continue
		}
		for _, lang := range c.base.site.Languages {
			if _, ok := c.file.Texts[ch][lang]; !ok {
				c.fail(at, nil, "the text for the channel %q is missing in language %q", ch, lang)
			}
		}
	}
}

// text checks one text and keeps it.
func (c *checker) text(at string, ch Channel, lang acd.Lang, text string) {
	if strings.TrimSpace(text) == "" {
		c.fail(at, nil, "the text is empty")
		return
	}
	src, wrong := parse(text, ch.flows())
	if wrong != nil {
		c.fail(at, wording.Say("write {{name}} for a fact of the site file"), "%s", wrong)
		return
	}
	for _, name := range src.facts() {
		fact, ok := c.base.site.Facts[name]
		switch {
		case !ok:
			c.fail(at, diag.DidYouMean(name, c.names), "the site file has no fact %q", name)
			return
		case !fact.speaks(lang):
			c.fail(at, wording.Say("give it in the site file"), "the fact %q has no words in language %q", name, lang)
			return
		}
	}
	if c.article.texts[ch] == nil {
		c.article.texts[ch] = map[acd.Lang]source{}
	}
	c.article.texts[ch][lang] = src
	c.retyped(at, src)
	c.size(at, ch, c.article.Text(ch, lang, time.Time{}).String()) // a holiday must not refuse a site
	line, column, _ := c.doc.At(at)
	for _, name := range src.facts() {
		c.base.says = append(c.base.says, Saying{Fact: name, Article: c.article.ID, Channel: ch, Lang: lang, File: c.doc.File(), Line: line, Column: column,
			Words: c.base.site.Facts[name].part(name, ch, lang, false, c.base.site.Today).Text})
	}
}

// size bounds a text with its facts put in.
func (c *checker) size(at string, ch Channel, said string) {
	n := utf8.RuneCountInString(said)
	switch {
	case ch == Voice && n > maxVoice:
		c.fail(at, wording.Say("cut it in two articles"), "with its facts the text has %d characters, more than the %d allowed", n, maxVoice)
	case ch == Voice && n > longVoice:
		c.warn(at, wording.Say("shorten it: nobody remembers more"), "with its facts the text takes about %d seconds to hear", n/15)
	case ch == SMS:
		if segments, forces := smsSegments(said); segments > maxSegments {
			suggestion := wording.Say("shorten it")
			if forces != 0 {
				suggestion = wording.Say("shorten it, or write it without %q, which makes each part hold 67 characters instead of 153", forces)
			}
			c.fail(at, suggestion, "with its facts the text takes %d SMS, more than the %d allowed", segments, maxSegments)
		}
	case n > maxWritten:
		c.fail(at, wording.Say("cut it in two articles"), "with its facts the text has %d characters, more than the %d allowed", n, maxWritten)
	}
}

// judge says whether the article may be told today.
func (c *checker) judge() {
	a := c.article
	if c.file.ApprovedBy = a.ApprovedBy; a.ApprovedBy == "" {
		c.withhold("approved_by", wording.Say("have it approved, and write by whom"), wording.Say("nobody approved it"), "nobody has approved the article %q", a.ID)
	}
	if !a.ValidUntil.IsZero() && !c.base.site.Today.Before(a.Ends(c.base.site.Today.Location())) {
		c.withhold("valid_until", wording.Say("look at it again, and write a later day"), a.over(),
			"the time of the article %q is over since %s", a.ID, a.ValidUntil.Format(time.DateOnly))
	}
}

func (c *checker) withhold(at string, suggestion, why *wording.Text, format wording.Sentence, args ...any) {
	c.article.Withheld = why
	if c.base.site.Lenient {
		c.warn(at, suggestion, "%s: it is not told", wording.Say(format, args...))
		return
	}
	c.fail(at, suggestion, format, args...)
}

// WithheldAt says why nobody may be told the article at the instant, on the calendar of its location; empty
// for one that may. Its time may have ended since it was loaded.
func (a *Article) WithheldAt(now time.Time) *wording.Text {
	if a.Withheld == nil && !now.Before(a.Ends(now.Location())) {
		return a.over()
	}
	return a.Withheld
}

func (a *Article) over() *wording.Text {
	return wording.Say("its last day was %s", a.ValidUntil.Format(time.DateOnly))
}

// Ends is the instant at which its time is over: the end of its last day.
func (a *Article) Ends(where *time.Location) time.Time {
	y, m, d := a.ValidUntil.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, where)
}

func words[S ~string](all []S) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return out
}
