package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report is what was measured.
type report struct {
	At      time.Time `json:"at"`
	Cores   int       `json:"cores"`
	Load    string    `json:"load_before"` // load average of the minute before
	Figures []figure  `json:"figures"`
}

// figure is one line: durations in milliseconds, memory in MB (10⁶ bytes).
type figure struct {
	What    string  `json:"what"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Goal    float64 `json:"goal,omitempty"`     // at most this, or at least; 0 where there is none
	AtLeast bool    `json:"at_least,omitempty"` // the goal is a lower bound
	Verdict string  `json:"verdict,omitempty"`
	Note    string  `json:"note,omitempty"`
}

func newReport() *report {
	return &report{At: time.Now().UTC(), Cores: runtime.NumCPU(), Load: loadAverage()}
}

// loadAverage is what else the machine was doing, in processes over the last minute; "" where unknown.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// add notes a figure, and whether its goal is met.
func (r *report) add(f figure) {
	switch {
	case f.Goal == 0:
	case f.AtLeast == (f.Value >= f.Goal), f.Value == f.Goal:
		f.Verdict = "met"
	default:
		f.Verdict = "missed"
	}
	r.Figures = append(r.Figures, f)
}

// quantiles adds p50 and p99 of a sample, with their goals (0 for none).
func (r *report) quantiles(what string, took []time.Duration, goal50, goal99 float64) {
	if len(took) == 0 {
		return
	}
	note := fmt.Sprintf("n = %d", len(took))
	r.add(figure{What: what + ", p50", Value: ms(quantile(took, .50)), Unit: "ms", Goal: goal50, Note: note})
	r.add(figure{What: what + ", p99", Value: ms(quantile(took, .99)), Unit: "ms", Goal: goal99, Note: note})
}

// ratio adds how many times the first sample the second is, by p50, and by p99 in the note.
func (r *report) ratio(what string, of, to []time.Duration) {
	if len(of) == 0 || len(to) == 0 {
		return
	}
	times := func(q float64) float64 { return ms(quantile(of, q)) / ms(quantile(to, q)) }
	r.add(figure{What: what, Value: times(.5), Unit: "×", Note: fmt.Sprintf("p99: %.1f ×", times(.99))})
}

func (r *report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func (r *report) write(w io.Writer) error {
	fmt.Fprintf(w, "%s, %d cores, load average before %s\n\n", r.At.Format(time.RFC3339), r.Cores, r.Load)
	t := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	fmt.Fprintln(t, "what\tgoal\tmeasured\tverdict\tnote")
	for _, f := range r.Figures {
		goal := "–"
		if f.Goal != 0 {
			goal = map[bool]string{false: "≤ ", true: "≥ "}[f.AtLeast] + number(f.Goal, f.Unit)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", f.What, goal, number(f.Value, f.Unit), f.Verdict, f.Note)
	}
	return t.Flush()
}

// number writes three figures or so; nobody compares more.
func number(v float64, unit string) string {
	digits := 0
	switch {
	case v == math.Trunc(v): // a count
	case v < 1:
		digits = 4
	case v < 10:
		digits = 2
	case v < 100:
		digits = 1
	}
	return fmt.Sprintf("%.*f %s", digits, v, unit)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// quantile is the q-quantile of a sample, by nearest rank; 0 of none.
func quantile(sample []time.Duration, q float64) time.Duration {
	if len(sample) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(sample))
	return s[min(int(q*float64(len(s))), len(s)-1)]
}
