package phones

import "fmt"

// Codec is the G.711 variant that a call sends. The zero value is A-law, the
// one of European networks.
type Codec uint8

const (
	ALaw  Codec = iota // PCMA, static RTP payload type 8
	MuLaw              // PCMU, static RTP payload type 0
)

const (
	sampleRate   = 8000 // samples a second, of both G.711 variants
	frameSamples = 160  // samples in the 20 ms of one RTP packet
)

func (c Codec) String() string {
	switch c {
	case ALaw:
		return "PCMA"
	case MuLaw:
		return "PCMU"
	}
	return fmt.Sprintf("Codec(%d)", uint8(c))
}

func (c Codec) payloadType() uint8 {
	if c == MuLaw {
		return 0
	}
	return 8
}

// codecOf is the inverse of payloadType; false for any other payload type.
func codecOf(payloadType uint8) (Codec, bool) {
	switch payloadType {
	case 0:
		return MuLaw, true
	case 8:
		return ALaw, true
	}
	return 0, false
}

// The tables of ITU-T G.711: one byte to a 16-bit sample, and the reverse,
// indexed by the upper 14 bits of the sample, found by nearest value.
var (
	decodeTable = [2][256]int16{ALaw: expand(expandALaw), MuLaw: expand(expandMuLaw)}
	encodeTable = [2][1 << 14]byte{ALaw: compress(ALaw), MuLaw: compress(MuLaw)}
)

func (c Codec) decode(b byte) int16 { return decodeTable[c][b] }

func (c Codec) encode(s int16) byte { return encodeTable[c][uint16(s)>>2] }

func expand(f func(byte) int16) (t [256]int16) {
	for i := range t {
		t[i] = f(byte(i))
	}
	return t
}

func expandALaw(b byte) int16 {
	b ^= 0x55
	exponent, v := b>>4&7, int16(b&0x0f)<<4+8
	if exponent > 0 {
		v = (v + 0x100) << (exponent - 1)
	}
	if b&0x80 == 0 {
		return -v
	}
	return v
}

func expandMuLaw(b byte) int16 {
	b = ^b
	v := (int16(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84
	if b&0x80 != 0 {
		return -v
	}
	return v
}

// compress walks all samples in rising order with the sorted code words, so
// that each sample gets the code word nearest to it.
func compress(c Codec) (t [1 << 14]byte) {
	words := rising(c)
	at := 0
	for s := -1 << 15; s < 1<<15; s += 4 {
		for at+1 < len(words) && distance(c.decode(words[at+1]), s) <= distance(c.decode(words[at]), s) {
			at++
		}
		t[uint16(int16(s))>>2] = words[at]
	}
	return t
}

func distance(v int16, s int) int {
	if d := int(v) - s; d >= 0 {
		return d
	}
	return s - int(v)
}

// rising lists the 256 code words by the value they stand for: the negative
// half of both laws counts down and the positive half up, after undoing the
// inversions.
func rising(c Codec) []byte {
	words := make([]byte, 0, 256)
	mask := byte(0x55) // A-law inverts even bits
	negative := byte(0)
	if c == MuLaw {
		mask, negative = 0xff, 0x80 // µ-law inverts all, and its sign bit reads the other way
	}
	for i := 127; i >= 0; i-- {
		words = append(words, (negative|byte(i))^mask)
	}
	for i := range 128 {
		words = append(words, (negative^0x80|byte(i))^mask)
	}
	return words
}
