package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// refusal answers every command to Asterisk in its place while it is on: too busy, or too many.
type refusal struct {
	on      atomic.Bool
	refused atomic.Int64
}

func (r *refusal) tap(client io.Writer) tap { return &refusing{r, client} }

type refusing struct {
	*refusal
	client io.Writer
}

func (r *refusing) sent(piece []byte) verdict {
	if !r.on.Load() || !toAsterisk(piece) {
		return carries
	}
	status := []string{"503 Service Unavailable", "429 Too Many Requests"}[r.refused.Add(1)%2]
	if _, err := fmt.Fprintf(r.client, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", status); err != nil {
		return breaks
	}
	return swallows
}

func (r *refusing) answered([]byte) verdict { return carries }

// refusedFor is how long Asterisk refuses commands.
const refusedFor = 1500 * time.Millisecond

// TestAsteriskRefuses: Asterisk refuses every command for a while, then every connection above its limit,
// with a conversation going on. Who calls then reaches the fallback group or is served; the others go on
// as soon as they can, and nobody is left behind.
func TestAsteriskRefuses(t *testing.T) {
	t.Parallel()
	r := &refusal{}
	court, courtTo := entry("3101", "court")
	ctx, s, _ := cabled(t, with(quick(), map[string]string{"court.yaml": briefMenu}, court, courtTo, `phone: "118",`, `phone: "118", briefing: beep,`), r.tap)
	c, stalls := s.in(t), watchStalls(t)
	talker := must[*phones.Phone](t)(s.h.Phone(ctx, "113", 1))
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 3))
	group := fallbackPhone(ctx, t, s.h)
	c.ready(ctx, "a13")
	k := c.queued(ctx, "3100")
	kat := nextCall(ctx, t, talker)
	if err := kat.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, k, kat)
	agent.SetPolicy(phones.AnswerAfter(0))
	undisturbed := func(t *testing.T) {
		t.Helper()
		for _, ear := range []*phones.Ear{k.Ear(), kat.Ear()} {
			if n := ear.Hearing().LongestNothing; n > audioGap+2*stalls.worse() {
				t.Errorf("the conversation was silent for %v", n)
			}
			ear.Reset()
		}
		stalls.reset()
	}
	undisturbed(t)

	t.Run("every command for a while", func(t *testing.T) {
		c := s.in(t)
		c.sits(ctx, agent, "a18", phones.AnswerAfter(0))
		p := c.queued(ctx, "3100")
		at := nextCall(ctx, t, agent)
		meets(ctx, t, p, at)
		c.reaches(ctx, p, acd.LegTalking)
		waits := c.queued(ctx, "3100")
		chooses := c.patient(ctx, "3101")
		promptOver(ctx, t, chooses.Call)
		leaves := c.queued(ctx, "3100")

		r.on.Store(true)
		c.hangup(ctx, at)          // his caller is to be let go, and the next one rung
		c.hangup(ctx, leaves.Call) // without a command
		press(ctx, t, chooses.Call, "1")
		q, qat, took := caught(ctx, t, s.h, group)
		if took > netWithin+2*stalls.worse() {
			t.Errorf("the group rang after %v", took)
		}
		if err := qat.Answer(); err != nil {
			t.Fatal(err)
		}
		meets(ctx, t, q, qat)
		after(ctx, refusedFor)
		refused := r.refused.Load()
		r.on.Store(false)
		admitted := time.Now()
		t.Logf("%d commands refused", refused)
		if refused < 5 {
			t.Error("the test has seen nothing")
		}
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
		c.ends(ctx, leaves, acd.Abandoned, acd.LegQueued, "")
		for _, next := range []patient{waits, chooses} {
			if _, err := p.WaitEnded(ctx); err != nil {
				t.Fatal("the caller of the agent who hung up is left alone:", err)
			}
			meets(ctx, t, next, nextCall(ctx, t, agent))
			t.Logf("met %v after commands were taken again", time.Since(admitted).Round(time.Millisecond))
			c.hangup(ctx, next.Call)
			c.ends(ctx, next, acd.Answered, acd.LegTalking, "")
			neverSilent(t, next)
		}
		hangUp(ctx, t, q.Call, qat)
		undisturbed(t)
	})
	t.Run("every connection above the limit", func(t *testing.T) {
		c := s.in(t)
		c.sits(ctx, agent, "a18", phones.AnswerAfter(0))
		fill(t, ari(s.h))
		p := c.queued(ctx, "3100")
		meets(ctx, t, p, nextCall(ctx, t, agent))
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
		neverSilent(t, p)
		undisturbed(t)
	})
	c.hangup(ctx, kat)
	c.ends(ctx, k, acd.Answered, acd.LegTalking, "")
	nothingLeft(ctx, t, s.h)
	ended(ctx, t, s.h, trunkCalls(t, s.h)) // he whom the group took, too
}

// fill opens connections to Asterisk until it takes no more, and keeps them for the length of the test.
func fill(t *testing.T, address string) {
	t.Helper()
	const most = 1000
	buf := make([]byte, 1)
	for range most {
		conn := must[net.Conn](t)(net.Dial("tcp", address))
		t.Cleanup(func() { _ = conn.Close() })
		// One above the limit is closed without a word; from the others nothing comes.
		_ = conn.SetReadDeadline(time.Now().Add(3 * time.Millisecond))
		if _, err := conn.Read(buf); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
	t.Fatalf("%d connections, and no limit", most)
}
