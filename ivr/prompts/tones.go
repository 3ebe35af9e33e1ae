package prompts

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// Levels, relative to speech at -20 dBFS: music must not tire, and the soft sound that follows each
// prompt only says that the line is alive.
const (
	musicRMS = 0.035 // -29 dBFS
	softRMS  = 0.018 // -35 dBFS
	toneRate = 16000
)

// WriteMusic writes what waiting callers hear into dir, one folder for each class of musiconhold:
// waiting/ (gentle music, 48 s) and soft/ (the sound that follows prompts, 4 s). Both go round
// without a seam. They are computed, so there is no licence to pay or to name. They exist in A-law too,
// the codec of most calls: music goes to many callers for long, and is then not encoded for each of them.
func WriteMusic(dir string) error {
	for name, s := range map[string]sound{"waiting": music(), "soft": soft()} {
		folder := filepath.Join(dir, name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("write music: %w", err)
		}
		stem := filepath.Join(folder, name)
		if err := writeBoth(stem, s); err != nil {
			return fmt.Errorf("write music: %w", err)
		}
		if err := writeAtomic(stem+".alaw", encodeALaw(resample(s, narrow))); err != nil {
			return fmt.Errorf("write music: %w", err)
		}
	}
	return nil
}

// beep tells an agent that a caller follows: two short notes, rising.
func beep() sound {
	s := silent(0.28)
	strike(s, 0, 660, 0.16, 0.12)
	strike(s, 0.11, 880, 0.2, 0.12)
	return scale(s, 0.07)
}

// soft is a slow breath of a fifth. All parts have whole periods in 4 s, so the end meets the start.
func soft() sound {
	s := silent(4)
	for i := range s.samples {
		t := float64(i) / toneRate
		breath := 0.55 - 0.45*math.Cos(2*math.Pi*t/4)
		s.samples[i] = breath * (math.Sin(2*math.Pi*220*t) + 0.6*math.Sin(2*math.Pi*330*t) + 0.2*math.Sin(2*math.Pi*440*t))
	}
	return scale(s, softRMS)
}

// music is an unhurried sequence of broken chords, like a music box. Notes that ring past the end
// ring on at the beginning.
func music() sound {
	// Frequencies of the chords' notes in equal temperament, as semitones from A3 (220 Hz).
	chords := [][]int{
		{3, 7, 10, 14}, // C
		{0, 3, 7, 12},  // A minor
		{-4, 0, 3, 8},  // F
		{-2, 2, 5, 10}, // G
		{3, 7, 12, 15}, // C
		{-5, -1, 2, 7}, // E minor
		{-4, 0, 5, 8},  // F
		{-2, 2, 7, 10}, // G
		{0, 3, 7, 12},  // A minor
		{-4, 0, 3, 8},  // F
		{-7, -4, 0, 5}, // D minor
		{-2, 2, 5, 10}, // G
	}
	order := []int{0, 2, 1, 3, 2, 1} // one note each 2/3 s, six to a chord of 4 s
	s := silent(4 * float64(len(chords)))
	for c, chord := range chords {
		start := 4 * float64(c)
		strike(s, start, pitch(chord[0]-12), 1, 2.2)
		for i, k := range order {
			strike(s, start+float64(i)*4/6, pitch(chord[k]), 0.55, 1.4)
		}
	}
	return scale(s, musicRMS)
}

func pitch(semitones int) float64 { return 220 * math.Pow(2, float64(semitones)/12) }

// strike adds a note that begins at start (s) and dies away in decay (s) by a factor e, going round
// the end.
func strike(s sound, start, hertz, level, decay float64) {
	first, length := int(start*toneRate), min(int(5*decay*toneRate), len(s.samples))
	for i := range length {
		t := float64(i) / toneRate
		attack := min(1, t/0.012)
		tone := math.Sin(2*math.Pi*hertz*t) + 0.25*math.Sin(4*math.Pi*hertz*t)*math.Exp(-t/0.3) + 0.08*math.Sin(6*math.Pi*hertz*t)*math.Exp(-t/0.15)
		s.samples[(first+i)%len(s.samples)] += level * attack * math.Exp(-t/decay) * tone
	}
}

func silent(seconds float64) sound {
	return sound{toneRate, make([]float64, int(seconds*toneRate))}
}

func scale(s sound, rms float64) sound {
	sum := 0.0
	for _, v := range s.samples {
		sum += v * v
	}
	gain := rms / math.Sqrt(sum/float64(len(s.samples)))
	for i := range s.samples {
		s.samples[i] = limit(s.samples[i] * gain)
	}
	return s
}
