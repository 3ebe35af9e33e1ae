package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"accueil/acd"
	"accueil/phones"
	"accueil/queues"
)

// awayFor is how long Redis does not answer at least, twice the time in which its absence must be noticed
// and more than the lead's lease.
const awayFor = 5 * time.Second

// TestRedisAway takes Redis away, or lets it refuse what is written (SCENARIOS C10): calls go on, new ones
// hear the menu's words and reach agents from memory, the state is told with its cause, and the return
// keeps order and loses and doubles nothing.
func TestRedisAway(t *testing.T) {
	t.Parallel()
	slow, slowTo := entry("3102", "lente")
	court, courtTo := entry("3101", "court")
	ctx, s := tell(t, with(quick(), map[string]string{"lente.yaml": slowScenario, "court.yaml": briefMenu}, append([]string{slow, slowTo, court, courtTo}, slowQueue...)...))
	c := s.in(t)
	talker := must[*phones.Phone](t)(s.h.Phone(ctx, "113", 1))
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 3))
	c.state(ctx, "a13", acd.AgentReady)
	k := c.queued(ctx, "3100")
	kat := must[*phones.Call](t)(talker.WaitCall(ctx))
	if err := kat.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, k, kat)
	waiting := []patient{c.queued(ctx, "3102")}
	stalls := watchStalls(t)

	admin := client(t, s.h)
	config := func(limit string) func() error {
		return func() error { return admin.ConfigSet(ctx, "maxmemory", limit).Err() }
	}
	replicaOf := func(host, port string) func() error {
		return func() error { return admin.Do(ctx, "replicaof", host, port).Err() }
	}
	for _, way := range []struct {
		name       string
		cause      string
		lasts      time.Duration
		take, give func() error
	}{
		{"full", queues.CauseMemory, 0, config("100kb"), config("0")},
		{"a replica", queues.CauseReadOnly, 0, replicaOf("127.0.0.1", "1"), replicaOf("no", "one")},
		{"stopped", queues.CauseTimeout, awayFor, s.h.Redis.Pause, s.h.Redis.Continue},
		{"refused", queues.CauseRefused, awayFor, s.h.Redis.Kill, func() error { return s.h.Redis.Restart(ctx, false) }},
		{"emptied", queues.CauseRefused, awayFor, func() error { return errors.Join(flush(ctx, s.h), s.h.Redis.Kill()) }, func() error { return s.h.Redis.Restart(ctx, true) }},
	} {
		c.state(ctx, "a18", acd.AgentReady)
		k.Ear().Reset()
		kat.Ear().Reset()
		stalls.reset()
		if err := way.take(); err != nil {
			t.Fatal(way.name, err)
		}
		gone := time.Now()
		waiting = append(waiting, c.queued(ctx, "3102")) // without Redis
		p := c.patient(ctx, "3100")
		at := must[*phones.Call](t)(agent.WaitCall(ctx))
		if err := at.Answer(); err != nil {
			t.Fatal(way.name, err)
		}
		meets(ctx, t, p, at)
		chooses := c.patient(ctx, "3101") // in a menu
		promptOver(ctx, t, chooses.Call)
		press(ctx, t, chooses.Call, "1")
		c.reaches(ctx, chooses, acd.LegQueued)
		c.hangup(ctx, chooses.Call)
		c.ends(ctx, chooses, acd.Abandoned, acd.LegQueued, "")
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
		if l := c.leg(p); !l.Degraded {
			t.Errorf("%s: the record does not say that it was made without Redis", way.name)
		}
		without(ctx, t, s.h, way.name, way.cause)
		select {
		case <-time.After(time.Until(gone.Add(way.lasts))): // the outage's length is the scenario's
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		}
		if err := way.give(); err != nil {
			t.Fatal(way.name, err)
		}
		back := time.Now()
		redisUp(ctx, t, s.h)
		within(ctx, t, "no fact waits any more", func() (string, bool) {
			n := s.h.App.Book().Health().SpoolRecords
			return strconv.Itoa(n), n == 0
		})
		t.Logf("%s: away for %v, in use again %v after", way.name, back.Sub(gone).Round(time.Millisecond), time.Since(back).Round(time.Millisecond))
		waiting = append(waiting, c.queued(ctx, "3102")) // with Redis
		ordered(ctx, t, s.h, way.name, waiting)
		for _, ear := range []*phones.Ear{k.Ear(), kat.Ear()} {
			if h := ear.Hearing(); h.LongestNothing > audioGap+2*stalls.worse() {
				t.Errorf("%s: a conversation was silent for %v", way.name, h.LongestNothing)
			}
		}
	}
	c.hangup(ctx, k.Call)
	c.ends(ctx, k, acd.Answered, acd.LegTalking, "")
	for _, w := range waiting {
		c.hangup(ctx, w.Call)
		c.ends(ctx, w, acd.Abandoned, acd.LegQueued, "")
	}
	nothingLeft(ctx, t, s.h)
	seenOnce(ctx, t, s.h)
}

// without checks what the node tells while Redis does not take its facts: which of its dependencies is
// away and why, that it goes on without, and how many facts wait.
func without(ctx context.Context, t *testing.T, h *Hospital, when, why string) {
	t.Helper()
	var ready struct {
		Dependencies map[string]struct {
			Up     bool
			Detail string
		}
	}
	_, text, err := h.Request(ctx, http.MethodGet, "/readyz", nil)
	if err == nil {
		err = json.Unmarshal(text, &ready)
	}
	if d, ok := ready.Dependencies["redis"]; err != nil || !ok || d.Up || !strings.Contains(d.Detail, why) {
		t.Errorf("%s: /readyz says %s, %v; want the cause %s", when, text, err, why)
	}
	figures := scrape(ctx, t, h)
	if total(figures, "accueil_degraded") != 1 || total(figures, "accueil_redis_up") != 0 || total(figures, "accueil_spool_records") < 5 {
		t.Errorf("%s: degraded %v, up %v, %v facts wait", when, total(figures, "accueil_degraded"), total(figures, "accueil_redis_up"), total(figures, "accueil_spool_records"))
	}
}

// A queue that nobody serves, reached by entry 3102.
const slowScenario = `version: 1
start: file
emergency_message: false
nodes:
  file: {queue: lente}
`

var slowQueue = []string{
	"\nreasons:\n", "\nreasons:\n  lente: {label: {fr: \"lente\", en: \"slow\"}, queue: lente}\n",
	"\nqueues:\n", "\nqueues:\n  lente: {steps: [{require: \"resultats >= 4\"}], ring: 15s, max_wait: 4h, when_unstaffed: wait, waiting: attente, fallback: {goto: accueil}, wrapup: 0s}\n",
}

func client(t *testing.T, h *Hospital) *redis.Client {
	r := redis.NewClient(&redis.Options{Addr: h.Redis.Addr()})
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func flush(ctx context.Context, h *Hospital) error {
	r := redis.NewClient(&redis.Options{Addr: h.Redis.Addr()})
	return errors.Join(r.FlushAll(ctx).Err(), r.Close())
}

// redisUp waits until the node uses Redis again.
func redisUp(ctx context.Context, t *testing.T, h *Hospital) {
	t.Helper()
	for {
		if h.App.Book().Health().Up {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("Redis is not used again:", ctx.Err())
		case <-time.After(10 * time.Millisecond): // health is asked, not told
		}
	}
}

// ordered checks that Redis itself holds the callers in the order of their instants.
func ordered(ctx context.Context, t *testing.T, h *Hospital, when string, want []patient) {
	t.Helper()
	ids := must[[]string](t)(client(t, h).ZRange(ctx, "{"+h.Site.ID+"}:1:queue:lente", 0, -1).Result())
	if len(ids) != len(want) {
		t.Fatalf("%s: Redis holds %d places, want %d", when, len(ids), len(want))
	}
	for i, id := range ids {
		if acd.LegID(id).Contact() != want[i].contact {
			t.Errorf("%s: place %d is another caller's", when, i+1)
		}
	}
}

// seenOnce compares the ended contacts with Asterisk's own records.
func seenOnce(ctx context.Context, t *testing.T, h *Hospital) {
	t.Helper()
	legs := ended(ctx, t, h, trunkCalls(t, h))
	for _, l := range legs {
		if l.End == nil {
			t.Errorf("leg %s has no end", l.ID)
		}
	}
}

// TestRedisEmptyAndControllerKilled: the node's own disk and what the channels remember bring back
// callers, order, ages and agents' states.
func TestRedisEmptyAndControllerKilled(t *testing.T) {
	t.Parallel()
	bothGone(t, true)
}

// TestControllerKilledWhileRedisIsAway: facts that Redis never saw come from the spool.
func TestControllerKilledWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	bothGone(t, false)
}

func bothGone(t *testing.T, empty bool) {
	slow, slowTo := entry("3102", "lente")
	o := with(quick(), map[string]string{"lente.yaml": slowScenario}, append([]string{slow, slowTo}, slowQueue...)...)
	o.Binary = builtBinary(t)
	ctx, h := hospital(t, o)
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	agent := must[*phones.Phone](t)(h.Phone(ctx, "118", 3))
	code, text, err := h.Request(ctx, "PUT", "/v1/agents/a18/state", map[string]string{"state": "ready"})
	if err != nil || code/100 != 2 {
		t.Fatal(code, err, string(text))
	}
	call := func(entry string) *phones.Call {
		p := must[*phones.Call](t)(trunk.Call(ctx, entry, phones.CallOptions{User: "0612345678", Tone: patientTone()}))
		if err := p.WaitAnswered(ctx); err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := call("3100")
	at := must[*phones.Call](t)(agent.WaitCall(ctx))
	if err := at.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, patient{Call: p}, at)
	call("3102")
	call("3102")
	before := listed(ctx, t, h, 2)
	if empty {
		saved(ctx, t, h, before)
	} else {
		if err := h.Redis.Kill(); err != nil {
			t.Fatal(err)
		}
		call("3102")
		before = listed(ctx, t, h, 3) // from memory
	}
	h.Kill()
	if empty {
		if err := h.Redis.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Redis.Restart(ctx, empty); err != nil {
		t.Fatal(err)
	}
	if err := h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	after := listed(ctx, t, h, len(before))
	for i := range after {
		if after[i].Contact != before[i].Contact || after[i].Enqueued != before[i].Enqueued {
			t.Errorf("place %d: %+v, was %+v", i+1, after[i], before[i])
		}
	}
	meets(ctx, t, patient{Call: p}, at)
	waitAgent(ctx, t, h, "a18", acd.AgentBusy)
	if err := at.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := p.WaitEnded(ctx); err != nil {
		t.Fatal(err)
	}
	waitAgent(ctx, t, h, "a18", acd.AgentReady)
}

// saved waits until the node has written the callers to its own disk, as it does every five seconds.
func saved(ctx context.Context, t *testing.T, h *Hospital, callers []place) {
	t.Helper()
	for {
		fold, _ := os.ReadFile(filepath.Join(h.Site.DataDir, "spool", "fold.json"))
		if !slices.ContainsFunc(callers, func(p place) bool { return !strings.Contains(string(fold), string(p.Contact)) }) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("the fold is not saved")
		case <-time.After(50 * time.Millisecond): // a file tells nothing of itself
		}
	}
}

type place struct {
	Contact  acd.ContactID `json:"contact"`
	Enqueued string        `json:"enqueued"`
}

// listed waits until n callers wait in the slow queue, and returns them in their order.
func listed(ctx context.Context, t *testing.T, h *Hospital, n int) []place {
	t.Helper()
	return places(ctx, t, h, "lente", n)
}
