package knowledge

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"accueil/acd"
)

// Library answers questions about the articles and the directory in force. It is safe for concurrent use;
// Close it.
type Library struct {
	mu        sync.RWMutex // guards what follows, the finders while they are used
	base      *Base
	articles  *finder
	directory *Directory
	entries   *finder
}

// NewLibrary makes a library of articles and a directory.
func NewLibrary(base *Base, directory *Directory) (*Library, error) {
	l := &Library{}
	return l, l.Replace(base, directory)
}

// Replace puts others in force. On an error those before stay.
func (l *Library) Replace(base *Base, directory *Directory) error {
	var documents, entries []document
	for _, a := range base.Articles() {
		documents = append(documents, a.documents(base.site)...)
	}
	for _, e := range directory.Entries() {
		entries = append(entries, e.document(directory, base.site.Languages[0]))
	}
	synonyms := synonyms(base.site.Synonyms)
	nextArticles, err := newFinder(documents, synonyms)
	if err != nil {
		return err
	}
	nextEntries, err := newFinder(entries, synonyms)
	if err != nil {
		return errors.Join(err, nextArticles.close())
	}
	l.mu.Lock()
	before := []*finder{l.articles, l.entries}
	l.base, l.articles, l.directory, l.entries = base, nextArticles, directory, nextEntries
	l.mu.Unlock()
	return closeAll(before)
}

func closeAll(finders []*finder) error {
	var err error
	for _, f := range finders {
		if f != nil {
			err = errors.Join(err, f.close())
		}
	}
	return err
}

// Close frees the indexes.
func (l *Library) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := []*finder{l.articles, l.entries}
	l.base, l.articles, l.directory, l.entries = nil, nil, nil, nil
	return closeAll(before)
}

// documents are what can be found of an article, one in each language.
func (a *Article) documents(site Site) (out []document) {
	for _, lang := range site.Languages {
		d := document{id: string(a.ID), lang: lang, head: append([]string{a.Title[lang]}, a.Questions[lang]...)}
		for _, r := range a.Reasons {
			d.head = append(d.head, site.Reasons[r][lang])
		}
		for _, ch := range []Channel{Web, Agent} {
			d.body += a.Text(ch, lang, site.Today).String() + "\n"
		}
		out = append(out, d)
	}
	return out
}

// Question is what is asked of a library.
type Question struct {
	// Words are those of the question; without, all articles are listed by id.
	Words string
	// Lang of the words; every language of the site when empty.
	Lang acd.Lang
	// Reason: only articles of that reason; of all when empty.
	Reason acd.ReasonID
	// Public: only what anybody may be told at Now. Without, for agents.
	Public bool
	// Now, on the calendar of the site.
	Now time.Time
	// Limit is how many articles are wanted at most.
	Limit int
}

// Found is an article that answers, and the language in which it does.
type Found struct {
	*Article
	Lang acd.Lang
}

// Search lists the articles that answer best, best first. One that is withheld is shown to agents, who
// must know that it is; never to others.
func (l *Library) Search(ctx context.Context, q Question) ([]Found, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.base == nil {
		return nil, nil
	}
	langs := l.base.site.Languages
	if q.Lang != "" {
		langs = []acd.Lang{q.Lang}
	}
	keep := func(a *Article) bool {
		return (q.Reason == "" || slices.Contains(a.Reasons, q.Reason)) && (!q.Public || !a.Internal && a.WithheldAt(q.Now) == nil)
	}
	var out []Found
	if folded(q.Words) == "" {
		for _, a := range l.base.Articles() {
			if keep(a) && len(out) < q.Limit {
				out = append(out, Found{a, langs[0]})
			}
		}
		return out, nil
	}
	// Filtered ones must not take the places of others: as many more are asked for.
	hidden := 0
	for _, a := range l.base.articles {
		if !keep(a) {
			hidden += len(langs)
		}
	}
	hits, err := l.articles.find(ctx, q.Words, langs, q.Limit, hidden, func(id string) bool { return keep(l.base.articles[ArticleID(id)]) })
	if err != nil {
		return nil, err
	}
	for _, h := range hits {
		out = append(out, Found{l.base.articles[ArticleID(h.id)], h.lang})
	}
	return out, nil
}

// Article returns one of those in force.
func (l *Library) Article(id ArticleID) (*Article, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.base.Article(id)
}
