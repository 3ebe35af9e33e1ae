package asterisk

import "sync/atomic"

// counters are written by the reader and the delivery, read by Stats.
type counters struct {
	events, unknownTypes, unknownFields, misshapen, cleaned, unreadable atomic.Uint64
	repeatedDigits, deaf, doubts                                        atomic.Uint64
}

func (c *counters) decoded(notes Notes, err error) {
	c.events.Add(1)
	for _, n := range []struct {
		happened bool
		counter  *atomic.Uint64
	}{
		{err != nil, &c.unreadable},
		{notes.UnknownType, &c.unknownTypes},
		{notes.UnknownField, &c.unknownFields},
		{notes.Misshapen, &c.misshapen},
		{notes.Cleaned, &c.cleaned},
	} {
		if n.happened {
			n.counter.Add(1)
		}
	}
}

// ConnStats is the state of a connection at one instant, for metrics: read it when
// they are scraped. The counts start with the process.
type ConnStats struct {
	Up         bool   // connected, proven, and commands pass
	Fenced     bool   // for good
	Generation uint64 // number of connects

	Events         uint64 // websocket messages
	UnknownTypes   uint64 // of a type that the generator did not know
	UnknownFields  uint64 // with a field that it did not know
	Misshapen      uint64 // with a field of another type, which stayed empty
	Cleaned        uint64 // with control characters removed or a text cut
	Unreadable     uint64 // not an event at all
	RepeatedDigits uint64 // DTMF that Asterisk published twice
	Deaf           uint64 // probes that did not come back
	Doubts         uint64 // times that this process found it had not run
	Queued         int    // events waiting for the sink now
	QueuedMost     int    // the most there ever were
}

// Stats reads the present state.
func (c *Conn) Stats() ConnStats {
	s := ConnStats{
		Up: c.connected.Load() && c.gate.isOpen(), Fenced: c.gate.isFenced(), Generation: c.generation.Load(),
		Events: c.count.events.Load(), UnknownTypes: c.count.unknownTypes.Load(),
		UnknownFields: c.count.unknownFields.Load(), Misshapen: c.count.misshapen.Load(),
		Cleaned: c.count.cleaned.Load(), Unreadable: c.count.unreadable.Load(),
		RepeatedDigits: c.count.repeatedDigits.Load(), Deaf: c.count.deaf.Load(), Doubts: c.count.doubts.Load(),
	}
	s.Queued, s.QueuedMost = c.queue.depth()
	return s
}
