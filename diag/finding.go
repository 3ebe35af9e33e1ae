package diag

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"accueil/wording"
)

// Severity says whether a file may be used in spite of a finding.
type Severity int

// Error forbids the use of the file; Warning does not.
const (
	Error Severity = iota
	Warning
)

// String returns "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// MarshalText prints the severity as a word in JSON.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is one thing to say about one place of a file. What it says is told late, in the reader's
// language: see In.
type Finding struct {
	File   string
	Line   int    // from 1; 0 when the whole file is meant
	Column int    // from 1, in characters
	Path   string // "queues.rdv.steps[0].require"; see Join
	// Message is one sentence without a full stop.
	Message *wording.Text
	// Excerpt is the line itself, shortened around the column, secrets masked.
	Excerpt string
	// Mark is the column of the caret under Excerpt, from 1; 0 without one.
	Mark int
	// Suggestion is what was probably meant, or what to do; nil for none.
	Suggestion *wording.Text
	Severity   Severity
}

// Told is a finding told in a language.
type Told struct {
	File       string   `json:"file"`
	Line       int      `json:"line,omitempty"`
	Column     int      `json:"column,omitempty"`
	Path       string   `json:"path,omitempty"`
	Message    string   `json:"message"`
	Excerpt    string   `json:"excerpt,omitempty"`
	Mark       int      `json:"mark,omitempty"`
	Suggestion string   `json:"suggestion,omitempty"`
	Severity   Severity `json:"severity"`
	// Key is the English sentence of the message without its arguments: the same in every language and
	// for every file, for programs to go by.
	Key string `json:"key"`

	warning string
}

// In tells the finding in a language; nil is English.
func (f Finding) In(l *wording.Language) Told {
	return Told{f.File, f.Line, f.Column, f.Path, f.Message.In(l), f.Excerpt, f.Mark, f.Suggestion.In(l), f.Severity, f.Message.Key(),
		wording.Say("warning: ").In(l)}
}

// MarshalJSON gives the finding in English.
func (f Finding) MarshalJSON() ([]byte, error) { return json.Marshal(f.In(nil)) }

// String tells the finding in English.
func (f Finding) String() string { return f.In(nil).String() }

// Position returns "file:line:col", without what is not known.
func (f Finding) Position() string { return position(f.File, f.Line, f.Column) }

func position(file string, line, column int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, line, max(column, 1))
}

// String returns position and message, then the excerpt with a caret, then the suggestion.
func (f Told) String() string {
	var b strings.Builder
	b.WriteString(position(f.File, f.Line, f.Column) + ": ")
	if f.Severity == Warning {
		b.WriteString(f.warning)
	}
	b.WriteString(f.Message)
	if f.Excerpt != "" {
		number := fmt.Sprint(f.Line)
		fmt.Fprintf(&b, "\n  %s | %s", number, f.Excerpt)
		if f.Mark > 0 {
			fmt.Fprintf(&b, "\n  %s | %s^", strings.Repeat(" ", len(number)), strings.Repeat(" ", f.Mark-1))
		}
	}
	if f.Suggestion != "" {
		b.WriteString("\n  " + f.Suggestion)
	}
	return b.String()
}

// Findings is everything found. As an error it prints all of it in English, and tells itself in other
// languages; use Err to get a nil error when no finding forbids the use of the file.
type Findings []Finding

// Error prints every finding.
func (fs Findings) Error() string { return fs.In(nil) }

// String prints every finding, sorted by file and place.
func (fs Findings) String() string { return fs.In(nil) }

// In prints every finding in a language, sorted by file and place.
func (fs Findings) In(l *wording.Language) string {
	return strings.Join(fs.Sorted().Lines(l), "\n")
}

// Lines prints each finding in a language.
func (fs Findings) Lines(l *wording.Language) []string {
	lines := make([]string, 0, len(fs))
	for _, f := range fs {
		lines = append(lines, f.In(l).String())
	}
	return lines
}

// Told tells each finding in a language; as JSON it is a list, also when nothing was found.
func (fs Findings) Told(l *wording.Language) []Told {
	out := make([]Told, 0, len(fs))
	for _, f := range fs {
		out = append(out, f.In(l))
	}
	return out
}

// Sorted returns a copy ordered by file, line, column and message, without exact repeats. The order is
// the same in every language.
func (fs Findings) Sorted() Findings {
	out := slices.Clone(fs)
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Message.String(), b.Message.String()))
	})
	return slices.CompactFunc(out, func(a, b Finding) bool { return a.In(nil) == b.In(nil) })
}

// Errors returns those that forbid the use of the file.
func (fs Findings) Errors() Findings { return fs.of(Error) }

// Warnings returns those that do not.
func (fs Findings) Warnings() Findings { return fs.of(Warning) }

func (fs Findings) of(s Severity) Findings {
	var out Findings
	for _, f := range fs {
		if f.Severity == s {
			out = append(out, f)
		}
	}
	return out
}

// Failed reports whether any finding forbids the use of the file.
func (fs Findings) Failed() bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return f.Severity == Error })
}

// Err returns the findings as an error, nil when none forbids the use of the file.
func (fs Findings) Err() error {
	if !fs.Failed() {
		return nil
	}
	return fs
}
