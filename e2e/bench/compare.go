package main

import (
	"context"
	"fmt"
	"time"

	"accueil/e2e"
	"accueil/phones"
)

// arena is the one hospital in which both sides of the comparison work, one after the other: the same
// Asterisk, the same phones, the same callers.
type arena struct {
	*e2e.Hospital
	trunk  *phones.Phone
	agents []*phones.Phone
}

// side is one of the two that are compared.
type side struct {
	name string
	// start makes it ready for callers, with only the two agents of the head-of-line scene at work.
	start func(context.Context, *arena) error
	// all brings every agent to work.
	all func(context.Context, *arena) error
	// work lists the processes that serve its calls.
	work func(*arena) []int
	// number is what callers dial for a line.
	number func(line) string
}

// line is what callers may ask for.
type line int

const (
	lineOne      line = iota // one queue, all agents
	lineFive                 // the first of five queues, each with all agents; the others follow
	lineFiveLast = lineFive + 4
)

const (
	linePrompts line = iota + lineFiveLast + 1 // prompts while waiting
	lineShort                                  // rings for five seconds
	lineFrench                                 // both agents of the head-of-line scene may take these
	lineEnglish                                // only the second may
	lines
)

// scene is one thing to compare; measured gives each side's figures by name, in milliseconds.
type scene struct {
	name    string
	promise string // what the figures say
	goals   [2]float64
	run     func(context.Context, settings, *arena, side) ([]time.Duration, error)
}

// oneQueue is measured with its CPU time, before the other scenes.
const oneQueue = "one queue"

var scenes = []scene{
	{oneQueue, "freed agent → INVITE, one queue", [2]float64{5, 12}, nil},
	{"five queues", "freed agent → INVITE, agents in five queues", [2]float64{5, 12}, func(ctx context.Context, s settings, a *arena, by side) ([]time.Duration, error) {
		var numbers []string
		for l := lineFive; l <= lineFiveLast; l++ {
			numbers = append(numbers, by.number(l))
		}
		return a.crowd(ctx, s, numbers...)
	}},
	{"prompts", "freed agent → INVITE, prompts while waiting", [2]float64{5, 12}, func(ctx context.Context, s settings, a *arena, by side) ([]time.Duration, error) {
		return a.crowd(ctx, s, by.number(linePrompts))
	}},
	{"no answer", "ring unanswered → next INVITE", [2]float64{5, 12}, noAnswer},
}

// crowd lets more callers than agents meet and times the hand-overs.
func (a *arena) crowd(ctx context.Context, s settings, numbers ...string) ([]time.Duration, error) {
	c := crowd{wanted: s.handovers}
	return c.run(ctx, a.agents, a.trunk, numbers...)
}

// compare lets app_queue and then the contact centre serve the same calls. While app_queue works the
// controller does not run, so Asterisk tells nobody what it does.
func compare(ctx context.Context, s settings, r *report) error {
	h, err := e2e.Open(ctx, e2e.Options{Edit: compareSite, Scenarios: compareScenarios, Binary: s.binary, NoApp: true, RTPPorts: 600})
	defer h.Close() //nolint:staticcheck // stops also what a failed Open has started
	if err != nil {
		return err
	}
	a := &arena{Hospital: h}
	var leave func()
	a.agents, leave, err = seat(ctx, h, desks(0))
	defer leave()
	if err != nil {
		return err
	}
	if a.trunk, err = h.Trunk(ctx); err != nil {
		return err
	}
	results := map[string]*result{}
	for _, by := range []side{appQueueSide, accueilSide} {
		if results[by.name], err = a.measure(ctx, s, by); err != nil {
			return fmt.Errorf("%s: %w", by.name, err)
		}
	}
	tellComparison(r, results[accueilSide.name], results[appQueueSide.name])
	return nil
}

// result is what one side did.
type result struct {
	took map[string][]time.Duration // by scene
	head blocked
	cost cost // agents are free, nobody waits for long
	busy cost // twenty callers always wait
}

func (a *arena) measure(ctx context.Context, s settings, by side) (*result, error) {
	out := &result{took: map[string][]time.Duration{}}
	if err := by.start(ctx, a); err != nil {
		return nil, err
	}
	var err error
	s.say("  %s: head of line", by.name)
	if out.head, err = a.headOfLine(ctx, by); err != nil {
		return nil, fmt.Errorf("head of line: %w", err)
	}
	if err := by.all(ctx, a); err != nil {
		return nil, err
	}
	s.say("  %s: CPU of a call", by.name)
	if out.cost, err = a.cost(ctx, s, by); err != nil {
		return nil, fmt.Errorf("CPU of a call: %w", err)
	}
	s.say("  %s: %s, and its CPU", by.name, oneQueue)
	if out.busy, out.took[oneQueue], err = a.busyCost(ctx, s, by); err != nil {
		return nil, fmt.Errorf("%s: %w", oneQueue, err)
	}
	for _, sc := range scenes {
		if sc.run == nil || s.costOnly {
			continue
		}
		s.say("  %s: %s", by.name, sc.name)
		if out.took[sc.name], err = sc.run(ctx, s, a, by); err != nil {
			return nil, fmt.Errorf("%s: %w", sc.name, err)
		}
	}
	return out, nil
}

// tellComparison writes both sides' figures and their ratios.
func tellComparison(r *report, ours, theirs *result) {
	for _, sc := range scenes {
		mine, other := ours.took[sc.name], theirs.took[sc.name]
		r.quantiles(sc.promise+", accueil", mine, sc.goals[0], sc.goals[1])
		r.quantiles(sc.promise+", app_queue", other, 0, 0)
		r.ratio(sc.promise+", app_queue / accueil", other, mine)
	}
	const head = "arrival → INVITE behind a caller whom nobody idle may take"
	r.quantiles(head+", accueil", ours.head.took, 0, 0)
	r.add(figure{What: head + ", accueil: held up", Value: float64(ours.head.held), Unit: "callers", Note: fmt.Sprintf("of %d", ours.head.tried)})
	r.quantiles(head+", app_queue", theirs.head.took, 0, 0)
	r.add(figure{What: head + ", app_queue: held up", Value: float64(theirs.head.held), Unit: "callers",
		Note: fmt.Sprintf("of %d, each for more than %s", theirs.head.tried, heldUp)})
	for _, both := range []struct {
		when         string
		ours, theirs cost
	}{{"agents free", ours.cost, theirs.cost}, {"twenty always wait", ours.busy, theirs.busy}} {
		what := "CPU of a call, " + both.when
		r.add(figure{What: what + ", accueil (Asterisk + controller + Redis)", Value: ms(both.ours.each()), Unit: "ms", Note: both.ours.String()})
		r.add(figure{What: what + ", app_queue (Asterisk)", Value: ms(both.theirs.each()), Unit: "ms", Note: both.theirs.String()})
		r.add(figure{What: what + ", accueil / app_queue", Value: float64(both.ours.each()) / float64(both.theirs.each()), Unit: "×", Goal: 0.9})
	}
}

// costs is the part of the comparison that tells the CPU time of a call, for a quick look.
func costs(ctx context.Context, s settings, r *report) error {
	s.costOnly = true
	return compare(ctx, s, r)
}
