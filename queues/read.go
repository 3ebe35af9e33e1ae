package queues

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"accueil/acd"
)

// session is one uninterrupted reading of the log.
type session struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// readBatch bounds the entries of one read.
const readBatch = 512

// listen starts reading the log after b.cursor. The caller holds b.mu.
func (b *Book) listen() {
	ctx, cancel := context.WithCancel(b.ctx)
	s := &session{ctx, cancel}
	b.session = s
	b.early = map[int64]string{}
	cursor := b.cursor
	b.wg.Add(1)
	go func() { defer b.wg.Done(); defer cancel(); b.readLoop(s, cursor) }()
}

func (b *Book) readLoop(s *session, cursor string) {
	for s.ctx.Err() == nil {
		ctx, cancel := context.WithTimeout(s.ctx, readBlock+hotTimeout)
		streams, err := b.reads.XRead(ctx, &redis.XReadArgs{
			Streams: []string{b.keys.log(), cursor}, Count: readBatch, Block: readBlock,
		}).Result()
		cancel()
		switch {
		case errors.Is(err, redis.Nil):
			continue
		case err != nil:
			if !pause(s.ctx, 50*time.Millisecond) {
				return
			}
			continue
		}
		news := false
		for _, stream := range streams {
			cursor = stream.Messages[len(stream.Messages)-1].ID
			messages := b.untold(s, stream.Messages)
			news = news || len(messages) > 0
			if !b.takeMessages(s, messages) {
				return
			}
		}
		if !news {
			b.rest(s)
		}
	}
}

// readRest is how long the reader rests after it has read nothing new.
const readRest = 5 * time.Millisecond

// rest holds the reader back while the scripts' answers tell all that the log has to say: to be woken
// for each of this node's own entries costs Redis and this process more than to read some together. It
// ends at once when an answer shows that somebody else has written.
func (b *Book) rest(s *session) {
	t := time.NewTimer(readRest)
	defer t.Stop()
	select {
	case <-b.unread:
	case <-t.C:
	case <-s.ctx.Done():
	}
}

// pause waits unless the context ends first, and reports which.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// takeMessages folds and tells entries of the log; false ends the session.
func (b *Book) takeMessages(s *session, messages []redis.XMessage) bool {
	entries := make([]acd.Entry, 0, len(messages))
	var bad []error
	for _, m := range messages {
		e, err := decodeEntry(m)
		if err != nil {
			bad = append(bad, err)
		}
		entries = append(entries, e)
	}
	b.mu.Lock()
	defer b.unlock()
	if b.session != s {
		return false
	}
	for _, err := range bad {
		b.metrics.badContent.Inc()
		b.log.Error("an entry of the log is not ours", zap.Error(err))
	}
	fresh := entries[:0]
	for i := range entries {
		e := &entries[i]
		if b.toldEarly(e.Gen, e.Seq, e.ID) {
			continue // its answer came while it was decoded
		}
		if e.Gen != b.gen || e.Seq != b.seq+1 {
			b.tell(fresh...)
			b.metrics.resyncs.Inc()
			b.log.Error("the log has a gap", zap.Int64("seq", e.Seq), zap.Int64("expected", b.seq+1), zap.Bool("same_gen", e.Gen == b.gen))
			b.cursor = "" // no use to go on from here
			b.tripLocked(CauseData)
			return false
		}
		b.seq, b.cursor = e.Seq, e.ID
		if b.hear(e) {
			fresh = append(fresh, *e)
		}
	}
	b.metrics.entries.Add(float64(len(fresh)))
	b.tell(fresh...)
	return true
}

// untold leaves out what was told from its script's answer: it need not even be decoded.
func (b *Book) untold(s *session, messages []redis.XMessage) []redis.XMessage {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.session != s {
		return nil
	}
	return slices.DeleteFunc(messages, func(m redis.XMessage) bool {
		seq, _ := m.Values["s"].(string)
		gen, _ := m.Values["g"].(string)
		n, err := strconv.ParseInt(seq, 10, 64)
		return err == nil && b.toldEarly(gen, n, m.ID)
	})
}

// toldEarly reports whether an entry now read was told from its script's answer, and forgets it. The
// caller holds b.mu.
func (b *Book) toldEarly(gen string, seq int64, id string) bool {
	if gen != b.gen || b.early[seq] != id {
		return false
	}
	delete(b.early, seq)
	return true
}

// hear folds one entry of the log and reports whether subscribers have to be told. The caller holds
// b.mu.
func (b *Book) hear(e *acd.Entry) bool {
	if o := b.pending[e.Op]; o != nil {
		o.told = true
	}
	b.base.apply(e)
	b.show(e)
	if e.Lead != nil {
		b.lead.heard(*e.Lead)
	}
	if _, own := b.synthetic[e.Op]; own {
		delete(b.synthetic, e.Op)
		if b.told.knows(e) {
			return false // they were told when it happened
		}
	}
	b.told.apply(e)
	return true
}

// decodeEntry reads a message of the stream: g gen, s seq, e header, and one field for each image.
// What it could make out is returned with an error too, so that the sequence holds.
func decodeEntry(m redis.XMessage) (acd.Entry, error) {
	var e acd.Entry
	field := func(name string) string { v, _ := m.Values[name].(string); return v }
	err := json.Unmarshal([]byte(field("e")), &e)
	seq, serr := strconv.ParseInt(field("s"), 10, 64)
	e.ID, e.Gen, e.Seq = m.ID, field("g"), seq
	if err != nil || serr != nil {
		return e, fmt.Errorf("decode the header of entry %s: %w", m.ID, errBadContent)
	}
	if e.V > acd.LogVersion {
		return e, fmt.Errorf("entry %s has version %d, this program knows %d: %w", m.ID, e.V, acd.LogVersion, errBadContent)
	}
	names := make([]string, 0, len(m.Values))
	for name := range m.Values {
		if strings.Contains(name, ":") {
			names = append(names, name)
		}
	}
	slices.Sort(names) // a map has no order of its own
	for _, name := range names {
		if ierr := addImage(&e, name, []byte(field(name))); ierr != nil {
			err = fmt.Errorf("entry %s: %w", m.ID, ierr)
		}
	}
	return e, err
}

// opOf reads which operation made a message of the stream; "" when it is not ours.
func opOf(m redis.XMessage) string {
	var header struct {
		Op string `json:"op"`
	}
	text, _ := m.Values["e"].(string)
	if json.Unmarshal([]byte(text), &header) != nil {
		return ""
	}
	return header.Op
}

// scan reads the log from an instant on, oldest first; of a time in which a leap of Redis's clock was
// kept out also what came before. An error of yield ends it.
func (b *Book) scan(ctx context.Context, from acd.Instant, yield func(redis.XMessage) error) error {
	_, most := b.clock.keeps() // ids are of Redis's clock
	from = from.Add(-most)
	return b.scanFrom(ctx, strconv.FormatInt(max(0, int64(from)), 10), yield)
}

// scanFrom is scan with a bound of XRANGE.
func (b *Book) scanFrom(ctx context.Context, start string, yield func(redis.XMessage) error) error {
	for {
		messages, err := b.bulk.XRangeN(ctx, b.keys.log(), start, "+", readBatch).Result()
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		for _, m := range messages {
			if err := yield(m); err != nil {
				return err
			}
		}
		if len(messages) < readBatch {
			return nil
		}
		start = "(" + messages[len(messages)-1].ID
	}
}

// After reads the log after the entry of that id ("" for all of it), oldest entry first, up to what it
// holds now. An error of yield ends it and is returned. Entries that cannot be decoded are counted and
// left out.
func (b *Book) After(ctx context.Context, id string, yield func(acd.Entry) error) error {
	start := "-"
	if id != "" {
		start = "(" + id
	}
	err := b.scanFrom(ctx, start, b.decoded(yield))
	if err != nil {
		return fmt.Errorf("the log after an entry: %w", err)
	}
	return nil
}

// decoded hands on entries that can be decoded, and counts the others.
func (b *Book) decoded(yield func(acd.Entry) error) func(redis.XMessage) error {
	return func(m redis.XMessage) error {
		e, err := decodeEntry(m)
		if err != nil {
			b.metrics.badContent.Inc()
			return nil
		}
		return yield(e)
	}
}

// Position is the data set and the last entry of it that was told; what this node does while Redis is
// away comes later.
func (b *Book) Position() (gen string, seq int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.gen, b.seq
}

// History reads the log from an instant on, oldest entry first, up to what it holds now. An error of
// yield ends it and is returned. Entries that cannot be decoded are counted and left out.
func (b *Book) History(ctx context.Context, from acd.Instant, yield func(acd.Entry) error) error {
	err := b.scan(ctx, from, b.decoded(yield))
	if err != nil {
		return fmt.Errorf("history from %d: %w", from, err)
	}
	return nil
}
