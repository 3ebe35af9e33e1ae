package planning

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"accueil/acd"
	"accueil/app"
	"accueil/diag"
	"accueil/history"
	"accueil/routing"
	"accueil/routing/sim"
	"accueil/routing/trace"
	"accueil/site"
	"accueil/wording"
)

// SimulateOptions say what is played, how often, and what is compared.
type SimulateOptions struct {
	Site   string
	Params string        // file of parameters, or what it adds to Trace
	Trace  string        // file of past calls
	Days   []int         // of Trace; empty for all
	Gap    time.Duration // of Trace: a longer one between two calls of an agent is a break; 0: trace.DutyGap
	// Compare are two site files, played with the same parameters or calls, or two files of parameters,
	// played on the same site; empty for no comparison.
	Compare []string

	Seeds     int    // how many
	FirstSeed uint64 // the others follow it
	SimThresholds
	Workers int // at once; 0: one for each processor

	Progress func(step string, done, total int)
}

// MaxSeeds bounds the seeds of one simulation.
const MaxSeeds = 100_000

// Validate tells what is wrong with the options as they were given.
func (o SimulateOptions) Validate() error {
	switch {
	case o.Trace == "" && o.Params == "" && len(o.Compare) == 0:
		return errors.New("give what is to be expected (--params) or past calls (--trace)")
	case len(o.Compare) != 0 && len(o.Compare) != 2:
		return errors.New("--compare needs two files: two site files, or two files of parameters")
	case o.Trace == "" && (len(o.Days) > 0 || o.Gap != 0):
		return errors.New("--days and --gap are about past calls (--trace)")
	case o.Gap < 0:
		return fmt.Errorf("a gap of %s is negative", o.Gap)
	case o.Seeds < 1 || o.Seeds > MaxSeeds:
		return fmt.Errorf("%d seeds are not from 1 to %d", o.Seeds, MaxSeeds)
	case o.Workers < 0:
		return fmt.Errorf("%d workers are fewer than none", o.Workers)
	case o.ShortAbandon < 0:
		return fmt.Errorf("a short abandonment of %s is negative", o.ShortAbandon)
	case len(o.ServiceLevel) > history.MaxLevels:
		return fmt.Errorf("at most %d thresholds of the service level", history.MaxLevels)
	case slices.ContainsFunc(o.ServiceLevel, func(d time.Duration) bool { return d <= 0 }):
		return errors.New("a threshold of the service level must be more than 0")
	}
	return nil
}

// Simulate plays the days of all seeds and joins their figures.
func Simulate(ctx context.Context, o SimulateOptions) (*Simulation, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	sides, err := o.sides()
	if err != nil {
		return nil, err
	}
	o.TZ = sides[0].zone
	begin := time.Now()
	samples, contacts, err := o.play(ctx, sides)
	if err != nil {
		return nil, err
	}
	return newSimulation(o, sides, samples, contacts, time.Since(begin)), nil
}

// simSide is one of the plans that are played.
type simSide struct {
	name   string // of the file that makes it different
	rules  routing.Rules
	source sim.Source
	zone   *time.Location
	notes  []string // what it supposes
}

// sides reads the files: one side, or the two that are compared.
func (o SimulateOptions) sides() ([]simSide, error) {
	if len(o.Compare) == 0 {
		s, err := o.side(o.Site, o.Params)
		s.name = filepath.Base(o.Site)
		return []simSide{s}, err
	}
	first, err := isSiteFile(o.Compare[0])
	if err != nil {
		return nil, err
	}
	second, err := isSiteFile(o.Compare[1])
	switch {
	case err != nil:
		return nil, err
	case first != second:
		return nil, app.ExitError{Code: app.ExitUsage, Err: errors.New("--compare needs two site files or two files of parameters, not one of each")}
	case first && o.Params == "" && o.Trace == "":
		return nil, app.ExitError{Code: app.ExitUsage, Err: errors.New("two site files are compared under the same callers: give --params or --trace")}
	}
	var out []simSide
	for _, path := range o.Compare {
		site, params := o.Site, path
		if first {
			site, params = path, o.Params
		}
		s, err := o.side(site, params)
		if err != nil {
			return nil, err
		}
		s.name = path
		out = append(out, s)
	}
	return out, nil
}

// isSiteFile tells a site file from a file of parameters by its queues.
func isSiteFile(path string) (bool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return false, app.ExitError{Code: app.ExitConfig, Err: fmt.Errorf("read what is compared: %w", err)}
	}
	doc, found := diag.ParseYAML(path, text)
	if doc == nil {
		return false, app.BuildError{Findings: found}
	}
	return doc.Lookup("queues") != nil, nil
}

func (o SimulateOptions) side(sitePath, paramsPath string) (simSide, error) {
	s, err := siteRules(sitePath)
	if err != nil {
		return simSide{}, err
	}
	side := simSide{rules: app.RoutingRules(s), zone: s.Location}
	if err := side.rules.Validate(); err != nil {
		return simSide{}, app.BuildError{Findings: diag.Findings{{File: sitePath, Message: wording.Of(err)}}}
	}
	var params *paramsReader
	if paramsPath != "" {
		if params, err = readParams(paramsPath, s); err != nil {
			return simSide{}, err
		}
	}
	if o.Trace != "" {
		return o.replay(side, s, params)
	}
	plan, err := params.plan()
	if err != nil {
		return simSide{}, err
	}
	side.source = plan
	side.notes = append(side.notes, "expected callers and shifts: "+filepath.Base(paramsPath))
	for _, f := range plan.Flows {
		if f.Patience.Shape == "" {
			side.notes = append(side.notes, fmt.Sprintf("nobody who calls about %s gives up: no patience is given", f.Reason))
		}
	}
	return side, nil
}

// siteRules reads a site file for its rules and people alone: a planner's copy has no secrets and no
// scenarios beside it.
func siteRules(path string) (*site.Site, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, app.ExitError{Code: app.ExitConfig, Err: fmt.Errorf("read the site file: %w", err)}
	}
	s, findings := site.LoadBytes(path, text)
	if s == nil || findings.Failed() {
		return nil, app.BuildError{Findings: findings}
	}
	return s, nil
}

// replay makes the side of past calls: their types are the site's reasons, their agents the site's, or
// others at the hours that the parameters give.
func (o SimulateOptions) replay(side simSide, s *site.Site, params *paramsReader) (simSide, error) {
	calls, err := readTrace(o.Trace)
	if err != nil {
		return side, err
	}
	if len(o.Days) > 0 {
		calls = slices.DeleteFunc(calls, func(c trace.Call) bool { return !slices.Contains(o.Days, c.Day) })
	}
	fault := func(format string, args ...any) error {
		return app.ExitError{Code: app.ExitConfig, Err: fmt.Errorf(filepath.Base(o.Trace)+": "+format, args...)}
	}
	replay, err := sim.NewReplay(calls)
	if err != nil {
		return side, fault("%w", err)
	}
	reasons := map[string]acd.ReasonID{}
	for _, c := range calls {
		id := acd.ReasonID(strings.ToLower(c.Type))
		if _, ok := s.Reasons[id]; !ok && c.InQueue() {
			return side, fault("the site has no reason %q, which is a type of these calls (small letters)", id)
		}
		reasons[c.Type] = id
	}
	replay.Reason = func(kind string) acd.ReasonID { return reasons[kind] }
	midnight, _ := time.ParseInLocation(time.DateOnly, simDate, s.Location) // a date of ours
	replay.Midnight = acd.At(midnight)
	side.source = replay
	side.notes = append(side.notes, "past calls: "+filepath.Base(o.Trace)+"; patience estimated from them (Kaplan-Meier, those answered are censored) and drawn for each seed")
	if params != nil {
		shifts, pickup, err := params.beside()
		if err != nil {
			return side, err
		}
		replay.Pickup = pickup
		if len(shifts) > 0 {
			replay.Shifts = func(int) []sim.Shift { return shifts }
			side.notes = append(side.notes, "the same shifts every day: "+filepath.Base(o.Params))
			return side, nil
		}
	}
	agents := trace.Agents(calls, o.Gap)
	for _, a := range agents {
		if _, ok := s.Agents[acd.AgentID(a.ID)]; !ok {
			return side, fault("agent %q is not one of the site: name them alike, or give the shifts with --params", a.ID)
		}
	}
	replay.Shifts = sim.DutyOf(agents)
	side.notes = append(side.notes, "agents at work from their first call of a day to their last one, but for gaps of more than "+gapOf(o.Gap).String())
	return side, nil
}

func gapOf(gap time.Duration) time.Duration {
	if gap == 0 {
		return trace.DutyGap
	}
	return gap
}

// play plays every seed of every side, several at once; what comes out does not depend on how many.
func (o SimulateOptions) play(ctx context.Context, sides []simSide) (samples [][]SimSample, contacts int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	samples = make([][]SimSample, len(sides))
	for i := range sides {
		samples[i] = make([]SimSample, o.Seeds)
	}
	jobs := make(chan int)
	var mu sync.Mutex // guards done and contacts
	var done int
	var workers sync.WaitGroup
	count := o.Workers
	if count == 0 {
		count = runtime.GOMAXPROCS(0)
	}
	for range min(count, o.Seeds) {
		workers.Go(func() {
			for k := range jobs {
				for i, side := range sides {
					sample, n, err := side.play(o.FirstSeed+uint64(k), o.SimThresholds)
					if err != nil {
						cancel(err)
						return
					}
					samples[i][k] = sample
					mu.Lock()
					contacts += n
					mu.Unlock()
				}
				mu.Lock()
				done++
				if o.Progress != nil {
					o.Progress("simulating", done, o.Seeds)
				}
				mu.Unlock()
			}
		})
	}
feed:
	for k := range o.Seeds {
		select {
		case jobs <- k:
		case <-ctx.Done():
			break feed
		}
	}
	close(jobs)
	workers.Wait()
	if ctx.Err() != nil {
		return nil, 0, fmt.Errorf("simulate: %w", context.Cause(ctx))
	}
	return samples, contacts, nil
}

// play plays one seed.
func (s simSide) play(seed uint64, th SimThresholds) (SimSample, int, error) {
	days, err := s.source.Days(seed, s.rules)
	if err != nil {
		return nil, 0, err
	}
	runs, contacts := make([]sim.Run, len(days)), 0
	for i, d := range days {
		router, err := sim.NewEngine(s.rules, d)
		if err != nil {
			return nil, 0, err
		}
		runs[i] = sim.Simulate(d, s.rules, router)
		contacts += len(d.Contacts)
	}
	sample, err := MeasureRuns(days, runs, th)
	return sample, contacts, err
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
