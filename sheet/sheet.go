// Package sheet reads tables as spreadsheets save them: CSV with or without a byte order mark, with any line
// ends, with ; or , or tabs between the cells. It knows the place of each cell in characters, bounds what it
// reads, and tells what is wrong by a code: what the columns mean, and how a mistake is worded, is its
// callers'.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Problem is why a table, or a line of it, cannot be read.
type Problem string

// The problems.
const (
	TooLarge Problem = "too large"
	TooLong  Problem = "too many lines"
	UTF16    Problem = "UTF-16"
	NotUTF8  Problem = "not UTF-8"
	Quotes   Problem = "quotes do not fit together"
)

// Error is a problem and its place; Line 0 for the whole file. Nothing of the content is told.
type Error struct {
	Problem      Problem
	Line, Column int // from 1, in characters
}

func (e Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Problem) }

// Options say how a table is read.
type Options struct {
	MaxBytes, MaxLines int  // MaxLines 0 sets no bound
	Comments           bool // lines that begin with # are passed over
	// Lenient takes quotes in the middle of a cell as they are, and leaves bytes that are no UTF-8 to whoever
	// reads the cell: for lists without titles, of which each line stands for itself.
	Lenient bool
	// Trim drops white space before a cell, where it is no tab that parts them.
	Trim bool
	// Most takes the separator that stands most often in the first line, a tab among them; otherwise the
	// one of ; and , that comes first there.
	Most bool
}

// Reader reads a table line by line.
type Reader struct {
	// Separator is what parts the cells.
	Separator rune
	csv       *csv.Reader
	lines     []string
	skipped   int // lines before the first that is read
	read      int
	most      int
}

// Open looks at a table; an Error says why it cannot be read at all.
func Open(content []byte, o Options) (*Reader, error) {
	switch {
	case len(content) > o.MaxBytes:
		return nil, Error{Problem: TooLarge}
	case bytes.HasPrefix(content, []byte{0xff, 0xfe}), bytes.HasPrefix(content, []byte{0xfe, 0xff}):
		return nil, Error{Problem: UTF16}
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	content = bytes.ReplaceAll(content, []byte("\r"), []byte("\n"))
	text := string(content)
	r := &Reader{lines: strings.Split(text, "\n"), most: o.MaxLines}
	if !o.Lenient {
		for i, line := range r.lines {
			if at := invalid(line); at >= 0 {
				return r, Error{NotUTF8, i + 1, utf8.RuneCountInString(line[:at]) + 1}
			}
		}
	}
	if first, rest, ok := strings.Cut(text, "\n"); ok && o.Most && strings.HasPrefix(strings.ToLower(first), "sep=") { // as Excel writes it
		text, r.skipped = rest, 1
	}
	r.Separator = separator(text, o.Most)
	r.csv = csv.NewReader(strings.NewReader(text))
	r.csv.Comma, r.csv.FieldsPerRecord, r.csv.LazyQuotes = r.Separator, -1, o.Lenient
	r.csv.TrimLeadingSpace = o.Trim && r.Separator != '\t'
	if o.Comments {
		r.csv.Comment = '#'
	}
	return r, nil
}

// invalid is where a line stops being UTF-8; -1 where it does not.
func invalid(line string) int {
	if utf8.ValidString(line) {
		return -1
	}
	for at, c := range line {
		if c == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(line[at:]); n == 1 {
				return at
			}
		}
	}
	return -1
}

// Next returns the cells of the next line that has any; io.EOF after the last. After an Error of one line
// the next may still be read.
func (r *Reader) Next() ([]string, error) {
	cells, err := r.csv.Read()
	var bad *csv.ParseError
	switch {
	case errors.As(err, &bad):
		line, column := r.place(bad.Line, bad.Column)
		return nil, Error{Quotes, line, column}
	case err != nil:
		return nil, err // io.EOF: what is read is in memory
	}
	if r.read++; r.most > 0 && r.read > r.most {
		return nil, Error{Problem: TooLong}
	}
	return cells, nil
}

// Place is where the i-th cell of the last line begins, in characters from 1.
func (r *Reader) Place(i int) (line, column int) { return r.place(r.csv.FieldPos(i)) }

// place turns a place of the CSV reader, whose columns are bytes, into one of the file.
func (r *Reader) place(line, column int) (int, int) {
	line += r.skipped
	text := r.Text(line)
	return line, utf8.RuneCountInString(text[:min(max(column-1, 0), len(text))]) + 1
}

// Text is a line of the file, from 1; "" where there is none.
func (r *Reader) Text(line int) string {
	if line < 1 || line > len(r.lines) {
		return ""
	}
	return r.lines[line-1]
}

func separator(text string, most bool) rune {
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n")
	if !most {
		if i := strings.IndexAny(first, ";,"); i >= 0 {
			return rune(first[i])
		}
		return ';'
	}
	best := ';'
	for _, c := range []rune{',', '\t'} {
		if strings.Count(first, string(c)) > strings.Count(first, string(best)) {
			best = c
		}
	}
	return best
}
