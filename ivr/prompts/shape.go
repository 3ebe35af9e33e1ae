package prompts

import (
	"math"
	"sync"

	"accueil/wording"
)

// Loudness. Speech of a telephone call is held near -20 dBFS; the peak bound leaves room for the
// companding of G.711.
const (
	targetRMS = 0.1   // -20 dBFS, over the parts that sound
	peakLimit = 0.708 // -3 dBFS
	silence   = 0.001 // -60 dBFS: nothing
	maxGain   = 30    // a recording quieter than that is broken
	head      = 0.02  // seconds of silence kept before the first sound
	tail      = 0.08  // and after the last
	window    = 0.02  // seconds over which loudness is measured
)

var errSilent error = wording.Say("the sound is silent")

// prepare makes speech of a recording: it trims silence, sets the loudness and limits peaks.
func prepare(s sound) (sound, error) { return prepareAt(s, targetRMS) }

// prepareAt does so for any loudness.
func prepareAt(s sound, rms float64) (sound, error) {
	s = removeOffset(s)
	step := max(1, int(window*float64(s.rate)))
	first, last := -1, -1
	var loud []float64 // mean squares of windows that sound
	peak := 0.0
	for i := 0; i < len(s.samples); i += step {
		end := min(i+step, len(s.samples))
		sum := 0.0
		for _, v := range s.samples[i:end] {
			sum += v * v
			peak = max(peak, math.Abs(v))
		}
		mean := sum / float64(end-i)
		if mean > silence*silence {
			if first < 0 {
				first = i
			}
			last = end
			loud = append(loud, mean)
		}
	}
	if first < 0 || float64(last-first) < 0.05*float64(s.rate) {
		return sound{}, errSilent
	}
	// Pauses inside speech would pull the measure down; windows 25 dB under the mean do not count.
	mean := average(loud)
	var speech []float64
	for _, m := range loud {
		if m > mean/300 {
			speech = append(speech, m)
		}
	}
	gain := min(rms/math.Sqrt(average(speech)), maxGain)
	from := max(0, first-int(head*float64(s.rate)))
	to := min(len(s.samples), last+int(tail*float64(s.rate)))
	out := sound{s.rate, make([]float64, to-from)}
	for i := range out.samples {
		out.samples[i] = limit(s.samples[from+i] * gain)
	}
	fade(out)
	return out, nil
}

func average(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(max(len(v), 1))
}

func removeOffset(s sound) sound {
	mean := average(s.samples)
	out := sound{s.rate, make([]float64, len(s.samples))}
	for i, v := range s.samples {
		out.samples[i] = v - mean
	}
	return out
}

// limit bends what exceeds half the bound, so that nothing clips.
func limit(v float64) float64 {
	const knee = peakLimit / 2
	if a := math.Abs(v); a > knee {
		return math.Copysign(knee+(peakLimit-knee)*math.Tanh((a-knee)/(peakLimit-knee)), v)
	}
	return v
}

// fade takes the click off both ends, 5 ms.
func fade(s sound) {
	n := min(s.rate/200, len(s.samples)/2)
	for i := range n {
		g := float64(i) / float64(n)
		s.samples[i] *= g
		s.samples[len(s.samples)-1-i] *= g
	}
}

// resample converts to another rate with a windowed-sinc low-pass (Kaiser, about 80 dB), so that
// nothing above the new half rate folds back as a hiss.
func resample(s sound, rate int) sound {
	if s.rate == rate || len(s.samples) == 0 {
		return sound{rate, s.samples}
	}
	g := gcd(s.rate, rate)
	up, down := rate/g, s.rate/g
	if up > 4096 { // an odd rate: the nearest of 4096 phases is inaudible
		up = 4096
		down = int(math.Round(float64(s.rate) * 4096 / float64(rate)))
	}
	phases, half := kernel(s.rate, rate, up)
	n := len(s.samples) * up / down
	out := sound{rate, make([]float64, n)}
	for i := range out.samples {
		at := i * down
		base, taps := at/up-half+1, phases[at%up]
		from, to := max(0, -base), min(len(taps), len(s.samples)-base)
		around := s.samples[base+from : base+to]
		sum := 0.0
		for k, tap := range taps[from:to] {
			sum += tap * around[k]
		}
		out.samples[i] = sum
	}
	return out
}

// kernels keeps the taps of each pair of rates: making them costs more than using them on a word.
var kernels sync.Map // [3]int{from, to, up} → [][]float64

// kernel returns the low-pass for each of up phases, and half its length in samples.
func kernel(from, to, up int) (phases [][]float64, half int) {
	const crossings, beta, rolloff = 16, 8.0, 0.92
	cutoff := min(1, float64(to)/float64(from)) * rolloff
	half = int(math.Ceil(crossings / cutoff))
	if known, ok := kernels.Load([3]int{from, to, up}); ok {
		return known.([][]float64), half
	}
	phases = make([][]float64, up)
	for p := range phases {
		taps := make([]float64, 2*half)
		sum := 0.0
		for k := range taps {
			t := float64(k-half+1) - float64(p)/float64(up)
			taps[k] = sinc(t*cutoff) * cutoff * kaiser(t/float64(half), beta)
			sum += taps[k]
		}
		for k := range taps {
			taps[k] /= sum
		}
		phases[p] = taps
	}
	// Recordings come in a handful of rates; an odd one is not worth keeping.
	if up <= 640 {
		kernels.Store([3]int{from, to, up}, phases)
	}
	return phases, half
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

func kaiser(x, beta float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return bessel0(beta*math.Sqrt(1-x*x)) / bessel0(beta)
}

// bessel0 is the modified Bessel function of order zero.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
