// Command estimate measures the estimated wait against real waits: it tells a file of past calls to
// the routing engine as the log would have told it, notes what the engine says to each caller when he
// enters the queue, and compares that with how long he then waited.
//
// It skips, with the reason said, where there is no file: ACCUEIL_TRACE names it (docs/staffing.md has
// the columns).
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"accueil/routing"
	"accueil/routing/staffing"
	"accueil/routing/trace"
)

const variable = "ACCUEIL_TRACE"

func main() {
	fit := flag.Bool("fit", false, "choose the constants of the range on the first half, and print them")
	flag.Parse()
	if err := run(os.Getenv(variable), *fit, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "estimate:", err)
		os.Exit(1)
	}
}

func run(path string, fit bool, out io.Writer) error {
	if path == "" {
		fmt.Fprintf(out, "skipped: %s names no file of past calls\n", variable)
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the past calls: %w", err)
	}
	defer f.Close()
	calls, err := trace.Read(f)
	if err != nil {
		return err
	}
	r, err := newReplay(calls)
	if err != nil {
		return err
	}
	began := time.Now()
	r.run()
	took := time.Since(began)
	last := 0
	for _, c := range calls {
		last = max(last, c.Day)
	}
	patience := staffing.EstimatePatience(calls, nil).Mean
	halves := [2][]sample{}
	untold := 0
	for _, s := range r.samples {
		switch {
		case !s.told:
			untold++
		case s.call.Day <= last/2:
			halves[0] = append(halves[0], s)
		default:
			halves[1] = append(halves[1], s)
		}
	}
	mean := meanWait(halves[0])
	fmt.Fprintf(out, `Callers who had to wait: %d. Nothing was foretold to %d of them (fewer than %d contacts in the last hour, or
nobody there). The others are compared, each with what was foretold when he entered the queue, in seconds.
Where the file is February 1999 of the "Anonymous Bank", the data are the Technion's (A. Mandelbaum and
colleagues, Service Enterprise Engineering). %d estimates in %s.
`, len(r.samples), untold, routing.MinHandled, len(r.samples), took.Round(time.Millisecond))
	for i, name := range []string{fmt.Sprintf("days 1-%d (constants chosen here)", last/2), fmt.Sprintf("days %d-%d (the test)", last/2+1, last)} {
		for j := range halves[i] {
			halves[i][j].others[constant] = mean
		}
		report(out, name, halves[i], patience)
	}
	fmt.Fprintf(out, `
"answered": callers who waited and were answered; who hung up has no wait to compare with.
"weighted": the same, each counted by how many of his patience would have hung up before (exp(wait/%.0f s)):
what all would have waited, had nobody hung up. "told too little": who hung up after more than the range's end.
`, patience.Seconds())
	if fit {
		choose(out, halves[0])
	}
	return nil
}

func meanWait(samples []sample) time.Duration {
	var sum time.Duration
	n := 0
	for _, s := range samples {
		if s.call.Served {
			sum += s.call.Wait
			n++
		}
	}
	return sum / time.Duration(max(n, 1))
}

// errors adds up how far a rule was off.
type errors struct{ n, abs, square, sum float64 }

func (e *errors) add(off, weight float64) {
	e.n += weight
	e.abs += weight * math.Abs(off)
	e.square += weight * off * off
	e.sum += weight * off
}

func report(out io.Writer, name string, samples []sample, patience time.Duration) {
	served := 0
	for _, s := range samples {
		if s.call.Served {
			served++
		}
	}
	fmt.Fprintf(out, "\n%s: %d answered, %d hung up\n%-46s %8s %8s %8s   %s\n", name, served, len(samples)-served,
		"", "MAE", "RMSE", "bias", "weighted: RMSE, bias")
	line := func(rule string, foretold func(sample) time.Duration) {
		var plain, weighted errors
		for _, s := range samples {
			if !s.call.Served {
				continue
			}
			off := (foretold(s) - s.call.Wait).Seconds()
			plain.add(off, 1)
			weighted.add(off, math.Exp(s.call.Wait.Seconds()/patience.Seconds()))
		}
		fmt.Fprintf(out, "%-46s %8.1f %8.1f %8.1f   %8.1f %8.1f\n", rule, plain.abs/plain.n, math.Sqrt(plain.square/plain.n), plain.sum/plain.n,
			math.Sqrt(weighted.square/weighted.n), weighted.sum/weighted.n)
	}
	line("Accueil", func(s sample) time.Duration { return s.estimate.Wait })
	for i := range rivals {
		line(rivalNames[i], func(s sample) time.Duration { return s.others[i] })
	}
	coverage(out, samples)
}

// places are the bounds of the groups in which coverage is shown.
var places = []float64{0, 2, 4, 8, math.Inf(1)}

func coverage(out io.Writer, samples []sample) {
	fmt.Fprintf(out, "range stated to hold %.0f %% of waits; it held:", 100*routing.RangeConfidence)
	for i := range places[1:] {
		low, high := places[i], places[i+1]
		in, n := held(samples, func(s sample) bool { return s.estimate.Place >= low && s.estimate.Place < high }, func(s sample) (time.Duration, time.Duration) {
			return s.estimate.Low, s.estimate.High
		})
		if i == 0 {
			all, m := held(samples, func(sample) bool { return true }, func(s sample) (time.Duration, time.Duration) { return s.estimate.Low, s.estimate.High })
			fmt.Fprintf(out, " %.1f %% (n = %d)", 100*all, m)
		}
		fmt.Fprintf(out, "; place %.0f to %.0f: %.1f %% (%d)", max(low, 1), high, 100*in, n)
	}
	beyond, gave := 0, 0
	for _, s := range samples {
		if !s.call.Served {
			gave++
			if s.call.Wait > s.estimate.High {
				beyond++
			}
		}
	}
	fmt.Fprintf(out, "\ntold too little: %d of %d who hung up\n", beyond, gave)
}

// held is the share of the answered callers whose wait was in the range, among those asked for.
func held(samples []sample, which func(sample) bool, of func(sample) (low, high time.Duration)) (share float64, n int) {
	in := 0
	for _, s := range samples {
		if !s.call.Served || !which(s) {
			continue
		}
		n++
		if low, high := of(s); s.call.Wait >= low && s.call.Wait <= high {
			in++
		}
	}
	return float64(in) / float64(max(n, 1)), n
}

// choose looks for the constants with which the groups of places reach the confidence best: the least
// sum of squares, each group by its size.
func choose(out io.Writer, samples []sample) {
	best, bestA, bestB := math.Inf(1), 0.0, 0.0
	for a := 0.2; a <= 2; a += 0.1 {
		for b := 0.0; b <= 0.6; b += 0.05 {
			miss := 0.0
			for i := range places[1:] {
				low, high := places[i], places[i+1]
				share, n := held(samples, func(s sample) bool { return s.estimate.Place >= low && s.estimate.Place < high }, func(s sample) (time.Duration, time.Duration) {
					lo, hi := routing.Spread(s.estimate.Place, a, b, routing.RangeConfidence)
					w := s.estimate.Wait.Seconds()
					return time.Duration(math.Floor(w*lo)) * time.Second, time.Duration(math.Ceil(w*hi)) * time.Second
				})
				miss += float64(n) * (share - routing.RangeConfidence) * (share - routing.RangeConfidence)
			}
			if miss < best {
				best, bestA, bestB = miss, a, b
			}
		}
	}
	fmt.Fprintf(out, "\nchosen on the first half: %.2f/place + %.2f\n", bestA, bestB)
}
