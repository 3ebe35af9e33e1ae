package phones

import (
	"sync"
	"time"
)

const (
	frame = 20 * time.Millisecond // of audio in one RTP packet
	slots = 4                     // a frame's sends are spread over this many instants
)

// A pacer sends the audio of every call in the process from one goroutine:
// each call is served once in 20 ms, in one of four slots 5 ms apart, so that
// 200 calls do not leave as one burst. The goroutine runs only while there are
// calls; the process has one pacer because it has one clock.
type pacer struct {
	mu      sync.Mutex
	members [slots]map[paced]struct{}
	count   int
	quit    chan struct{}
	done    chan struct{}
}

// paced is served every 20 ms. It must not block.
type paced interface{ tick(now time.Time) }

var audioClock pacer

func (p *pacer) join(m paced) {
	p.mu.Lock()
	defer p.mu.Unlock()
	slot := 0
	for i := range p.members {
		if p.members[i] == nil {
			p.members[i] = map[paced]struct{}{}
		}
		if len(p.members[i]) < len(p.members[slot]) {
			slot = i
		}
	}
	p.members[slot][m] = struct{}{}
	p.count++
	if p.count == 1 {
		p.quit, p.done = make(chan struct{}), make(chan struct{})
		go p.run(p.quit, p.done)
	}
}

// leave takes a call out; the last one to leave stops the goroutine and waits
// for its end. A tick already under way may still reach the call.
func (p *pacer) leave(m paced) {
	p.mu.Lock()
	var ended chan struct{}
	for i := range p.members {
		if _, ok := p.members[i][m]; ok {
			delete(p.members[i], m)
			p.count--
			if p.count == 0 {
				close(p.quit)
				ended = p.done
			}
			break
		}
	}
	p.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

func (p *pacer) run(quit, done chan struct{}) {
	defer close(done)
	const step = frame / slots
	timer := time.NewTimer(step)
	defer timer.Stop()
	next := time.Now().Add(step)
	var due []paced
	for slot := 0; ; slot = (slot + 1) % slots {
		select {
		case <-quit:
			return
		case <-timer.C:
		}
		p.mu.Lock()
		due = due[:0]
		for m := range p.members[slot] {
			due = append(due, m)
		}
		p.mu.Unlock()
		for _, m := range due {
			m.tick(time.Now())
		}
		// An absolute schedule keeps the rate exact. After a stall of more than
		// 200 ms the lost frames are given up, as a real phone's would be.
		next = next.Add(step)
		if late := time.Since(next); late > 200*time.Millisecond {
			next = time.Now()
		}
		timer.Reset(time.Until(next))
	}
}
