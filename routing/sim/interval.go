package sim

import "math"

// Interval is an estimate with the half width of its 95 % confidence interval.
type Interval struct {
	Mean float64
	Half float64 // NaN from fewer than two observations
	N    int     // observations
}

// Low and High are the ends of the interval.
func (i Interval) Low() float64 { return i.Mean - i.Half }

// High is the upper end.
func (i Interval) High() float64 { return i.Mean + i.Half }

// Estimate is the mean of independent observations, with Student's interval.
func Estimate(values []float64) Interval {
	n := float64(len(values))
	var sum float64
	for _, v := range values {
		sum += v
	}
	mean := sum / n
	var squares float64
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return Interval{Mean: mean, Half: half(squares, len(values)), N: len(values)}
}

// Ratio is the ratio of two means over independent observations (numerators and denominators of the
// same day, say), with the interval of the delta method. It is what a share over many days tends to,
// which the mean of the days' shares is not.
func Ratio(nums, dens []float64) Interval { return Estimate(linear(nums, dens)) }

// Difference is the mean of b - a, observed in pairs.
func Difference(a, b []float64) Interval {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = b[i] - a[i]
	}
	return Estimate(d)
}

// RatioDifference is the ratio of b less that of a, observed in pairs.
func RatioDifference(numsA, densA, numsB, densB []float64) Interval {
	return Difference(linear(numsA, densA), linear(numsB, densB))
}

// linear gives values of which the mean is the ratio of the sums and the spread that of the ratio, to
// the first order.
func linear(nums, dens []float64) []float64 {
	var num, den float64
	for i := range nums {
		num += nums[i]
		den += dens[i]
	}
	r, mean := num/den, den/float64(len(dens))
	out := make([]float64, len(nums))
	for i := range nums {
		out[i] = r + (nums[i]-r*dens[i])/mean
	}
	return out
}

// half is half the width of the interval of a mean, from the squared deviations.
func half(squares float64, n int) float64 {
	if n < 2 {
		return math.NaN()
	}
	return student(n-1) * math.Sqrt(squares/float64(n-1)/float64(n))
}

// student is the 97.5 % quantile of Student's distribution: exact where its series is poor, by the
// Cornish-Fisher expansion from there on (to four digits).
func student(freedom int) float64 {
	exact := [...]float64{12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622}
	if freedom <= len(exact) {
		return exact[freedom-1]
	}
	const z = 1.959964
	n := float64(freedom)
	z3, z5, z7 := z*z*z, z*z*z*z*z, z*z*z*z*z*z*z
	return z + (z3+z)/(4*n) + (5*z5+16*z3+3*z)/(96*n*n) + (3*z7+19*z5+17*z3-15*z)/(384*n*n*n)
}
