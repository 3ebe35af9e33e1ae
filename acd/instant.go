package acd

import "time"

// Instant is a moment in Unix milliseconds UTC; zero means never. It is Redis's clock as the node
// estimates it, so instants of one site can be compared whichever node wrote them.
type Instant int64

// At returns the instant of t, cut to the millisecond.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time returns the instant as a time in UTC; the zero Instant gives the zero time.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(i)).UTC()
}

// Add returns the instant d later, cut to the millisecond.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Milliseconds()) }

// Sub returns how long i is after j; negative when it is before.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Millisecond }

// Never reports whether the instant is unset.
func (i Instant) Never() bool { return i == 0 }

// Reached reports whether the deadline i is set and not after now.
func (i Instant) Reached(now Instant) bool { return i != 0 && i <= now }

// Earliest returns the earlier of two deadlines, ignoring those that are never.
func Earliest(a, b Instant) Instant {
	switch {
	case a == 0:
		return b
	case b == 0 || a <= b:
		return a
	}
	return b
}
