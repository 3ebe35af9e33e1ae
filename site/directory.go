package site

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"accueil/acd"
	"accueil/diag"
	"accueil/sheet"
	"accueil/wording"
)

// Bounds of a directory: a hospital's own doctors, services and partners, not a register of people.
const (
	maxDirectoryBytes = 16 << 20
	maxDirectoryLines = 200_000
	maxDirectoryTold  = 50 // findings
	maxName           = 80 // characters
)

// Directory knows the names of callers by their numbers. It is immutable; nil knows nobody.
type Directory struct {
	names map[string]string
	kinds map[string]acd.CallerKind
}

// Kind returns who calls from this normalised number, where the directory says so.
func (d *Directory) Kind(number string) (kind acd.CallerKind, ok bool) {
	if d == nil || number == "" {
		return "", false
	}
	kind, ok = d.kinds[number]
	return kind, ok
}

// Name returns the name of the caller with this normalised number (see NormalizeCallerID).
func (d *Directory) Name(number string) (name string, ok bool) {
	if d == nil || number == "" {
		return "", false
	}
	name, ok = d.names[number]
	return name, ok
}

// has reports whether any number is of the kind.
func (d *Directory) has(kind acd.CallerKind) bool {
	if d == nil {
		return false
	}
	for _, k := range d.kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// Len is how many numbers are known.
func (d *Directory) Len() int {
	if d == nil {
		return 0
	}
	return len(d.names)
}

// LoadDirectory reads a CSV file of lines "number;name" or "number;name;kind" (or with commas), an
// optional first line of titles, UTF-8. Lines that cannot be used are warnings without their content; the rest is used. The
// directory is nil when the file cannot be read at all.
func LoadDirectory(path, region string) (*Directory, diag.Findings) {
	f, err := os.Open(path)
	if err != nil {
		return nil, diag.Findings{{File: path, Message: wording.Say("the directory cannot be read: %s", wording.Reason(err))}}
	}
	defer func() { _ = f.Close() }()
	return readDirectory(path, region, f)
}

func readDirectory(path, region string, from io.Reader) (*Directory, diag.Findings) {
	content, err := io.ReadAll(io.LimitReader(from, maxDirectoryBytes+1))
	if err != nil {
		return nil, diag.Findings{{File: path, Message: wording.Say("the directory cannot be read: %s", wording.Reason(err))}}
	}
	var bad sheet.Error
	r, err := sheet.Open(content, sheet.Options{MaxBytes: maxDirectoryBytes, MaxLines: maxDirectoryLines, Lenient: true})
	switch errors.As(err, &bad); bad.Problem {
	case sheet.TooLarge:
		return nil, diag.Findings{{File: path, Message: wording.Say("the directory is larger than %d MB", maxDirectoryBytes>>20)}}
	case sheet.UTF16:
		return nil, diag.Findings{{File: path, Message: wording.Say("the directory is not UTF-8")}}
	}
	d := &Directory{names: map[string]string{}, kinds: map[string]acd.CallerKind{}}
	var found diag.Findings
	tell := func(line int, message *wording.Text) {
		if len(found) < maxDirectoryTold {
			found = append(found, diag.Finding{File: path, Line: line, Column: 1, Message: message, Severity: diag.Warning})
		}
	}
	for n := 0; ; n++ {
		record, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return d, found
		case errors.As(err, &bad) && bad.Problem == sheet.TooLong:
			return nil, diag.Findings{{File: path, Message: wording.Say("the directory has more than %d lines", maxDirectoryLines)}}
		case err != nil:
			tell(bad.Line, wording.Say("the line is not CSV"))
			continue
		}
		line, _ := r.Place(0)
		if wrong := d.add(record, region); wrong != nil && n > 0 {
			tell(line, wrong)
		}
	}
}

// add takes one line; the result says what is wrong with it, without its content.
func (d *Directory) add(record []string, region string) *wording.Text {
	if len(record) == 1 && strings.TrimSpace(record[0]) == "" {
		return nil
	}
	if len(record) < 2 {
		return wording.Say("the line has no name")
	}
	number := NormalizeCallerID(record[0], region)
	if number == "" {
		return wording.Say("the first field is not a phone number")
	}
	name := strings.Join(strings.Fields(record[1]), " ")
	switch {
	case name == "":
		return wording.Say("the name is empty")
	case !utf8.ValidString(name):
		return wording.Say("the name is not UTF-8")
	case utf8.RuneCountInString(name) > maxName:
		return wording.Say("the name is longer than %d characters", maxName)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return wording.Say("the name holds characters that cannot be printed")
	}
	if _, twice := d.names[number]; twice {
		return wording.Say("the number is in the directory already, the first line counts")
	}
	kind := acd.CallerKind("")
	if len(record) > 2 {
		kind = acd.CallerKind(strings.ToLower(strings.TrimSpace(record[2])))
	}
	if kind != "" && !slices.Contains(acd.CallerKinds(), kind) {
		return wording.Say("the third field is no kind of caller: write %s", strings.Join(texts(acd.CallerKinds()), ", "))
	}
	d.names[number] = strings.Clone(name)
	if kind != "" {
		d.kinds[number] = acd.CallerKind(strings.Clone(string(kind)))
	}
	return nil
}
