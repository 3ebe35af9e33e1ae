package knowledge

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/en" // the analyser of English texts
	_ "github.com/blevesearch/bleve/v2/analysis/lang/fr" // the analyser of French texts
	"github.com/blevesearch/bleve/v2/search/query"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"accueil/acd"
)

// document is what can be found: its head, in which each word counts most, and its body.
type document struct {
	id   string
	lang acd.Lang
	head []string
	body string
}

// finder finds documents by words, whatever their accents, endings and small mistakes. It is kept in
// memory and made anew when the documents change.
type finder struct {
	index     bleve.Index
	documents int
}

// analysers is how many texts are analysed at once: calls are served meanwhile.
const analysers = 1

// languages are the analysers of the languages in which callers are spoken to.
var languages = map[acd.Lang]string{"fr": "fr", "en": "en"}

func analyser(lang acd.Lang) string {
	if a, ok := languages[lang]; ok {
		return a
	}
	return "standard"
}

// The library analyses texts in goroutines of the whole process, which it starts when the program does,
// whether anything will be indexed or not. They are stopped here, and there while an index is made only.
func init() { bleve.Config.Shutdown() }

// indexing guards the library's configuration.
var indexing sync.Mutex

// newFinder indexes documents; synonyms widen what is in them.
func newFinder(documents []document, synonyms []synonym) (*finder, error) {
	indexing.Lock()
	defer indexing.Unlock()
	bleve.Config.SetAnalysisQueueSize(analysers)
	defer bleve.Config.Shutdown()
	mapping := bleve.NewIndexMapping()
	for _, d := range documents {
		for _, name := range []string{headOf(d.lang), bodyOf(d.lang)} {
			field := bleve.NewTextFieldMapping()
			field.Analyzer, field.Store, field.IncludeInAll, field.IncludeTermVectors = analyser(d.lang), false, false, false
			if _, ok := mapping.DefaultMapping.Properties[name]; !ok {
				mapping.DefaultMapping.AddFieldMappingsAt(name, field)
			}
		}
	}
	index, err := bleve.NewMemOnly(mapping)
	if err != nil {
		return nil, fmt.Errorf("make the index: %w", err)
	}
	batch := index.NewBatch()
	for _, d := range documents {
		head, body := plain(strings.Join(d.head, " . ")), plain(d.body)
		if err := batch.Index(d.id+"/"+string(d.lang), map[string]string{
			headOf(d.lang): head + meant(head, synonyms), bodyOf(d.lang): body + meant(body, synonyms),
		}); err != nil {
			_ = index.Close()
			return nil, fmt.Errorf("index %s: %w", d.id, err)
		}
	}
	if err := index.Batch(batch); err != nil {
		_ = index.Close()
		return nil, fmt.Errorf("index: %w", err)
	}
	return &finder{index, len(documents)}, nil
}

func headOf(lang acd.Lang) string { return "head_" + string(lang) }
func bodyOf(lang acd.Lang) string { return "body_" + string(lang) }

// hit is a document that was found.
type hit struct {
	id   string
	lang acd.Lang
}

// Bounds of a question.
const (
	maxQuestion      = 200 // characters
	maxQuestionWords = 12
)

// How much a word counts: where it stands, and how it is met. They were chosen by hand on the questions
// of search_test.go.
const (
	inHead    = 4.0
	inBody    = 1.0
	asWritten = 1.0
	begun     = 0.5 // the word of the document begins so: an agent is still typing
	mistyped  = 0.4
)

// find lists what answers the question best, in the languages given, best first. keep says which documents
// may be shown, hidden how many may not at most.
func (f *finder) find(ctx context.Context, question string, langs []acd.Lang, limit, hidden int, keep func(id string) bool) ([]hit, error) {
	q, ok := f.query(question, langs)
	if !ok || f.documents == 0 {
		return nil, nil
	}
	request := bleve.NewSearchRequestOptions(q, limit*len(langs)+hidden, 0, false)
	request.SortBy([]string{"-_score", "_id"}) // equals in a stated order
	result, err := f.index.SearchInContext(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	var out []hit
	seen := map[string]bool{}
	for _, h := range result.Hits {
		id, lang, _ := cutLast(h.ID)
		if seen[id] || !keep(id) {
			continue
		}
		if seen[id] = true; len(out) < limit {
			out = append(out, hit{id, acd.Lang(lang)})
		}
	}
	return out, nil
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// query is any of the words of the question, in any of the languages.
func (f *finder) query(question string, langs []acd.Lang) (query.Query, bool) {
	if r := []rune(question); len(r) > maxQuestion {
		question = string(r[:maxQuestion])
	}
	var all []query.Query
	for _, lang := range langs {
		analyse := f.index.Mapping().AnalyzerNamed(analyser(lang))
		tokens := analyse.Analyze([]byte(plain(question)))
		for _, token := range tokens[:min(len(tokens), maxQuestionWords)] {
			word := string(token.Term)
			all = append(all, forms(word, headOf(lang), inHead)...)
			all = append(all, forms(word, bodyOf(lang), inBody)...)
		}
	}
	return bleve.NewDisjunctionQuery(all...), len(all) > 0
}

// forms are the ways in which a word of a question is met in a field.
func forms(word, field string, weight float64) []query.Query {
	exact := bleve.NewTermQuery(word)
	exact.SetField(field)
	exact.SetBoost(weight * asWritten)
	out := []query.Query{exact}
	letters := utf8.RuneCountInString(word)
	if letters >= 3 {
		prefix := bleve.NewPrefixQuery(word)
		prefix.SetField(field)
		prefix.SetBoost(weight * begun)
		out = append(out, prefix)
	}
	// A digit more or less is another number, a letter of three another word.
	if letters >= 4 && !strings.ContainsFunc(word, unicode.IsDigit) {
		fuzzy := bleve.NewFuzzyQuery(word)
		fuzzy.SetField(field)
		fuzzy.SetBoost(weight * mistyped)
		fuzzy.SetPrefix(1)
		if fuzzy.SetFuzziness(1); letters >= 8 {
			fuzzy.SetFuzziness(2)
		}
		out = append(out, fuzzy)
	}
	return out
}

func (f *finder) close() error {
	if err := f.index.Close(); err != nil {
		return fmt.Errorf("close the index: %w", err)
	}
	return nil
}

// plain is a text without accents: "échographie" and "echographie" are one word, whatever the length at
// which an analyser would begin to think so. Ligatures are opened.
func plain(s string) string {
	out, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), s)
	if err != nil {
		out = s
	}
	return abbreviation.ReplaceAllStringFunc(ligatures.Replace(out), func(s string) string { return strings.ReplaceAll(s, ".", "") })
}

// abbreviation is letters with dots, as I.R.M. is written to be spoken.
var abbreviation = regexp.MustCompile(`\b(?:[A-Za-z]\.){2,}`)

var ligatures = strings.NewReplacer("œ", "oe", "Œ", "OE", "æ", "ae", "Æ", "AE", "’", "'")
