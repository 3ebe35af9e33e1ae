package queues

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"
)

// Health is the state of a Book for readiness, doctor and alarms.
type Health struct {
	Up       bool // Redis answers and is in use
	Degraded bool // not Up: decisions from memory, facts to the spool
	Embedded bool
	Cause    string    // why not Up: one of the Cause constants
	Since    time.Time // of Up or not

	Gen string // of the data set
	Seq int64  // of the last entry read
	// Lag counts changes of this node that are sent or waiting and not answered.
	Lag int

	SpoolRecords int   // facts that Redis does not hold
	SpoolBytes   int64 // of the file
	SpoolFailed  bool  // the disk refuses; facts are in memory only

	Version     string  // of Redis
	AOF         bool    // append-only file is on and its last write went well
	Eviction    string  // maxmemory-policy
	MemoryRatio float64 // used / maxmemory; 0 without a limit
	// Findings are sentences about settings that endanger calls; empty when all is well.
	Findings []string
}

// inspection is what Redis says of itself.
type inspection struct {
	version, eviction string
	aof               bool
	memory            float64
	findings          []string
}

// memoryAlarm is the share of maxmemory at which to warn (RELIABILITY §2).
const memoryAlarm = 0.7

// Health returns the present state.
func (b *Book) Health() Health {
	records, size, failed := b.spool.state()
	kept, _ := b.clock.keeps()
	b.mu.Lock()
	defer b.mu.Unlock()
	findings := b.facing.findings
	if f := keptFinding(kept); f != "" {
		findings = append(slices.Clip(findings), f)
	}
	return Health{
		Up: b.up, Degraded: !b.up, Embedded: b.embedded != nil, Cause: b.cause, Since: b.since,
		Gen: b.gen, Seq: b.seq, Lag: len(b.facts) + len(b.decisions) + len(b.inflight),
		SpoolRecords: records, SpoolBytes: size, SpoolFailed: failed,
		Version: b.facing.version, AOF: b.facing.aof, Eviction: b.facing.eviction, MemoryRatio: b.facing.memory,
		Findings: findings,
	}
}

// inspect reads version, persistence and eviction, and tells findings once.
func (b *Book) inspect(ctx context.Context) error {
	if b.embedded != nil {
		b.mu.Lock()
		b.facing = inspection{version: "embedded", findings: []string{"the store is embedded: all data are lost when this process ends; set redis.addresses"}}
		b.mu.Unlock()
		return nil
	}
	text, err := b.reads.Info(ctx).Result()
	if err != nil {
		return fmt.Errorf("ask Redis about itself: %w", err)
	}
	in := parseInfo(text)
	b.mu.Lock()
	told := strings.Join(b.facing.findings, "\n")
	b.facing = in
	b.mu.Unlock()
	if now := strings.Join(in.findings, "\n"); now != told {
		for _, f := range in.findings {
			b.log.Warn("Redis is not set up as calls need it", zap.String("finding", f))
		}
	}
	return nil
}

// parseFields reads the lines "name:value" of INFO.
func parseFields(text string) map[string]string {
	info := map[string]string{}
	for sc := bufio.NewScanner(strings.NewReader(text)); sc.Scan(); {
		if k, v, ok := strings.Cut(strings.TrimSpace(sc.Text()), ":"); ok {
			info[k] = v
		}
	}
	return info
}

// parseInfo reads the answer of INFO.
func parseInfo(text string) inspection {
	info := parseFields(text)
	in := inspection{version: info["redis_version"], eviction: info["maxmemory_policy"]}
	in.aof = info["aof_enabled"] == "1" && info["aof_last_write_status"] != "err"
	used, _ := strconv.ParseFloat(info["used_memory"], 64)
	if limit, _ := strconv.ParseFloat(info["maxmemory"], 64); limit > 0 {
		in.memory = used / limit
	}
	find := func(bad bool, sentence string) {
		if bad {
			in.findings = append(in.findings, sentence)
		}
	}
	major, _ := strconv.Atoi(strings.SplitN(in.version, ".", 2)[0])
	find(in.version != "" && major < 7, "Redis "+in.version+" is older than 7.0: scripts behave differently; upgrade it")
	find(info["aof_enabled"] == "0", "the append-only file is off: a restart of Redis loses everything; set appendonly yes")
	find(info["aof_last_write_status"] == "err", "the append-only file cannot be written: look at the disk of Redis")
	find(in.eviction != "" && in.eviction != "noeviction", "maxmemory-policy is "+in.eviction+": waiting callers may be deleted silently; set noeviction")
	find(in.memory >= memoryAlarm, fmt.Sprintf("Redis uses %.0f %% of its maxmemory: raise it before writes are refused", in.memory*100))
	return in
}
