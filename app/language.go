package app

import (
	"sync"

	"accueil/diag"
	"accueil/ivr"
	"accueil/ivr/calendar"
	"accueil/ivr/prompts"
	"accueil/ivr/rehearsal"
	"accueil/knowledge"
	"accueil/knowledge/ical"
	"accueil/routing"
	"accueil/seal"
	"accueil/site"
	"accueil/wording"
)

// frenchTables are the French forms of what each package says.
func frenchTables() map[string]wording.Forms {
	return map[string]wording.Forms{
		"wording": wording.FrenchForms(), "diag": diag.French(), "routing": routing.French(), "seal": seal.French(), "site": site.French(), "knowledge": knowledge.French(), "knowledge/ical": ical.French(),
		"ivr": ivr.French(), "ivr/calendar": calendar.French(), "ivr/prompts": prompts.French(), "ivr/rehearsal": rehearsal.French(), "app": french(),
	}
}

var inFrench = sync.OnceValue(func() *wording.Language {
	var all []wording.Forms
	for _, forms := range frenchTables() {
		all = append(all, forms)
	}
	return wording.French(all...)
})

// Language is how to tell sentences to a reader of "fr"; of anything else, in English.
func Language[L ~string](code L) *wording.Language {
	if code == "fr" {
		return inFrench()
	}
	return nil
}

// Tell tells an error to a reader of "fr" or "en".
func Tell(err error, lang string) string { return wording.Tell(err, Language(lang)) }

// toldError is an error whose words are in a reader's language.
type toldError struct {
	error
	words string
}

func (e toldError) Error() string { return e.words }
func (e toldError) Unwrap() error { return e.error }
