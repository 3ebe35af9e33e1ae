package phones

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// Keying says how keys are pressed. Zero fields take the values of a person on
// a desk phone: 100 ms held, 80 ms between keys.
type Keying struct {
	Hold time.Duration // how long a key is down; rounded up to whole 20 ms
	Gap  time.Duration // pause after it; negative is none at all (a machine, a flood)
}

const (
	defaultHold = 100 * time.Millisecond
	defaultGap  = 80 * time.Millisecond
)

func (k Keying) ticks() (hold, gap int) {
	if k.Hold <= 0 {
		k.Hold = defaultHold
	}
	if k.Gap == 0 {
		k.Gap = defaultGap
	}
	return max(1, int((k.Hold+frame-1)/frame)), max(0, int((k.Gap+frame-1)/frame))
}

// dtmfKeys in the order of their RFC 4733 event codes, 0 to 15.
const dtmfKeys = "0123456789*#ABCD"

func dtmfEvent(key rune) (uint8, error) {
	i := strings.IndexRune(dtmfKeys, key)
	if i < 0 {
		return 0, fmt.Errorf("press key: %q is not on a telephone", key)
	}
	return uint8(i), nil
}

// A keystroke is one key being sent. Fields belong to the media's lock.
type keystroke struct {
	event     uint8
	holdTicks int
	gapTicks  int
	sent      int    // ticks of the key already sent
	started   uint32 // RTP timestamp of the first packet, kept by all
	done      chan struct{}
}

// payload of RFC 4733 §2.3: event, end bit and volume −10 dBm0, duration in
// samples.
func (k *keystroke) payload(end bool) []byte {
	p := make([]byte, 4)
	p[0] = k.event
	p[1] = 10
	if end {
		p[1] |= 0x80
	}
	binary.BigEndian.PutUint16(p[2:], uint16(min(k.sent*frameSamples, 0xffff)))
	return p
}

// A Key is one key heard by RFC 4733.
type Key struct {
	Key      rune
	Duration time.Duration // as the sender claims
	At       time.Time     // arrival of its first end packet
}

// parseKey reads an event packet; ok is false unless it is a key's end.
func parseKey(payload []byte) (k Key, ok bool) {
	if len(payload) < 4 || int(payload[0]) >= len(dtmfKeys) || payload[1]&0x80 == 0 {
		return Key{}, false
	}
	samples := binary.BigEndian.Uint16(payload[2:])
	return Key{
		Key:      rune(dtmfKeys[payload[0]]),
		Duration: time.Duration(samples) * time.Second / sampleRate,
	}, true
}
