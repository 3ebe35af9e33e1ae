package web

import (
	"net"
	"sync"
	"time"
)

// How many wrong tokens an address may present before it is told to wait, and how fast that is
// forgiven. A right token is always let in: desks behind one proxy share its address, and somebody
// else's mistake must not lock a switchboard out.
const (
	maxFailures    = 10
	failureForgive = 6 * time.Second // one failure is forgiven
	maxAddresses   = 4096
)

// failures counts wrong tokens by address, as a leaking bucket each.
type failures struct {
	mu sync.Mutex
	by map[string]bucket
}

type bucket struct {
	level float64
	at    time.Time
}

func (b bucket) now(t time.Time) float64 {
	return max(0, b.level-t.Sub(b.at).Seconds()/failureForgive.Seconds())
}

// fail notes a failure of the address and returns how long it must wait; zero while it may go on.
func (f *failures) fail(remote string, now time.Time) time.Duration {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.by == nil {
		f.by = map[string]bucket{}
	}
	if len(f.by) >= maxAddresses {
		f.forget(now)
	}
	level := min(f.by[host].now(now)+1, maxFailures+1)
	f.by[host] = bucket{level, now}
	if level <= maxFailures {
		return 0
	}
	return time.Duration((level - maxFailures) * float64(failureForgive))
}

// forget drops addresses that are forgiven; all of them when that is not enough, so that memory stays
// bounded whoever knocks.
func (f *failures) forget(now time.Time) {
	for host, b := range f.by {
		if b.now(now) == 0 {
			delete(f.by, host)
		}
	}
	if len(f.by) >= maxAddresses {
		clear(f.by)
	}
}
