package queues

import (
	"context"
	"fmt"

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
	return Health{Up: true, Version: in.version, AOF: in.aof, Eviction: in.eviction, MemoryRatio: in.memory, Findings: in.findings}, nil
}
