package web

import (
	"context"
	"sync"
	"time"

	"accueil/acd"
)

// Bounds of the streams.
const (
	// ringSize is how many events can be resumed over: minutes of a busy day.
	ringSize = 2048
	// readerQueue is how far a reader may fall behind before it is cut: several seconds of the busiest
	// day, and 200 kB of shared events.
	readerQueue = 256
	// maxReaders bounds the streams of a node.
	maxReaders = 1000
	// resubscribe is the pause before the log is subscribed to again.
	resubscribe = 100 * time.Millisecond
	pruneEvery  = time.Minute
)

// hub reads the log once and hands its entries to many readers. It never waits for one: a reader whose
// queue is full is cut, and comes back with the id of the last event it read.
type hub struct {
	feed Feed
	plan func() *Plan
	now  func() acd.Instant
	sees sight

	readers sync.WaitGroup // streams in progress

	mu     sync.Mutex // guards all below
	view   *acd.View  // nil until the first image
	ready  chan struct{}
	last   acd.Entry // Gen and Seq of the last entry
	ring   []*event  // entries with a place, in order
	floor  int64     // ids below it cannot be resumed after: something was told since that has no place
	open   map[*stream]struct{}
	ended  bool
	pruned acd.Instant
}

// stream is one reader's queue.
type stream struct {
	events chan *event
	open   context.Context // done when the reader is to go
	cut    context.CancelFunc
}

func newStream() *stream {
	ctx, cancel := context.WithCancel(context.Background())
	return &stream{make(chan *event, readerQueue), ctx, cancel}
}

func newHub(feed Feed, plan func() *Plan, now func() acd.Instant, sees sight) *hub {
	return &hub{feed: feed, plan: plan, now: now, sees: sees, ready: make(chan struct{}), open: map[*stream]struct{}{}}
}

// run feeds the readers until ctx ends; then it cuts them all.
func (h *hub) run(ctx context.Context) {
	defer h.close()
	for ctx.Err() == nil {
		image, entries, stop := h.feed("web")
		h.restart(image)
		h.follow(ctx, entries)
		stop()
		select {
		case <-ctx.Done():
		case <-time.After(resubscribe):
		}
	}
}

func (h *hub) follow(ctx context.Context, entries <-chan acd.Entry) {
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-entries:
			if !ok {
				return
			}
			h.tell(e)
		}
	}
}

// restart begins anew from an image. Readers who were following are given everything, since what lies
// between is not known.
func (h *hub) restart(image acd.Entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begin(image)
}

// begin is restart for those who hold the lock.
func (h *hub) begin(image acd.Entry) {
	first := h.view == nil
	h.view = acd.NewView()
	h.view.Apply(image)
	h.last = acd.Entry{Gen: image.Gen, Seq: image.Seq}
	h.ring, h.floor = nil, 0
	if first {
		close(h.ready)
		return
	}
	h.hand(h.snapshot())
}

// tell folds an entry and hands it on.
func (h *hub) tell(e acd.Entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e.Kind == acd.KindAsserted && e.Op == "" {
		h.begin(e)
		return
	}
	if e.Degraded {
		e.Seq = 0
	}
	h.view.Apply(e)
	if e.Seq != 0 {
		h.last = acd.Entry{Gen: e.Gen, Seq: e.Seq}
	}
	if e.At.Sub(h.pruned) > pruneEvery {
		h.view.Prune(e.At)
		h.pruned = e.At
	}
	if e.Kind == acd.KindLead {
		return // a node's own matter, twice a second at worst
	}
	ev := &event{entry: e, kind: string(e.Kind), plan: h.plan(), now: e.At, sees: h.sees}
	if e.Seq == 0 {
		h.ring, h.floor = nil, h.last.Seq+1
	} else {
		if len(h.ring) >= 2*ringSize {
			h.ring = append([]*event(nil), h.ring[len(h.ring)-ringSize:]...)
		}
		h.ring = append(h.ring, ev)
	}
	h.hand(ev)
}

// hand gives an event to every reader, and cuts those who cannot take it.
func (h *hub) hand(ev *event) {
	for s := range h.open {
		select {
		case s.events <- ev:
		default:
			h.drop(s)
		}
	}
}

func (h *hub) drop(s *stream) {
	delete(h.open, s)
	s.cut()
}

// snapshot is the event that carries everything there is now.
func (h *hub) snapshot() *event {
	image := h.view.Image()
	live := image.Legs[:0]
	for _, l := range image.Legs {
		if l.Live() {
			live = append(live, l)
		}
	}
	image.Legs, image.Kind, image.Lead = live, snapshotKind, nil
	image.Gen, image.Seq = h.last.Gen, h.last.Seq
	plan, now := h.plan(), h.now()
	image.At = now
	known := map[acd.AgentID]bool{}
	for _, a := range image.Agents {
		known[a.ID] = true
	}
	for id := range plan.Agents {
		if !known[id] {
			image.Agents = append(image.Agents, acd.Agent{ID: id, State: acd.AgentOffline})
		}
	}
	return &event{entry: image, kind: snapshotKind, plan: plan, now: now}
}

// join opens a stream that goes on after lastID where the ring still holds what followed, else begins
// with a snapshot. It waits for the first image. The caller must leave.
func (h *hub) join(ctx context.Context, lastID string) (s *stream, first []*event, err error) {
	select {
	case <-h.ready:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended || len(h.open) >= maxReaders {
		return nil, nil, errCode{code: codeStreams}
	}
	s = newStream()
	h.open[s] = struct{}{}
	h.readers.Add(1)
	if missed, ok := h.since(lastID); ok {
		return s, missed, nil
	}
	return s, []*event{h.snapshot()}, nil
}

// since returns the events after the one of that id; false when they are not all held.
func (h *hub) since(lastID string) ([]*event, bool) {
	seq, gen, ok := parseEventID(lastID)
	switch {
	case !ok || gen != "" && gen != clean(h.last.Gen) || seq > h.last.Seq || seq < h.floor:
		return nil, false
	case seq == h.last.Seq:
		return nil, true
	case len(h.ring) == 0 || h.ring[0].entry.Seq > seq+1:
		return nil, false
	}
	for i, ev := range h.ring {
		if ev.entry.Seq > seq {
			return append([]*event(nil), h.ring[i:]...), true
		}
	}
	return nil, true
}

// leave ends a stream.
func (h *hub) leave(s *stream) {
	h.mu.Lock()
	if _, ok := h.open[s]; ok {
		h.drop(s)
	}
	h.mu.Unlock()
	h.readers.Done()
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for s := range h.open {
		h.drop(s)
	}
}

// wait returns when the last stream has ended.
func (h *hub) wait() { h.readers.Wait() }
