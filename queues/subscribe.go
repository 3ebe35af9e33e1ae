package queues

import (
	"sync"

	"accueil/acd"
)

// maxBacklog bounds what a subscriber may leave unread, about a quarter of an hour of a hospital's
// busiest log. Beyond it the backlog is replaced by one entry that holds the whole view (resync): a
// folding reader is right again after it, and a stuck one cannot fill the memory.
const maxBacklog = 1 << 16

// Subscription is one reader's place in the log.
type Subscription struct {
	// Image is the view at the moment of subscribing, as one entry from which acd.View.Apply rebuilds it.
	Image acd.Entry
	// Entries gives every later entry, in order, once. It is closed by Close.
	Entries <-chan acd.Entry

	out  chan<- acd.Entry
	book *Book
	name string
	quit chan struct{}
	done chan struct{}
	once sync.Once
	wake chan struct{}

	mu      sync.Mutex
	backlog []acd.Entry // what out had no room for
	pumping bool        // pump holds some of it, which comes first
	ended   bool        // out is closed
}

// Subscribe starts a reader. The name is for metrics. Entries are those of the log, in its order, also this
// node's own; while Redis is away they are this node's own, with Degraded set and no ID. After a
// return from an outage in which the log was lost, one entry of kind asserted holds the whole view.
func (b *Book) Subscribe(name string) *Subscription {
	out := make(chan acd.Entry, 256) // lets a reader take a burst without a switch for each
	s := &Subscription{
		Entries: out, out: out, book: b, name: name,
		quit: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s.Image = b.told.view.Image()
	s.Image.Gen, s.Image.Seq, s.Image.ID, s.Image.At = b.gen, b.seq, b.cursor, b.clock.now()
	if b.closed {
		close(out)
		close(s.done)
		return s
	}
	b.subs[s] = struct{}{}
	go s.pump()
	return s
}

// Close ends the subscription and closes Entries.
func (s *Subscription) Close() {
	s.book.mu.Lock()
	delete(s.book.subs, s)
	s.book.mu.Unlock()
	s.stop()
}

func (s *Subscription) stop() {
	s.once.Do(func() { close(s.quit) })
	<-s.done
}

func (s *Subscription) push(entries []acd.Entry, image func() acd.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries = entries[s.pass(entries):]
	if len(entries) == 0 {
		return
	}
	s.backlog = append(s.backlog, entries...)
	if len(s.backlog) > maxBacklog {
		s.backlog = []acd.Entry{image()}
		s.book.metrics.overflows.WithLabelValues(s.name).Inc()
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// pass hands entries to the reader while there is room, and returns how many: a reader that keeps up
// is woken without the pump between. The caller holds s.mu.
func (s *Subscription) pass(entries []acd.Entry) int {
	if s.ended {
		return len(entries)
	}
	if s.pumping || len(s.backlog) > 0 {
		return 0
	}
	for n, e := range entries {
		select {
		case s.out <- e:
		default:
			return n
		}
	}
	return len(entries)
}

// pump hands on what had to wait for the reader.
func (s *Subscription) pump() {
	defer close(s.done)
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended = true
		close(s.out)
	}()
	for {
		s.mu.Lock()
		batch := s.backlog
		s.backlog, s.pumping = nil, len(batch) > 0
		s.mu.Unlock()
		for _, e := range batch {
			select {
			case s.out <- e:
			case <-s.quit:
				return
			}
		}
		if len(batch) > 0 {
			continue
		}
		select {
		case <-s.wake:
		case <-s.quit:
			return
		}
	}
}

// tell hands entries to every subscriber. The caller holds b.mu.
func (b *Book) tell(entries ...acd.Entry) {
	for s := range b.subs {
		s.push(entries, b.image)
	}
}

// image is the view that subscribers were told, as one entry. The caller holds b.mu.
func (b *Book) image() acd.Entry {
	e := b.told.view.Image()
	e.Gen, e.Seq, e.ID, e.At, e.Node = b.gen, b.seq, b.cursor, b.clock.now(), b.opts.Node
	return e
}
