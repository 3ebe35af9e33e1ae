package queues

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"accueil/acd"
	"accueil/deploy/local"
)

// What somebody else wrote into Redis is counted and left out; calls go on.
func TestContentThatIsNotOurs(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	b := open(t, Options{Addresses: []string{r.Addr()}, Log: zap.NewNop()})
	lead(t, b)
	arrive(t, b, contact(1))
	login(t, b, "a01", "101")
	must(t, b.Flush(t.Context()))
	sub := b.Subscribe("test")
	defer sub.Close()
	c, ctx := admin(t, r.Addr()), t.Context()
	must(t, c.Set(ctx, b.keys.entity("agent:a02"), "nonsense", 0).Err())
	must(t, c.HSet(ctx, b.keys.entity("leg:odd/1"), "rev", 1, "op", "x", "img", `{"id":"other/1"}`).Err())
	must(t, c.SAdd(ctx, b.keys.ids("leg"), "odd/1").Err())
	must(t, c.SAdd(ctx, b.keys.ids("agent"), "a02").Err())
	must(t, c.HSet(ctx, b.keys.count(), "no separator", "many").Err())
	must(t, c.XAdd(ctx, &redis.XAddArgs{Stream: b.keys.log(), Values: []any{"e", "{{{", "leg:x", "\xff"}}).Err())
	nextKind(t, sub, acd.KindAsserted) // the gap made the whole view be read again
	awaitUp(t, b, true)
	arrive(t, b, contact(2))
	if _, err := enqueue(b, contact(2), acd.Queueing{Queue: "rdv"}); err != nil {
		t.Errorf("a decision after odd content: %v", err)
	}
	if err := b.Record(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login("a02", "102", "n1") }); err != nil {
		t.Errorf("a fact about an entity whose key is not ours: %v", err)
	}
	must(t, b.Flush(ctx))
	if a, _ := b.Agent("a02"); a.State != acd.AgentReady {
		t.Errorf("a fact that Redis cannot take must stay in the view, agent is %s", a.State)
	}
	if got := len(b.Legs()); got != 2 {
		t.Errorf("%d legs, want 2", got)
	}
	other := open(t, Options{Addresses: []string{r.Addr()}, Node: "n2", NoCampaign: true, Log: zap.NewNop()})
	if got := len(other.Legs()); !other.Health().Up || got != 2 {
		t.Errorf("another node: up %v, %d legs, want 2", other.Health().Up, got)
	}
	if _, err := b.Counters(ctx); err != nil {
		t.Errorf("counters: %v", err)
	}
}

// A fact about an entity with a decision on its way is built on the answer.
func TestFactAfterDecision(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, addresses []string) {
		b := open(t, Options{Addresses: addresses})
		lead(t, b)
		login(t, b, "a01", "101")
		for n := range 200 {
			id := contact(n)
			arrive(t, b, id)
			_, err := enqueue(b, id, acd.Queueing{Queue: "rdv"})
			must(t, err)
			l, _ := b.Lead()
			claimed := make(chan error, 1)
			go func() { _, err := claim(b, id, "a01", l); claimed <- err }()
			must(t, b.Record(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(id, acd.End{Outcome: acd.Abandoned}) }))
			err = <-claimed
			must(t, b.Flush(t.Context()))
			leg, _ := b.Leg(id)
			a, _ := b.Agent("a01")
			if leg.State != acd.LegEnded || a.State != acd.AgentReady || len(a.Legs) != 0 || (err == nil) != (leg.End.Phase == acd.LegOffered) {
				t.Fatalf("claim %v: leg %s in phase %s, agent %s with %v", err, leg.State, leg.End.Phase, a.State, a.Legs)
			}
		}
		sameView(t, b)
	})
}
