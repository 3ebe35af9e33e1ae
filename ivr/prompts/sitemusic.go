package prompts

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"accueil/diag"
	"accueil/wording"
)

// musicHole is the longest quiet passage of music: a caller who hears nothing for longer believes that
// the line is lost (DESIGN §7.2).
const musicHole = 2 * time.Second

// WriteSiteMusic makes the site's own music ready for Asterisk: every WAV file of the folder from, in the
// order of their names, without silence at its ends, as loud as the built-in music, in the rates and the
// codec that calls have. What is in to and not of this music is removed. Findings say what is not
// played; one that is an error, that nothing would be.
func WriteSiteMusic(from, to string) (diag.Findings, error) {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, fmt.Errorf("write music: %w", err)
	}
	var failed error
	written := map[string]bool{}
	findings := eachMusic(from, func(n int, s sound) {
		stem := filepath.Join(to, fmt.Sprintf("%03d", n))
		failed = errors.Join(failed, writeBoth(stem, s), writeAtomic(stem+".alaw", encodeALaw(resample(s, narrow))))
		written[filepath.Base(stem)] = true
	})
	if failed != nil || findings.Failed() {
		return findings, failed
	}
	old, err := os.ReadDir(to)
	if err != nil {
		return findings, fmt.Errorf("write music: %w", err)
	}
	for _, e := range old {
		if stem, _, _ := strings.Cut(e.Name(), "."); !written[stem] {
			failed = errors.Join(failed, os.Remove(filepath.Join(to, e.Name())))
		}
	}
	return findings, failed
}

// CheckMusic says what of the site's own music would not be played.
func CheckMusic(dir string) diag.Findings { return eachMusic(dir, func(int, sound) {}) }

// eachMusic hands over each file that can be played, numbered from 1: one at a time, since they are long.
func eachMusic(dir string, do func(n int, s sound)) (findings diag.Findings) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return diag.Findings{{File: dir, Message: wording.Say("the folder of music cannot be read"), Suggestion: wording.Say("name a folder of WAV files in music:, or leave it out for the built-in music")}}
	}
	tell := func(file string, suggestion, message *wording.Text) {
		findings = append(findings, diag.Finding{File: filepath.Join(dir, file), Message: message, Suggestion: suggestion, Severity: diag.Warning})
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	n := 0
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, "."):
			continue
		case !strings.HasSuffix(strings.ToLower(name), ".wav"):
			tell(name, wording.Say("convert it to WAV"), wording.Say("only WAV files are played while callers wait"))
			continue
		}
		s, err := musicOf(filepath.Join(dir, name))
		if err != nil {
			tell(name, wording.Say("save it as WAV, 16 bit, three minutes at most"), wording.Say("this music is not played: %s", err))
			continue
		}
		if at, long := hole(s); long > musicHole {
			tell(name, wording.Say("cut the silence out"), wording.Say("the music is silent for %.1f s from %s on: callers believe that the line is lost", long.Seconds(), at.Round(time.Second)))
		}
		n++
		do(n, s)
	}
	if n == 0 {
		findings = append(findings, diag.Finding{File: dir, Message: wording.Say("no file in the folder of music can be played: who waits would hear nothing"),
			Suggestion: wording.Say("put WAV files there, or leave music: out for the built-in music")})
	}
	return findings
}

func musicOf(file string) (sound, error) {
	content, err := readBounded(file)
	if err != nil {
		return sound{}, err
	}
	s, err := parseWAV(content)
	if err != nil {
		return sound{}, err
	}
	return prepareAt(s, musicRMS)
}

// hole is the longest passage below what a telephone lets one hear, -54 dBFS.
func hole(s sound) (at, long time.Duration) {
	const audible = 0.002
	step := max(1, int(window*float64(s.rate)))
	begin := 0
	for i := 0; i < len(s.samples); i += step {
		end := min(i+step, len(s.samples))
		sum := 0.0
		for _, v := range s.samples[i:end] {
			sum += v * v
		}
		if math.Sqrt(sum/float64(end-i)) >= audible {
			begin = end
		} else if d := time.Duration(end-begin) * time.Second / time.Duration(s.rate); d > long {
			at, long = time.Duration(begin)*time.Second/time.Duration(s.rate), d
		}
	}
	return at, long
}
