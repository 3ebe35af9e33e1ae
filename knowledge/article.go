package knowledge

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// Version is the format of article files.
const Version = 1

// ArticleID names an article: its file without folder and ending.
type ArticleID string

// Bounds of an article, in characters.
const (
	maxTitle    = 120
	maxVoice    = 1200 // about 80 s of speech; the bound of every spoken text
	longVoice   = 400  // worth a warning
	maxWritten  = 8000
	maxSegments = 4 // of an SMS: beyond, carriers lose parts and phones show them out of order
	maxQueries  = 20
)

var (
	articleName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	factName    = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)*$`)
)

// Article is one answer.
type Article struct {
	ID ArticleID
	// Title is the question that it answers, or its subject.
	Title map[acd.Lang]string
	// Questions are other ways in which people ask; they are searched.
	Questions map[acd.Lang][]string
	// Reasons for which people call about it.
	Reasons []acd.ReasonID
	// Owner keeps it right.
	Owner string
	// ValidUntil is its last day, at midnight UTC; an article always has one.
	ValidUntil time.Time
	// ApprovedBy is who said that it may be told.
	ApprovedBy string
	// Internal: for agents alone; it has no text for another channel.
	Internal bool
	// Withheld says why nobody may be told it: nobody approved it, its time is over. Nil for one that
	// may. Only a lenient Load returns such articles.
	Withheld *wording.Text

	texts map[Channel]map[acd.Lang]source
	facts map[string]Fact
}

// Text is what the article says on a channel at an instant, with its facts as they are then; nil when it says
// nothing there. Without an instant no special days are told with hours.
func (a *Article) Text(ch Channel, lang acd.Lang, now time.Time) Text {
	src, ok := a.texts[ch][lang]
	if !ok {
		return nil
	}
	out := make(Text, len(src))
	for i, paragraph := range src {
		parts := make([]Part, len(paragraph))
		for j, p := range paragraph {
			parts[j] = Part{Text: p.words}
			if p.fact != "" {
				parts[j] = a.facts[p.fact].part(p.fact, ch, lang, p.alone && !ch.flows(), now)
			}
		}
		out[i] = parts
	}
	return out
}

// channels are those that the article must have texts for.
func (a *Article) channels() []Channel {
	if a.Internal {
		return []Channel{Agent}
	}
	return Channels()
}

// fileArticle is an article as written.
type fileArticle struct {
	Version    int                             `yaml:"version"`
	Title      map[acd.Lang]string             `yaml:"title"`
	Questions  map[acd.Lang][]string           `yaml:"questions"`
	Reasons    []acd.ReasonID                  `yaml:"reasons"`
	Owner      string                          `yaml:"owner"`
	ValidUntil fileDate                        `yaml:"valid_until"`
	ApprovedBy string                          `yaml:"approved_by"`
	Internal   bool                            `yaml:"internal"`
	Texts      map[Channel]map[acd.Lang]string `yaml:"texts"`
}

// fileDate is a day.
type fileDate struct{ time.Time }

// DecodeNode reads 2027-06-30.
func (d *fileDate) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	var text string
	if fs := at.Decode(n, &text); len(fs) > 0 {
		return fs
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return diag.Findings{at.Error(wording.Say("write 2027-06-30"), "%q is no date", text)}
	}
	d.Time = day
	return nil
}

// Base is every article of a site. It is immutable.
type Base struct {
	site     Site
	articles map[ArticleID]*Article
	says     []Saying
}

// Article returns one; ok is false when there is none.
func (b *Base) Article(id ArticleID) (a *Article, ok bool) {
	if b == nil {
		return nil, false
	}
	a, ok = b.articles[id]
	return a, ok
}

// Articles lists all by id.
func (b *Base) Articles() []*Article {
	if b == nil {
		return nil
	}
	out := make([]*Article, 0, len(b.articles))
	for _, id := range slices.Sorted(maps.Keys(b.articles)) {
		out = append(out, b.articles[id])
	}
	return out
}

// Public lists those that anybody may be told, by id.
func (b *Base) Public() []*Article {
	return slices.DeleteFunc(b.Articles(), func(a *Article) bool { return a.Internal || a.Withheld != nil })
}

// Saying is a place where a fact is said.
type Saying struct {
	Fact    string    `json:"fact"`
	Article ArticleID `json:"article,omitempty"` // absent in a menu or an announcement
	Channel Channel   `json:"channel"`
	Lang    acd.Lang  `json:"language"`
	File    string    `json:"file"`
	Line    int       `json:"line"`
	Column  int       `json:"column"`
	// Words are how the fact is said there today.
	Words string `json:"words"`
}

// Says lists every place where a fact is said, by fact and place.
func (b *Base) Says() []Saying {
	if b == nil {
		return nil
	}
	return slices.Clone(b.says)
}
