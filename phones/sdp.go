package phones

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// direction of media, of RFC 4566, as one side sees it.
type direction string

const (
	sendrecv direction = "sendrecv"
	sendonly direction = "sendonly"
	recvonly direction = "recvonly"
	inactive direction = "inactive"
)

// answer is what the other side says to an offer of this direction, when it
// would itself like to be in the direction own.
func (d direction) answer(own direction) direction {
	sends := (d == sendrecv || d == recvonly) && (own == sendrecv || own == sendonly)
	hears := (d == sendrecv || d == sendonly) && (own == sendrecv || own == recvonly)
	switch {
	case sends && hears:
		return sendrecv
	case sends:
		return sendonly
	case hears:
		return recvonly
	}
	return inactive
}

func (d direction) sends() bool { return d == sendrecv || d == sendonly }

// dtmfPayload is the dynamic payload type that our offers give to
// telephone-event, the one most equipment uses.
const dtmfPayload = 101

// A session is the part of a session description that a phone cares about.
type session struct {
	addr      netip.AddrPort
	codecs    []Codec // in order of preference, without duplicates
	dtmf      uint8   // payload type of telephone-event, 0 when absent
	direction direction
}

// describe writes a session description; version rises with each change.
func (s session) describe(id, version uint64) []byte {
	var b strings.Builder
	ip := s.addr.Addr()
	family := "IP4"
	if ip.Is6() {
		family = "IP6"
	}
	fmt.Fprintf(&b, "v=0\r\no=- %d %d IN %s %s\r\ns=call\r\nc=IN %s %s\r\nt=0 0\r\n", id, version, family, ip, family, ip)
	fmt.Fprintf(&b, "m=audio %d RTP/AVP", s.addr.Port())
	for _, c := range s.codecs {
		fmt.Fprintf(&b, " %d", c.payloadType())
	}
	if s.dtmf != 0 {
		fmt.Fprintf(&b, " %d", s.dtmf)
	}
	b.WriteString("\r\n")
	for _, c := range s.codecs {
		fmt.Fprintf(&b, "a=rtpmap:%d %s/8000\r\n", c.payloadType(), c)
	}
	if s.dtmf != 0 {
		fmt.Fprintf(&b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-16\r\n", s.dtmf, s.dtmf)
	}
	fmt.Fprintf(&b, "a=ptime:20\r\na=%s\r\n", s.direction)
	return []byte(b.String())
}

// parseSession reads the first audio stream of a description. It fails when
// there is none with an address and a G.711 codec; what it does not know it
// passes over.
func parseSession(body []byte) (session, error) {
	s := session{direction: sendrecv}
	var host string
	var port uint64
	inAudio, audioSeen := false, false
	for line := range strings.Lines(string(body)) {
		kind, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok {
			continue
		}
		switch kind {
		case "m":
			fields := strings.Fields(value)
			inAudio = !audioSeen && len(fields) > 3 && fields[0] == "audio"
			if !inAudio {
				continue
			}
			audioSeen = true
			var err error
			if port, err = strconv.ParseUint(fields[1], 10, 16); err != nil {
				return s, fmt.Errorf("read session description: port of the audio line: %w", err)
			}
			for _, f := range fields[3:] {
				if n, err := strconv.ParseUint(f, 10, 7); err == nil {
					if c, ok := codecOf(uint8(n)); ok {
						s.codecs = append(s.codecs, c)
					}
				}
			}
		case "c":
			if audioSeen && !inAudio {
				continue
			}
			if fields := strings.Fields(value); len(fields) >= 3 {
				host = strings.SplitN(fields[2], "/", 2)[0]
			}
		case "a":
			if audioSeen && !inAudio {
				continue
			}
			switch d := direction(value); d {
			case sendrecv, sendonly, recvonly, inactive:
				s.direction = d
			default:
				s.readMap(value)
			}
		}
	}
	if !audioSeen {
		return s, fmt.Errorf("read session description: no audio stream")
	}
	if len(s.codecs) == 0 {
		return s, fmt.Errorf("read session description: no G.711 codec offered")
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return s, fmt.Errorf("read session description: connection address: %w", err)
	}
	s.addr = netip.AddrPortFrom(ip, uint16(port))
	return s, nil
}

// readMap takes the payload type of telephone-event out of an rtpmap attribute.
func (s *session) readMap(attribute string) {
	rest, ok := strings.CutPrefix(attribute, "rtpmap:")
	if !ok {
		return
	}
	number, encoding, ok := strings.Cut(rest, " ")
	if !ok || !strings.HasPrefix(strings.ToLower(encoding), "telephone-event/8000") {
		return
	}
	if n, err := strconv.ParseUint(number, 10, 7); err == nil {
		s.dtmf = uint8(n)
	}
}
