package queues

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"accueil/acd"
)

// Acquaint notes that the agent has dealt with the caller for the reason: a convenience, not a fact of
// the log. It waits for one round trip at most and is not repeated: while Redis is away it fails with
// acd.ErrUnavailable, and the caller is not known again. Each reason is erased by itself, however often
// its caller calls for another one.
func (b *Book) Acquaint(ctx context.Context, caller acd.CallerRef, reason acd.ReasonID, who acd.Acquaintance) error {
	if !b.isUp() {
		return fmt.Errorf("note who answered: %w", acd.ErrUnavailable)
	}
	left := acd.AcquaintanceAge - b.Now().Sub(who.At)
	if left < time.Millisecond {
		return nil // told too late to be of use
	}
	left = min(left, acd.AcquaintanceAge) // another node's clock may be ahead
	err := b.reads.Set(ctx, b.keys.caller(caller, reason), fmt.Sprintf("%d %s", who.At, who.Agent), left).Err()
	if err != nil {
		return fmt.Errorf("note who answered: %w: %s", acd.ErrUnavailable, cause(err))
	}
	return nil
}

// Acquaintances returns who has dealt with the caller within acd.AcquaintanceAge for each of the reasons.
// It waits for one round trip at most; while Redis is away it fails with acd.ErrUnavailable.
func (b *Book) Acquaintances(ctx context.Context, caller acd.CallerRef, reasons []acd.ReasonID) (map[acd.ReasonID]acd.AgentID, error) {
	if !b.isUp() {
		return nil, fmt.Errorf("look who answered: %w", acd.ErrUnavailable)
	}
	known := map[acd.ReasonID]acd.AgentID{}
	if len(reasons) == 0 {
		return known, nil
	}
	keys := make([]string, len(reasons))
	for i, r := range reasons {
		keys[i] = b.keys.caller(caller, r)
	}
	values, err := b.reads.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, fmt.Errorf("look who answered: %w: %s", acd.ErrUnavailable, cause(err))
	}
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			continue // nobody
		}
		at, agent, _ := strings.Cut(text, " ")
		ms, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			b.metrics.badContent.Inc()
			continue
		}
		if (acd.Acquaintance{Agent: acd.AgentID(agent), At: acd.Instant(ms)}).Lasts(b.Now()) {
			known[reasons[i]] = acd.AgentID(agent)
		}
	}
	return known, nil
}
