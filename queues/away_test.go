package queues

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/redis/go-redis/v9"

	"accueil/acd"
	"accueil/deploy/local"
)

func awaitUp(t testing.TB, b *Book, up bool) {
	t.Helper()
	await(t, fmt.Sprintf("up = %v", up), func() bool { return b.Health().Up == up })
}

func admin(t testing.TB, addr string) *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: addr, DisableIdentity: true})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// sameView checks that a second node, which knows only what Redis holds, sees what the first shows.
func sameView(t testing.TB, b *Book) {
	t.Helper()
	awaitUp(t, b, true)
	must(t, b.Flush(t.Context()))
	o := b.opts
	o.SpoolDir, o.NoCampaign, o.Registerer, o.OpenWait = "", true, nil, 0
	other, err := Open(t.Context(), o)
	must(t, err)
	defer func() { must(t, other.Close()) }()
	for what, both := range map[string][2]any{
		"legs": {other.Legs(), b.Legs()}, "agents": {other.Agents(), b.Agents()},
		"phones": {other.Phones(), b.Phones()}, "closures": {other.Closures(), b.Closures()},
	} {
		// As JSON: an empty list and none are the same image.
		if got, want := string(encode(both[0])), string(encode(both[1])); got != want {
			t.Errorf("Redis holds %s\n%s\nwant\n%s", what, got, want)
		}
	}
	sameOrder(t, b)
}

// sameOrder checks that the queues' sorted sets hold the waiting legs and no other.
func sameOrder(t testing.TB, b *Book) {
	t.Helper()
	want := map[acd.QueueID]map[string]float64{}
	for _, l := range b.Legs() {
		if l.Waiting() {
			if want[l.Queue] == nil {
				want[l.Queue] = map[string]float64{}
			}
			want[l.Queue][string(l.ID)] = float64(l.Score())
		}
	}
	for _, q := range []acd.QueueID{"rdv", "resultats"} {
		zs, err := b.reads.ZRangeWithScores(t.Context(), b.keys.queue(q), 0, -1).Result()
		must(t, err)
		if len(zs) != len(want[q]) {
			t.Errorf("queue %s holds %d places, want %d", q, len(zs), len(want[q]))
		}
		for _, z := range zs {
			if s, ok := want[q][z.Member.(string)]; !ok || s != z.Score {
				t.Errorf("queue %s: %v at %v, want %v (%v)", q, z.Member, z.Score, s, ok)
			}
		}
	}
}

// onceEach checks that no operation was told twice.
func onceEach(t testing.TB, entries []acd.Entry) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range entries {
		if e.Op != "" && seen[e.Op] {
			t.Errorf("operation of kind %s told twice", e.Kind)
		}
		seen[e.Op] = true
	}
}

func personal(t testing.TB, b *Book, id acd.LegID, p acd.Personal) {
	t.Helper()
	must(t, b.Record(acd.KindLegChanged, func(tx *acd.Tx) error { tx.Personal(id.Contact(), p); return nil }))
}

// Redis dies with calls in every state: facts act, own agents are claimed, and after the return Redis
// holds exactly what happened, whether it kept its data or not.
func TestAwayAndReturn(t *testing.T) {
	t.Parallel()
	for _, empty := range []bool{false, true} {
		t.Run(fmt.Sprintf("empty=%v", empty), func(t *testing.T) {
			t.Parallel()
			r := startRedis(t, local.RedisOptions{})
			b := open(t, Options{Addresses: []string{r.Addr()}, SpoolDir: t.TempDir()})
			l := lead(t, b)
			s := b.Subscribe("test")
			defer s.Close()
			login(t, b, "a01", "101")
			login(t, b, "a02", "102")
			for n := range 4 {
				arrive(t, b, contact(n))
			}
			personal(t, b, contact(0), acd.Personal{Number: "+33612345678"})
			for n := range 2 {
				if _, err := enqueue(b, contact(n), acd.Queueing{Queue: "rdv"}); err != nil {
					t.Fatal(err)
				}
			}
			_, err := claim(b, contact(0), "a01", l)
			must(t, err)
			must(t, b.Flush(t.Context()))
			gen := b.Health().Gen

			must(t, r.Kill())
			awaitUp(t, b, false)
			if c := b.Health().Cause; c != CauseRefused && c != CauseLost {
				t.Errorf("cause %q", c)
			}
			must(t, b.Record(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(contact(0)) }))
			must(t, b.Record(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(contact(0)) }))
			personal(t, b, contact(3), acd.Personal{Number: "+33698765432"})
			l, here := b.Lead()
			if !here {
				t.Error("without Redis a node leads itself")
			}
			e, err := claim(b, contact(1), "a02", l)
			must(t, err)
			if !e.Degraded || e.ID != "" {
				t.Errorf("a claim without Redis must say so: %+v", e)
			}
			must(t, b.Record(acd.KindEnded, func(tx *acd.Tx) error {
				return tx.EndLeg(contact(2), acd.End{Outcome: acd.Abandoned, By: acd.ByCaller})
			}))
			must(t, b.Flush(t.Context()))
			if h := b.Health(); h.SpoolRecords != 5 || h.SpoolBytes == 0 {
				t.Errorf("spool holds %d records in %d bytes, want 5", h.SpoolRecords, h.SpoolBytes)
			}
			before := b.Legs()

			must(t, r.Restart(t.Context(), empty))
			awaitUp(t, b, true)
			if h := b.Health(); (h.Gen != gen) != empty || h.SpoolRecords != 0 || h.SpoolBytes != 0 {
				t.Errorf("after the return: gen changed %v, spool %d records %d bytes", h.Gen != gen, h.SpoolRecords, h.SpoolBytes)
			}
			after := b.Legs()
			for i := range after { // a replay may raise a revision, never change a state
				after[i].Rev = before[i].Rev
			}
			if !reflect.DeepEqual(before, after) {
				t.Errorf("legs before the return\n%+v\nafter\n%+v", before, after)
			}
			for _, n := range []int{0, 3} {
				if p, err := b.reads.HGet(t.Context(), b.keys.personal(contact(n).Contact()), "number").Result(); err != nil || p == "" {
					t.Errorf("personal fields of call %d are not in Redis again: %v", n, err)
				}
			}
			sameView(t, b)
			must(t, b.Record(acd.KindPoints, func(tx *acd.Tx) error { return tx.SetPoints(contact(1), 3, "s1") }))
			var all []acd.Entry
			fold := acd.NewView()
			fold.Apply(s.Image)
			for len(all) == 0 || all[len(all)-1].Kind != acd.KindPoints {
				all = append(all, next(t, s))
				fold.Apply(all[len(all)-1])
			}
			onceEach(t, all)
			must(t, b.Flush(t.Context()))
			if got := fold.Legs(); !reflect.DeepEqual(got, b.Legs()) {
				t.Errorf("a subscriber's fold has\n%+v\nthe book\n%+v", got, b.Legs())
			}
			got := counts(t, b)
			if got["contacts_total[3000   abandoned menu]"] != 1 || got["offers_total[rdv accepted]"] != 1 {
				t.Errorf("counters after the return: %v", got)
			}
			if q := got["queue_entered_total[rdv ]"]; !empty && q != 2 {
				t.Errorf("queue_entered_total = %d, want 2", q)
			}
		})
	}
}

// Every way in which Redis refuses is told by its name, and ends by itself.
// TestReturnToASlowRedis comes back to a Redis that answers later than a call could wait: a busy machine,
// or much to read and replay. What is late at the first attempt is late at every other one.
func TestReturnToASlowRedis(t *testing.T) {
	t.Parallel()
	p := startProxy(t, startRedis(t, local.RedisOptions{}).Addr())
	b := open(t, Options{Addresses: []string{p.addr()}, SpoolDir: t.TempDir(), NoCampaign: true})
	arrive(t, b, contact(0))
	must(t, b.Flush(t.Context()))
	p.away(true)
	awaitUp(t, b, false)
	for n := range 3 {
		arrive(t, b, contact(1+n))
	}
	p.late.Store(true)
	p.away(false)
	awaitUp(t, b, true)
	p.late.Store(false)
	sameView(t, b)
	if legs := b.Legs(); len(legs) != 4 {
		t.Errorf("%d legs came back, want 4", len(legs))
	}
}

func TestCauses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cause      string
		options    local.RedisOptions
		hurt, mend func(t *testing.T, r *local.Redis, c *redis.Client)
	}{
		{CauseMemory, local.RedisOptions{},
			func(t *testing.T, _ *local.Redis, c *redis.Client) {
				must(t, c.ConfigSet(t.Context(), "maxmemory", "100kb").Err())
			},
			func(t *testing.T, _ *local.Redis, c *redis.Client) {
				must(t, c.ConfigSet(t.Context(), "maxmemory", "0").Err())
			}},
		{CauseReadOnly, local.RedisOptions{ExtraConf: []string{"replica-serve-stale-data yes"}},
			func(t *testing.T, _ *local.Redis, c *redis.Client) {
				must(t, c.Do(t.Context(), "replicaof", "127.0.0.1", "1").Err())
			},
			func(t *testing.T, _ *local.Redis, c *redis.Client) {
				must(t, c.Do(t.Context(), "replicaof", "no", "one").Err())
			}},
		{CauseMisconf, local.RedisOptions{ExtraConf: []string{"save 3600 1"}},
			func(t *testing.T, r *local.Redis, c *redis.Client) {
				must(t, os.Mkdir(filepath.Join(r.Dir, "dump.rdb"), 0o700)) // a save cannot take its place
				must(t, c.BgSave(t.Context()).Err())
				await(t, "a failed save", func() bool {
					s, _ := c.Info(t.Context(), "persistence").Result()
					return infoField(s, "rdb_last_bgsave_status") == "err"
				})
			},
			func(t *testing.T, r *local.Redis, c *redis.Client) {
				must(t, os.Remove(filepath.Join(r.Dir, "dump.rdb")))
				must(t, c.BgSave(t.Context()).Err())
			}},
		{CauseBusy, local.RedisOptions{ExtraConf: []string{"busy-reply-threshold 20"}},
			func(t *testing.T, r *local.Redis, _ *redis.Client) {
				loop := redis.NewClient(&redis.Options{Addr: r.Addr(), ReadTimeout: -1, MaxRetries: -1, DisableIdentity: true})
				done := make(chan struct{})
				go func() { defer close(done); _ = loop.Eval(context.Background(), "while true do end", nil).Err() }()
				t.Cleanup(func() { <-done; _ = loop.Close() })
			},
			func(t *testing.T, _ *local.Redis, c *redis.Client) {
				await(t, "the end of the script", func() bool {
					err := c.ScriptKill(t.Context()).Err()
					return err == nil || err.Error() == "NOTBUSY No scripts in execution right now."
				})
			}},
		{CauseTimeout, local.RedisOptions{},
			func(t *testing.T, r *local.Redis, _ *redis.Client) { must(t, r.Pause()) },
			func(t *testing.T, r *local.Redis, _ *redis.Client) { must(t, r.Continue()) }},
	} {
		t.Run(c.cause, func(t *testing.T) {
			t.Parallel()
			r := startRedis(t, c.options)
			b := open(t, Options{Addresses: []string{r.Addr()}})
			lead(t, b)
			cl := admin(t, r.Addr())
			arrive(t, b, contact(1))
			must(t, b.Flush(t.Context()))
			c.hurt(t, r, cl)
			n := 1
			await(t, "cause "+c.cause, func() bool {
				n++
				arrive(t, b, contact(n))
				return b.Health().Cause == c.cause
			})
			c.mend(t, r, cl)
			awaitUp(t, b, true)
			sameView(t, b)
			if got := len(b.Legs()); got != n {
				t.Errorf("%d legs, want %d", got, n)
			}
		})
	}
}

func infoField(info, name string) string { return parseFields(info)[name] }

// A cause is read from the first word of Redis's answer, or from the network's error.
func TestCauseOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"LOADING Redis is loading the dataset in memory": CauseLoading,
		"MISCONF Errors writing to the AOF file":         CauseMisconf,
		"NOAUTH Authentication required.":                CauseDenied,
		"CLUSTERDOWN Hash slot not served":               CauseCluster,
		"ERR wrong number of arguments":                  CauseOther,
	} {
		if got := cause(fmt.Errorf("do it: %w", answer(text))); got != want {
			t.Errorf("%q: cause %q, want %q", text, got, want)
		}
	}
	if got := cause(context.DeadlineExceeded); got != CauseTimeout {
		t.Errorf("deadline: cause %q", got)
	}
}

// answer is an error reply as the client library makes one.
type answer string

func (r answer) Error() string { return string(r) }
func (answer) RedisError()     {}

// Flushed scripts are loaded again within the same operation; a flushed data set is asserted again.
func TestFlushed(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	b := open(t, Options{Addresses: []string{r.Addr()}})
	c := admin(t, r.Addr())
	lead(t, b)
	login(t, b, "a01", "101")
	arrive(t, b, contact(1))
	must(t, b.Flush(t.Context()))
	must(t, c.ScriptFlush(t.Context()).Err())
	_, err := enqueue(b, contact(1), acd.Queueing{Queue: "rdv"})
	must(t, err)
	if h := b.Health(); !h.Up {
		t.Errorf("flushed scripts made Redis count as away: %s", h.Cause)
	}
	gen := b.Health().Gen
	must(t, c.FlushAll(t.Context()).Err())
	await(t, "a new data set", func() bool { h := b.Health(); return h.Up && h.Gen != gen })
	sameView(t, b)
	if a, _ := b.Agent("a01"); a.State != acd.AgentReady {
		t.Errorf("agent is %s, want ready", a.State)
	}
}

// What a killed process had in its spool and its fold is what the next one starts from, with Redis or
// without; counters stay exact although the log holds a part of the spool already.
func TestSpoolOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	dir := t.TempDir()
	b := open(t, Options{Addresses: []string{r.Addr()}, SpoolDir: dir})
	lead(t, b)
	login(t, b, "a01", "101")
	for n := range 20 {
		arrive(t, b, contact(n))
	}
	must(t, b.Flush(t.Context()))
	b.saveFold()
	must(t, r.Kill())
	awaitUp(t, b, false)
	for n := range 20 {
		must(t, b.Record(acd.KindEnded, func(tx *acd.Tx) error {
			return tx.EndLeg(contact(n), acd.End{Outcome: acd.Abandoned, By: acd.ByCaller})
		}))
	}
	must(t, b.Record(acd.KindAgentState, func(tx *acd.Tx) error { return tx.Pause("a01", "pause_1") }))
	must(t, b.Flush(t.Context()))

	crash := t.TempDir() // the folder as kill -9 leaves it, a torn line at its end
	for _, name := range []string{spoolName, foldName} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		if name == spoolName {
			data = append(data, `{"entry":{"v":1,"op":"torn`...)
		}
		must(t, os.WriteFile(filepath.Join(crash, name), data, 0o600))
	}
	twice := t.TempDir()
	must(t, os.CopyFS(twice, os.DirFS(crash)))

	alone := open(t, Options{Addresses: []string{r.Addr()}, SpoolDir: crash, OpenWait: 1})
	if a, _ := alone.Agent("a01"); a.State != acd.AgentPaused || len(alone.Legs()) != 0 {
		t.Errorf("started without Redis: agent %s, %d legs; want paused, 0", a.State, len(alone.Legs()))
	}
	must(t, r.Restart(t.Context(), false))
	awaitUp(t, alone, true)
	check := func(b *Book) {
		t.Helper()
		sameView(t, b)
		if n := counts(t, b)["contacts_total[3000   abandoned menu]"]; n != 20 {
			t.Errorf("contacts_total = %d, want 20", n)
		}
	}
	check(alone)
	awaitUp(t, b, true) // the first process replays the same facts: all known
	check(b)
	check(open(t, Options{Addresses: []string{r.Addr()}, SpoolDir: twice}))
}

// Redis and the controller both start empty-handed but for the fold: agents keep their states.
func TestFoldOutlivesRedis(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	dir := t.TempDir()
	b, err := Open(t.Context(), Options{Addresses: []string{r.Addr()}, SpoolDir: dir, Site: "test", Node: "n1"})
	must(t, err)
	login(t, b, "a01", "101")
	must(t, b.Record(acd.KindAgentState, func(tx *acd.Tx) error { return tx.Pause("a01", "pause_2") }))
	arrive(t, b, contact(1))
	want, _ := b.Agent("a01")
	must(t, b.Close())
	must(t, r.Restart(t.Context(), true))
	b = open(t, Options{Addresses: []string{r.Addr()}, SpoolDir: dir})
	if got, _ := b.Agent("a01"); !reflect.DeepEqual(got, want) {
		t.Errorf("agent after both restarted %+v, want %+v", got, want)
	}
	if len(b.Legs()) != 1 {
		t.Errorf("%d legs, want 1", len(b.Legs()))
	}
	sameView(t, b)
}

// A full disk is counted and told; facts go on and reach Redis from memory.
func TestSpoolDiskFull(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	b := open(t, Options{Addresses: []string{r.Addr()}, SpoolDir: t.TempDir()})
	lead(t, b)
	arrive(t, b, contact(1))
	must(t, b.Flush(t.Context()))
	must(t, b.spool.file.Close())
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	must(t, err)
	b.spool.file = full
	must(t, r.Kill())
	awaitUp(t, b, false)
	arrive(t, b, contact(2))
	if err := b.Flush(t.Context()); !errors.Is(err, errSpool) {
		t.Errorf("flush to a full disk: %v", err)
	}
	if !b.Health().SpoolFailed {
		t.Error("health does not know that the disk is full")
	}
	must(t, r.Restart(t.Context(), false))
	awaitUp(t, b, true)
	sameView(t, b)
}
