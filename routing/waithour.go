package routing

import (
	"maps"
	"time"

	"accueil/acd"
)

// LastHour is what the last hour of the log teaches about waiting: how long agents need for a contact,
// how much of their time goes elsewhere, how soon callers give up. It is folded from the entries, in
// any order and each as often as it comes: images that are not newer than those seen change nothing.
// It is not safe for concurrent use. The zero value is empty.
//
// Time is kept by the minute, and a stretch counts in the minute in which it ended.
type LastHour struct {
	agents hourly[acd.AgentID]
	queues hourly[acd.QueueID]

	crew   map[acd.AgentID]*stint
	legs   map[acd.LegID]sighting
	pruned acd.Instant
}

// sums are whole numbers, so that what was added can be taken away again exactly.
type sums struct {
	handled  int64 // contacts with whom an agent talked
	handling int64 // ms from the offer to the end of the after-call work, of those
	present  int64 // ms at work and not away
	lost     int64 // of those: on calls of one's own, or rung in vain
	left     int64 // contacts that left the queue without an agent
	waited   int64 // ms that contacts waited, those who were served included
}

func (s *sums) add(t sums) {
	s.handled, s.handling, s.present = s.handled+t.handled, s.handling+t.handling, s.present+t.present
	s.lost, s.left, s.waited = s.lost+t.lost, s.left+t.left, s.waited+t.waited
}

func (s *sums) take(t sums) {
	s.add(sums{-t.handled, -t.handling, -t.present, -t.lost, -t.left, -t.waited})
}

// stint is what an agent has been doing since his state last changed.
type stint struct {
	rev   int64
	state acd.AgentState
	since acd.Instant
	began acd.Instant // of the work on a contact, from its offer on; 0 while there is none
	spoke bool        // he was joined with its caller
	queue acd.QueueID // of it
}

// sighting is what is known of a leg.
type sighting struct {
	rev  int64
	at   acd.Instant
	left bool // the queue, for good: counted
	over bool
}

// LastHourSpan is how far back an entry can matter to a LastHour.
const LastHourSpan = kept * time.Minute

const (
	minuteMS = int64(time.Minute / time.Millisecond)
	hourMS   = 60 * minuteMS
)

// Reset begins anew with the image of a snapshot: whatever was in progress is no longer trusted, what
// has ended stays counted.
func (h *LastHour) Reset(image acd.Entry) {
	h.crew, h.legs = nil, nil
	h.Apply(image)
}

// Apply folds an entry of the log.
func (h *LastHour) Apply(entry acd.Entry) {
	if h.crew == nil {
		h.crew, h.legs = map[acd.AgentID]*stint{}, map[acd.LegID]sighting{}
	}
	for _, a := range entry.Agents { // first, so that a leg in progress finds the agent who has it
		h.agent(a, entry.At)
	}
	for _, l := range entry.Legs {
		h.leg(l, entry.At)
	}
	h.pass(entry.At)
}

func (h *LastHour) leg(l acd.Leg, at acd.Instant) {
	was, seen := h.legs[l.ID]
	if seen && was.rev >= l.Rev {
		return
	}
	left := !l.Enqueued.Never() && !l.Dequeued.Never()
	h.legs[l.ID] = sighting{l.Rev, at, left, !l.Live()}
	if left && !was.left {
		s := sums{waited: int64(max(0, min(l.Dequeued-l.Enqueued, acd.Instant(hourMS))))}
		if l.Bridged.Never() {
			s.left = 1
		}
		h.queues.add(l.Dequeued, l.Queue, s)
	}
	if s := h.crew[l.Agent]; s != nil && !l.Bridged.Never() && l.Parted.Never() && l.Live() {
		s.spoke, s.queue = true, l.Queue
	}
}

func (h *LastHour) agent(a acd.Agent, at acd.Instant) {
	s := h.crew[a.ID]
	if s == nil {
		s = &stint{rev: a.Rev, state: a.State, since: a.Since}
		if working(a.State) {
			s.began = a.Since
		}
		h.crew[a.ID] = s
		return
	}
	if s.rev >= a.Rev {
		return
	}
	s.rev = a.Rev
	if s.state == a.State {
		return
	}
	if !a.Since.Never() {
		at = a.Since
	}
	at = max(at, s.since)
	d := int64(min(at-s.since, acd.Instant(hourMS)))
	var did sums
	if present(s.state) {
		did.present = d
	}
	if s.state == acd.AgentBusyOwn {
		did.lost = d
	}
	switch {
	case working(a.State) && s.began.Never():
		s.began, s.spoke = at, false
	case !working(a.State) && !s.began.Never():
		took := int64(min(at-s.began, acd.Instant(4*hourMS)))
		if s.spoke {
			did.handled, did.handling = 1, took
			h.queues.add(at, s.queue, sums{handled: 1, handling: took})
		} else {
			did.lost += min(took, hourMS)
		}
		s.began, s.spoke = 0, false
	}
	h.agents.add(at, a.ID, did)
	s.state, s.since = a.State, at
}

// working reports whether an agent in this state is taken by a contact.
func working(s acd.AgentState) bool {
	return s == acd.AgentOffered || s == acd.AgentBusy || s == acd.AgentWrapup
}

// present reports whether an agent in this state is at work and not away.
func present(s acd.AgentState) bool {
	return working(s) || s == acd.AgentReady || s == acd.AgentBusyOwn
}

// fullShare is the share of an agent all of whose time is for contacts.
const fullShare = 1000

// minPresent is how long an agent must have been present for his own share to be believed.
const minPresent = 10 * minuteMS

// share is which part of his time an agent has for contacts while he is not away, in parts of
// fullShare.
func (h *LastHour) share(id acd.AgentID, now acd.Instant) int64 {
	t := h.agents.total(id)
	if s := h.crew[id]; s != nil && now > s.since {
		d := int64(min(now-s.since, acd.Instant(hourMS)))
		if present(s.state) {
			t.present += d
		}
		if s.state == acd.AgentBusyOwn {
			t.lost += d
		}
	}
	if t.present < minPresent {
		return fullShare
	}
	return max(1, fullShare-fullShare*min(t.lost, t.present)/t.present)
}

// longLeg is after what time a leg that never ended is forgotten. What it still tells then is too old
// to count.
const longLeg = 8 * hourMS

// pass lets time go on to the instant; once a minute it forgets legs that were over an hour before.
func (h *LastHour) pass(now acd.Instant) {
	h.agents.pass(now)
	h.queues.pass(now)
	if now-h.pruned < acd.Instant(minuteMS) {
		return
	}
	h.pruned = now
	maps.DeleteFunc(h.legs, func(_ acd.LegID, s sighting) bool {
		return now-s.at > acd.Instant(longLeg) || s.over && now-s.at > acd.Instant(hourMS)
	})
}

// kept is how many minutes make the last hour: sixty, and the one that runs.
const kept = 61

// hourly adds sums up by minute and forgets those of more than an hour ago.
type hourly[K comparable] struct {
	minutes [kept]map[K]sums
	last    int64 // the minute that runs, since 1970
	totals  map[K]sums
}

func (w *hourly[K]) add(at acd.Instant, k K, s sums) {
	w.pass(at)
	m := int64(at) / minuteMS
	if m <= w.last-kept {
		return // too long ago
	}
	bucket := &w.minutes[m%kept]
	if *bucket == nil {
		*bucket = map[K]sums{}
	}
	t := (*bucket)[k]
	t.add(s)
	(*bucket)[k] = t
	if w.totals == nil {
		w.totals = map[K]sums{}
	}
	t = w.totals[k]
	t.add(s)
	w.totals[k] = t
}

// pass lets time go on to the instant.
func (w *hourly[K]) pass(to acd.Instant) {
	m := int64(to) / minuteMS
	for i := max(w.last+1, m-kept+1); i <= m; i++ {
		bucket := &w.minutes[i%kept]
		for k, s := range *bucket { // each key by itself: the order does not show
			t := w.totals[k]
			t.take(s)
			if t == (sums{}) {
				delete(w.totals, k)
			} else {
				w.totals[k] = t
			}
		}
		*bucket = nil
	}
	w.last = max(w.last, m)
}

func (w *hourly[K]) total(k K) sums { return w.totals[k] }
