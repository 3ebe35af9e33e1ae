package phones

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// media is the RTP side of one call: a socket, what is sent on it, and the ear
// that hears what arrives. It sends nothing until a remote address is known.
type media struct {
	conn   *net.UDPConn
	local  netip.AddrPort
	ear    *Ear
	reader sync.WaitGroup

	mu      sync.Mutex // guards all below
	closed  bool
	remote  netip.AddrPort
	codec   Codec
	dtmf    uint8 // payload type the other side gave to telephone-event
	sends   bool  // direction negotiated by SDP
	muted   bool  // no audio RTP at all, whatever was negotiated
	tone    float64
	audio   loop
	cursor  int // in audio
	started bool
	header  rtp.Header
	buffer  []byte
	keys    []*keystroke
	rest    int // ticks of gap left before the next key
}

// newMedia opens the socket on an even port of the address: the odd one above
// is where the other side sends its RTCP, and must not be another call's RTP.
func newMedia(ip netip.Addr, codec Codec, tone float64) (*media, error) {
	conn, err := listenEven(ip)
	if err != nil {
		return nil, fmt.Errorf("open RTP socket: %w", err)
	}
	m := &media{
		conn:   conn,
		local:  conn.LocalAddr().(*net.UDPAddr).AddrPort(),
		ear:    newEar(),
		codec:  codec,
		tone:   tone,
		audio:  toneLoop(codec, tone),
		buffer: make([]byte, 12+frameSamples),
		header: rtp.Header{
			Version:        2,
			SSRC:           rand.Uint32(),
			SequenceNumber: uint16(rand.Uint32()),
			Timestamp:      rand.Uint32(),
		},
	}
	m.reader.Go(m.read)
	audioClock.join(m)
	return m, nil
}

func listenEven(ip netip.Addr) (*net.UDPConn, error) {
	var odd []*net.UDPConn
	defer func() {
		for _, c := range odd {
			c.Close()
		}
	}()
	for {
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, 0)))
		if err != nil {
			return nil, err
		}
		if conn.LocalAddr().(*net.UDPAddr).Port%2 == 0 {
			return conn, nil
		}
		// Kept open until an even one is found, so that it is not given again.
		odd = append(odd, conn)
		if len(odd) == 64 {
			return nil, fmt.Errorf("no even port among %d", len(odd))
		}
	}
}

// close stops sending and receiving and waits for the reader. It may be called
// twice.
func (m *media) close() {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return
	}
	m.closed = true
	for _, k := range m.keys {
		close(k.done)
	}
	m.keys = nil
	m.mu.Unlock()
	audioClock.leave(m)
	m.conn.Close()
	m.reader.Wait()
	m.ear.close()
}

// connect says where to send and in which codec.
func (m *media) connect(remote session, codec Codec, sends bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remote, m.dtmf, m.sends = remote.addr, remote.dtmf, sends
	if codec != m.codec {
		m.codec, m.audio = codec, toneLoop(codec, m.tone)
	}
}

// play changes what is sent; 0 hertz is silence.
func (m *media) play(hertz float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tone, m.audio, m.muted = hertz, toneLoop(m.codec, hertz), false
}

// mute stops audio packets altogether; keys are still sent.
func (m *media) mute() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.muted = true
}

// press queues the keys and returns a channel closed when the last was sent, or
// when the media closed.
func (m *media) press(digits string, k Keying) (<-chan struct{}, error) {
	hold, gap := k.ticks()
	done := make(chan struct{})
	var strokes []*keystroke
	for _, r := range digits {
		event, err := dtmfEvent(r)
		if err != nil {
			return nil, err
		}
		strokes = append(strokes, &keystroke{event: event, holdTicks: hold, gapTicks: gap, done: make(chan struct{})})
	}
	if len(strokes) == 0 {
		close(done)
		return done, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, fmt.Errorf("press keys: %w", errCallOver)
	}
	if m.dtmf == 0 {
		return nil, fmt.Errorf("press keys: the other side takes no telephone-event")
	}
	m.keys = append(m.keys, strokes...)
	return strokes[len(strokes)-1].done, nil
}

func waitKeys(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("press keys: %w", context.Cause(ctx))
	}
}

// tick sends the packet of this 20 ms, a key before audio, and lets the ear
// notice that time passes.
func (m *media) tick(now time.Time) {
	m.ear.tick(now)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || !m.remote.IsValid() || m.remote.Port() == 0 {
		return
	}
	switch {
	case m.rest > 0:
		m.rest--
		m.sendAudio()
	case len(m.keys) > 0:
		m.sendKey(m.keys[0])
	default:
		m.sendAudio()
	}
	m.header.Timestamp += frameSamples
}

func (m *media) sendAudio() {
	at := m.cursor
	m.cursor = (m.cursor + frameSamples) % len(m.audio)
	if m.muted || !m.sends {
		m.started = false // the next packet begins a talk spurt
		return
	}
	m.send(m.codec.payloadType(), !m.started, m.header.Timestamp, m.audio[at:at+frameSamples])
	m.started = true
}

// sendKey sends one 20 ms update of the key, and at its end the last packet
// three times (RFC 4733 §2.5.1.4).
func (m *media) sendKey(k *keystroke) {
	first := k.sent == 0
	if first {
		k.started = m.header.Timestamp
	}
	k.sent++
	if k.sent < k.holdTicks {
		m.send(m.dtmf, first, k.started, k.payload(false))
		return
	}
	if first { // a key of one tick still shows its beginning
		m.send(m.dtmf, true, k.started, k.payload(false))
	}
	for range 3 {
		m.send(m.dtmf, false, k.started, k.payload(true))
	}
	m.keys = m.keys[1:]
	m.rest = k.gapTicks
	close(k.done)
}

func (m *media) send(payloadType uint8, marker bool, timestamp uint32, payload []byte) {
	h := m.header
	h.PayloadType, h.Marker, h.Timestamp = payloadType, marker, timestamp
	n, err := h.MarshalTo(m.buffer)
	if err != nil {
		return // cannot happen: the buffer fits any header we build
	}
	n += copy(m.buffer[n:], payload)
	// A refused or full socket is a lost packet, as on any network.
	_, _ = m.conn.WriteToUDPAddrPort(m.buffer[:n], m.remote)
	m.header.SequenceNumber++
}

// read hands every RTP packet to the ear until the socket is closed.
func (m *media) read() {
	buffer := make([]byte, 1500)
	var p rtp.Packet
	for {
		n, _, err := m.conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		now := time.Now()
		if p.Unmarshal(buffer[:n]) != nil || p.Version != 2 {
			continue
		}
		if c, ok := codecOf(p.PayloadType); ok {
			m.ear.audio(now, c, p.Payload)
			continue
		}
		m.mu.Lock()
		isKey := p.PayloadType == dtmfPayload || p.PayloadType == m.dtmf && m.dtmf != 0
		m.mu.Unlock()
		if isKey {
			m.ear.key(now, p.Timestamp, p.Payload)
		}
	}
}
