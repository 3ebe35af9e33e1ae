package local

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

func TestAsteriskStarts(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	root, err := FindAsterisk(ctx)
	if err != nil {
		t.Skip(err)
	}
	t0 := time.Now()
	a, err := StartAsterisk(ctx, AsteriskOptions{Root: root, Log: io.Writer(os.Stdout)})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("started in", time.Since(t0))
	t0 = time.Now()
	out, err := a.CLI(ctx, "core show channels")
	t.Log(out, err, time.Since(t0))
	if err != nil || !strings.Contains(out, "0 active channels") {
		t.Fatal(out, err)
	}
	t0 = time.Now()
	if err := a.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	t.Log("restarted in", time.Since(t0))
	t0 = time.Now()
	if err := a.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	t.Log("stop in", time.Since(t0))
}

func TestRedisStarts(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	t0 := time.Now()
	r, err := StartRedis(ctx, RedisOptions{Log: os.Stdout})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("started in", time.Since(t0))
	t0 = time.Now()
	if err := r.Restart(ctx, true); err != nil {
		t.Fatal(err)
	}
	t.Log("restarted in", time.Since(t0))
	if err := r.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}
