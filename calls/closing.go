package calls

import (
	"time"

	"accueil/acd"
)

// Hours is when a queue takes callers, as seen from an instant. The zero value is a queue that is closed.
type Hours struct {
	// Open: new callers are taken.
	Open bool
	// Keeps: who waits already is still served; true for a while after closing time too.
	Keeps bool
	// Closes is closing time, also the one that has just passed while Keeps; zero where none is near.
	Closes acd.Instant
	// Keep is how long after closing time callers who wait are still served.
	Keep time.Duration
}

// closed reports whether the queue does not take the caller because of its hours. Who has waited before
// is served for as long as those who wait in it.
func (m *machine) closed(way Way) bool {
	h := m.env.plan.Hours(way.Queue, way.Reason, m.now)
	if m.newcomer() {
		return !h.Open
	}
	return !h.Keeps
}

// waitsUntil is when the queue gives up a caller who waits there since then: at the limit of his wait, or
// a while after closing time. The leg keeps it (Leg.Due), so a restart changes nothing. Closing time
// itself is his to hear of.
func (m *machine) waitsUntil(way Way, since acd.Instant) acd.Instant {
	h := m.env.plan.Hours(way.Queue, way.Reason, m.now)
	m.tellClosing(h)
	return h.waitsUntil(way.MaxWait, since)
}

// waitsUntil is the earlier of the limit of the wait, none when zero, and the end of the time after
// closing.
func (h Hours) waitsUntil(limit time.Duration, since acd.Instant) (due acd.Instant) {
	if limit > 0 {
		due = since.Add(limit)
	}
	if h.Closes.Never() {
		return due
	}
	return acd.Earliest(due, h.Closes.Add(h.Keep))
}

// tellClosing arms closing time, where callers wait beyond it.
func (m *machine) tellClosing(h Hours) {
	m.deadlines[tClosing] = 0
	if h.Keep > 0 && h.Closes > m.now {
		m.deadlines[tClosing] = h.Closes
	}
}

// waitsOn lets a caller whose time is over wait on, where it is no longer: the queue that closed has opened
// again meanwhile, or the site's rules have changed.
func (m *machine) waitsOn() bool {
	l := m.legImage()
	way, ok := m.env.plan.Way(l.Reason, l.Queue, l.Lang)
	h := m.env.plan.Hours(l.Queue, l.Reason, m.now)
	if !ok || l.Enqueued.Never() || !h.Keeps {
		return false
	}
	m.tellClosing(h)
	due := h.waitsUntil(way.MaxWait, l.Enqueued)
	if due.Reached(m.now) {
		return false
	}
	m.deadlines[tMaxWait] = due
	return true
}

// waitsAsBefore goes back to the timers of the queue that the caller waits in, of none where he waits in
// none: the one that he asked for has not taken him.
func (m *machine) waitsAsBefore() {
	l := m.legImage()
	m.deadlines[tMaxWait], m.deadlines[tClosing] = l.Due, 0
	if l.Waiting() {
		m.tellClosing(m.env.plan.Hours(l.Queue, l.Reason, m.now))
	}
}

// gaveUp says why the queue gives the caller up whose time is over.
func (m *machine) gaveUp() acd.Refusal {
	l := m.legImage()
	if h := m.env.plan.Hours(l.Queue, l.Reason, m.now); !h.Keeps {
		return acd.RefusedClosed
	}
	return acd.RefusedMaxWait
}

// closingTime tells a caller who waits that the queue has closed and that he is still served.
func (m *machine) closingTime() {
	if m.phase == inQueue && m.legImage().State == acd.LegQueued {
		m.hear(acd.HeardClosing{})
	}
}
