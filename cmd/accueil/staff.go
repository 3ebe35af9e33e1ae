package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"accueil/app/planning"
)

func staffCommand() *cobra.Command {
	var o planning.StaffOptions
	var days string
	var answered, level, asa, within, occupancy = 0.0, 0.0, time.Duration(0), 30 * time.Second, 0.0
	cmd := &cobra.Command{
		Use:   "staff",
		Short: "Work out how many agents each half hour needs",
		Long: `Works out, for each half hour, the fewest agents that meet a target: an answer rate, a service
level, a mean wait (ASA), an occupancy, or several of them. Without one the target is 80 % of
callers answered within 30 s.

Begins with past calls (--trace, CSV: day,arrival_s,ivr_s,wait_s,outcome,service_s,type,…) or with
a forecast (--forecast, YAML or CSV: half_hour,reason,calls,aht_s). Methods: erlang-a (callers hang
up; their patience is estimated from past calls, or given by --patience) and erlang-c (nobody hangs
up: asks for more, and has no answer where there is more work than agents).

Prints a table that begins with what is supposed; --json or --csv for programs. With --agents it
tells instead what becomes of so many. Exit code 3 when a file cannot be used.`,
		Example: `  accueil staff --trace calls.csv --answered 0.9 --wrapup 10s --shrinkage 0.3
  accueil staff --trace calls.csv --days 1-4,7-11 --quantile 0.8 --service-level 0.8 --within 20s
  accueil staff --forecast monday.yaml --patience 2m --asa 30s --by-reason --csv > monday.csv
  accueil staff --forecast monday.csv --method erlang-c --agents 12`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Days, err = dayList(days); err != nil {
				return usageError{err}
			}
			if answered == 0 && level == 0 && asa == 0 && occupancy == 0 {
				level = 0.8
			}
			o.Target.Answered, o.Target.ServiceLevel, o.Target.ASA = answered, level, asa
			o.Target.Within, o.Target.MaxOccupancy = within, occupancy
			if err := o.Validate(); err != nil {
				return usageError{err}
			}
			return planning.Staff(o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Trace, "trace", "", "past calls, CSV (may be packed with gzip)")
	f.StringVar(&o.Forecast, "forecast", "", "expected calls, YAML or CSV")
	f.StringVar(&days, "days", "", "days of the past calls to plan from, as in 1-4,7 (all of them)")
	f.Float64Var(&o.Quantile, "quantile", 0, "plan for a day as busy as this share of days at most (0: for the mean)")
	f.DurationVar(&o.Wrapup, "wrapup", 0, "after-call work that the past calls do not show")
	f.StringVar(&o.Method, "method", planning.MethodErlangA, "erlang-a or erlang-c")
	f.DurationVar(&o.Patience, "patience", 0, "mean time after which callers hang up (estimated from past calls)")
	f.Float64Var(&answered, "answered", 0, "target: least share of callers answered, 0 to 1")
	f.Float64Var(&level, "service-level", 0, "target: least share of callers answered within --within")
	f.DurationVar(&within, "within", within, "time of the service level")
	f.DurationVar(&asa, "asa", 0, "target: longest mean wait")
	f.Float64Var(&occupancy, "max-occupancy", 0, "target: highest share of their time that agents spend on callers")
	f.IntVar(&o.Agents, "agents", 0, "tell what becomes of so many agents, instead of how many are needed")
	f.Float64Var(&o.Shrinkage, "shrinkage", 0, "share of paid time away from the phone, 0 to 1")
	f.BoolVar(&o.ByReason, "by-reason", false, "a pool of agents for each reason instead of one for all")
	f.BoolVar(&o.JSON, "json", false, "print JSON")
	f.BoolVar(&o.CSV, "csv", false, "print CSV")
	return cmd
}

// dayList reads "1-4,7" as 1, 2, 3, 4 and 7.
func dayList(s string) ([]int, error) {
	var out []int
	if s == "" {
		return nil, nil
	}
	for _, part := range strings.Split(s, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(strings.TrimSpace(first))
		to := from
		if err == nil && isRange {
			to, err = strconv.Atoi(strings.TrimSpace(last))
		}
		if err != nil || from < 1 || to < from || to-from > 1000 {
			return nil, fmt.Errorf("days %q: write them as in 1-4,7", s)
		}
		for d := from; d <= to; d++ {
			out = append(out, d)
		}
	}
	return out, nil
}
