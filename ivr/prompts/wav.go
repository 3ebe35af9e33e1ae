package prompts

import (
	"bytes"
	"encoding/binary"
	"math"

	"accueil/wording"
)

// sound is mono audio; 1 is full scale.
type sound struct {
	rate    int // samples a second
	samples []float64
}

// Bounds of what is taken for a prompt.
const (
	minRate    = 4000
	maxRate    = 192_000
	maxSeconds = 180
	maxSource  = 64 << 20 // bytes
)

var errNotWAV error = wording.Say("not a WAV file")

// WAVE format tags.
const (
	formatPCM        = 1
	formatFloat      = 3
	formatExtensible = 0xfffe
)

// parseWAV reads PCM of 8, 16, 24 or 32 bits or 32-bit float, any channels (mixed to one). Lengths
// beyond the data are cut to it: a program that writes to a pipe cannot know them.
func parseWAV(b []byte) (sound, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return sound{}, errNotWAV
	}
	var format, bits, channels, rate int
	for rest := b[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:8]))
		body := rest[8:]
		if size > len(body) {
			size = len(body)
		}
		switch id {
		case "fmt ":
			if size < 16 {
				return sound{}, wording.Say("%s: its format is cut short", errNotWAV)
			}
			format = int(binary.LittleEndian.Uint16(body))
			channels = int(binary.LittleEndian.Uint16(body[2:]))
			rate = int(binary.LittleEndian.Uint32(body[4:]))
			bits = int(binary.LittleEndian.Uint16(body[14:]))
			if format == formatExtensible && size >= 26 {
				format = int(binary.LittleEndian.Uint16(body[24:]))
			}
		case "data":
			if rate < minRate || rate > maxRate || channels < 1 || channels > 8 {
				return sound{}, wording.Say("a rate of %d Hz with %d channels is not supported", rate, channels)
			}
			return decodePCM(body[:size], format, bits, channels, rate)
		}
		rest = body[min(size+size%2, len(body)):]
	}
	return sound{}, wording.Say("%s: it holds no sound", errNotWAV)
}

func decodePCM(b []byte, format, bits, channels, rate int) (sound, error) {
	var read func([]byte) float64
	switch {
	case format == formatPCM && bits == 8:
		read = func(b []byte) float64 { return (float64(b[0]) - 128) / 128 }
	case format == formatPCM && bits == 16:
		read = func(b []byte) float64 { return float64(int16(binary.LittleEndian.Uint16(b))) / 32768 }
	case format == formatPCM && bits == 24:
		read = func(b []byte) float64 {
			return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
		}
	case format == formatPCM && bits == 32:
		read = func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31) }
	case format == formatFloat && bits == 32:
		read = func(b []byte) float64 {
			v := float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return 0
			}
			return max(-1, min(1, v))
		}
	default:
		return sound{}, wording.Say("%d-bit sound of format %d is not supported, use 16-bit PCM", bits, format)
	}
	frame := bits / 8 * channels
	frames := len(b) / frame
	if frames > maxSeconds*rate {
		return sound{}, wording.Say("the sound lasts more than %d seconds", maxSeconds)
	}
	s := sound{rate, make([]float64, frames)}
	for i := range frames {
		sum := 0.0
		for c := range channels {
			sum += read(b[i*frame+c*bits/8:])
		}
		s.samples[i] = sum / float64(channels)
	}
	return s, nil
}

// encodeWAV writes 16-bit PCM, mono.
func encodeWAV(s sound) []byte {
	var b bytes.Buffer
	size := 2 * len(s.samples)
	b.WriteString("RIFF")
	for _, v := range []any{
		uint32(36 + size), [4]byte([]byte("WAVE")), [4]byte([]byte("fmt ")), uint32(16), uint16(formatPCM), uint16(1),
		uint32(s.rate), uint32(2 * s.rate), uint16(2), uint16(16), [4]byte([]byte("data")), uint32(size),
	} {
		_ = binary.Write(&b, binary.LittleEndian, v) // a buffer does not fail
	}
	for _, v := range s.samples {
		n := int16(math.Round(max(-1, min(1, v)) * 32767))
		b.WriteByte(byte(n))
		b.WriteByte(byte(n >> 8))
	}
	return b.Bytes()
}
