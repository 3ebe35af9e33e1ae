package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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

// Finding is one thing to say about one place of a file.
type Finding struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`   // from 1; 0 when the whole file is meant
	Column int    `json:"column,omitempty"` // from 1, in characters
	Path   string `json:"path,omitempty"`   // "queues.rdv.steps[0].require"; see Join
	// Message is one sentence without a full stop.
	Message string `json:"message"`
	// Excerpt is the line itself, shortened around the column, secrets masked.
	Excerpt string `json:"excerpt,omitempty"`
	// Mark is the column of the caret under Excerpt, from 1; 0 without one.
	Mark int `json:"mark,omitempty"`
	// Suggestion is what was probably meant, or what to do.
	Suggestion string   `json:"suggestion,omitempty"`
	Severity   Severity `json:"severity"`
}

// Position returns "file:line:col", without what is not known.
func (f Finding) Position() string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, max(f.Column, 1))
}

// String returns position and message, then the excerpt with a caret, then the suggestion.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.Position() + ": ")
	if f.Severity == Warning {
		b.WriteString("warning: ")
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

// Findings is everything found. As an error it prints all of it; use Err to get a nil error when no
// finding forbids the use of the file.
type Findings []Finding

// Error prints every finding.
func (fs Findings) Error() string { return fs.String() }

// String prints every finding, sorted by file and place.
func (fs Findings) String() string {
	lines := make([]string, 0, len(fs))
	for _, f := range fs.Sorted() {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

// Sorted returns a copy ordered by file, line, column and message, without exact repeats.
func (fs Findings) Sorted() Findings {
	out := slices.Clone(fs)
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(out)
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
