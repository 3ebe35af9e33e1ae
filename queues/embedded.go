package queues

import (
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// embedded is a store inside this process, for a first look and for development. It keeps nothing.
type embedded struct {
	server *miniredis.Miniredis
	quit   chan struct{}
	wg     sync.WaitGroup
}

// fastForward is how often the embedded store's expiry is driven: it does not expire keys by itself.
const fastForward = 100 * time.Millisecond

func startEmbedded() (*embedded, error) {
	s := miniredis.NewMiniRedis()
	if err := s.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded store: %w", err)
	}
	e := &embedded{server: s, quit: make(chan struct{})}
	e.wg.Add(1)
	go func() {
		defer e.wg.Done()
		t := time.NewTicker(fastForward)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				s.FastForward(fastForward)
			case <-e.quit:
				return
			}
		}
	}()
	return e, nil
}

func (e *embedded) addr() string { return e.server.Addr() }

func (e *embedded) close() {
	if e == nil {
		return
	}
	close(e.quit)
	e.wg.Wait()
	e.server.Close()
}
