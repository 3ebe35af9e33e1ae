// Command simbench holds the simulation against what is known: queues of which theory gives the exact
// figures, a published example, and a month of a real call centre replayed under several ways of
// routing.
//
//	make bench-theory                      about three minutes
//	make bench-trace TRACE=calls.csv.gz    about ten minutes
//
// Both take ARGS: --quick for less, --json for a program. It exits with 0 when every figure of theory
// is what it must be, with 1 otherwise; the replay compares and judges nothing.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// report is what a part prints: lines for people, the value itself for programs.
type report interface{ text(io.Writer) error }

// parts are what can be measured.
var parts = map[string]func(context.Context, []string) (report, bool, error){"theory": theoryPart, "trace": tracePart}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "simbench:", err)
		os.Exit(1)
	}
}

var errWrong = errors.New("a figure is not what it must be")

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || parts[args[0]] == nil {
		return errors.New("say what to measure: theory or trace")
	}
	asJSON := false
	rest := args[1:]
	for i, a := range rest {
		if a == "--json" {
			asJSON = true
			rest = append(rest[:i:i], rest[i+1:]...)
			break
		}
	}
	r, good, err := parts[args[0]](ctx, rest)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	if asJSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		err = r.text(os.Stdout)
	}
	if err == nil && !good {
		err = errWrong
	}
	return err
}

// cpu is the processor time that this program has used, in seconds: what a figure per core is made of
// on a machine that others use too.
func cpu() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	of := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return of(u.Utime) + of(u.Stime)
}
