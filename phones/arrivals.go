package phones

import (
	"math/rand/v2"
	"time"
)

// A Curve is how many calls reach the switchboard at what time of the day.
type Curve struct {
	hours [24]float64 // calls in each hour
}

// mondayMorning is the share of a Monday's calls in each hour: the weekend's
// questions all arrive between 8 and 11, the afternoon has a lower second hill.
var mondayMorning = [24]float64{
	0: 0.2, 1: 0.1, 2: 0.1, 3: 0.1, 4: 0.2, 5: 0.4, 6: 0.9, 7: 3.2,
	8: 13.5, 9: 16.3, 10: 14.1, 11: 10.6, 12: 4.9, 13: 6.1, 14: 10.2, 15: 8.3,
	16: 6.0, 17: 2.5, 18: 1.0, 19: 0.5, 20: 0.3, 21: 0.2, 22: 0.2, 23: 0.1,
}

// Monday is the curve of a Monday with so many calls in 24 hours.
func Monday(calls float64) Curve {
	var sum float64
	for _, share := range mondayMorning {
		sum += share
	}
	var c Curve
	for h, share := range mondayMorning {
		c.hours[h] = calls * share / sum
	}
	return c
}

// Flat is a curve with the same number of calls in every hour.
func Flat(callsPerHour float64) Curve {
	var c Curve
	for h := range c.hours {
		c.hours[h] = callsPerHour
	}
	return c
}

const day = 24 * time.Hour

// Rate is the number of calls an hour at a time of day, between the middles of
// the hours in a straight line. Times outside a day wrap.
func (c Curve) Rate(timeOfDay time.Duration) float64 {
	at := (timeOfDay%day + day) % day
	position := float64(at-30*time.Minute) / float64(time.Hour)
	if position < 0 {
		position += 24
	}
	hour := int(position)
	part := position - float64(hour)
	return c.hours[hour%24]*(1-part) + c.hours[(hour+1)%24]*part
}

// Next draws the time of the first call after the given one: a Poisson process
// whose rate follows the curve (by thinning). ok is false when none falls
// within the next 24 hours.
func (c Curve) Next(after time.Duration, rnd *rand.Rand) (at time.Duration, ok bool) {
	var peak float64
	for _, rate := range c.hours {
		peak = max(peak, rate)
	}
	if peak <= 0 {
		return 0, false
	}
	for at = after; at < after+day; {
		at += time.Duration(rnd.ExpFloat64() / peak * float64(time.Hour))
		if rnd.Float64()*peak < c.Rate(at) {
			return at, at < after+day
		}
	}
	return 0, false
}
