// Command bench measures what the contact centre costs and how quick it is, against servers and phones
// that are real: a private Asterisk, a private Redis, the built binary as a process of its own, and
// scripted SIP phones. What it is compared with runs in the same program, one after the other, on the
// same machine: the queue application of the same Asterisk, and the smallest program that can hand a
// caller on.
//
//	make bench                   everything, about five minutes
//	make bench ARGS=--quick      fewer repetitions, about a minute
//	make bench ARGS='--only handover --n 1000'
//	make bench ARGS=--json       for a program
//	make bench-appqueue          side by side with app_queue, about five minutes
//
// It exits with 0 whatever the figures, and with 1 when something could not be measured.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"accueil/e2e"
)

// settings say how much is measured.
type settings struct {
	handovers int           // of each variant
	alone     bool          // hand-overs of ours only, without the comparison
	callers   int           // whose first sound is timed
	step      time.Duration // how long each load lasts
	most      float64       // calls a second at which the load stops growing
	redis     time.Duration // how long each of Redis's figures is measured
	misses    int           // rings that nobody answers, of each side of the comparison
	cost      time.Duration // how long calls arrive while their CPU time is measured
	costOnly  bool          // of the comparison, CPU and the hand-overs that go with it alone
	binary    string
	log       io.Writer // progress
}

// say tells how far the program is.
func (s settings) say(format string, args ...any) { fmt.Fprintf(s.log, format+"\n", args...) }

// section is one part of what can be measured.
type section struct {
	name  string
	run   func(context.Context, settings, *report) error
	asked bool // runs only when it is named
}

// sections are the parts in the order in which they run.
var sections = []section{
	{name: "handover", run: handovers},
	{name: "sound", run: firstSound},
	{name: "load", run: load},
	{name: "memory", run: memory},
	{name: "redis", run: redis},
	{name: "appqueue", run: compare, asked: true},
	{name: "cost", run: costs, asked: true},
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == floorCommand {
		os.Exit(floorMain(os.Args[2:]))
	}
	flag.Usage = usage
	quick := flag.Bool("quick", false, "fewer repetitions")
	asJSON := flag.Bool("json", false, "print the figures as JSON")
	only := flag.String("only", "", "comma-separated parts: "+strings.Join(names(true), ", "))
	n := flag.Int("n", 400, "hand-overs measured of each variant and scene")
	most := flag.Float64("most", 60, "calls a second at which the load stops growing")
	alone := flag.Bool("alone", false, "measure our hand-overs only, without the comparison")
	flag.Parse()
	s := settings{handovers: *n, alone: *alone, callers: 300, step: 10 * time.Second, most: *most, redis: 5 * time.Second,
		misses: 40, cost: 20 * time.Second, log: os.Stderr}
	if *quick {
		s.handovers, s.callers, s.step, s.redis = min(*n, 100), 60, 4*time.Second, time.Second
		s.misses, s.cost = 20, 10*time.Second
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := measure(ctx, s, *only)
	if *asJSON {
		err = firstOf(err, r.writeJSON(os.Stdout))
	} else {
		err = firstOf(err, r.write(os.Stdout))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprint(flag.CommandLine.Output(), `Measures the contact centre on this machine, with real servers and scripted phones.

  make bench                                        everything but the comparison, about five minutes
  make bench ARGS=--quick                           fewer repetitions
  make bench ARGS='--only handover --n 1000 --alone'
  make bench ARGS='--only redis --json'
  make bench-appqueue                               side by side with app_queue, about five minutes
  make bench-appqueue ARGS='--n 400'

`)
	flag.PrintDefaults()
}

// names lists all parts, or those that run without being named.
func names(all bool) []string {
	var out []string
	for _, s := range sections {
		if all || !s.asked {
			out = append(out, s.name)
		}
	}
	return out
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// measure runs the wanted sections; what was measured before an error is in the report.
func measure(ctx context.Context, s settings, only string) (*report, error) {
	r := newReport()
	wanted := names(false)
	if only != "" {
		wanted = strings.Split(only, ",")
	}
	for _, w := range wanted {
		if !slices.Contains(names(true), w) {
			return r, fmt.Errorf("no part is called %q; there are %s", w, strings.Join(names(true), ", "))
		}
	}
	dir, err := os.MkdirTemp("", "accueil-bench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	s.binary = filepath.Join(dir, "accueil")
	build := exec.CommandContext(ctx, "go", "build", "-o", s.binary, "./cmd/accueil")
	build.Dir = e2e.ProjectRoot()
	if out, err := build.CombinedOutput(); err != nil {
		return r, fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	for _, part := range sections {
		if !slices.Contains(wanted, part.name) {
			continue
		}
		s.say("measuring %s", part.name)
		if err := part.run(ctx, s, r); err != nil {
			return r, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return r, nil
}
