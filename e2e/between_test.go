package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// fuse counts the commands that the cables carry, and blows at one of them: before it is carried out, or
// after that and before its answer arrives. Nothing of it is in the program, which cannot tell it from
// a kill that meets that very instant.
type fuse struct {
	mu     sync.Mutex // guards below
	blow   func()
	passed map[string]int
	link   string // where it blows; "" nowhere
	at     int    // the command at which it does
	done   bool   // that one is still carried out
}

// arm sets the fuse for the n-th command from now on a link.
func (f *fuse) arm(link string, n int, done bool, blow func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.passed, f.link, f.at, f.done, f.blow = map[string]int{}, link, n, done, blow
}

// disarm takes the fuse out, and returns how many commands passed on each link since it was set, and
// whether it has blown.
func (f *fuse) disarm() (passed map[string]int, blown bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	passed, blown = f.passed, f.link != "" && f.passed[f.link] >= f.at
	f.passed, f.link = map[string]int{}, ""
	return passed, blown
}

// burning is the fuse as one connection sees it.
type burning struct {
	*fuse
	link    string // its own
	command func([]byte) bool
	mu      sync.Mutex
	last    func() // the next answer is that of the command at which it blows; else nil
}

func (b *burning) sent(piece []byte) verdict {
	if !b.command(piece) {
		return carries
	}
	b.fuse.mu.Lock()
	b.passed[b.link]++
	here, done, blow := b.fuse.link == b.link && b.passed[b.link] == b.at, b.done, b.blow
	b.fuse.mu.Unlock()
	switch {
	case !here:
		return carries
	case !done:
		blow()
		return breaks
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = blow
	return carries
}

func (b *burning) answered([]byte) verdict {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last == nil {
		return carries
	}
	b.last()
	return breaks
}

// toAsterisk says whether a piece is a command to Asterisk, which changes something there.
func toAsterisk(piece []byte) bool {
	return slices.ContainsFunc([]string{"POST ", "PUT ", "DELETE "}, func(method string) bool { return bytes.HasPrefix(piece, []byte(method)) })
}

// toRedis says whether a piece holds a change; the lead's renewals are none.
func toRedis(piece []byte) bool {
	return bytes.Contains(piece, []byte("evalsha")) && !bytes.Contains(piece, []byte("\r\nkeep\r\n"))
}

// fused opens a hospital whose controller reaches Asterisk and Redis through cables with a fuse, and dies
// when that blows.
func fused(t *testing.T, o Options) (context.Context, *story, *fuse) {
	t.Helper()
	o.NoApp = true
	ctx, s := tell(t, o)
	f := &fuse{passed: map[string]int{}}
	text := string(must[[]byte](t)(os.ReadFile(s.h.SitePath)))
	for link, to := range map[string]string{"ari": ari(s.h), "redis": s.h.Redis.Addr()} {
		command := map[string]func([]byte) bool{"ari": toAsterisk, "redis": toRedis}[link]
		c := lay(t, to, func(io.Writer) tap { return &burning{fuse: f, link: link, command: command} })
		text = strings.ReplaceAll(text, to, c.Addr())
	}
	if err := os.WriteFile(s.h.SitePath, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.h.opt.NoApp = false
	if err := s.h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx, s, f
}

// TestKilledBetweenCommandAndLog kills the controller at random commands to Asterisk and changes of
// the log over a call's whole life, before and after each was carried out: what was done and not
// written, or written and not done, is found again. Whoever rings is answered, has one outcome and
// leaves nothing behind; those beside him notice nothing.
func TestKilledBetweenCommandAndLog(t *testing.T) {
	t.Parallel()
	o := with(mortal(t, "wrapup: 0s"), nil, `phone: "118",`, `phone: "118", briefing: beep,`)
	_, s, f := fused(t, o)
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience*time.Duration(soak(60)))
	defer cancel()
	d := &deaths{chapter: s.in(t), stall: watchStalls(t), since: map[acd.ContactID]acd.Instant{}}
	d.begin(ctx)
	d.agent.SetPolicy(phones.AnswerAfter(50 * time.Millisecond))
	group := fallbackPhone(ctx, t, s.h)
	group.SetPolicy(phones.AnswerAfter(0))
	voices := []float64{d.agent.Tone(), group.Tone()}
	d.ready(ctx, "a18")

	known := len(d.talks) + len(d.waiting)
	f.disarm()
	d.life(ctx, voices, 0)
	known++
	d.settled(ctx, known)
	whole, _ := f.disarm()
	t.Logf("a life has %d commands and %d changes", whole["ari"], whole["redis"])
	if whole["ari"] < 8 || whole["redis"] < 5 {
		t.Fatal("the cables have seen no life")
	}
	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 0))
	for i := range 8 * soak(60) {
		link := []string{"ari", "redis"}[i%2]
		n, done := 1+dice.IntN(whole[link]), i/2%2 == 0
		name := fmt.Sprintf("life %d (seed %d): %s, command %d, done %t", i, seed, link, n, done)
		for _, k := range d.talks {
			k.p.Ear().Reset()
			k.at.Ear().Reset()
		}
		for _, w := range d.waiting {
			w.Ear().Reset()
		}
		d.stall.reset()
		restarted := make(chan error, 1)
		f.arm(link, n, done, func() {
			d.h.Kill()
			go func() { restarted <- d.h.StartApp(ctx) }()
		})
		begun, met := time.Now(), false
		voice := d.life(ctx, voices, i)
		if _, met = f.disarm(); met {
			if err := <-restarted; err != nil {
				t.Fatal(name, err)
			}
		}
		known++
		d.settled(ctx, known)
		d.unnoticed(name)
		d.places(ctx, name)
		t.Logf("%s: killed %t, answered by the fallback group %t, %v", name, met, voice == group.Tone(), time.Since(begun).Round(time.Millisecond))
		if t.Failed() {
			t.FailNow()
		}
	}
	d.state(ctx, "a18", acd.AgentOffline)
	d.finish(ctx)
}

// life is one call from its ring to its end: the caller presses 1 until somebody speaks to him, and one
// of the two hangs up. It returns whom he heard.
func (d *deaths) life(ctx context.Context, voices []float64, i int) float64 {
	d.t.Helper()
	trunk := must[*phones.Phone](d.t)(d.h.Trunk(ctx))
	p := must[*phones.Call](d.t)(trunk.Dial(ctx, "3101", phones.CallOptions{User: "0612345678", Tone: patientTone()}))
	type met struct {
		voice float64
		err   error
	}
	heard := make(chan met, 1)
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	go func() {
		voice, err := p.Ear().WaitVoice(limited, voices...)
		heard <- met{voice, err}
	}()
	again := time.NewTicker(700 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case m := <-heard:
			if m.err != nil {
				d.t.Fatal("nobody answers the caller:", m.err)
			}
			from := p
			if i%2 == 1 {
				if at := d.with(p); at != nil {
					from = at
				}
			}
			if err := from.Hangup(ctx); err != nil {
				d.t.Fatal("hang up:", err)
			}
			if _, err := p.WaitEnded(ctx); err != nil {
				d.t.Fatal("the caller is left alone:", err)
			}
			return m.voice
		case <-again.C:
			_ = p.Press(ctx, "1")
		}
	}
}

// with is the agent's call that lives.
func (d *deaths) with(*phones.Call) *phones.Call {
	for _, c := range d.agent.Calls() {
		if _, over := c.End(); !over {
			return c
		}
	}
	return nil
}

// settled waits until every contact but those in conversation and in the queue has its end, exactly one,
// and the agent is free and not blamed.
func (d *deaths) settled(ctx context.Context, contacts int) {
	d.t.Helper()
	lasting := len(d.talks) + len(d.waiting)
	d.until(ctx, fmt.Sprintf("%d contacts, %d of them ended", contacts, contacts-lasting), func(v *acd.View, log []acd.Entry) bool {
		first, live := 0, 0
		for _, l := range v.Image().Legs {
			if l.Initial() {
				first++
			}
			if l.Live() {
				live++
			}
		}
		a, _ := v.Agent("a18")
		return first == contacts && live == lasting && a.State == acd.AgentReady
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	ends := map[acd.LegID]int{}
	for _, e := range d.entries {
		for _, l := range e.Legs {
			if l.End != nil && e.Kind == acd.KindEnded {
				ends[l.ID]++
			}
			if l.Anomaly || e.Anomaly != "" {
				d.t.Errorf("anomaly %q in %s of %s", e.Anomaly, e.Kind, l.ID)
			}
		}
	}
	for leg, n := range ends {
		if n != 1 {
			d.t.Errorf("leg %s has %d ends:\n%s", leg, n, timeline(d.entries, leg.Contact()))
		}
	}
	if a, _ := d.view.Agent("a18"); a.Misses != 0 || len(a.Legs) > 0 || a.Load != 0 {
		d.t.Errorf("the agent is blamed or busy: %+v", a)
	}
}
