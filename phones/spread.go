package phones

import (
	"math"
	"math/rand/v2"
	"time"
)

// A Spread is how a duration varies between people: log-normal around its
// median, as times of service and of patience are, cut to [Min, Max]. The zero
// value is no time at all.
type Spread struct {
	Median time.Duration
	Sigma  float64       // of the logarithm; 0 is always the median, 0.5 puts two thirds within a factor of 1.65
	Min    time.Duration //
	Max    time.Duration // 0 is without bound
}

// Draw takes one value. It takes the same number of values from the source
// whatever the parameters, so that a seed gives the same people.
func (s Spread) Draw(rnd *rand.Rand) time.Duration {
	d := time.Duration(float64(s.Median) * math.Exp(s.Sigma*rnd.NormFloat64()))
	if s.Max > 0 {
		d = min(d, s.Max)
	}
	return max(d, s.Min, 0)
}

// Scaled is the same spread with every duration multiplied.
func (s Spread) Scaled(factor float64) Spread {
	scale := func(d time.Duration) time.Duration { return time.Duration(float64(d) * factor) }
	return Spread{scale(s.Median), s.Sigma, scale(s.Min), scale(s.Max)}
}
