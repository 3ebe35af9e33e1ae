package queues

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"accueil/acd"
	"accueil/deploy/local"
)

// What identifies a caller is in its own key, for its own time, and nowhere else: not in the log, the
// images, the spool, the fold, the metrics, our words or our errors.
func TestPersonalFieldsStayApart(t *testing.T) {
	t.Parallel()
	secret := acd.Personal{Number: "+33677001122", Name: "Zoe Quillfeather", Note: "wheelchair-entrance"}
	leaks := func(where, text string) {
		t.Helper()
		for _, s := range []string{secret.Number, secret.Name, secret.Note, "77001122", "Quillfeather"} {
			if strings.Contains(text, s) {
				t.Errorf("%s holds %q", where, s)
			}
		}
	}
	var out bytes.Buffer
	log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.Lock(zapcore.AddSync(&out)), zap.DebugLevel))
	r := startRedis(t, local.RedisOptions{})
	dir, registry := t.TempDir(), prometheus.NewRegistry()
	b, err := Open(t.Context(), Options{Addresses: []string{r.Addr()}, Site: "test", Node: "n1", SpoolDir: dir, Log: log, Registerer: registry})
	must(t, err)
	lead(t, b)
	sub := b.Subscribe("test")
	defer sub.Close()
	id := contact(1)
	arrive(t, b, id)
	personal(t, b, id, secret)
	must(t, b.Flush(t.Context()))
	if p, ok, err := b.Personal(t.Context(), id.Contact()); err != nil || !ok || p != secret {
		t.Errorf("personal fields: %v %v, equal %v", ok, err, p == secret)
	}
	must(t, r.Kill())
	awaitUp(t, b, false)
	personal(t, b, id, secret)
	if err := b.Record(acd.KindTalking, func(tx *acd.Tx) error { tx.Personal(id.Contact(), secret); return tx.Join("nobody/1") }); err == nil {
		t.Error("a fact about nobody was taken")
	} else {
		leaks("an error", err.Error()+fmt.Sprintf("%+v %#v", err, err))
	}
	must(t, b.Flush(t.Context()))
	b.saveFold()
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			data, rerr := os.ReadFile(path)
			leaks(d.Name(), string(data))
			return rerr
		}
		return err
	}))
	must(t, r.Restart(t.Context(), false))
	awaitUp(t, b, true)

	must(t, b.Record(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(id, acd.End{Outcome: acd.Abandoned}) }))
	must(t, b.Flush(t.Context()))
	e := nextKind(t, sub, acd.KindEnded)
	leaks("an entry", fmt.Sprintf("%+v %s", e, encode(e)))
	if p, ok, err := b.Personal(t.Context(), id.Contact()); err != nil || !ok || p != secret {
		t.Errorf("personal fields of an ended contact must last %v: %v %v", eraseTTL, ok, err)
	}
	c := admin(t, r.Addr())
	key := b.keys.personal(id.Contact())
	if ttl := c.PTTL(t.Context(), key).Val(); ttl <= 0 || ttl > eraseTTL {
		t.Errorf("personal fields live %v more, want at most %v", ttl, eraseTTL)
	}
	if ttl := c.PTTL(t.Context(), b.keys.entity(acd.LegKey(id))).Val(); ttl <= 0 || ttl > endedTTL {
		t.Errorf("an ended leg lives %v more, want at most %v", ttl, endedTTL)
	}
	for _, k := range c.Keys(t.Context(), "*").Val() {
		if k != key {
			leaks(k, dump(t, b, k))
		}
	}
	families, err := registry.Gather()
	must(t, err)
	var metrics bytes.Buffer
	for _, f := range families {
		_, err := expfmt.MetricFamilyToText(&metrics, f)
		must(t, err)
	}
	leaks("a metric", metrics.String())
	for _, name := range []string{"accueil_redis_up 1", "accueil_degraded 0", `accueil_redis_trips_total{cause="`, "accueil_redis_script_seconds"} {
		if !strings.Contains(metrics.String(), name) {
			t.Errorf("metrics lack %q", name)
		}
	}
	must(t, b.Close())
	leaks("the program's log", out.String())
	if !strings.Contains(out.String(), "Redis is away") {
		t.Error("the log lacks what it should say: nothing was tested")
	}
}

// dump reads a key of any type as text.
func dump(t *testing.T, b *Book, key string) string {
	t.Helper()
	ctx, c := t.Context(), b.reads
	switch typ := c.Type(ctx, key).Val(); typ {
	case "hash":
		return fmt.Sprint(c.HGetAll(ctx, key).Val())
	case "set":
		return fmt.Sprint(c.SMembers(ctx, key).Val())
	case "zset":
		return fmt.Sprint(c.ZRange(ctx, key, 0, -1).Val())
	case "stream":
		return fmt.Sprint(c.XRange(ctx, key, "-", "+").Val())
	default:
		t.Errorf("key %s of type %q was not looked at", key, typ)
		return ""
	}
}

// Findings name each setting that endangers calls.
func TestFindings(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{NoAOF: true, ExtraConf: []string{"maxmemory-policy allkeys-lru", "maxmemory 4mb"}})
	b := open(t, Options{Addresses: []string{r.Addr()}, Log: zap.NewNop()})
	h := b.Health()
	text := strings.Join(h.Findings, "\n")
	for _, want := range []string{"append-only file is off", "allkeys-lru"} {
		if !strings.Contains(text, want) {
			t.Errorf("findings %q lack %q", text, want)
		}
	}
	if h.AOF || h.Eviction != "allkeys-lru" || !strings.HasPrefix(h.Version, "7.") && h.Version == "" || h.MemoryRatio == 0 {
		t.Errorf("health %+v", h)
	}
	old := parseInfo("redis_version:6.2.6\r\naof_enabled:1\r\naof_last_write_status:err\r\nused_memory:80\r\nmaxmemory:100\r\n")
	if len(old.findings) != 3 {
		t.Errorf("findings of an old, ailing server: %q", old.findings)
	}
}

// A reader that reads nothing does not fill the memory: its backlog becomes one whole view.
func TestOverflow(t *testing.T) {
	t.Parallel()
	b := open(t, Options{})
	if !b.Embedded() || !b.Health().Embedded {
		t.Error("without an address the store is embedded, and says so")
	}
	s := b.Subscribe("slow")
	defer s.Close()
	login(t, b, "a01", "101")
	must(t, b.Flush(t.Context()))
	await(t, "the login to be told", func() bool { b.mu.Lock(); defer b.mu.Unlock(); _, ok := b.told.view.Agent("a01"); return ok })
	b.mu.Lock()
	b.tell(make([]acd.Entry, maxBacklog+1000)...)
	b.mu.Unlock()
	for {
		e := next(t, s)
		if e.Kind == acd.KindAsserted {
			if len(e.Agents) != 1 {
				t.Errorf("the view in place of the backlog holds %d agents, want 1", len(e.Agents))
			}
			return
		}
	}
}

// Old entries go, those that the history has not read stay.
func TestTrim(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, addresses []string) {
		b := open(t, Options{Addresses: addresses, TrimKeep: time.Millisecond, NoCampaign: true})
		arrive(t, b, contact(1))
		must(t, b.Flush(t.Context()))
		count := func() (n int) {
			must(t, b.History(t.Context(), 0, func(acd.Entry) error { n++; return nil }))
			return n
		}
		b.KeepFrom(1)
		must(t, b.trim(t.Context()))
		if n := count(); n != 2 {
			t.Errorf("%d entries held back for the history, want 2", n)
		}
		at := b.Now()
		await(t, "a later millisecond", func() bool { return b.Now() > at+5 })
		b.KeepFrom(0)
		must(t, b.trim(t.Context()))
		if n := count(); n != 0 {
			t.Errorf("%d entries after the trim, want 0", n)
		}
	})
}

// A Book can be closed twice; after it, nothing is taken any more.
func TestClosed(t *testing.T) {
	t.Parallel()
	b, err := Open(t.Context(), Options{Site: "test", Node: "n1"})
	must(t, err)
	s := b.Subscribe("test")
	arrive(t, b, contact(1))
	must(t, b.Close())
	must(t, b.Close())
	for range s.Entries { // drained: it ends because the book closed it
	}
	if err := b.Record(acd.KindMenu, func(*acd.Tx) error { return nil }); err == nil {
		t.Error("a closed book took a fact")
	}
	if _, err := b.Decide(context.Background(), acd.KindMenu, func(*acd.Tx) error { return nil }); err == nil {
		t.Error("a closed book took a decision")
	}
	s.Close()
}
