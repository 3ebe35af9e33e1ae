package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Stream returns the source of chance of that name under a seed. Each use has a stream of its own (the
// arrivals of a reason, its patience, …): what is drawn for one never shifts what is drawn for another,
// so that two plans that differ in one thing meet the same chance in all others. Seed and name are
// hashed, because seeds are taken one after the other and their runs count as independent: streams of a
// simple generator that begin beside each other need not be.
func Stream(seed uint64, name string) *rand.Rand {
	key := binary.LittleEndian.AppendUint64(nil, seed)
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(key, name...))))
}

// Shape is the family of a distribution.
type Shape string

// The families.
const (
	Constant    Shape = "constant"
	Exponential Shape = "exponential"
	Lognormal   Shape = "lognormal"
	Gamma       Shape = "gamma"
	Empirical   Shape = "empirical"
)

// Dist is a distribution of positive durations. The zero value gives zero always.
type Dist struct {
	Shape Shape
	Mean  time.Duration
	SD    time.Duration // of lognormal and gamma
	// Values are what was seen, for empirical: each is drawn as often as it stands there.
	Values []time.Duration
}

// Validate says what is wrong with the distribution.
func (d Dist) Validate() error {
	switch d.Shape {
	case "":
		return nil
	case Constant:
		if d.Mean < 0 {
			return errors.New("is negative")
		}
		return nil
	case Empirical:
		if len(d.Values) == 0 {
			return errors.New("needs at least one value")
		}
		if slices.ContainsFunc(d.Values, func(v time.Duration) bool { return v < 0 }) {
			return errors.New("a value is negative")
		}
		return nil
	case Exponential, Lognormal, Gamma:
	default:
		return fmt.Errorf("%q is not %s, %s, %s, %s or %s", d.Shape, Constant, Exponential, Lognormal, Gamma, Empirical)
	}
	if d.Mean <= 0 {
		return errors.New("the mean must be more than 0")
	}
	if d.Shape != Exponential && d.SD <= 0 {
		return errors.New("the standard deviation (sd) must be more than 0")
	}
	return nil
}

// Expected is the mean.
func (d Dist) Expected() time.Duration {
	if d.Shape != Empirical {
		return d.Mean
	}
	var sum time.Duration
	for _, v := range d.Values {
		sum += v
	}
	return sum / time.Duration(max(len(d.Values), 1))
}

// Draw gives one value.
func (d Dist) Draw(r *rand.Rand) time.Duration {
	switch d.Shape {
	case Constant:
		return d.Mean
	case Exponential:
		return scaled(d.Mean, r.ExpFloat64())
	case Lognormal:
		cv := float64(d.SD) / float64(d.Mean)
		sigma2 := math.Log1p(cv * cv)
		return scaled(d.Mean, math.Exp(math.Sqrt(sigma2)*r.NormFloat64()-sigma2/2))
	case Gamma:
		cv := float64(d.SD) / float64(d.Mean)
		shape := 1 / (cv * cv)
		return scaled(d.Mean, gamma(r, shape)/shape)
	case Empirical:
		return d.Values[r.IntN(len(d.Values))]
	}
	return 0
}

// scaled is d times f, within what a duration holds.
func scaled(d time.Duration, f float64) time.Duration {
	return time.Duration(min(float64(d)*f, float64(longest)))
}

// longest is more than anybody waits or talks, and far below what an instant holds.
const longest = 365 * 24 * time.Hour

// gamma draws from the gamma distribution of this shape and scale 1 by the method of Marsaglia and Tsang
// (ACM Transactions on Mathematical Software 26, 2000): a cube of a normal value, refused now and then.
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(1-r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
