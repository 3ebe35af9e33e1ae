// Package publish writes what a hospital answers for everybody: a page of questions and answers in each
// language, the same as JSON, a block with the hospital's address and numbers to put into other pages,
// and letters to print. Only public articles are in it, with the facts of the day.
//
// Pages load nothing, from the hospital or elsewhere, and run no script: they can be put on any server,
// and whatever an article says is shown as text.
package publish

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"accueil/acd"
	"accueil/knowledge"
)

// Site is what is published.
type Site struct {
	// Name of the hospital in each language, as the head of every page.
	Name map[acd.Lang]string
	// Languages, the default first.
	Languages []acd.Lang
	// Reasons for which people call, with their labels: the chapters of the page.
	Reasons map[acd.ReasonID]map[acd.Lang]string
	// Articles that anybody may be told.
	Articles []*knowledge.Article
	// Contact is how the hospital is reached.
	Contact []Contact
	// Services that anybody may know of.
	Services []Service
	// Now is when it is published, on the site's clock.
	Now time.Time
}

// Contact is one line of the contact block.
type Contact struct {
	Fact  string
	Label map[acd.Lang]string
	Value map[acd.Lang]knowledge.Part
}

// Service is a service of the hospital.
type Service struct {
	ID    string
	Name  string
	Place string
	// Numbers that can be called from outside.
	Numbers []knowledge.Number
	// Hours in words, a line for the days that have the same, by language.
	Hours map[acd.Lang][]string
}

//go:embed pages/*.html
var pages embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"tel": tel}).ParseFS(pages, "pages/*.html"))

// tel is the address of a telephone number; anything but digits is left out, so that it is safe in a
// link.
func tel(dial string) template.URL {
	return template.URL("tel:" + strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, dial))
}

// Files writes everything: content by path.
func Files(s Site) (map[string][]byte, error) {
	out := map[string][]byte{}
	render := func(file, page string, data any) error {
		var b bytes.Buffer
		if err := templates.ExecuteTemplate(&b, page, data); err != nil {
			return fmt.Errorf("write %s: %w", file, err)
		}
		out[file] = b.Bytes()
		return nil
	}
	for _, lang := range s.Languages {
		h := s.head(lang)
		if err := render(pageName("faq", lang), "faq.html", faq{h, s.chapters(lang), s.Services}); err != nil {
			return nil, err
		}
		if err := render(pageName("contact", lang), "contact.html", h); err != nil {
			return nil, err
		}
		for _, a := range s.Articles {
			l := letter{h, a.Title[lang], blocks(a.Text(knowledge.Letter, lang, s.Now))}
			if err := render(path.Join(Letters, pageName(string(a.ID), lang)), "letter.html", l); err != nil {
				return nil, err
			}
		}
	}
	var err error
	out["faq.json"], err = s.json()
	return out, err
}

// Letters is the folder of the letters.
const Letters = "letters"

func pageName(name string, lang acd.Lang) string { return name + "." + string(lang) + ".html" }

// head is what every page of a language has.
type head struct {
	Lang    acd.Lang
	Name    string
	Words   words
	Others  []other
	Contact []line
	Updated string // for people
	Date    string // for programs
}

type other struct {
	Lang acd.Lang
	Name string // of the language, in itself
	Page string
}

// line is one of the contact block.
type line struct {
	Label string
	Value knowledge.Part
}

type faq struct {
	head
	Chapters []chapter
	Services []Service
}

type chapter struct {
	ID      string
	Label   string
	Answers []answer
}

type answer struct {
	ID     string
	Title  string
	Blocks []block
}

type letter struct {
	head
	Title  string
	Blocks []block
}

// block is a paragraph, or a list.
type block struct {
	Parts []knowledge.Part
	Lines []string
}

func (s Site) head(lang acd.Lang) head {
	h := head{Lang: lang, Name: s.Name[lang], Words: wordsOf(lang), Updated: wordsOf(lang).date(s.Now), Date: s.Now.Format(time.DateOnly)}
	for _, l := range s.Languages {
		if l != lang {
			h.Others = append(h.Others, other{l, wordsOf(l).Language, pageName("faq", l)})
		}
	}
	for _, c := range s.Contact {
		h.Contact = append(h.Contact, line{c.Label[lang], c.Value[lang]})
	}
	return h
}

// chapters are the answers by the first of their reasons, both in order.
func (s Site) chapters(lang acd.Lang) (out []chapter) {
	for _, a := range s.Articles {
		reason := a.Reasons[0]
		i := slices.IndexFunc(out, func(c chapter) bool { return c.ID == string(reason) })
		if i < 0 {
			i = len(out)
			out = append(out, chapter{ID: string(reason), Label: headline(s.Reasons[reason][lang])})
		}
		out[i].Answers = append(out[i].Answers, answer{string(a.ID), a.Title[lang], blocks(a.Text(knowledge.Web, lang, s.Now))})
	}
	slices.SortFunc(out, func(a, b chapter) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// headline begins with a capital: labels of reasons are written to stand in a sentence.
func headline(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// blocks parts a text at its lists: HTML has none within a paragraph.
func blocks(t knowledge.Text) (out []block) {
	for _, paragraph := range t {
		var parts []knowledge.Part
		end := func() {
			if len(parts) > 0 {
				out, parts = append(out, block{Parts: parts}), nil
			}
		}
		for _, p := range paragraph {
			if p.Lines == nil {
				parts = append(parts, p)
				continue
			}
			end()
			out = append(out, block{Lines: p.Lines})
		}
		end()
	}
	return out
}

// The form of faq.json.
type jsonSite struct {
	Version   int           `json:"version"`
	Published string        `json:"published"`
	Languages []acd.Lang    `json:"languages"`
	Name      inLanguages   `json:"name"`
	Contact   []jsonContact `json:"contact"`
	Articles  []jsonArticle `json:"articles"`
	Services  []jsonService `json:"services"`
}

type jsonService struct {
	ID      string                `json:"id"`
	Name    string                `json:"name"`
	Place   string                `json:"place,omitempty"`
	Numbers []jsonNumber          `json:"numbers"`
	Hours   map[acd.Lang][]string `json:"hours,omitempty"`
}

type jsonNumber struct {
	Shown string `json:"shown"`
	Dial  string `json:"dial"`
}

type inLanguages map[acd.Lang]string

type jsonContact struct {
	Fact  string      `json:"fact"`
	Label inLanguages `json:"label"`
	Value inLanguages `json:"value"`
	Dial  string      `json:"dial,omitempty"`
}

type jsonArticle struct {
	ID         string                            `json:"id"`
	Reasons    []acd.ReasonID                    `json:"reasons"`
	Title      inLanguages                       `json:"title"`
	Questions  map[acd.Lang][]string             `json:"questions,omitempty"`
	ValidUntil string                            `json:"valid_until"`
	Texts      map[knowledge.Channel]inLanguages `json:"texts"`
}

// published are the channels whose texts anybody may have; what agents read is theirs.
var published = []knowledge.Channel{knowledge.Web, knowledge.SMS, knowledge.Voice, knowledge.Letter}

func (s Site) json() ([]byte, error) {
	out := jsonSite{Version: 1, Published: s.Now.Format(time.RFC3339), Languages: s.Languages, Name: s.Name, Contact: []jsonContact{}, Articles: []jsonArticle{}, Services: []jsonService{}}
	for _, x := range s.Services {
		j := jsonService{ID: x.ID, Name: x.Name, Place: x.Place, Numbers: []jsonNumber{}, Hours: x.Hours}
		for _, n := range x.Numbers {
			j.Numbers = append(j.Numbers, jsonNumber(n))
		}
		out.Services = append(out.Services, j)
	}
	for _, c := range s.Contact {
		j := jsonContact{Fact: c.Fact, Label: c.Label, Value: inLanguages{}}
		for lang, p := range c.Value {
			j.Value[lang], j.Dial = p.Text, p.Dial
		}
		out.Contact = append(out.Contact, j)
	}
	for _, a := range s.Articles {
		j := jsonArticle{ID: string(a.ID), Reasons: a.Reasons, Title: a.Title, Questions: a.Questions, ValidUntil: a.ValidUntil.Format(time.DateOnly),
			Texts: map[knowledge.Channel]inLanguages{}}
		for _, ch := range published {
			j.Texts[ch] = inLanguages{}
			for _, lang := range s.Languages {
				j.Texts[ch][lang] = a.Text(ch, lang, s.Now).String()
			}
		}
		out.Articles = append(out.Articles, j)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b) // with < and > escaped: the file may be put into a page
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return nil, fmt.Errorf("write faq.json: %w", err)
	}
	return b.Bytes(), nil
}
