package app

import (
	"fmt"
	"slices"

	"accueil/acd"
	"accueil/asterisk"
	"accueil/calls"
	"accueil/ivr/calendar"
	"accueil/routing"
	"accueil/site"
)

// plan answers the call control's questions from the site file (calls.Plan). It never changes: a
// reload makes a new one.
type plan struct {
	site *site.Site
}

// Way says how a caller waits: the queue that the scenario names, or the reason's; the language he
// speaks becomes a requirement where it is a declared skill.
func (p plan) Way(reason acd.ReasonID, queue acd.QueueID, lang acd.Lang) (calls.Way, bool) {
	r, known := p.site.Reasons[reason]
	if queue == "" {
		queue = r.Queue
	}
	q, ok := p.site.Queues[queue]
	if !ok {
		return calls.Way{}, false
	}
	if !known {
		reason = ""
	}
	places := routing.Queue{MaxWaiting: q.MaxWaiting, Keep: q.KeepPercent}
	w := calls.Way{
		Queueing: acd.Queueing{Queue: queue, Reason: reason, Points: r.Points, Asks: Asks(p.site, lang), Wrapup: q.Wrapup, Max: places.Places(false)},
		MaxWait:  q.MaxWait, Hold: r.Hold, WaitUnstaffed: q.WhenUnstaffed == site.UnstaffedWait,
	}
	return w, true
}

// Asks is what a caller's language requires of an agent; "" where it is no declared skill.
func Asks(s *site.Site, lang acd.Lang) string {
	if slices.Contains(s.Skills, acd.SkillID(lang)) {
		return fmt.Sprintf("%s >= 1", lang)
	}
	return ""
}

// Target resolves a destination: a queue, a reason, an agent (by id or number), the phone where one
// sits, an extension behind a trunk. Only a scenario (trusted) may name a number outside: what is
// keyed on a phone must not reach one, or a stolen password would.
func (p plan) Target(to string, trusted bool) (calls.Target, bool) {
	if q := acd.QueueID(to); has(p.site.Queues, q) {
		return calls.Target{Name: to, Queue: q}, true
	}
	if r, ok := p.site.Reasons[acd.ReasonID(to)]; ok {
		return calls.Target{Name: to, Queue: r.Queue}, true
	}
	if a := acd.AgentID(to); has(p.site.Agents, a) {
		return calls.Target{Name: to, Agent: a}, true
	}
	trunk, ok := p.site.ExtensionTrunk(to)
	if !ok && trusted {
		trunk, ok = p.site.TrunkFor(to)
	}
	if ok {
		dial, err := asterisk.TrunkEndpoint(string(trunk), to)
		return calls.Target{Name: to, Endpoint: calls.Endpoint{Dial: dial, MustAccept: true, Outside: p.outside(trunk)}}, err == nil
	}
	if a, ok := p.site.AgentByNumber(to); ok {
		return calls.Target{Name: to, Agent: a}, true
	}
	return calls.Target{}, false
}

func has[K comparable, V any](m map[K]V, k K) bool { _, ok := m[k]; return ok }

// Endpoint says how a phone is rung. Behind a trunk a voicemail may answer: a person presses 1.
func (p plan) Endpoint(id acd.PhoneID) (calls.Endpoint, bool) {
	phone, ok := p.site.Phones[id]
	if !ok {
		return calls.Endpoint{}, false
	}
	var dial string
	var err error
	switch phone.Kind {
	case site.PhoneTrunk:
		dial, err = asterisk.TrunkEndpoint(string(phone.Trunk), phone.Number)
	default:
		dial, err = asterisk.PhoneEndpoint(string(id))
	}
	trunk := phone.Kind == site.PhoneTrunk
	return calls.Endpoint{Dial: dial, MustAccept: trunk, Outside: trunk && p.outside(phone.Trunk)}, err == nil
}

// Outward is how a person is called: through the operator, and only at a number that is his own to
// answer (site.OutwardNumber).
func (p plan) Outward(number string) (calls.Endpoint, bool) {
	dialled, ok := site.OutwardNumber(number, p.site.Region)
	if !ok {
		return calls.Endpoint{}, false
	}
	trunk, ok := p.site.Outside()
	if !ok {
		return calls.Endpoint{}, false
	}
	dial, err := asterisk.TrunkEndpoint(string(trunk), dialled)
	return calls.Endpoint{Dial: dial, Outside: true}, err == nil
}

// Callbacks are the site's rules of calling people back.
func (p plan) Callbacks() calls.Callbacks {
	c := p.site.Callbacks
	return calls.Callbacks{Attempts: c.Attempts, Gap: c.Gap, Keep: c.Keep, Ring: c.Ring, Confirm: c.Confirm,
		Open: func(at acd.Instant) acd.Instant {
			if opens, ok := calendar.Together(at.Time(), c.Open...); ok {
				return max(at, acd.At(opens))
			}
			return 0
		}}
}

// outside reports whether the trunk is the operator's, not a PBX of the hospital's own.
func (p plan) outside(t acd.TrunkID) bool { return p.site.Trunks[t].CallbackVia }

func (p plan) MissLimit(q acd.QueueID) int { return p.site.Queues[q].MissesBeforeUnreachable }

func (p plan) ReasonLabel(r acd.ReasonID, lang acd.Lang) string {
	reason, ok := p.site.Reasons[r]
	if !ok {
		return ""
	}
	if text, ok := reason.Label[lang]; ok {
		return text
	}
	return reason.Label[p.site.Languages[0]]
}
