package phones

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// tapeLimit bounds a recording to ten minutes (9.6 MB).
const tapeLimit = 10 * 60 * sampleRate

// A tape keeps what an ear heard, in place on the time line: a gap in the
// packets is written as silence.
type tape struct {
	started time.Time
	samples []int16
}

func (t *tape) add(now time.Time, samples []int16) {
	// Packets jitter by a few milliseconds; only a hole of three frames or more is one.
	due := int(now.Sub(t.started).Seconds() * sampleRate)
	if hole := due - len(t.samples); hole > 3*frameSamples {
		t.samples = append(t.samples, make([]int16, min(hole, max(0, tapeLimit-len(t.samples))))...)
	}
	if len(t.samples)+len(samples) <= tapeLimit {
		t.samples = append(t.samples, samples...)
	}
}

// Record keeps what is heard from now on, for ten minutes at most.
func (e *Ear) Record() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tape = &tape{started: time.Now()}
}

// WriteWAV writes the recording as 16-bit mono at 8 kHz. It may be called
// during the call and after it.
func (e *Ear) WriteWAV(w io.Writer) error {
	e.mu.Lock()
	var samples []int16
	if e.tape != nil {
		samples = append(samples, e.tape.samples...)
	}
	e.mu.Unlock()
	size := uint32(2 * len(samples))
	header := make([]byte, 0, 44)
	header = append(header, "RIFF"...)
	header = binary.LittleEndian.AppendUint32(header, 36+size)
	header = append(header, "WAVEfmt "...)
	header = binary.LittleEndian.AppendUint32(header, 16)
	header = binary.LittleEndian.AppendUint16(header, 1) // PCM
	header = binary.LittleEndian.AppendUint16(header, 1) // mono
	header = binary.LittleEndian.AppendUint32(header, sampleRate)
	header = binary.LittleEndian.AppendUint32(header, 2*sampleRate)
	header = binary.LittleEndian.AppendUint16(header, 2)
	header = binary.LittleEndian.AppendUint16(header, 16)
	header = append(header, "data"...)
	header = binary.LittleEndian.AppendUint32(header, size)
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	if err := binary.Write(w, binary.LittleEndian, samples); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	return nil
}
