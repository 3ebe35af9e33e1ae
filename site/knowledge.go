package site

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// Knowledge names the files of what the hospital answers.
type Knowledge struct {
	// Articles is the folder of the articles, a YAML file each (docs/knowledge.md); no answers when
	// absent.
	Articles string `yaml:"articles"`
	// Directory is the CSV file of services, people and rooms (docs/knowledge.md); accueil import directory
	// writes it.
	Directory string `yaml:"directory"`
	// OnCall is the file of who is on call, CSV or iCalendar; accueil import on-call writes it.
	OnCall string `yaml:"on_call"`
	// Name is the fact that names the hospital, at the head of what is published.
	Name string `yaml:"name"`
	// Contact lists the facts by which the hospital is reached, each with a label, in the order of the
	// contact block.
	Contact []string `yaml:"contact" schema:"maxItems=20"`
	// Synonyms are words that mean the same to the site's callers, a group a line with commas between:
	// "UPATOU, urgences". They widen what a search finds, beside the usual ones (rdv, IRM, scanner).
	Synonyms []string `yaml:"synonyms" schema:"maxItems=500"`
}

// Fact is one thing that answers say and that may change: a text, a number, a list or opening hours.
type Fact struct {
	// Text is a name or an address, in each language.
	Text map[acd.Lang]string `yaml:"text"`
	// Spoken is how the voice says the text, by language, where it says it otherwise.
	Spoken map[acd.Lang]string `yaml:"spoken"`
	// Number is a telephone number.
	Number string `yaml:"number" schema:"form=a telephone number"`
	// List is several things, as the documents to bring, in each language.
	List map[acd.Lang][]string `yaml:"list"`
	// Label says what the fact is, in each language, where it stands in the contact block: "Téléphone".
	Label map[acd.Lang]string `yaml:"label"`
	// Hours is the name of a timetable: its opening hours.
	Hours string `yaml:"hours"`
}

// maxFact bounds what a fact says, in characters: it is put into texts that have bounds of their own.
const maxFact = 300

func (c *checker) facts() {
	for _, name := range sorted(c.site.Facts) {
		f, path := c.site.Facts[name], diag.Join("facts", name)
		var given []string
		for _, kind := range []string{"text", "number", "list", "hours"} {
			if c.given(diag.Join(path, kind)) {
				given = append(given, kind)
			}
		}
		switch {
		case len(given) == 0:
			c.key(path, wording.Say("write text:, number:, list: or hours:"), "the fact %q says nothing", name)
		case len(given) > 1:
			c.key(diag.Join(path, given[1]), wording.Say("make two facts"), "a fact is one thing, %q is %s", name, wording.List(given))
		}
		if c.given(diag.Join(path, "spoken")) && !c.given(diag.Join(path, "text")) {
			c.key(diag.Join(path, "spoken"), wording.Say("remove it"), "spoken says how a text is spoken, and there is none")
		}
		c.factTexts(diag.Join(path, "text"), f.Text, true)
		c.factTexts(diag.Join(path, "spoken"), f.Spoken, false)
		c.factTexts(diag.Join(path, "label"), f.Label, true)
		c.factLists(diag.Join(path, "list"), f.List)
		if f.Number != "" && NormalizeCallerID(f.Number, c.site.Region) == "" {
			c.fail(diag.Join(path, "number"), nil, "%q is no number that can be called", f.Number)
		}
		refers(c, diag.Join(path, "hours"), f.Hours, c.site.Timetables, "there is no timetable %q")
	}
}

// Dial returns the number as it is dialled and as people are shown it; false for what cannot be dialled.
func (s *Site) Dial(written string) (dial, shown string, ok bool) {
	if dial = NormalizeCallerID(written, s.Region); dial == "" {
		return "", "", false
	}
	if _, ok := s.TrunkFor(dial); !ok {
		return "", "", false
	}
	return dial, s.ShownNumber(dial), true
}

// published checks the facts that stand on every page.
func (c *checker) published() {
	k := c.site.Knowledge
	if refers(c, "knowledge.name", k.Name, c.site.Facts, "there is no fact %q") && c.site.Facts[k.Name].Text == nil {
		c.fail("knowledge.name", wording.Say("name a fact with text:"), "the fact %q is no name", k.Name)
	}
	once(c, "knowledge.contact", k.Contact)
	for i, name := range k.Contact {
		path := diag.Join("knowledge.contact", i)
		if refers(c, path, name, c.site.Facts, "there is no fact %q") && c.site.Facts[name].Label == nil {
			c.fail(path, wording.Say("give the fact a label:"), "nothing says what the fact %q is", name)
		}
	}
}

func (c *checker) factTexts(path string, texts map[acd.Lang]string, all bool) {
	for _, l := range sorted(texts) {
		under := diag.Join(path, string(l))
		c.speaks(under, l)
		c.factText(under, texts[l])
	}
	for _, l := range c.site.Languages {
		if all && texts != nil && !has(texts, l) {
			c.key(path, nil, "the text in %q is missing", l)
		}
	}
}

func (c *checker) factLists(path string, lists map[acd.Lang][]string) {
	for _, l := range sorted(lists) {
		under := diag.Join(path, string(l))
		c.speaks(under, l)
		if len(lists[l]) == 0 {
			c.fail(under, nil, "the list is empty")
		}
		for i, item := range lists[l] {
			c.factText(diag.Join(under, i), item)
		}
	}
	for _, l := range c.site.Languages {
		if lists != nil && !has(lists, l) {
			c.key(path, nil, "the list in %q is missing", l)
		}
	}
}

func (c *checker) factText(path, text string) {
	switch {
	case strings.TrimSpace(text) == "":
		c.fail(path, nil, "the text is empty")
	case len([]rune(text)) > maxFact:
		c.fail(path, wording.Say("shorten it"), "the text has more than %d characters", maxFact)
	case strings.Contains(text, "{{") || strings.Contains(text, "}}"):
		c.fail(path, nil, "a fact is put into texts, no fact is put into it")
	}
}

// articles lists the files of the folder of articles, and sees that the others are there.
func (c *checker) articles() {
	k := &c.site.Knowledge
	if k.OnCall != "" && k.Directory == "" {
		c.key("knowledge.on_call", wording.Say("write directory:"), "who is on call is of services of a directory, and there is none")
	}
	if k.Articles == "" {
		return
	}
	info, err := os.Stat(k.Articles)
	switch {
	case err != nil:
		c.fail("knowledge.articles", wording.Say("create it; the path starts at the folder of the site file"), "the folder cannot be read: %s", wording.Reason(err))
	case !info.IsDir():
		c.fail("knowledge.articles", wording.Say("name the folder of the articles"), "this is not a folder")
	default:
		c.site.Articles, _ = filepath.Glob(filepath.Join(k.Articles, "*.yaml"))
	}
}

// ShownNumber writes a number as people of the site's country are shown it: "01 99 00 30 00"; another
// country's with its code.
func (s *Site) ShownNumber(number string) string {
	e164 := NormalizeCallerID(number, s.Region)
	if !strings.HasPrefix(e164, "+") {
		return e164
	}
	n, err := phonenumbers.Parse(e164, s.Region)
	if err != nil {
		return e164
	}
	if phonenumbers.GetRegionCodeForNumber(n) == s.Region || int(n.GetCountryCode()) == phonenumbers.GetCountryCodeForRegion(s.Region) {
		return phonenumbers.Format(n, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}
