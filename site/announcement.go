package site

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// Lookup is a question that scenarios may ask about a caller: of the directory, or of a service of the
// hospital over HTTP.
type Lookup struct {
	// URL of the service, https or on this machine or a private network; the directory is asked when
	// absent.
	URL string `yaml:"url"`
	// TokenFile holds what is sent to the service as a bearer token; nothing is sent when absent.
	TokenFile string `yaml:"token_file"`
	// Timeout is when the caller hears the answer, whatever it is and whenever it came: so the time
	// tells nothing.
	Timeout time.Duration `yaml:"timeout" schema:"min=100ms,max=5s,default=800ms"`
	// Answers are the variables that the service may answer, with every value of each; anything else it
	// answers counts as a failure.
	Answers map[string][]string `yaml:"answers" schema:"form=small letters\\, digits and underscores\\, a letter first,keys=^[a-z][a-z0-9_]{0\\,31}$,pattern=^[a-z0-9][a-z0-9_-]{0\\,31}$"`

	// Token is the content of TokenFile.
	Token Secret `yaml:"-"`
}

// CallerKind is a kind of caller.
type CallerKind string

func (CallerKind) choices() []string { return texts(acd.CallerKinds()) }

// CallerKind is who calls through a trunk, at an entry or from a number of the directory, as far as the
// site knows: the number counts before the entry, the entry before the trunk. Numbers inside a trunk
// with extensions are internal where nothing else is said.
func (s *Site) CallerKind(d *Directory, entry acd.EntryID, trunk acd.TrunkID, raw string) acd.CallerKind {
	if k, ok := d.Kind(NormalizeCallerID(raw, s.Region)); ok {
		return k
	}
	if k := s.Entries[entry].Callers; k != "" {
		return acd.CallerKind(k)
	}
	if k := s.Trunks[trunk].Callers; k != "" {
		return acd.CallerKind(k)
	}
	if len(s.Trunks[trunk].Extensions) > 0 {
		return acd.CallerInternal
	}
	return acd.CallerUnknown
}

// Insiders reports whether the entry is for the hospital's own people or for professionals.
func (s *Site) Insiders(entry acd.EntryID) bool {
	switch s.CallerKind(nil, entry, s.Entries[entry].Trunk, "") {
	case acd.CallerInternal, acd.CallerProfessional:
		return true
	}
	return false
}

// Expects reports whether CallerKind ever is this kind because the site file or the directory says so.
func (s *Site) Expects(d *Directory, kind acd.CallerKind) bool {
	for _, e := range s.Entries {
		if acd.CallerKind(e.Callers) == kind {
			return true
		}
	}
	for _, t := range s.Trunks {
		if acd.CallerKind(t.Callers) == kind {
			return true
		}
	}
	return d.has(kind)
}

// maxAnnouncement bounds an announcement, in characters: twenty seconds before a caller comes to
// anything else. maxInfo bounds what he hears while he waits: a minute.
const (
	maxAnnouncement = 400
	maxInfo         = 900
)

func (c *checker) announcements() {
	for _, id := range sorted(c.site.Announcements) {
		c.spoken(diag.Join("announcements", string(id)), c.site.Announcements[id], maxAnnouncement, "nobody listens so long before he can choose")
	}
}

// spoken checks a text for callers, which must exist in each language of the site and have no more
// characters than that, for the reason given.
func (c *checker) spoken(path string, texts map[acd.Lang]string, most int, why wording.Sentence) {
	for _, l := range c.site.Languages {
		if !has(texts, l) {
			c.key(path, nil, "the text in %q is missing", l)
		}
	}
	for _, l := range sorted(texts) {
		under := diag.Join(path, string(l))
		c.speaks(under, l)
		switch {
		case strings.TrimSpace(texts[l]) == "":
			c.fail(under, nil, "the text is empty")
		case utf8.RuneCountInString(texts[l]) > most:
			c.fail(under, wording.Say("shorten it"), "the text has more than %d characters: %s", most, why)
		}
	}
}

func (c *checker) lookups() {
	for _, id := range sorted(c.site.Lookups) {
		l, path := c.site.Lookups[id], diag.Join("lookups", string(id))
		if l.URL == "" {
			if c.site.Directory == "" {
				c.key(path, wording.Say("write url:, or directory: for the site"), "the lookup %q has nothing to ask", id)
			}
			for _, key := range []string{"token_file", "answers"} {
				if c.given(diag.Join(path, key)) {
					c.key(diag.Join(path, key), wording.Say("remove it, or write url:"), "the directory takes no %s", key)
				}
			}
			continue
		}
		c.service(diag.Join(path, "url"), l.URL, "what callers key in would travel in clear over a public network")
		for _, name := range sorted(l.Answers) {
			switch values := l.Answers[name]; {
			case len(values) == 0:
				c.fail(diag.Join(path, "answers", name), wording.Say("write every value it may have"), "the variable %q has no value", name)
			case slices.Contains(acd.SceneWords(), name):
				c.key(diag.Join(path, "answers", name), wording.Say("choose another name"), "%q has a meaning of its own in scenarios", name)
			}
		}
	}
}
