package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"accueil/app/planning"
)

func simulateCommand() *cobra.Command {
	var o planning.SimulateOptions
	var days, page string
	var compare, asJSON, asCSV bool
	cmd := &cobra.Command{
		Use:   "simulate [FILE FILE]",
		Short: "Play a day that has not happened, with the routing that runs",
		Long: `Plays days of a contact centre in simulated time, with the same routing code that takes real
calls, and prints every figure with its 95 % interval over the seeds.

Callers and shifts are expected ones (--params, YAML) or past ones (--trace, CSV: day,arrival_s,
ivr_s,wait_s,outcome,service_s,type,priority,agent,caller). Beside past calls, --params may give
other shifts. docs/simulation.md explains both files.

--compare FILE FILE plays two plans with the same callers in each seed and prints their difference:
two site files (another skill matrix, another policy), or two files of parameters on one site (two
agents more at nine). A difference whose interval holds 0 may be chance.

Prints a table; --json or --csv for programs, --html for a page with charts. Exit code 3 when a
file cannot be used.`,
		Example: `  accueil simulate --site deploy/demo/site.yaml --params deploy/demo/simulation.yaml
  accueil simulate --site site.yaml --params monday.yaml --seeds 200 --html monday.html
  accueil simulate --site site.yaml --trace calls.csv --days 1-4,7-11 --json
  accueil simulate --compare site.yaml site-new.yaml --params monday.yaml
  accueil simulate --site site.yaml --compare monday.yaml monday-two-more.yaml`,
		Args: args(cobra.MaximumNArgs(2)),
		RunE: func(cmd *cobra.Command, a []string) error {
			var err error
			if o.Days, err = dayList(days); err != nil {
				return usageError{err}
			}
			switch {
			case compare && len(a) != 2:
				return usageError{errors.New("--compare needs two files: two site files, or two files of parameters")}
			case !compare && len(a) > 0:
				return usageError{fmt.Errorf("%q is given and nothing says what for: --compare needs two files", a[0])}
			case asJSON && asCSV:
				return usageError{errors.New("--json and --csv exclude each other")}
			}
			o.Compare = a
			if err := o.Validate(); err != nil {
				return usageError{err}
			}
			o.Progress = newProgress(cmd.ErrOrStderr()).show
			s, err := planning.Simulate(cmd.Context(), o)
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.ErrOrStderr(), s.Speed())
			show := s.Table
			switch {
			case asJSON:
				show = s.JSON
			case asCSV:
				show = s.CSV
			}
			err = show(cmd.OutOrStdout())
			if page != "" { // last: minutes of playing are not lost on a folder that is not there
				err = errors.Join(err, writePage(page, s))
			}
			return err
		},
	}
	siteFlag(cmd, &o.Site)
	f := cmd.Flags()
	f.StringVar(&o.Params, "params", "", "expected callers, handling times, patience and shifts, YAML")
	f.StringVar(&o.Trace, "trace", "", "past calls, CSV (may be packed with gzip)")
	f.StringVar(&days, "days", "", "days of the past calls to play, as in 1-4,7 (all of them)")
	f.DurationVar(&o.Gap, "gap", 0, "a longer gap between two past calls of an agent is a break (10m)")
	f.BoolVar(&compare, "compare", false, "play the two files named and print their difference")
	f.IntVar(&o.Seeds, "seeds", 20, "how many seeds to play: each is one day, or all days of the past calls")
	f.Uint64Var(&o.FirstSeed, "seed", 1, "the first seed")
	f.IntVar(&o.Workers, "workers", 0, "seeds played at once (0: one for each processor)")
	f.DurationSliceVar(&o.ServiceLevel, "service-level", []time.Duration{20 * time.Second, 30 * time.Second, time.Minute}, "thresholds of the service level")
	f.DurationVar(&o.ShortAbandon, "short-abandon", 10*time.Second, "who gives up within this time counts as a short abandonment")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	f.BoolVar(&asCSV, "csv", false, "print CSV")
	f.StringVar(&page, "html", "", "write a page with charts to this file as well")
	return cmd
}

// writePage writes the page; a half-written one is of no use and is not left.
func writePage(path string, s *planning.Simulation) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if err := errors.Join(s.HTML(file), file.Close()); err != nil {
		_ = os.Remove(path)
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
