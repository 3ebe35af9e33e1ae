package voicemail

import (
	"encoding/binary"
	"errors"
	"time"
)

// What Asterisk writes: 16-bit mono at 8 kHz, so that a second has 16,000 bytes.
const (
	sampleRate  = 8000
	sampleBytes = 2
	frame       = sampleRate / 50 // 20 ms
)

// loud is the mean of a frame that Asterisk takes for speech (dsp.conf, silencethreshold).
const loud = 256

// ErrSound says that a file is none of Asterisk's sounds.
var ErrSound = errors.New("not a recording of Asterisk's: 16-bit mono wav of 8 kHz is expected")

// samplesOf returns the sound in a file. Asterisk writes the lengths into the header when it closes the
// file: after a crash, or on a full disk, they are wrong, so what is there counts. A file too short for a
// header has no sound.
func samplesOf(file []byte) ([]byte, error) {
	const riff = 12
	if len(file) < riff+8 {
		return nil, nil
	}
	if string(file[:4]) != "RIFF" || string(file[8:riff]) != "WAVE" {
		return nil, ErrSound
	}
	for rest := file[riff:]; len(rest) >= 8; {
		id, body := string(rest[:4]), rest[8:]
		size := int(min(uint64(binary.LittleEndian.Uint32(rest[4:8])), uint64(len(body))))
		switch id {
		case "fmt ":
			if size < 16 {
				return nil, nil // cut within its header
			}
			if binary.LittleEndian.Uint16(body) != 1 || binary.LittleEndian.Uint16(body[2:]) != 1 ||
				binary.LittleEndian.Uint32(body[4:]) != sampleRate || binary.LittleEndian.Uint16(body[14:]) != 8*sampleBytes {
				return nil, ErrSound
			}
		case "data":
			return body[:len(body)-len(body)%sampleBytes], nil
		}
		rest = body[min(size+size%2, len(body)):]
	}
	return nil, nil
}

// measure returns how long the sound is, and the time from its beginning to the last sound in it that is
// loud enough for a voice; 0 for silence.
func measure(samples []byte) (length, said time.Duration) {
	span := func(bytes int) time.Duration {
		return time.Duration(bytes/sampleBytes) * time.Second / sampleRate
	}
	for at := 0; at < len(samples); at += frame * sampleBytes {
		part := samples[at:min(at+frame*sampleBytes, len(samples))]
		sum := 0
		for i := 0; i < len(part); i += sampleBytes {
			v := int(int16(binary.LittleEndian.Uint16(part[i:])))
			sum += max(v, -v)
		}
		if sum/(len(part)/sampleBytes) > loud {
			said = span(at + len(part))
		}
	}
	return span(len(samples)), said
}
