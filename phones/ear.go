package phones

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// energyFloor is the RMS from which a frame counts as sound: −54 dBFS,
	// above comfort noise and A-law's smallest sample (8), below quiet music.
	energyFloor = 65

	// toneFloor is the share of a frame's energy that makes a tone heard, low
	// enough for three tones mixed in a conference; toneFrames is how many such
	// frames in a row count. Measured on 700 s of recorded and synthetic speech
	// and the 50 frequencies of ToneFor: one false alarm in 25 minutes of all
	// fifty together (0.2 and 5 frames: one in 3 s).
	toneFloor  = 0.3
	toneFrames = 8

	// A voice is a tone alone, and longer: speech and music never are.
	voiceFloor  = 0.6
	voiceFrames = 15

	energyFrames = 3 // consecutive frames with energy that are sound: a click is none
)

var errCallOver = errors.New("the call is over")

// An Ear measures what one call hears. All methods may be used at any time and
// from any goroutine; a Wait method looks at what arrives from its call on, and
// fails when its context or the call ends first.
type Ear struct {
	mu      sync.Mutex // guards all below
	over    chan struct{}
	closed  bool
	since   time.Time // of the figures: creation, or the last Reset
	figures Hearing
	quiet   int // consecutive frames without energy
	waiters map[*waiter]struct{}
	keys    []Key
	lastKey uint32 // RTP timestamp that identifies the last key counted
	keyed   bool
	tape    *tape
	samples [frameSamples]int16
}

// Hearing is what an ear measured since the call began or since Reset. Instants
// are zero when the thing never happened.
type Hearing struct {
	Packets     int           // RTP audio packets
	Sounding    int           // of them, with energy
	FirstRTP    time.Time     // arrival of the first packet
	LastRTP     time.Time     //
	FirstEnergy time.Time     // arrival of the first packet with energy
	LastEnergy  time.Time     //
	Level       float64       // RMS of the last packet, 0 to 32768
	LongestGap  time.Duration // longest time without any packet, from the first one on, the present one included

	// LongestSilence is the longest run of packets without energy: the line is
	// open and nothing is on it.
	LongestSilence time.Duration

	// LongestNothing is the longest time without sound for whatever reason,
	// from the start of the measurement on, the present moment included: what a
	// patient would call silence.
	LongestNothing time.Duration
}

// A waiter is asked at every packet (samples of that packet) and every 20 ms
// (samples nil) until it says true.
type waiter struct {
	check func(now time.Time, samples []int16, level float64) bool
	met   chan struct{}
}

func newEar() *Ear {
	return &Ear{over: make(chan struct{}), since: time.Now(), waiters: map[*waiter]struct{}{}}
}

func (e *Ear) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed = true
		close(e.over)
	}
}

// audio takes one packet of the given codec; longer ones are cut into frames.
func (e *Ear) audio(now time.Time, c Codec, payload []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(payload) > 0 {
		n := min(len(payload), frameSamples)
		samples := e.samples[:n]
		for i, b := range payload[:n] {
			samples[i] = c.decode(b)
		}
		payload = payload[n:]
		e.frame(now, samples)
	}
}

func (e *Ear) frame(now time.Time, samples []int16) {
	level := rms(samples)
	f := &e.figures
	if f.Packets > 0 {
		f.LongestGap = max(f.LongestGap, now.Sub(f.LastRTP))
	} else {
		f.FirstRTP = now
	}
	f.Packets++
	f.LastRTP, f.Level = now, level
	if level >= energyFloor {
		f.LongestNothing = max(f.LongestNothing, now.Sub(e.lastSound()))
		if f.Sounding == 0 {
			f.FirstEnergy = now
		}
		f.Sounding++
		f.LastEnergy = now
		e.quiet = 0
	} else {
		e.quiet++
		f.LongestSilence = max(f.LongestSilence, time.Duration(e.quiet)*frame)
	}
	if e.tape != nil {
		e.tape.add(now, samples)
	}
	e.ask(now, samples, level)
}

func (e *Ear) tick(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ask(now, nil, 0)
}

func (e *Ear) ask(now time.Time, samples []int16, level float64) {
	for w := range e.waiters {
		if w.check(now, samples, level) {
			close(w.met)
			delete(e.waiters, w)
		}
	}
}

func (e *Ear) lastSound() time.Time {
	if e.figures.LastEnergy.IsZero() {
		return e.since
	}
	return e.figures.LastEnergy
}

// key takes one RFC 4733 packet. A key is counted at its first end packet;
// repeats carry the same RTP timestamp.
func (e *Ear) key(now time.Time, timestamp uint32, payload []byte) {
	k, ok := parseKey(payload)
	if !ok {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.keyed && e.lastKey == timestamp {
		return
	}
	e.keyed, e.lastKey = true, timestamp
	k.At = now
	e.keys = append(e.keys, k)
	e.ask(now, nil, 0)
}

// count takes a key that came another way.
func (e *Ear) count(k Key) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.keys = append(e.keys, k)
	e.ask(k.At, nil, 0)
}

// Hearing returns the figures up to this moment.
func (e *Ear) Hearing() Hearing {
	e.mu.Lock()
	defer e.mu.Unlock()
	f, now := e.figures, time.Now()
	if e.closed {
		return f
	}
	if f.Packets > 0 {
		f.LongestGap = max(f.LongestGap, now.Sub(f.LastRTP))
	}
	f.LongestNothing = max(f.LongestNothing, now.Sub(e.lastSound()))
	return f
}

// Reset starts the figures again, to measure one phase of a call. Keys heard
// and a recording are kept.
func (e *Ear) Reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.figures, e.quiet, e.since = Hearing{}, 0, time.Now()
}

// Keys returns the keys heard so far, in order.
func (e *Ear) Keys() []Key {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Key(nil), e.keys...)
}

// wait registers the check, runs until it is met, and says what was waited for
// in its error.
func (e *Ear) wait(ctx context.Context, what string, check func(time.Time, []int16, float64) bool) error {
	w := &waiter{check: check, met: make(chan struct{})}
	e.mu.Lock()
	e.waiters[w] = struct{}{}
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		delete(e.waiters, w)
		e.mu.Unlock()
	}()
	select {
	case <-w.met:
		return nil
	case <-e.over:
		return fmt.Errorf("wait for %s: %w", what, errCallOver)
	case <-ctx.Done():
		return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
	}
}

// WaitEnergy waits for 60 ms of sound, whatever it is.
func (e *Ear) WaitEnergy(ctx context.Context) error {
	run := 0
	return e.wait(ctx, "sound", func(_ time.Time, samples []int16, level float64) bool {
		if samples == nil {
			return false
		}
		if run++; level < energyFloor {
			run = 0
		}
		return run >= energyFrames
	})
}

// WaitLoud waits for 60 ms of sound of at least the RMS level: speech at 1500, since the music and the
// soft sounds under which a patient waits are quieter.
func (e *Ear) WaitLoud(ctx context.Context, least float64) error {
	run := 0
	return e.wait(ctx, "loud sound", func(_ time.Time, samples []int16, level float64) bool {
		if samples == nil {
			return false
		}
		if run++; level < least {
			run = 0
		}
		return run >= energyFrames
	})
}

// WaitSilence waits until nothing was heard for the duration, be it packets
// without energy or no packets.
func (e *Ear) WaitSilence(ctx context.Context, d time.Duration) error {
	return e.WaitSofter(ctx, energyFloor, d)
}

// WaitSofter waits until nothing of the RMS level was heard for the duration: speech is over, what is
// heard behind it may go on.
func (e *Ear) WaitSofter(ctx context.Context, than float64, d time.Duration) error {
	last := time.Now()
	return e.wait(ctx, "softer sound", func(now time.Time, samples []int16, level float64) bool {
		if samples != nil && level >= than {
			last = now
		}
		return now.Sub(last) >= d
	})
}

// WaitRTP waits for the next audio packet, silent or not.
func (e *Ear) WaitRTP(ctx context.Context) error {
	return e.wait(ctx, "audio packets", func(_ time.Time, samples []int16, _ float64) bool {
		return samples != nil
	})
}

// WaitNoRTP waits until no audio packet arrived for the duration.
func (e *Ear) WaitNoRTP(ctx context.Context, d time.Duration) error {
	last := time.Now()
	return e.wait(ctx, "the end of audio packets", func(now time.Time, samples []int16, _ float64) bool {
		if samples != nil {
			last = now
		}
		return now.Sub(last) >= d
	})
}

// WaitTone waits for 160 ms of the frequency in hertz, alone or mixed with two
// others. A beep must be at least that long.
func (e *Ear) WaitTone(ctx context.Context, hertz float64) error {
	run := 0
	return e.wait(ctx, fmt.Sprintf("a tone of %.0f Hz", hertz), func(_ time.Time, samples []int16, level float64) bool {
		if samples == nil {
			return false
		}
		if run++; !hasTone(samples, level, hertz) {
			run = 0
		}
		return run >= toneFrames
	})
}

// WaitVoice waits for 300 ms of one of the frequencies and nothing else, and
// returns which: how simulated people know that a person speaks, and who.
func (e *Ear) WaitVoice(ctx context.Context, voices ...float64) (float64, error) {
	runs := make([]int, len(voices))
	var heard float64
	err := e.wait(ctx, "a voice", func(_ time.Time, samples []int16, level float64) bool {
		if samples == nil {
			return false
		}
		for i, hertz := range voices {
			if level < energyFloor || toneShare(samples, hertz) < voiceFloor {
				runs[i] = 0
				continue
			}
			if runs[i]++; runs[i] >= voiceFrames {
				heard = hertz
				return true
			}
		}
		return false
	})
	return heard, err // written before the check said true, read after
}

// WaitNoTone waits until the frequency was absent for the duration.
func (e *Ear) WaitNoTone(ctx context.Context, hertz float64, d time.Duration) error {
	last := time.Now()
	return e.wait(ctx, fmt.Sprintf("the end of a tone of %.0f Hz", hertz), func(now time.Time, samples []int16, level float64) bool {
		if samples != nil && hasTone(samples, level, hertz) {
			last = now
		}
		return now.Sub(last) >= d
	})
}

// WaitKeys waits until n keys were heard since the call began and returns them.
func (e *Ear) WaitKeys(ctx context.Context, n int) (string, error) {
	err := e.wait(ctx, fmt.Sprintf("%d keys", n), func(time.Time, []int16, float64) bool {
		return len(e.keys) >= n // the check runs under e.mu
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	heard := make([]rune, len(e.keys))
	for i, k := range e.keys {
		heard[i] = k.Key
	}
	return string(heard), err
}

func hasTone(samples []int16, level, hertz float64) bool {
	return level >= energyFloor && toneShare(samples, hertz) >= toneFloor
}

// A ToneWatch counts how long a frequency was heard, without anyone waiting.
type ToneWatch struct {
	ear    *Ear
	frames int       // guarded by ear.mu
	first  time.Time //
	last   time.Time //
	run    int       // consecutive frames, until sure
	began  time.Time // of the run
	sure   bool      // the run was long enough
}

// Watch counts the frequency from now until the call ends.
func (e *Ear) Watch(hertz float64) *ToneWatch { return e.watch(hertz, toneFloor, toneFrames) }

// WatchVoice is Watch for a tone alone, as WaitVoice hears it: a long synthetic word is none.
func (e *Ear) WatchVoice(hertz float64) *ToneWatch { return e.watch(hertz, voiceFloor, voiceFrames) }

// watch counts frames in which the frequency has that share, and is sure of it after as many in a row.
func (e *Ear) watch(hertz, share float64, frames int) *ToneWatch {
	t := &ToneWatch{ear: e}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.waiters[&waiter{check: func(now time.Time, samples []int16, level float64) bool {
		if samples == nil {
			return false
		}
		if level < energyFloor || toneShare(samples, hertz) < share {
			if !t.sure {
				t.run = 0
			}
			return false
		}
		if t.frames == 0 {
			t.first = now
		}
		t.frames++
		t.last = now
		if !t.sure {
			if t.run == 0 {
				t.began = now
			}
			t.run++
			t.sure = t.run >= frames
		}
		return false
	}}] = struct{}{}
	return t
}

// Heard is the total time the frequency was there, with the first and last
// instant. Music and speech touch any frequency for single frames: ask for
// 160 ms and more.
func (t *ToneWatch) Heard() (total time.Duration, first, last time.Time) {
	t.ear.mu.Lock()
	defer t.ear.mu.Unlock()
	return time.Duration(t.frames) * frame, t.first, t.last
}

// Began is when the frequency was first there for 160 ms on end (of a voice 300), which music and speech
// hardly are; zero when it never was.
func (t *ToneWatch) Began() time.Time {
	t.ear.mu.Lock()
	defer t.ear.mu.Unlock()
	if !t.sure {
		return time.Time{}
	}
	return t.began
}
