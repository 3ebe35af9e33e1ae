package queues

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/deploy/local"
)

// Who called is known for a while after the end: Redis may be away when it is told, or empty when
// somebody asks.
func TestWhoCalledOutlivesTheCallInMemory(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	b := open(t, Options{Addresses: []string{r.Addr()}, NoCampaign: true})
	caller := acd.Personal{Number: "+33677001122"}
	end := func(id acd.LegID) {
		t.Helper()
		arrive(t, b, id)
		personal(t, b, id, caller)
		must(t, b.Record(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(id, acd.End{Outcome: acd.Closed}) }))
		must(t, b.Flush(t.Context()))
	}
	knows := func(when string, id acd.LegID, want bool) {
		t.Helper()
		if p, ok, _ := b.Personal(t.Context(), id.Contact()); ok != want || ok && p != caller {
			t.Errorf("%s: known %v, want %v", when, ok, want)
		}
	}
	end(contact(1))
	must(t, admin(t, r.Addr()).FlushAll(t.Context()).Err())
	knows("after Redis was emptied", contact(1), true)
	must(t, r.Kill())
	awaitUp(t, b, false)
	end(contact(2))
	knows("while Redis is away", contact(2), true)
	b.mu.Lock()
	b.forgetParted(b.clock.now().Add(partedKeep + time.Second))
	b.mu.Unlock()
	knows("later", contact(2), false)
}

// Nothing is held for ever: what nobody reads in time goes, and is counted.
func TestTheLogIsNotHeldForEver(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, addresses []string) {
		b := open(t, Options{Addresses: addresses, TrimKeep: time.Millisecond, TrimMost: time.Hour, NoCampaign: true})
		arrive(t, b, contact(1))
		must(t, b.Flush(t.Context()))
		count := func() (n int) {
			must(t, b.After(t.Context(), "", func(acd.Entry) error { n++; return nil }))
			return n
		}
		now := b.Now()
		await(t, "a later millisecond", func() bool { return b.Now() > now+5 })
		b.KeepFrom(1)
		must(t, b.trim(t.Context()))
		if n := count(); n != 2 {
			t.Fatalf("%d entries are held, want 2", n)
		}
		b.KeepFrom(now.Add(-time.Minute))
		if held := b.held(); held < 59*time.Second || held > 2*time.Minute {
			t.Errorf("held for %v", held)
		}
		b.mu.Lock()
		b.facing.memory = memoryFull // of a Redis that would soon refuse calls
		b.mu.Unlock()
		must(t, b.trim(t.Context()))
		if n := count(); n != 0 {
			t.Errorf("%d entries are held in a full Redis", n)
		}
		b.mu.Lock()
		oldest, refused := b.oldestKept(now.Add(2 * time.Hour))
		b.facing.memory = 0
		late, lost := b.oldestKept(now.Add(2 * time.Hour))
		b.mu.Unlock()
		if !refused || oldest != now.Add(2*time.Hour-time.Millisecond) {
			t.Errorf("in a full Redis: %d %v", oldest, refused)
		}
		if !lost || late != now.Add(time.Hour) {
			t.Errorf("beyond the bound: %d %v", late, lost)
		}
	})
}

// After reads what lies behind an entry, and no more.
func TestAfter(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, addresses []string) {
		b := open(t, Options{Addresses: addresses, NoCampaign: true})
		for n := range 3 {
			arrive(t, b, contact(n+1))
		}
		must(t, b.Flush(t.Context()))
		read := func(after string) (out []acd.Entry) {
			must(t, b.After(t.Context(), after, func(e acd.Entry) error { out = append(out, e); return nil }))
			return out
		}
		all := read("")
		if gen, seq := b.Position(); len(all) == 0 || all[len(all)-1].Seq != seq || all[0].Gen != gen {
			t.Fatalf("%d entries, last %d of %s", len(all), seq, gen)
		}
		if rest := read(all[0].ID); len(rest) != len(all)-1 || rest[0].Seq != all[0].Seq+1 {
			t.Errorf("%d entries after the first of %d", len(rest), len(all))
		}
		if rest := read(all[len(all)-1].ID); len(rest) != 0 {
			t.Errorf("%d entries after the last", len(rest))
		}
	})
}
