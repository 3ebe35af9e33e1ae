package phones

import (
	"math"
	"sync"
)

// toneAmplitude is a quarter of full scale: loud enough that two tones mixed
// in a conference stay far above silence, and their sum does not clip.
const toneAmplitude = 8000

// ToneFor gives the nth of 50 frequencies in hertz (400, 460 … 3340; then the
// first again) that one 20 ms frame tells apart: at 60 Hz of distance a
// neighbour leaks 2 % of its energy.
func ToneFor(n int) float64 { return float64(400 + 60*(n%50)) }

// A loop is audio already encoded, played in circles. One second long for a
// tone, so that any whole frequency closes without a click.
type loop []byte

type loopKey struct {
	codec Codec
	hertz int
}

var loops sync.Map // loopKey → loop; bounded by the frequencies in use

// toneLoop returns one second of a sine; 0 hertz is silence. The frequency is
// rounded to a whole hertz.
func toneLoop(c Codec, hertz float64) loop {
	key := loopKey{c, int(math.Round(hertz))}
	if l, ok := loops.Load(key); ok {
		return l.(loop)
	}
	l := make(loop, sampleRate)
	for i := range l {
		s := toneAmplitude * math.Sin(2*math.Pi*float64(key.hertz)*float64(i)/sampleRate)
		l[i] = c.encode(int16(s))
	}
	stored, _ := loops.LoadOrStore(key, l)
	return stored.(loop)
}

// rms is the root mean square of the samples, 0 to 32768.
func rms(samples []int16) float64 {
	if len(samples) == 0 {
		return 0
	}
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(len(samples)))
}

// toneShare is the part of the samples' energy, 0 to 1, that lies at the
// frequency in hertz (Goertzel): 1 for that sine alone, about a half in an even
// mix of two.
func toneShare(samples []int16, hertz float64) float64 {
	if len(samples) == 0 {
		return 0
	}
	coefficient := 2 * math.Cos(2*math.Pi*hertz/sampleRate)
	var s1, s2, energy float64
	for _, v := range samples {
		x := float64(v)
		s1, s2 = x+coefficient*s1-s2, s1
		energy += x * x
	}
	if energy == 0 {
		return 0
	}
	power := s1*s1 + s2*s2 - coefficient*s1*s2
	return min(1, 2*power/(float64(len(samples))*energy))
}
