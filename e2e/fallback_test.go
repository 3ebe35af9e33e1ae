package e2e

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// netWithin is how soon Asterisk alone rings the fallback group (issue: 1 s with StasisBroadcast).
const netWithin = time.Second

// fallbackPhone registers a phone of the static group.
func fallbackPhone(ctx context.Context, t *testing.T, h *Hospital) *phones.Phone {
	t.Helper()
	return must[*phones.Phone](t)(h.Phone(ctx, "101", 7))
}

// caught places a call and returns when the group rings, with how long that took.
func caught(ctx context.Context, t *testing.T, h *Hospital, group *phones.Phone) (patient, *phones.Call, time.Duration) {
	t.Helper()
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	begun := time.Now()
	p := must[*phones.Call](t)(trunk.Call(ctx, "3100", phones.CallOptions{User: "0612345678", Tone: patientTone()}))
	at := must[*phones.Call](t)(group.WaitCall(ctx))
	return patient{Call: p}, at, time.Since(begun)
}

// TestControllerDeadOrHung: without a controller, or with one that is stopped in mid-life, new calls
// reach the fallback group from Asterisk alone; the one that wakes up leaves them alone and serves
// again.
func TestControllerDeadOrHung(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Binary = builtBinary(t)
	ctx, s := tell(t, o)
	c, stalls := s.in(t), watchStalls(t)
	group := fallbackPhone(ctx, t, s.h)
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 3))

	fetched := func(what string) (patient, *phones.Call) {
		stalls.reset()
		p, at, took := caught(ctx, t, s.h, group)
		t.Logf("%s: the group rang after %v", what, took.Round(time.Millisecond))
		if bar := netWithin + 2*stalls.worse(); took > bar {
			t.Errorf("%s: the group rang after %v", what, took)
		}
		if err := at.Answer(); err != nil {
			t.Fatal(err)
		}
		meets(ctx, t, p, at)
		return p, at
	}

	served := func() {
		c.state(ctx, "a18", acd.AgentReady)
		p := c.queued(ctx, "3100")
		at := must[*phones.Call](t)(agent.WaitCall(ctx))
		if err := at.Answer(); err != nil {
			t.Fatal(err)
		}
		meets(ctx, t, p, at)
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	}

	served()
	s.h.Freeze()
	p, at := fetched("hung")
	s.h.Thaw()
	served() // new calls are served again
	if _, over := p.End(); over {
		t.Error("the woken controller ended a call of the fallback group")
	}
	meets(ctx, t, p, at)
	c.hangup(ctx, p.Call)

	s.h.Kill()
	p, at = fetched("dead")
	// Dies at once, five times: another program has taken its port. systemd would start it for ever.
	taken := must[net.Listener](t)(net.Listen("tcp", s.h.Site.Listen.HTTP))
	go func() {
		for {
			conn, err := taken.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	for i := range 5 {
		if err := s.h.StartApp(ctx); err == nil {
			t.Fatal("it does not die")
		}
		<-s.h.Exited()
		if i%2 == 0 {
			q, qat := fetched("dying")
			hangUp(ctx, t, q.Call, qat)
		}
	}
	_ = taken.Close()
	if err := s.h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.h.Log.String(), "dies again and again") {
		t.Error("nobody is told of five deaths in a row")
	}
	served()
	if _, over := p.End(); over {
		t.Error("the new controller ended a call of the fallback group")
	}
	meets(ctx, t, p, at)
	c.hangup(ctx, p.Call)
	nothingLeft(ctx, t, s.h)
}

// TestTwoControllersOfOneName: the newer takes over, the older is fenced and says so by its exit
// code; calls go on.
func TestTwoControllersOfOneName(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Binary = builtBinary(t)
	ctx, s := tell(t, o)
	c := s.in(t)
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 3))
	c.state(ctx, "a18", acd.AgentReady)
	p := c.queued(ctx, "3100")
	at := must[*phones.Call](t)(agent.WaitCall(ctx))
	if err := at.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, p, at)
	c.reaches(ctx, p, acd.LegTalking)

	older, gone := s.h.process, s.h.exited
	// The same node again, with an address of its own for HTTP.
	text := must[[]byte](t)(os.ReadFile(s.h.SitePath))
	was := s.h.Site.Listen.HTTP
	now := strings.Replace(was, "127.0.0.1", "127.0.0.3", 1)
	if err := os.WriteFile(s.h.SitePath, []byte(strings.Replace(string(text), was, now, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.h.Site.Listen.HTTP = now
	if err := s.h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case <-gone:
	case <-ctx.Done():
		t.Fatal("the older process goes on")
	}
	if code := older.ProcessState.ExitCode(); code != 5 {
		t.Errorf("the older process ended with %d", code)
	}
	meets(ctx, t, p, at)
	c.hangup(ctx, at)
	c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	nothingLeft(ctx, t, s.h)
}

// TestControllerGoneForGood: everybody who waits reaches the fallback group within three minutes.
func TestControllerGoneForGood(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes three minutes of real time")
	}
	const within = 3 * time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Minute)
	defer cancel()
	o := quick()
	o.Binary = builtBinary(t)
	_, s := tell(t, o)
	c, stalls := s.in(t), watchStalls(t)
	group := fallbackPhone(ctx, t, s.h)
	for range 3 {
		c.queued(ctx, "3100")
	}
	s.h.Kill()
	killed := time.Now()
	stalls.reset()
	for i := range 3 {
		at := must[*phones.Call](t)(group.WaitCall(ctx))
		took := time.Since(killed)
		t.Logf("caller %d reached the group after %v", i, took.Round(time.Millisecond))
		if took > within+2*stalls.worse() {
			t.Errorf("caller %d reached the group after %v", i, took)
		}
		if err := at.Answer(); err != nil {
			t.Fatal(err)
		}
		if err := at.Hangup(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
