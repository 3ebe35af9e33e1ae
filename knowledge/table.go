package knowledge

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"accueil/diag"
	"accueil/sheet"
	"accueil/wording"
)

// Bounds of a table: a large hospital's directory, and two years of rotas.
const (
	maxTableBytes = 8 << 20
	maxTableRows  = 50_000
	maxTold       = 100 // findings
	maxCell       = 300 // characters
)

// table reads a CSV file whose first line names its columns. What is wrong is told by line and column,
// without the content: it is people's names and numbers.
type table struct {
	file     string
	severity diag.Severity
	findings diag.Findings
	columns  []string // of the file, in its order
	row      map[string]string
	line     int
	places   map[string]int // column of the line, in characters
}

func (t *table) tell(column string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	if len(t.findings) >= maxTold {
		return
	}
	at := max(t.places[column], 1)
	t.findings = append(t.findings, diag.Finding{File: t.file, Line: t.line, Column: at, Path: column, Message: wording.Say(format, args...), Suggestion: suggestion, Severity: t.severity})
}

// whole tells what is wrong with all of the file.
func (t *table) whole(suggestion *wording.Text, format wording.Sentence, args ...any) {
	t.findings = append(t.findings, diag.Finding{File: t.file, Message: wording.Say(format, args...), Suggestion: suggestion, Severity: t.severity})
}

// read calls each for every row whose cells can be read. known are the columns that there may be, needed
// those that there must be.
func (t *table) read(content []byte, known, needed []string, each func()) {
	r, err := sheet.Open(content, sheet.Options{MaxBytes: maxTableBytes, MaxLines: maxTableRows + 1}) // and the titles
	var bad sheet.Error
	switch {
	case errors.As(err, &bad) && bad.Problem == sheet.TooLarge:
		t.whole(nil, "the file is larger than %d MB", maxTableBytes>>20)
		return
	case err != nil:
		t.whole(wording.Say("save it as UTF-8"), "the file is not UTF-8")
		return
	}
	for {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			if t.columns == nil {
				t.whole(wording.Say("begin it with a line of titles: %s", strings.Join(known, ";")), "the file is empty")
			}
			return
		}
		switch {
		case errors.As(err, &bad) && bad.Problem == sheet.TooLong:
			t.whole(nil, "the file has more than %d lines", maxTableRows)
			return
		case errors.As(err, &bad):
			t.line, t.places = bad.Line, nil
			t.tell("", wording.Say(`write "" for a quote within quotes`), "the quotes of this line do not fit together")
			return
		case err != nil:
			t.whole(nil, "the file cannot be read: %v", err)
			return
		}
		t.line, _ = r.Place(0)
		if t.columns == nil {
			if !t.titles(record, known, needed) {
				return
			}
			continue
		}
		if t.cells(r, record) {
			each()
		}
	}
}

// titles reads the first line.
func (t *table) titles(record, known, needed []string) bool {
	for _, title := range record {
		name := strings.ToLower(strings.TrimSpace(title))
		switch {
		case !slices.Contains(known, name):
			t.tell("", diag.DidYouMean(name, known), "there is no column %q", name)
		case slices.Contains(t.columns, name):
			t.tell("", nil, "the column %q is there twice", name)
		}
		t.columns = append(t.columns, name)
	}
	for _, name := range needed {
		if !slices.Contains(t.columns, name) {
			t.tell("", nil, "the column %q is missing", name)
		}
	}
	return len(t.findings) == 0
}

// cells takes the cells of a line, tidied; false when there are none, or one is not text.
func (t *table) cells(r *sheet.Reader, record []string) bool {
	t.row, t.places = map[string]string{}, map[string]int{}
	if len(record) > len(t.columns) {
		t.tell("", wording.Say("put it between quotes if it holds the separator"), "the line has %d cells, more than there are columns (%d)", len(record), len(t.columns))
		return false
	}
	good, empty := true, true
	for i, cell := range record {
		column := t.columns[i]
		_, t.places[column] = r.Place(i)
		cell = strings.Join(strings.Fields(cell), " ")
		switch {
		case utf8.RuneCountInString(cell) > maxCell:
			t.tell(column, wording.Say("shorten it"), "the column %q has more than %d characters", column, maxCell)
			good = false
		case strings.ContainsFunc(cell, func(r rune) bool { return !unicode.IsPrint(r) }):
			t.tell(column, wording.Say("delete them"), "the column %q holds characters that cannot be printed", column)
			good = false
		}
		t.row[column] = cell
		empty = empty && cell == ""
	}
	return good && !empty
}

// list is a cell with commas.
func (t *table) list(column string) (out []string) {
	for part := range strings.SplitSeq(t.row[column], ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// writeTable writes rows under their titles. A cell that a spreadsheet would take for a formula keeps
// its text: numbers begin with +, and who reads the file again must find them.
func writeTable(columns []string, rows []map[string]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';'
	_ = w.Write(columns) // to memory
	for _, row := range rows {
		record := make([]string, len(columns))
		for i, c := range columns {
			record[i] = row[c]
		}
		_ = w.Write(record)
	}
	w.Flush()
	return b.Bytes()
}
