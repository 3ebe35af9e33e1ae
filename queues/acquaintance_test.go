package queues

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"accueil/acd"
	"accueil/deploy/local"
)

// The last agent who dealt with a caller is known again, reason by reason, for a day by the instant
// that was written: the key's TTL erases, it decides nothing.
func TestAcquaintances(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, addresses []string) {
		b := open(t, Options{Addresses: addresses, NoCampaign: true})
		ctx, now := t.Context(), b.Now()
		note := func(caller acd.CallerRef, reason acd.ReasonID, agent acd.AgentID, ago time.Duration) {
			t.Helper()
			must(t, b.Acquaint(ctx, caller, reason, acd.Acquaintance{Agent: agent, At: now.Add(-ago)}))
		}
		note("k1", "rdv", "a01", time.Hour)
		note("k1", "rdv", "a02", time.Minute) // the last one counts
		note("k1", "resultats", "a03", 23*time.Hour)
		note("k1", "admission", "a04", acd.AcquaintanceAge)
		note("k2", "rdv", "a05", 0)
		must(t, b.reads.Set(ctx, b.keys.caller("k1", "foreign"), "not ours", time.Hour).Err())
		reasons := []acd.ReasonID{"rdv", "resultats", "admission", "foreign", "never"}
		for caller, want := range map[acd.CallerRef]map[acd.ReasonID]acd.AgentID{
			"k1": {"rdv": "a02", "resultats": "a03"}, "k2": {"rdv": "a05"}, "k3": {},
		} {
			got, err := b.Acquaintances(ctx, caller, reasons)
			if must(t, err); !maps.Equal(got, want) {
				t.Errorf("%s is known by %v, want %v", caller, got, want)
			}
		}
		for reason, most := range map[acd.ReasonID]time.Duration{
			"rdv": acd.AcquaintanceAge - time.Minute, "resultats": time.Hour, // whatever was noted after it
		} {
			if ttl := b.reads.PTTL(ctx, b.keys.caller("k1", reason)).Val(); ttl <= 0 || ttl > most {
				t.Errorf("what is known for %s lives %v more, want at most %v", reason, ttl, most)
			}
		}
		if n := b.reads.Exists(ctx, b.keys.caller("k1", "admission")).Val(); n != 0 {
			t.Error("what no longer counts was kept")
		}
	})
}

// Without Redis nobody is known, and nobody waits to learn it.
func TestAcquaintancesWhileAway(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	b := open(t, Options{Addresses: []string{r.Addr()}})
	must(t, r.Kill())
	awaitUp(t, b, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // whatever would wait, fails otherwise
	if _, err := b.Acquaintances(ctx, "k1", []acd.ReasonID{"rdv"}); !errors.Is(err, acd.ErrUnavailable) {
		t.Errorf("who answered: %v", err)
	}
	if err := b.Acquaint(ctx, "k1", "rdv", acd.Acquaintance{Agent: "a01", At: 1}); !errors.Is(err, acd.ErrUnavailable) {
		t.Errorf("noting it: %v", err)
	}
}
