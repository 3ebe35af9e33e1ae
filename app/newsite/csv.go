package newsite

import (
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"accueil/diag"
	"accueil/sheet"
	"accueil/wording"
)

// columns of the table of services, in the order in which they are documented.
var columns = []string{"key", "label_fr", "label_en", "kind", "target", "hours"}

// columnNames are the words that may head a column.
var columnNames = map[string]string{
	"key": "key", "touche": "key", "label_fr": "label_fr", "libelle_fr": "label_fr", "libelle": "label_fr", "label": "label_fr",
	"service": "label_fr", "services": "label_fr", "nom": "label_fr", "name": "label_fr",
	"label_en": "label_en", "libelle_en": "label_en", "kind": "kind", "genre": "kind", "type": "kind",
	"target": "target", "destination": "target", "number": "target", "numbers": "target", "numero": "target", "numeros": "target",
	"poste": "target", "telephone": "target", "phone": "target", "extension": "target",
	"hours": "hours", "horaires": "hours", "horaire": "hours", "heures": "hours",
}

// otherKinds are lines that are no service: a number that callers dial, the switchboard, the number at
// night, the hospital itself.
var otherKinds = map[string]string{
	"entree": "numbers", "entry": "numbers", "standard": "reception", "switchboard": "reception", "garde": "night", "night": "night",
	"hopital": "name", "hospital": "name",
}

// answerColumns are those in which the answers of such lines stand.
var answerColumns = map[string]string{"numbers": "target", "reception": "hours", "night": "target", "name": "label_fr"}

// services is a table of services being read.
type services struct {
	file  string
	lang  Lang
	table *sheet.Reader
	found diag.Findings
}

// ReadTable adds what a table of services says: a CSV file as a spreadsheet saves it, UTF-8 with or
// without a byte order mark, with ; or , or tabs between the columns, which the first line names.
func (f *Form) ReadTable(file string, src []byte, l Lang) diag.Findings {
	s := &services{file: file, lang: l}
	var err error
	s.table, err = sheet.Open(src, sheet.Options{MaxBytes: diag.MaxBytes, Comments: true, Trim: true, Most: true})
	var bad sheet.Error
	switch errors.As(err, &bad); bad.Problem {
	case sheet.TooLarge:
		return diag.Findings{{File: file, Message: wording.Verbatim(say("le fichier est trop grand : %d octets", "the file is too large: %d bytes", len(src)).In(l))}}
	case sheet.UTF16:
		return diag.Findings{{File: file, Line: 1, Column: 1, Message: wording.Verbatim(say("le fichier est en UTF-16 : enregistrez-le en « CSV UTF-8 »", "the file is UTF-16: save it as \"CSV UTF-8\"").In(l))}}
	case sheet.NotUTF8:
		s.fail(bad.Line, bad.Column, say("ce texte n'est pas en UTF-8 : enregistrez le fichier en « CSV UTF-8 »", "this is not UTF-8 text: save the file as \"CSV UTF-8\""))
		return s.found
	}
	s.read(f)
	return s.found.Sorted()
}

// at is a place of the table, in characters from 1.
func (s *services) at(line, column int) diag.Finding {
	f := diag.Finding{File: s.file, Line: line, Column: column}
	text := strings.ToValidUTF8(s.table.Text(line), "\uFFFD")
	const widest = 100 // characters of an excerpt
	if text != "" && utf8.RuneCountInString(text) <= widest {
		f.Excerpt, f.Mark = text, f.Column
	}
	return f
}

func (s *services) fail(line, column int, what Says) {
	f := s.at(line, column)
	f.Message = wording.Verbatim(what.In(s.lang))
	s.found = append(s.found, f)
}

func (s *services) read(f *Form) {
	f.table = diag.Finding{File: s.file}
	var head []string
	var numbers []string
	for {
		row, err := s.table.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		var wrong sheet.Error
		if errors.As(err, &wrong) {
			s.fail(wrong.Line, wrong.Column, say("des guillemets ne se ferment pas, ou sont au milieu d'un texte", "quotes are not closed, or stand in the middle of a text"))
			return
		}
		if err != nil {
			s.found = append(s.found, diag.Finding{File: s.file, Message: wording.Of(err)})
			return
		}
		place := s.table.Place
		if head == nil {
			if head = s.head(row, place); head == nil {
				return
			}
			continue
		}
		if !slices.ContainsFunc(row, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			continue
		}
		if len(row) > len(head) {
			line, column := place(len(head))
			s.fail(line, column, say("%d colonnes au lieu de %d ; un texte qui contient %q se met entre guillemets", "%d columns instead of %d; a text that holds %q stands between quotes", len(row), len(head), string(s.table.Separator)))
			continue
		}
		cells := map[string]string{}
		line, column := place(0)
		where := map[string]diag.Finding{"": s.at(line, column)}
		for i, c := range row {
			cells[head[i]] = strings.TrimSpace(c)
			line, column := place(i)
			where[head[i]] = s.at(line, column)
		}
		if number := s.other(f, cells, where); number != "" {
			numbers = append(numbers, number)
		} else if otherKinds[kindOf(cells)] == "" {
			f.lines = append(f.lines, Line{cells["key"], cells["label_fr"], cells["label_en"], cells["kind"], cells["target"], cells["hours"]})
			f.cells = append(f.cells, where)
		}
	}
	if head == nil {
		s.found = append(s.found, diag.Finding{File: s.file, Message: wording.Verbatim(say("le fichier est vide", "the file is empty").In(s.lang))})
	}
	if len(numbers) > 0 {
		f.texts["numbers"] = strings.Join(numbers, ", ")
	}
}

// kindOf is the kind of a line; key 0 is the switchboard's without saying so.
func kindOf(cells map[string]string) string {
	kind := strings.ToLower(fold(cells["kind"]))
	if cells["key"] == "0" && otherKinds[kind] == "" {
		return "standard"
	}
	return kind
}

// other takes a line that is no service. It returns the number of one that callers dial.
func (s *services) other(f *Form, cells map[string]string, where map[string]diag.Finding) string {
	answer := otherKinds[kindOf(cells)]
	if answer == "" {
		return ""
	}
	column := answerColumns[answer]
	at, ok := where[column]
	if !ok {
		at = where[""]
	}
	switch {
	case cells[column] == "" && answer == "reception": // the usual hours
	case cells[column] == "":
		at.Message = wording.Verbatim(say("il manque la réponse, dans la colonne %s", "the answer is missing, in the column %s", column).In(s.lang))
		s.found = append(s.found, at)
	case answer == "numbers":
		if _, before := f.places["numbers"]; !before {
			f.places["numbers"] = at
		}
		return cells[column]
	default:
		f.texts[answer], f.places[answer] = cells[column], at
	}
	return ""
}

// head reads the names of the columns; nil when they cannot be used.
func (s *services) head(row []string, place func(int) (int, int)) []string {
	var out []string
	for i, name := range row {
		line, at := place(i)
		column := columnNames[strings.ToLower(fold(strings.TrimSpace(name)))]
		switch {
		case column == "":
			s.fail(line, at, say("la colonne %q est inconnue ; la première ligne nomme les colonnes : %s", "the column %q is not known; the first line names the columns: %s", name, strings.Join(columns, ";")))
			return nil
		case slices.Contains(out, column):
			s.fail(line, at, say("la colonne %s est écrite deux fois", "the column %s is written twice", column))
			return nil
		}
		out = append(out, column)
	}
	if !slices.Contains(out, "label_fr") && !slices.Contains(out, "label_en") {
		line, at := place(0)
		s.fail(line, at, say("il manque la colonne label_fr", "the column label_fr is missing"))
		return nil
	}
	return out
}
