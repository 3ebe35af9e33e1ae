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
		must(t, b.reads.HSet(ctx, b.keys.caller("k1"), "foreign", "not ours").Err())
		for caller, want := range map[acd.CallerRef]map[acd.ReasonID]acd.AgentID{
			"k1": {"rdv": "a02", "resultats": "a03"}, "k2": {"rdv": "a05"}, "k3": {},
		} {
			got, err := b.Acquaintances(ctx, caller)
			if must(t, err); !maps.Equal(got, want) {
				t.Errorf("%s is known by %v, want %v", caller, got, want)
			}
			if ttl := b.reads.PTTL(ctx, b.keys.caller(caller)).Val(); len(want) > 0 && (ttl <= 0 || ttl > acd.AcquaintanceAge) {
				t.Errorf("what is known of %s lives %v more, want at most %v", caller, ttl, acd.AcquaintanceAge)
			}
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
	if _, err := b.Acquaintances(ctx, "k1"); !errors.Is(err, acd.ErrUnavailable) {
		t.Errorf("who answered: %v", err)
	}
	if err := b.Acquaint(ctx, "k1", "rdv", acd.Acquaintance{Agent: "a01", At: 1}); !errors.Is(err, acd.ErrUnavailable) {
		t.Errorf("noting it: %v", err)
	}
}
