package prompts

import (
	"math"
	"math/bits"
)

// encodeALaw writes 8 kHz samples in A-law (ITU-T G.711), one octet each and no header: what a call's
// own codec is, Asterisk passes on as it is, for each of the callers who wait.
func encodeALaw(s sound) []byte {
	out := make([]byte, len(s.samples))
	for i, v := range s.samples {
		out[i] = aLaw(int(math.Round(max(-1, min(1, v)) * 32767)))
	}
	return out
}

// aLaw is the code word of a 16-bit sample: sign, segment and step, every second bit inverted.
func aLaw(v int) byte {
	sign := byte(0x80)
	if v < 0 {
		sign, v = 0, -v-1
	}
	v >>= 4
	if v < 16 {
		return (sign | byte(v)) ^ 0x55
	}
	segment := bits.Len(uint(v)) - 4
	return (sign | byte(segment)<<4 | byte(v>>(segment-1)&0x0f)) ^ 0x55
}
