package newsite

import (
	"errors"
	"fmt"
	"slices"

	"accueil/diag"
	"accueil/wording"
)

// Form is what files say about a hospital, unjudged: each answer as text, and where it stands.
type Form struct {
	texts  map[string]string
	places map[string]diag.Finding // of texts; only where, not what
	lines  []Line
	cells  []map[string]diag.Finding // of lines, by column; "" is the line
	table  diag.Finding              // of the table of services as a whole
}

// NewForm knows nothing yet: every answer will be the usual one.
func NewForm() *Form {
	return &Form{texts: map[string]string{}, places: map[string]diag.Finding{}}
}

// usualLines are the services of a form that names none.
func usualLines() []Line {
	return []Line{
		{LabelFR: "rendez-vous", LabelEN: "appointments", Target: "rdv"},
		{LabelFR: "résultats d'examens", LabelEN: "test results", Target: "resultats"},
		{LabelFR: "admissions", LabelEN: "admissions", Target: "admission"},
	}
}

// Answers judges the form. Every answer is looked at, also after a mistake, as far as it does not
// depend on the one that is wrong.
func (f *Form) Answers(l Lang) (Answers, diag.Findings) {
	var a Answers
	var found diag.Findings
	fail := func(at diag.Finding, what Says) {
		at.Message = wording.Verbatim(what.In(l))
		found = append(found, at)
	}
	for _, q := range questions {
		if q.key == keyServices {
			found = append(found, f.services(&a, l)...)
			continue
		}
		text, given := f.texts[q.key]
		if !given {
			text = q.usual(&a).In(French) // both forms mean the same; one of them is enough here
			a.Assumed = append(a.Assumed, q.key)
		}
		if err := q.set(&a, text); err != nil {
			at, said := f.places[q.key], asSays(err)
			if !given {
				said = Says{fmt.Sprintf("%s (réponse habituelle : %s) : %s", q.key, text, said.French), fmt.Sprintf("%s (the usual answer: %s): %s", q.key, text, said.English)}
				at = diag.Finding{File: f.table.File}
			}
			fail(at, said)
			if slices.Contains([]string{"languages", "numbers"}, q.key) {
				return a, found.Sorted() // the rest would be judged by what is wrong
			}
		}
	}
	return a, found.Sorted()
}

func (f *Form) services(a *Answers, l Lang) diag.Findings {
	lines := f.lines
	if len(lines) == 0 {
		lines = usualLines()
		a.Assumed = append(a.Assumed, keyServices)
	}
	err := a.buildMenu(lines)
	if err == nil {
		return nil
	}
	at, said := f.table, asSays(err)
	var e lineError
	if errors.As(err, &e) && e.line >= 0 && e.line < len(f.cells) {
		cell, known := f.cells[e.line][e.column]
		if !known {
			cell = f.cells[e.line][""]
		}
		at = cell
	}
	at.Message = wording.Verbatim(said.In(l))
	return diag.Findings{at}
}
