package queues

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Inspect asks a Redis how it is set up, for the doctor: it opens no book and writes nothing. Version,
// AOF, Eviction, MemoryRatio and Findings are filled in.
func Inspect(ctx context.Context, o Options) (Health, error) {
	if err := o.complete(); err != nil {
		return Health{}, err
	}
	quiet.Do(func() { redis.SetLogger(silence{}) }) // our error says it
	client := o.client(1, hotTimeout)
	defer client.Close()
	text, err := client.Info(ctx).Result()
	if err != nil {
		return Health{}, fmt.Errorf("ask Redis about itself: %w", err)
	}
	in := parseInfo(text)
	kept, err := client.HGet(ctx, newKeys(o.Site).meta(), "kept").Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return Health{}, fmt.Errorf("ask Redis about the site's time: %w", err)
	}
	if f := keptFinding(time.Duration(kept) * time.Millisecond); f != "" {
		in.findings = append(in.findings, f)
	}
	return Health{Up: true, Version: in.version, AOF: in.aof, Eviction: in.eviction, MemoryRatio: in.memory, Findings: in.findings}, nil
}
