package phones

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func sine(hertz, amplitude float64, n int) []int16 {
	samples := make([]int16, n)
	for i := range samples {
		samples[i] = int16(amplitude * math.Sin(2*math.Pi*hertz*float64(i)/sampleRate))
	}
	return samples
}

func TestCodecKnownValues(t *testing.T) {
	// ITU-T G.711: smallest and largest samples, and silence on the wire.
	for _, test := range []struct {
		codec Codec
		word  byte
		value int16
	}{
		{ALaw, 0xd5, 8}, {ALaw, 0x55, -8}, {ALaw, 0xaa, 32256}, {ALaw, 0x2a, -32256},
		{MuLaw, 0xff, 0}, {MuLaw, 0x80, 32124}, {MuLaw, 0x00, -32124},
	} {
		if got := test.codec.decode(test.word); got != test.value {
			t.Errorf("%s %#x is %d, want %d", test.codec, test.word, got, test.value)
		}
		if got := test.codec.encode(test.value); got != test.word {
			t.Errorf("%s %d is %#x, want %#x", test.codec, test.value, got, test.word)
		}
	}
}

func TestCodecIsNearest(t *testing.T) {
	for _, codec := range []Codec{ALaw, MuLaw} {
		for s := -1 << 15; s < 1<<15; s += 4 {
			got := distance(codec.decode(codec.encode(int16(s))), s)
			// Steps of G.711 grow with the value: 1/32 of it, and 8 near zero
			// (half of A-law's 16). The extremes are clipped by at most 644.
			limit := max(8, 32768/32)
			if a := max(s, -s); a < 16384 {
				limit = max(8, a/32+4)
			}
			if got > limit {
				t.Fatalf("%s: sample %d is off by %d, limit %d", codec, s, got, limit)
			}
		}
		for b := range 256 {
			if v := codec.decode(byte(b)); codec.decode(codec.encode(v)) != v {
				t.Errorf("%s: word %#x does not come back", codec, b)
			}
		}
	}
}

func TestTonesAreToldApart(t *testing.T) {
	for n := range 50 {
		samples := sine(ToneFor(n), toneAmplitude, frameSamples)
		for m := range 50 {
			share := toneShare(samples, ToneFor(m))
			if n == m && share < 0.95 {
				t.Errorf("tone %d is %.2f of itself", n, share)
			}
			if n != m && share > 0.1 {
				t.Errorf("tone %d is %.2f of tone %d", m, share, n)
			}
		}
	}
	mixed := make([]int16, frameSamples)
	for _, n := range []int{3, 17, 40} {
		for i, s := range sine(ToneFor(n), toneAmplitude/3, frameSamples) {
			mixed[i] += s
		}
	}
	for _, n := range []int{3, 17, 40} {
		if !hasTone(mixed, rms(mixed), ToneFor(n)) {
			t.Errorf("tone %d is not heard in a mix of three", n)
		}
	}
	if hasTone(mixed, rms(mixed), ToneFor(10)) {
		t.Error("a tone is heard that is not in the mix")
	}
	if toneShare(make([]int16, frameSamples), 1000) != 0 || rms(nil) != 0 {
		t.Error("silence has a tone or energy")
	}
}

func TestVoicesDoNotMix(t *testing.T) {
	all := slices.Concat(patientVoices, agentVoices)
	slices.Sort(all)
	if len(slices.Compact(all)) != 2*voicesOfEach {
		t.Error("patients and agents share a voice")
	}
}

// feed gives the ear n frames, 20 ms apart, and returns the instant after them.
func feed(e *Ear, at time.Time, hertz, amplitude float64, n int) time.Time {
	samples := sine(hertz, amplitude, frameSamples)
	payload := make([]byte, frameSamples)
	for i, s := range samples {
		payload[i] = ALaw.encode(s)
	}
	for range n {
		e.audio(at, ALaw, payload)
		at = at.Add(frame)
	}
	return at
}

func TestEarFigures(t *testing.T) {
	e := newEar()
	start := e.since
	at := feed(e, start.Add(100*time.Millisecond), 1000, 0, 10)
	at = feed(e, at, 1000, 8000, 5)
	at = feed(e, at.Add(300*time.Millisecond), 1000, 0, 20)
	feed(e, at, 1000, 8000, 1)
	e.close() // figures stand still after the end
	h := e.Hearing()
	check := func(name string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	check("packets", h.Packets, 36)
	check("sounding", h.Sounding, 6)
	check("first packet", h.FirstRTP.Sub(start), 100*time.Millisecond)
	check("first energy", h.FirstEnergy.Sub(start), 300*time.Millisecond)
	check("longest gap", h.LongestGap, 320*time.Millisecond)
	check("longest silence", h.LongestSilence, 400*time.Millisecond)
	// From the last sounding packet to the next: 20 ms of itself, 300 without
	// packets, 400 of silence.
	check("longest nothing", h.LongestNothing, 720*time.Millisecond)
}

func TestRecording(t *testing.T) {
	e := newEar()
	e.Record()
	at := feed(e, e.tape.started, 1000, 8000, 10)
	feed(e, at.Add(time.Second), 1000, 8000, 10)
	var b bytes.Buffer
	if err := e.WriteWAV(&b); err != nil {
		t.Fatal(err)
	}
	wav := b.Bytes()
	size := binary.LittleEndian.Uint32(wav[40:])
	if string(wav[:4]) != "RIFF" || string(wav[36:40]) != "data" || int(size) != len(wav)-44 {
		t.Fatalf("header %q, %d bytes announced, %d there", wav[:44], size, len(wav)-44)
	}
	if seconds := float64(size) / 2 / sampleRate; seconds < 1.39 || seconds > 1.41 {
		t.Errorf("the recording lasts %.2f s, want 1.4 with the gap", seconds)
	}
}

func TestSession(t *testing.T) {
	ours := session{addr: netip.MustParseAddrPort("127.0.0.1:4000"), codecs: []Codec{MuLaw, ALaw}, dtmf: 101, direction: sendonly}
	got, err := parseSession(ours.describe(1, 2))
	if err != nil {
		t.Fatal(err)
	}
	if got.addr != ours.addr || !slices.Equal(got.codecs, ours.codecs) || got.dtmf != 101 || got.direction != sendonly {
		t.Errorf("read back %+v, want %+v", got, ours)
	}
	for name, body := range map[string]string{
		"empty":       "",
		"no audio":    "v=0\r\nc=IN IP4 127.0.0.1\r\nm=video 1 RTP/AVP 8\r\n",
		"no codec":    "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 1 RTP/AVP 9\r\n",
		"no address":  "v=0\r\nm=audio 1 RTP/AVP 8\r\n",
		"bad port":    "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 99999 RTP/AVP 8\r\n",
		"bad address": "v=0\r\nc=IN IP4 nowhere\r\nm=audio 1 RTP/AVP 8\r\n",
	} {
		if _, err := parseSession([]byte(body)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestDirections(t *testing.T) {
	for _, test := range []struct{ theirs, own, want direction }{
		{sendrecv, sendrecv, sendrecv}, {sendonly, sendrecv, recvonly}, {recvonly, sendrecv, sendonly},
		{inactive, sendrecv, inactive}, {sendrecv, sendonly, sendonly}, {sendonly, sendonly, inactive}, {sendrecv, inactive, inactive},
	} {
		if got := test.theirs.answer(test.own); got != test.want {
			t.Errorf("%s to %s is answered %s, want %s", test.theirs, test.own, got, test.want)
		}
	}
}

func TestSpread(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s := Spread{Median: 10 * time.Second, Sigma: 0.5, Min: 4 * time.Second, Max: time.Minute}
	var below int
	for range 10_000 {
		d := s.Draw(rnd)
		if d < s.Min || d > s.Max {
			t.Fatalf("drew %s", d)
		}
		if d < s.Median {
			below++
		}
	}
	if below < 4800 || below > 5200 {
		t.Errorf("%d of 10000 below the median", below)
	}
	if (Spread{}).Draw(rnd) != 0 || s.Scaled(2).Max != 2*time.Minute {
		t.Error("the zero spread or a scaled one is wrong")
	}
}

func TestMonday(t *testing.T) {
	curve := Monday(2400)
	var sum float64
	for minute := range 24 * 60 {
		sum += curve.Rate(time.Duration(minute)*time.Minute) / 60
	}
	if math.Abs(sum-2400) > 1 {
		t.Errorf("the day has %.1f calls, want 2400", sum)
	}
	if peak := curve.Rate(9*time.Hour + 30*time.Minute); peak < 4*curve.Rate(12*time.Hour+30*time.Minute)/2 || peak < 20*curve.Rate(3*time.Hour) {
		t.Errorf("no Monday morning: %.0f calls an hour at 9:30", peak)
	}
	if got := curve.Rate(-time.Hour); got != curve.Rate(23*time.Hour) {
		t.Errorf("an hour before midnight has %.1f", got)
	}

	// Arrivals follow the curve: within four deviations of a Poisson count.
	rnd := rand.New(rand.NewPCG(3, 4))
	var morning, all int
	for at, ok := curve.Next(0, rnd); ok && at < day; at, ok = curve.Next(at, rnd) {
		all++
		if at >= 8*time.Hour && at < 12*time.Hour {
			morning++
		}
	}
	var expected float64
	for minute := 8 * 60; minute < 12*60; minute++ {
		expected += curve.Rate(time.Duration(minute)*time.Minute) / 60
	}
	if math.Abs(float64(all)-2400) > 4*math.Sqrt(2400) || math.Abs(float64(morning)-expected) > 4*math.Sqrt(expected) {
		t.Errorf("%d calls, %d in the morning, want about 2400 and %.0f", all, morning, expected)
	}
	if _, ok := Flat(0).Next(0, rnd); ok {
		t.Error("a curve without calls has one")
	}
	a, _ := curve.Next(0, rand.New(rand.NewPCG(5, 6)))
	b, _ := curve.Next(0, rand.New(rand.NewPCG(5, 6)))
	if a != b {
		t.Error("the same seed gives another day")
	}
}

// BenchmarkAudio is the cost of one call's audio for 20 ms, sent and heard.
func BenchmarkAudio(b *testing.B) {
	m, err := newMedia(netip.MustParseAddr("127.0.0.1"), ALaw, 1000)
	if err != nil {
		b.Fatal(err)
	}
	defer m.close()
	m.connect(session{addr: m.local, dtmf: dtmfPayload}, ALaw, true)
	for b.Loop() {
		m.tick(time.Now())
	}
}
