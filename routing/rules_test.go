package routing_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
)

func TestValidateNamesTheField(t *testing.T) {
	t.Parallel()
	good := func() routing.Rules {
		r := hospital()
		r.Reasons = map[acd.ReasonID]routing.Reason{"rdv.imagerie": {Queue: "rdv", Points: 3, Hold: 15 * time.Second}}
		return r
	}
	if err := good().Validate(); err != nil {
		t.Fatal(err)
	}
	queue := func(edit func(*routing.Queue)) func(*routing.Rules) {
		return func(r *routing.Rules) {
			q := r.Queues["rdv"]
			q.Steps = slices.Clone(q.Steps)
			edit(&q)
			r.Queues["rdv"] = q
		}
	}
	for field, spoil := range map[string]func(*routing.Rules){
		"skills[4]":                   func(r *routing.Rules) { r.Skills = append(r.Skills, "fr") },
		"skills[5]":                   func(r *routing.Rules) { r.Skills = append(r.Skills, "x", "two words") },
		"skills[6]":                   func(r *routing.Rules) { r.Skills = append(r.Skills, "x", "y", "not") },
		"queues.rdv.steps":            queue(func(q *routing.Queue) { q.Steps = nil }),
		"queues.rdv.steps[0].require": queue(func(q *routing.Queue) { q.Steps[0].Require = "rvd >= 1" }),
		"queues.rdv.steps[2].after":   queue(func(q *routing.Queue) { q.Steps[2].After = time.Second }),
		"queues.rdv.steps[0].after":   queue(func(q *routing.Queue) { q.Steps[0].After = -time.Second }),
		"queues.rdv": queue(func(q *routing.Queue) {
			q.Steps = q.Steps[:2]
			q.Fallback = ""
			q.WhenUnstaffed = routing.UnstaffedWait
		}),
		"queues.rdv.when_unstaffed":          queue(func(q *routing.Queue) { q.WhenUnstaffed = "shrug" }),
		"queues.rdv.ring":                    queue(func(q *routing.Queue) { q.Ring = 4 * time.Second }),
		"queues.rdv.max_waiting":             queue(func(q *routing.Queue) { q.MaxWaiting = -1 }),
		"queues.rdv.max_wait":                queue(func(q *routing.Queue) { q.MaxWait = -1 }),
		"queues.rdv.wrapup":                  queue(func(q *routing.Queue) { q.Wrapup = -1 }),
		"agents.a01.skills.rdvv":             func(r *routing.Rules) { r.Agents["a01"] = skills("rdvv", 5) },
		"agents.a01.skills.rdv":              func(r *routing.Rules) { r.Agents["a01"] = skills("rdv", 11) },
		"reasons.rdv.imagerie.queue":         func(r *routing.Rules) { r.Reasons["rdv.imagerie"] = routing.Reason{Queue: "rvd"} },
		"reasons.rdv.imagerie.points":        func(r *routing.Rules) { r.Reasons["rdv.imagerie"] = routing.Reason{Queue: "rdv", Points: 11} },
		"reasons.rdv.imagerie.hold":          func(r *routing.Rules) { r.Reasons["rdv.imagerie"] = routing.Reason{Queue: "rdv", Hold: time.Minute} },
		"queues.rdv.steps[1].consider":       queue(func(q *routing.Queue) { q.Steps[1].Consider = "waitng > 1" }),
		"queues.rdv.max_ratio":               queue(func(q *routing.Queue) { q.MaxRatio = -1 }),
		"queues.rdv.keep":                    queue(func(q *routing.Queue) { q.Keep = 101 }),
		"queues.rdv.overflow.late":           queue(func(q *routing.Queue) { q.Overflow = map[routing.Limit]string{"late": "x"} }),
		"queues.rdv.order[1]":                queue(func(q *routing.Queue) { q.Order = []routing.Criterion{routing.LongestIdle, routing.LongestIdle} }),
		"queues.rdv.order[0]":                queue(func(q *routing.Queue) { q.Order = []routing.Criterion{"least_surplu"} }),
		"queues.rdv.policy.preset":           queue(func(q *routing.Queue) { q.Policy.Preset = "unfair" }),
		"queues.rdv.policy.service_level":    queue(func(q *routing.Queue) { q.Policy.ServiceLevel = -1 }),
		"queues.rdv.policy.weights.steps[1]": queue(func(q *routing.Queue) { q.Policy.Weights = &routing.Weights{Steps: []int{1, 2}} }),
		"queues.rdv.policy.weights.steps[0]": queue(func(q *routing.Queue) { q.Policy.Weights = &routing.Weights{Steps: []int{11}} }),
		"queues.rdv.policy.weights.ages[0].from": queue(func(q *routing.Queue) {
			q.Policy.Weights = &routing.Weights{Ages: []routing.AgeBand{{From: 1, Points: 1}}}
		}),
		"queues.rdv.policy.weights.ages[1].points": queue(func(q *routing.Queue) {
			q.Policy.Weights = &routing.Weights{Ages: []routing.AgeBand{{}, {From: 1, Points: -1}}}
		}),
		"agents.a08.queues.rvd": func(r *routing.Rules) {
			r.Agents["a08"] = routing.Member{Queues: map[acd.QueueID]routing.Assignment{"rvd": {}}}
		},
		"agents.a08.queues.rdv.priority": func(r *routing.Rules) {
			r.Agents["a08"] = routing.Member{Queues: map[acd.QueueID]routing.Assignment{"rdv": {Priority: 11}}}
		},
		"agents.a08.queues.rdv.delay": func(r *routing.Rules) {
			r.Agents["a08"] = routing.Member{Queues: map[acd.QueueID]routing.Assignment{"rdv": {Delay: -1}}}
		},
		"queues.rdv.misses_before_unreachable": queue(func(q *routing.Queue) { q.MissesBeforeUnreachable = -1 }),
	} {
		r := good()
		spoil(&r)
		err := r.Validate()
		var f *routing.FieldError
		if !errors.As(err, &f) || f.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
		if strings.Contains(field, "require") && !strings.Contains(err.Error(), `"rdv"`) {
			t.Errorf("no suggestion in %v", err)
		}
	}
	many := good()
	many.Queues["rdv"] = routing.Queue{Steps: slices.Repeat([]routing.Step{{}}, 11), Ring: time.Second}
	if err := many.Validate(); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("want three faults at once: %v", err)
	}
}

func TestHashFollowsTheContent(t *testing.T) {
	t.Parallel()
	a, b := hospital(), hospital()
	if a.Hash() != b.Hash() || len(a.Hash()) != 16 {
		t.Errorf("equal rules: %s and %s", a.Hash(), b.Hash())
	}
	b.Agents["a01"] = skills("rdv", 7)
	if a.Hash() == b.Hash() {
		t.Error("a level changed and the hash did not")
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	var q routing.Queue
	if q.RingTime() != 15*time.Second || q.Misses() != 2 || q.Unstaffed() != routing.UnstaffedFallback {
		t.Errorf("defaults %s, %d, %s", q.RingTime(), q.Misses(), q.Unstaffed())
	}
}
