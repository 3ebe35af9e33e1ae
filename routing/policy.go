package routing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"accueil/acd"
)

// Policy says which waiting contact of a queue comes first. Whatever it says is expressed in points,
// each worth a minute already waited, and the sum of a contact's points is clamped to 0-acd.MaxPoints:
// no policy lets anybody be overtaken by a contact that arrives ten minutes later or more.
type Policy struct {
	Preset Preset // "" means FairOrder
	// ServiceLevel is the wait within which a contact should be answered: what the preset
	// ServiceLevelFirst aims at; 0 means DefaultServiceLevel.
	ServiceLevel time.Duration
	// Weights replace those of the preset; nil keeps them.
	Weights *Weights
}

// Preset is a policy that a supervisor can say in a sentence.
type Preset string

// The presets.
const (
	// FairOrder: who has waited longest is next. No points but the contact's own.
	FairOrder Preset = "fair"
	// SkillsFirst: an agent takes the contacts that he is the first choice for before the others.
	SkillsFirst Preset = "skills_first"
	// ServiceLevelFirst: who can still be answered within the service level goes before who cannot.
	ServiceLevelFirst Preset = "service_level_first"
)

// Presets lists every preset.
var Presets = []Preset{FairOrder, SkillsFirst, ServiceLevelFirst}

// DefaultServiceLevel is the threshold of a queue that names none.
const DefaultServiceLevel = 20 * time.Second

// Weights are points added to a contact's own before clamping. None is negative.
type Weights struct {
	// Steps are the points of a contact for an agent who takes it through the first step, the second
	// one and so on; steps beyond the list add nothing. They must not rise from one step to the next:
	// an earlier step always comes first.
	Steps []int
	// Ages are points by the age of the contact, oldest last: a band holds until the next one begins.
	Ages []AgeBand
}

// AgeBand gives points to contacts that have reached an age.
type AgeBand struct {
	From   time.Duration // the first band of a list begins at 0
	Points int           // 0 to acd.MaxPoints
}

// MaxAgeBands bounds Weights.Ages: a decision looks at the head of each band.
const MaxAgeBands = 8

// Named returns the preset in force.
func (p Policy) Named() Preset { return cmp.Or(p.Preset, FairOrder) }

// Threshold returns the service level in force.
func (p Policy) Threshold() time.Duration { return cmp.Or(p.ServiceLevel, DefaultServiceLevel) }

// Effective returns the weights in force: the policy's own, else those of its preset.
func (p Policy) Effective() Weights {
	if p.Weights != nil {
		return *p.Weights
	}
	switch p.Named() {
	case SkillsFirst:
		return Weights{Steps: []int{5, 2}}
	case ServiceLevelFirst:
		return Weights{Ages: []AgeBand{{0, 5}, {p.Threshold(), 0}}}
	}
	return Weights{}
}

// step returns the points of an agent who takes a contact through step k, from 0.
func (w *Weights) step(k int) int {
	if k < len(w.Steps) {
		return w.Steps[k]
	}
	return 0
}

// age returns the points of a contact of that age in ms; one ahead of now counts as new.
func (w *Weights) age(ms int64) int {
	points := 0
	for i, b := range w.Ages {
		if i > 0 && ms < b.From.Milliseconds() {
			break
		}
		points = b.Points
	}
	return points
}

// Criterion is one comparison between free agents of a queue.
type Criterion string

// The criteria.
const (
	// LeastSurplus prefers who has least skill to spare, so that specialists stay free.
	LeastSurplus Criterion = "least_surplus"
	// LongestIdle prefers who has been idle longest.
	LongestIdle Criterion = "longest_idle"
	// LeastOccupied prefers the lowest occupancy; see acd.Occupancy.
	LeastOccupied Criterion = "least_occupied"
	// HighestLevel prefers the highest sum of levels in the skills that the step asks for; see
	// Requirement.Level.
	HighestLevel Criterion = "highest_level"
)

// Criteria lists every criterion.
var Criteria = []Criterion{LeastSurplus, LongestIdle, LeastOccupied, HighestLevel}

// DefaultOrder is how agents are compared in a queue that names no order.
var DefaultOrder = []Criterion{LeastSurplus, LongestIdle}

// AgentOrder returns the order in force. Agents who are equal in all of it are taken by id.
func (q Queue) AgentOrder() []Criterion {
	if len(q.Order) == 0 {
		return DefaultOrder
	}
	return q.Order
}

func (p Policy) validate(v *validation, field string) {
	if !slices.Contains(Presets, p.Named()) {
		v.add(field+".preset", "%q is not %s", p.Preset, choice(Presets))
	}
	if p.ServiceLevel < 0 {
		v.add(field+".service_level", "is negative")
	}
	if p.Weights == nil {
		return
	}
	w, field := *p.Weights, field+".weights"
	if len(w.Steps) > MaxSteps {
		v.add(field+".steps", "%d steps, at most %d", len(w.Steps), MaxSteps)
	}
	for i, points := range w.Steps {
		v.points(fmt.Sprintf("%s.steps[%d]", field, i), points)
		if i > 0 && points > w.Steps[i-1] {
			v.add(fmt.Sprintf("%s.steps[%d]", field, i), "more points than the step in front of it: an earlier step always comes first")
		}
	}
	if len(w.Ages) > MaxAgeBands {
		v.add(field+".ages", "%d bands, at most %d", len(w.Ages), MaxAgeBands)
	}
	for i, b := range w.Ages {
		field := fmt.Sprintf("%s.ages[%d]", field, i)
		v.points(field+".points", b.Points)
		switch {
		case i == 0 && b.From != 0:
			v.add(field+".from", "the first band begins at 0s")
		case i > 0 && b.From <= w.Ages[i-1].From:
			v.add(field+".from", "is not after the band in front of it")
		}
	}
}

func validateOrder(v *validation, field string, order []Criterion) {
	for i, c := range order {
		field := fmt.Sprintf("%s[%d]", field, i)
		if !slices.Contains(Criteria, c) {
			v.add(field, "%q is not %s%s", c, choice(Criteria), hint(Closest(string(c), Criteria)))
		}
		if slices.Contains(order[:i], c) {
			v.add(field, "%q is given twice", c)
		}
	}
}

func (v *validation) points(field string, points int) {
	if points < 0 || points > acd.MaxPoints {
		v.add(field, "%d is not from 0 to %d", points, acd.MaxPoints)
	}
}

// choice writes a closed list as "a, b or c".
func choice[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return strings.Join(out[:len(out)-1], ", ") + " or " + out[len(out)-1]
}
