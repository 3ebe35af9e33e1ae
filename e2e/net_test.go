package e2e

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

const (
	reconciled = 2 * time.Second  // from the link's return to calls being led again, beside backoff
	backAgain  = 15 * time.Second // from Asterisk's crash to service
)

// cable is a TCP link that can be cut.
type cable struct {
	to       string
	tap      func(client io.Writer) tap // looks at what each new connection carries; nil looks at nothing
	listener net.Listener
	wg       sync.WaitGroup

	mu    sync.Mutex // guards below
	cut   bool
	conns map[net.Conn]struct{}
}

// tap looks at the pieces that one connection carries, and says what becomes of each.
type tap interface {
	sent(piece []byte) verdict
	answered(piece []byte) verdict
}

type verdict int

const (
	carries  verdict = iota
	swallows         // it never arrives
	breaks           // nor does anything after it
)

// lay opens a link to the address; it listens on a free port of the loopback.
func lay(t *testing.T, to string, tap func(client io.Writer) tap) *cable {
	t.Helper()
	c := &cable{to: to, tap: tap, listener: must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0")), conns: map[net.Conn]struct{}{}}
	c.wg.Go(c.accept)
	t.Cleanup(func() {
		_ = c.listener.Close()
		c.Cut()
		c.wg.Wait()
	})
	return c
}

func (c *cable) Addr() string { return c.listener.Addr().String() }

// Cut breaks every connection and refuses new ones until Mend.
func (c *cable) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	for conn := range c.conns {
		_ = conn.Close()
	}
}

// Mend lets connections through again.
func (c *cable) Mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
}

func (c *cable) accept() {
	for {
		in, err := c.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", c.to)
		if err != nil || !c.keep(in, out) {
			_ = in.Close()
			continue
		}
		there, back := io.Reader(in), io.Reader(out)
		if c.tap != nil {
			t := c.tap(in)
			there, back = tapped{in, t.sent}, tapped{out, t.answered}
		}
		c.wg.Go(func() { c.carry(out, in, there) })
		c.wg.Go(func() { c.carry(in, out, back) })
	}
}

func (c *cable) keep(conns ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range conns {
		if c.cut {
			_ = conn.Close()
		} else {
			c.conns[conn] = struct{}{}
		}
	}
	return !c.cut
}

// tapped is one direction of a connection with somebody who looks on.
type tapped struct {
	io.Reader
	judge func([]byte) verdict
}

func (r tapped) Read(p []byte) (int, error) {
	for {
		n, err := r.Reader.Read(p)
		if n == 0 {
			return n, err
		}
		switch r.judge(p[:n]) {
		case breaks:
			return 0, io.EOF
		case carries:
			return n, err
		}
	}
}

func (c *cable) carry(to, from net.Conn, pieces io.Reader) {
	_, _ = io.Copy(to, pieces)
	_, _ = to.Close(), from.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.conns, to)
	delete(c.conns, from)
}

// cabled opens a hospital whose controller reaches Asterisk through a cable.
func cabled(t *testing.T, o Options, tap func(client io.Writer) tap) (context.Context, *story, *cable) {
	t.Helper()
	o.NoApp = true
	ctx, s := tell(t, o)
	c := lay(t, ari(s.h), tap)
	s.h.Site.Asterisk.URL = "http://" + c.Addr() + "/ari"
	s.h.opt.NoApp = false
	if err := s.h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx, s, c
}

// ari is where Asterisk listens for commands.
func ari(h *Hospital) string {
	return strings.TrimSuffix(strings.TrimPrefix(h.Site.Asterisk.URL, "http://"), "/ari")
}

// TestSocketCut cuts the controller off from Asterisk with callers in conversation, in a queue, at a
// ringing phone, and with one who leaves meanwhile: all of them are found again.
func TestSocketCut(t *testing.T) {
	t.Parallel()
	ctx, s, link := cabled(t, with(quick("ring: 20s"), nil), nil)
	c, stalls := s.in(t), watchStalls(t)
	talker := must[*phones.Phone](t)(s.h.Phone(ctx, "113", 1))
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 3))
	c.state(ctx, "a13", acd.AgentReady)
	k := c.queued(ctx, "3100")
	kat := must[*phones.Call](t)(talker.WaitCall(ctx))
	if err := kat.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, k, kat)
	for range 3 {
		c.state(ctx, "a18", acd.AgentReady)
		p := c.queued(ctx, "3100")
		at := must[*phones.Call](t)(agent.WaitCall(ctx))
		if err := at.Ring(); err != nil {
			t.Fatal(err)
		}
		waits, leaves := c.queued(ctx, "3100"), c.queued(ctx, "3100")
		since := c.leg(waits).Enqueued
		k.Ear().Reset()
		kat.Ear().Reset()
		stalls.reset()
		link.Cut()
		c.hangup(ctx, leaves.Call)
		link.Mend()
		mended := time.Now()
		c.ends(ctx, leaves, acd.Abandoned, acd.LegQueued, "")
		took := time.Since(mended)
		t.Logf("led again %v after the mending", took.Round(time.Millisecond))
		if took > reconciled+regained {
			t.Errorf("calls were led again after %v", took)
		}
		if err := at.Answer(); err != nil {
			t.Fatal(err)
		}
		meets(ctx, t, p, at)
		c.reaches(ctx, p, acd.LegTalking)
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
		if l := c.leg(waits); l.Enqueued != since {
			t.Errorf("queued since %d, was %d", l.Enqueued, since)
		}
		again := must[*phones.Call](t)(agent.WaitCall(ctx))
		if err := again.Answer(); err != nil {
			t.Fatal(err)
		}
		meets(ctx, t, waits, again)
		c.hangup(ctx, waits.Call)
		c.ends(ctx, waits, acd.Answered, acd.LegTalking, "")
		for _, ear := range []*phones.Ear{k.Ear(), kat.Ear()} {
			if h := ear.Hearing(); h.LongestNothing > audioGap+2*stalls.worse() {
				t.Errorf("a conversation was silent for %v", h.LongestNothing)
			}
		}
	}
	c.hangup(ctx, kat)
	c.ends(ctx, k, acd.Answered, acd.LegTalking, "")
	nothingLeft(ctx, t, s.h)
	seenOnce(ctx, t, s.h)
}

// TestAsteriskCrashes: calls die with it and are closed as its fault, agents are free, and service
// returns without a restart of the controller.
func TestAsteriskCrashes(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick())
	c := s.in(t)
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 3))
	c.state(ctx, "a18", acd.AgentReady)
	talking := c.queued(ctx, "3100")
	at := must[*phones.Call](t)(agent.WaitCall(ctx))
	if err := at.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, talking, at)
	c.reaches(ctx, talking, acd.LegTalking)
	waits := c.queued(ctx, "3100")
	c.state(ctx, "a18", acd.AgentPaused) // the crash frees him: he is not to be offered who waits
	crashed := time.Now()
	if err := s.h.Asterisk.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.h.Asterisk.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	booted := time.Now()
	talking.Vanish()
	at.Vanish()
	waits.Vanish()
	c.ends(ctx, talking, acd.Failed, acd.LegTalking, "asterisk_restarted")
	c.ends(ctx, waits, acd.Failed, acd.LegQueued, "asterisk_restarted")
	if err := agent.Register(ctx, time.Minute); err != nil {
		t.Fatal(err)
	}
	c.state(ctx, "a18", acd.AgentReady)
	p := c.queued(ctx, "3100")
	again := must[*phones.Call](t)(agent.WaitCall(ctx))
	served := time.Since(crashed)
	t.Logf("Asterisk was up %v after its crash, a caller at a phone after %v", booted.Sub(crashed).Round(time.Millisecond), served.Round(time.Millisecond))
	if served > backAgain+booted.Sub(crashed) {
		t.Errorf("service came back %v after the crash", served)
	}
	if err := again.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, p, again)
	c.hangup(ctx, p.Call)
	c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	nothingLeft(ctx, t, s.h)
}
