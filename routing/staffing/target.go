package staffing

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"
)

// Target is what an interval is to reach. Zero fields ask for nothing.
type Target struct {
	Answered     float64       // least share of callers answered
	ServiceLevel float64       // least share of callers answered within Within
	Within       time.Duration // of the service level
	ASA          time.Duration // longest mean wait of those answered
	MaxOccupancy float64       // highest share of their time that agents spend on callers
}

// Validate names the first field that is wrong.
func (t Target) Validate() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"answer rate", t.Answered}, {"service level", t.ServiceLevel}, {"highest occupancy", t.MaxOccupancy}} {
		if !(f.value >= 0 && f.value < 1) {
			return fmt.Errorf("%s %g is not from 0 to below 1", f.name, f.value)
		}
	}
	switch {
	case t.Within < 0:
		return fmt.Errorf("service level within %s: is negative", t.Within)
	case t.ASA < 0:
		return fmt.Errorf("ASA %s: is negative", t.ASA)
	case t == Target{Within: t.Within}:
		return errors.New("nothing is asked for: an answer rate, a service level, an ASA or an occupancy")
	}
	return nil
}

// Met reports whether the outcome reaches the target.
func (t Target) Met(o Outcome) bool {
	return o.Stable && o.Answered() >= t.Answered && o.ServiceLevel >= t.ServiceLevel &&
		(t.ASA == 0 || o.ASA <= t.ASA) && (t.MaxOccupancy == 0 || o.Occupancy <= t.MaxOccupancy)
}

// Least returns the outcome of the fewest agents that meet the target. None are needed for no callers.
// Every figure improves with each agent, so the number is found by halving.
func Least(m Model, l Load, t Target) (Outcome, error) {
	if err := cmp.Or(l.Validate(), t.Validate()); err != nil {
		return Outcome{}, err
	}
	if l.Rate == 0 {
		return Outcome{Stable: true, ServiceLevel: 1}, nil
	}
	low, high := 0, max(1, int(math.Ceil(l.Erlangs()))) // low does not meet it
	var found Outcome
	for {
		o, err := m(l, min(high, MaxAgents), t.Within)
		if err != nil {
			return Outcome{}, err
		}
		if t.Met(o) {
			found, high = o, o.Agents
			break
		}
		if high >= MaxAgents {
			return Outcome{}, fmt.Errorf("%d agents do not meet the target", MaxAgents)
		}
		low, high = high, 2*high
	}
	for high-low > 1 {
		middle := (low + high) / 2
		o, err := m(l, middle, t.Within)
		if err != nil {
			return Outcome{}, err
		}
		if t.Met(o) {
			found, high = o, middle
		} else {
			low = middle
		}
	}
	return found, nil
}

// Scheduled is how many people must be on the rota for n of them to be at their phones, when this
// share of paid time goes to breaks, training, meetings and absence.
func Scheduled(n int, shrinkage float64) int { return int(math.Ceil(float64(n)/(1-shrinkage) - 1e-9)) }
