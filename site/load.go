package site

import (
	"os"
	"path/filepath"
	"strings"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// Load reads and checks the site file, the secrets that it names and the names of the scenarios
// beside it. The site is nil when a finding forbids its use (diag.Findings.Failed); warnings come
// beside a site.
func Load(path string) (*Site, diag.Findings) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, diag.Findings{{File: path, Message: wording.Say("the path cannot be resolved: %s", wording.Reason(err))}}
	}
	src, err := os.ReadFile(absolute)
	if err != nil {
		return nil, diag.Findings{{File: path, Message: wording.Say("the site file cannot be read: %s", wording.Reason(err))}}
	}
	return load(path, filepath.Dir(absolute), src, true)
}

// LoadBytes checks a text as if it were the site file of that path, without reading any other file:
// secrets stay empty, scenarios unknown.
func LoadBytes(path string, src []byte) (*Site, diag.Findings) {
	return load(path, filepath.Dir(path), src, false)
}

func load(path, dir string, src []byte, disk bool) (*Site, diag.Findings) {
	doc, found := diag.ParseYAML(path, src)
	if doc == nil {
		return nil, found
	}
	if doc.Root().Kind != diag.Mapping {
		return nil, append(found, doc.Decode(&Site{})...)
	}
	s := defaultSite()
	s.Dir, s.File = dir, doc
	found = append(found, doc.Decode(&s)...)
	if v := s.Version; v != 0 && v != Version {
		// What another version means is unknown: more findings would only mislead.
		return nil, diag.Findings{doc.Error("version", nil, "version %d is not known to this release, it reads version %d", v, Version)}
	}
	c := &checker{doc: doc, site: &s, disk: disk, failed: found.Errors()}
	c.rules()
	c.general()
	c.trunks()
	c.entries()
	c.phones()
	c.numbers()
	c.queues()
	c.reasons()
	c.calendars()
	c.timetables()
	c.hours()
	c.agents()
	c.staff()
	c.announcements()
	c.texts()
	c.callbacks()
	c.sms()
	c.lookups()
	c.facts()
	c.published()
	c.files()
	found = append(found, c.found...).Sorted()
	if found.Failed() {
		return nil, found
	}
	return &s, found
}

// checker collects what is wrong with a decoded site and fills in what follows from its keys.
type checker struct {
	doc    *diag.Doc
	site   *Site
	disk   bool          // whether other files may be read
	failed diag.Findings // of decoding: what stands there is unknown and not judged again
	found  diag.Findings
}

func (c *checker) fail(path string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	c.add(c.doc.Error(path, suggestion, format, args...))
}

func (c *checker) warn(path string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	c.add(c.doc.Warning(path, suggestion, format, args...))
}

// key is fail placed at the key instead of its value.
func (c *checker) key(path string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	c.add(c.doc.KeyFinding(path, diag.Error, suggestion, wording.Say(format, args...)))
}

func (c *checker) add(f diag.Finding) {
	for _, before := range c.failed {
		if rest, ok := strings.CutPrefix(f.Path, before.Path); ok && before.Path != "" && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return
		}
	}
	c.found = append(c.found, f)
}

// abs makes a path of the file absolute; empty stays empty.
func (c *checker) abs(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.site.Dir, path)
}

// given reports whether the file has a value at the path.
func (c *checker) given(path string) bool {
	n := c.doc.Lookup(path)
	return n != nil && n.Kind != diag.Null
}

// refers reports a reference that leads nowhere; missing has its name as the argument. The empty reference is the rules' affair.
func refers[K ~string, V any](c *checker, path string, ref K, all map[K]V, missing wording.Sentence) bool {
	if ref == "" {
		return false
	}
	if _, ok := all[ref]; ok {
		return true
	}
	c.fail(path, diag.DidYouMean(string(ref), names(all)), missing, ref)
	return false
}

// speaks reports a language that the site does not have.
func (c *checker) speaks(path string, l acd.Lang) {
	if l != "" && !contains(c.site.Languages, l) {
		c.fail(path, wording.Say("add it to languages"), "the site does not speak %q", l)
	}
}
