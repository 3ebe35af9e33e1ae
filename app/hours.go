package app

import (
	"time"

	"accueil/acd"
	"accueil/calls"
	"accueil/ivr/calendar"
	"accueil/site"
	"accueil/web"
)

// timetables lists the timetables that must be open for the queue to take callers of the reason: the
// queue's and, where the reason leads to it, the reason's.
func (p plan) timetables(queue acd.QueueID, reason acd.ReasonID) (out []*calendar.Timetable) {
	q, r := p.site.Queues[queue], p.site.Reasons[reason]
	if t, ok := p.site.Timetables[q.Hours]; ok {
		out = append(out, t.Hours)
	}
	if t, ok := p.site.Timetables[r.Hours]; ok && r.Queue == queue {
		out = append(out, t.Hours)
	}
	return out
}

// Hours says when a queue takes callers, as seen from the instant (calls.Plan).
func (p plan) Hours(queue acd.QueueID, reason acd.ReasonID, at acd.Instant) calls.Hours {
	all := p.timetables(queue, reason)
	if len(all) == 0 {
		return calls.Hours{Open: true, Keeps: true}
	}
	q := p.site.Queues[queue]
	return hoursAt(at.Time(), q.LastCall, q.KeepAfterClosing, all...)
}

// hoursAt sees timetables, a last call before closing time and the time after it from an instant.
func hoursAt(now time.Time, lastCall, keep time.Duration, all ...*calendar.Timetable) calls.Hours {
	h := calls.Hours{Keep: keep}
	// Who came before closing time is kept: so closing time is looked for from as early as that.
	from := now.Add(-keep)
	opened, ok := calendar.Together(from, all...)
	for ok && !opened.After(now) {
		closes, closing := calendar.Closing(opened, all...)
		if !closing {
			h.Open, h.Keeps = true, true
			return h
		}
		if closes.After(now) {
			h.Open, h.Keeps, h.Closes = now.Before(closes.Add(-lastCall)), true, acd.At(closes)
			return h
		}
		h.Keeps, h.Closes = true, acd.At(closes) // the last one before now counts
		opened, ok = calendar.Together(closes, all...)
	}
	return h
}

// withHours adds to what readers are shown of a queue when it is open.
func withHours(s *site.Site, id acd.QueueID, p web.QueuePlan) web.QueuePlan {
	if to := s.Queues[id].Overflow.Closed.Goto; to != "" {
		if p.Limits.Overflow == nil {
			p.Limits.Overflow = map[string]string{}
		}
		p.Limits.Overflow["closed"] = to
	}
	all := plan{s}.timetables(id, "")
	if len(all) == 0 {
		return p
	}
	p.Hours = func(at acd.Instant) web.Opening {
		h := plan{s}.Hours(id, "", at)
		o := web.Opening{Open: h.Open, Closes: h.Closes}
		if h.Open {
			return o
		}
		from := at.Time()
		if h.Closes > at { // after the last call it is still open to who waits
			from = h.Closes.Time()
		}
		if opens, ok := calendar.Together(from, all...); ok {
			o.Opens = acd.At(opens)
		}
		return o
	}
	return p
}
