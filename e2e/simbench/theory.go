package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"text/tabwriter"

	"accueil/routing/sim/theory"
)

// theoryReport is our figures beside those that they must be.
type theoryReport struct {
	Checks    []theoryRow `json:"checks"`
	Contacts  int         `json:"contacts"`
	CPU       float64     `json:"cpu_s"`
	PerMinute float64     `json:"contacts_per_cpu_minute"`
}

type theoryRow struct {
	Case   string   `json:"case"`
	Figure string   `json:"figure"`
	Ours   float64  `json:"ours"`
	Half   float64  `json:"half_of_95_percent_interval"`
	Exact  *float64 `json:"exact,omitempty"`
	Low    *float64 `json:"published_low,omitempty"`
	High   *float64 `json:"published_high,omitempty"`
	Holds  bool     `json:"holds"`
}

// mskContacts is about what a day of SimpleMSK has.
const mskContacts = 5200

func theoryPart(ctx context.Context, args []string) (report, bool, error) {
	flags := flag.NewFlagSet("theory", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "a tenth of the contacts")
	if err := flags.Parse(args); err != nil {
		return nil, false, err
	}
	runs, contacts, days := 200, 10_000, 1000
	if *quick {
		contacts, days = 1_000, 100
	}
	var out theoryReport
	good, began := true, cpu()
	add := func(checks []theory.Check) {
		for _, c := range checks {
			row := theoryRow{Case: c.Case, Figure: c.Figure, Ours: c.Ours.Mean, Half: c.Ours.Half, Holds: c.Holds()}
			if math.IsNaN(c.Exact) {
				row.Low, row.High = &c.Low, &c.High
			} else {
				row.Exact = &c.Exact
			}
			good = good && row.Holds
			out.Checks = append(out.Checks, row)
		}
	}
	for _, s := range theory.Singles {
		if ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		fmt.Fprintln(os.Stderr, "simulating", s.Name)
		checks, err := s.Run(runs, contacts)
		if err != nil {
			return nil, false, err
		}
		add(checks)
		out.Contacts += runs * contacts
	}
	fmt.Fprintln(os.Stderr, "simulating SimpleMSK")
	checks, err := theory.SimpleMSK(days)
	if err != nil {
		return nil, false, err
	}
	add(checks)
	out.Contacts += days * mskContacts
	out.CPU = cpu() - began
	out.PerMinute = float64(out.Contacts) / out.CPU * 60
	return out, good, nil
}

func (r theoryReport) text(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "case\tfigure\tours\t\tmust be\t")
	for _, c := range r.Checks {
		digits, must, holds := 5, "", "holds"
		if c.Exact != nil {
			must = fmt.Sprintf("%.5f", *c.Exact)
		} else {
			if *c.Low > 1 {
				digits = 0
			}
			must = fmt.Sprintf("%g to %g (published 95 %%)", *c.Low, *c.High)
		}
		if !c.Holds {
			holds = "DOES NOT HOLD"
		}
		fmt.Fprintf(t, "%s\t%s\t%.*f\t± %.*f\t%s\t%s\n", c.Case, c.Figure, digits, c.Ours, digits, c.Half, must, holds)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%.1f million contacts in %.0f s of processor time: %.1f million a minute on one core\n", float64(r.Contacts)/1e6, r.CPU, r.PerMinute/1e6)
	return err
}
