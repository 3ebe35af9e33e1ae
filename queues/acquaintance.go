package queues

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"accueil/acd"
)

// Acquaint notes that the agent has dealt with the caller for the reason: a convenience, not a fact of
// the log. It waits for one round trip at most and is not repeated: while Redis is away it fails with
// acd.ErrUnavailable, and the caller is not known again.
func (b *Book) Acquaint(ctx context.Context, caller acd.CallerRef, reason acd.ReasonID, who acd.Acquaintance) error {
	if !b.isUp() {
		return fmt.Errorf("note who answered: %w", acd.ErrUnavailable)
	}
	key := b.keys.caller(caller)
	_, err := b.reads.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HSet(ctx, key, string(reason), fmt.Sprintf("%d %s", who.At, who.Agent))
		p.PExpire(ctx, key, acd.AcquaintanceAge)
		return nil
	})
	if err != nil {
		return fmt.Errorf("note who answered: %w: %s", acd.ErrUnavailable, cause(err))
	}
	return nil
}

// Acquaintances returns who has dealt with the caller within acd.AcquaintanceAge, by reason. It waits
// for one round trip at most; while Redis is away it fails with acd.ErrUnavailable.
func (b *Book) Acquaintances(ctx context.Context, caller acd.CallerRef) (map[acd.ReasonID]acd.AgentID, error) {
	if !b.isUp() {
		return nil, fmt.Errorf("look who answered: %w", acd.ErrUnavailable)
	}
	h, err := b.reads.HGetAll(ctx, b.keys.caller(caller)).Result()
	if err != nil {
		return nil, fmt.Errorf("look who answered: %w: %s", acd.ErrUnavailable, cause(err))
	}
	known := map[acd.ReasonID]acd.AgentID{}
	for reason, text := range h {
		at, agent, _ := strings.Cut(text, " ")
		ms, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			b.metrics.badContent.Inc()
			continue
		}
		if (acd.Acquaintance{Agent: acd.AgentID(agent), At: acd.Instant(ms)}).Lasts(b.Now()) {
			known[acd.ReasonID(reason)] = acd.AgentID(agent)
		}
	}
	return known, nil
}
