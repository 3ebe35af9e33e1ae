package queues

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"accueil/acd"
)

// Archive reads what a data set keeps of its past: the log, images of everything as the log had made
// it at some entries, and the versions of the routing rules. It writes nothing. With an image and the
// entries after it, what was known at any entry can be known again.
type Archive struct {
	keys  keys
	reads redis.UniversalClient
}

// OpenArchive connects to the data set of a site without opening a book on it.
func OpenArchive(ctx context.Context, o Options) (*Archive, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if len(o.Addresses) == 0 {
		return nil, errors.New("open the archive: no Redis address is configured, so nothing outlives the process")
	}
	quiet.Do(func() { redis.SetLogger(silence{}) }) // our error says it
	a := &Archive{newKeys(o.Site), o.client(2, slowTimeout)}
	if err := a.reads.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("open the archive: %w: %s", acd.ErrUnavailable, cause(err)), a.Close())
	}
	return a, nil
}

// Close ends the connection.
func (a *Archive) Close() error { return a.reads.Close() }

// Archive returns the archive of the book's data set; it lives as long as the book.
func (b *Book) Archive() *Archive { return &Archive{b.keys, b.bulk} }

// Entries gives the entries after the one of that id ("" for all), oldest first, up to what the log
// holds now. What cannot be decoded is an error: an archive with a hole proves nothing. An error of
// yield ends it and is returned.
func (a *Archive) Entries(ctx context.Context, after string, yield func(acd.Entry) error) error {
	start := "-"
	if after != "" {
		start = "(" + after
	}
	for {
		messages, err := a.reads.XRangeN(ctx, a.keys.log(), start, "+", readBatch).Result()
		if err != nil {
			return fmt.Errorf("read the log: %w: %s", acd.ErrUnavailable, cause(err))
		}
		for _, m := range messages {
			e, err := decodeEntry(m)
			if err == nil {
				err = yield(e)
			}
			if err != nil {
				return err
			}
		}
		if len(messages) < readBatch {
			return nil
		}
		start = "(" + messages[len(messages)-1].ID
	}
}

// ErrNoImage says that nobody kept what the log had made of everything before its oldest entry.
var ErrNoImage = errors.New("the log has been shortened and no image of its beginning is kept")

// Image returns what the log had made of everything by an entry at or before the instant, as one entry
// with that entry's ID and Seq. All later entries are in the log. When none is old enough it is the
// oldest one there is; at the beginning of a data set it is empty.
func (a *Archive) Image(ctx context.Context, at acd.Instant) (acd.Entry, error) {
	images, err := a.images(ctx)
	if err != nil {
		return acd.Entry{}, err
	}
	i := len(images) - 1
	for i > 0 && instantOf(images[i].ID) > at {
		i--
	}
	if i < 0 {
		return acd.Entry{}, ErrNoImage
	}
	return images[i], nil
}

// images returns the images from which the log can be followed, oldest first: that of the beginning
// too, while the log has it.
func (a *Archive) images(ctx context.Context) ([]acd.Entry, error) {
	first, err := a.reads.XRangeN(ctx, a.keys.log(), "-", "+", 1).Result()
	if err != nil {
		return nil, fmt.Errorf("find the beginning of the log: %w: %s", acd.ErrUnavailable, cause(err))
	}
	stored, err := a.reads.HGetAll(ctx, a.keys.images()).Result()
	if err != nil {
		return nil, fmt.Errorf("read the images of the log: %w: %s", acd.ErrUnavailable, cause(err))
	}
	if len(first) == 0 {
		return []acd.Entry{{V: acd.LogVersion, Kind: acd.KindAsserted}}, nil
	}
	oldest, err := decodeEntry(first[0])
	if err != nil {
		return nil, err
	}
	var out []acd.Entry
	if oldest.Seq == 1 {
		out = append(out, acd.Entry{V: acd.LogVersion, Gen: oldest.Gen, Kind: acd.KindAsserted})
	}
	for id, text := range stored {
		var e acd.Entry
		if json.Unmarshal([]byte(text), &e) != nil || e.V > acd.LogVersion || e.Gen != oldest.Gen || e.Seq+1 < oldest.Seq {
			continue // of another data set, or what came after it is gone
		}
		e.ID = id
		out = append(out, e)
	}
	slices.SortFunc(out, func(x, y acd.Entry) int { return cmp.Compare(x.Seq, y.Seq) })
	return out, nil
}

// instantOf returns the instant of an entry's id.
func instantOf(id string) acd.Instant {
	ms, _, _ := strings.Cut(id, "-")
	n, _ := strconv.ParseInt(ms, 10, 64)
	return acd.Instant(n)
}

// Rules returns the versions of the routing rules that are kept, as JSON, by their hash.
func (a *Archive) Rules(ctx context.Context) (map[string]json.RawMessage, error) {
	kept, err := a.keptRules(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	for hash, k := range kept {
		out[hash] = k.Rules
	}
	return out, nil
}

// keptRuleSet is one version of the rules as Redis holds it.
type keptRuleSet struct {
	At    acd.Instant     `json:"at"` // when a process last began to use it
	Rules json.RawMessage `json:"rules"`
}

func (a *Archive) keptRules(ctx context.Context) (map[string]keptRuleSet, error) {
	stored, err := a.reads.HGetAll(ctx, a.keys.rules()).Result()
	if err != nil {
		return nil, fmt.Errorf("read the versions of the rules: %w: %s", acd.ErrUnavailable, cause(err))
	}
	out := map[string]keptRuleSet{}
	for hash, text := range stored {
		var k keptRuleSet
		if json.Unmarshal([]byte(text), &k) == nil {
			out[hash] = k
		}
	}
	return out, nil
}

// maxRules bounds the versions of the rules that are kept: far more than a site is changed in the two
// days that the log lasts.
const maxRules = 100

// ruleSet is one version of the rules.
type ruleSet struct {
	hash string
	kept keptRuleSet
}

// KeepRules keeps a version of the routing rules under its hash, so that a decision can be explained
// after the rules have changed. They must hold no name of a person. While Redis is away it is kept
// later.
func (b *Book) KeepRules(hash string, rules []byte) {
	b.mu.Lock()
	b.rules = slices.DeleteFunc(b.rules, func(r ruleSet) bool { return r.hash == hash })
	b.rules = append(b.rules, ruleSet{hash, keptRuleSet{b.clock.now(), rules}})
	b.rules = b.rules[max(0, len(b.rules)-maxRules):]
	b.rulesIn = ""
	b.mu.Unlock()
	b.whileUp("keep the routing rules", b.writeRules)
}

// writeRules brings the versions of the rules to a data set that does not have them.
func (b *Book) writeRules(ctx context.Context) error {
	b.mu.Lock()
	gen, rules := b.gen, slices.Clone(b.rules)
	done := b.rulesIn == gen
	b.mu.Unlock()
	if done || len(rules) == 0 {
		return nil
	}
	values := make([]any, 0, 2*len(rules))
	for _, r := range rules {
		values = append(values, r.hash, encode(r.kept))
	}
	if err := b.reads.HSet(ctx, b.keys.rules(), values...).Err(); err != nil {
		return fmt.Errorf("keep the rules: %w", err)
	}
	kept, err := b.Archive().keptRules(ctx)
	if err != nil {
		return err
	}
	oldest := slices.SortedFunc(maps.Keys(kept), func(x, y string) int {
		return cmp.Or(cmp.Compare(kept[x].At, kept[y].At), strings.Compare(x, y))
	})
	if n := len(oldest) - maxRules; n > 0 {
		if err := b.reads.HDel(ctx, b.keys.rules(), oldest[:n]...).Err(); err != nil {
			return fmt.Errorf("forget old rules: %w", err)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gen == gen && len(b.rules) == len(rules) && b.rules[len(rules)-1].hash == rules[len(rules)-1].hash {
		b.rulesIn = gen
	}
	return nil
}

const (
	// imageEvery is how far images of the log lie apart: so much of it must be folded at most to know
	// what was known at an entry.
	imageEvery = time.Hour
	// imageLimit bounds the reading of an hour of the log.
	imageLimit = 30 * time.Second
)

// archiveLoop keeps rules and images.
func (b *Book) archiveLoop() {
	b.sinceOpening(archiveEvery, func() {
		b.whileUp("keep the routing rules", b.writeRules)
		b.whileUp("keep an image of the log", b.keepImage)
	})
}

// keepImage adds an image of the log to the archive when the newest one is old, and drops those from
// which the log can no longer be followed. The lead alone does. The image is the one before it and
// the entries between: exactly what the log says, whatever this node knows besides.
func (b *Book) keepImage(ctx context.Context) error {
	if _, leads := b.Lead(); !leads {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), imageLimit)
	defer cancel()
	stop := context.AfterFunc(b.ctx, cancel)
	defer stop()
	a := b.Archive()
	images, err := a.images(ctx)
	if err != nil {
		return err
	}
	b.mu.Lock()
	now, told := b.clock.now(), b.image()
	b.mu.Unlock()
	var next acd.Entry
	switch newest := len(images) - 1; {
	case newest < 0:
		next = told // the log was begun by a program that kept none: what is known now must do
	case images[newest].ID != "" && now.Sub(instantOf(images[newest].ID)) < imageEvery:
		return nil
	default:
		if next, err = a.follow(ctx, images[newest]); err != nil || next.Seq == images[newest].Seq {
			return err
		}
	}
	next.Legs = slices.DeleteFunc(next.Legs, func(l acd.Leg) bool { return !l.Live() })
	if err := b.reads.HSet(ctx, b.keys.images(), next.ID, encode(next)).Err(); err != nil {
		return fmt.Errorf("keep an image: %w", err)
	}
	return a.forgetImages(ctx, images, next.ID)
}

// follow folds the log from an image to its end and returns that image.
func (a *Archive) follow(ctx context.Context, from acd.Entry) (acd.Entry, error) {
	view, last := acd.NewView(), from
	view.Apply(from)
	err := a.Entries(ctx, from.ID, func(e acd.Entry) error {
		view.Apply(e)
		last = e
		return nil
	})
	out := view.Image()
	out.ID, out.Gen, out.Seq, out.At, out.Node = last.ID, last.Gen, last.Seq, last.At, last.Node
	return out, err
}

// forgetImages drops all stored images but those that the log can be followed from.
func (a *Archive) forgetImages(ctx context.Context, usable []acd.Entry, newest string) error {
	ids, err := a.reads.HKeys(ctx, a.keys.images()).Result()
	if err != nil {
		return fmt.Errorf("list the images: %w", err)
	}
	old := slices.DeleteFunc(ids, func(id string) bool {
		return id == newest || slices.ContainsFunc(usable, func(e acd.Entry) bool { return e.ID == id })
	})
	if len(old) == 0 {
		return nil
	}
	if err := a.reads.HDel(ctx, a.keys.images(), old...).Err(); err != nil {
		return fmt.Errorf("forget old images: %w", err)
	}
	return nil
}
