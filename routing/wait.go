package routing

import (
	"cmp"
	"math"
	"slices"
	"time"

	"accueil/acd"
)

// Estimate is how long a contact still waits, as far as can be told.
//
// The expected wait is the contact's place in the order, times the mean handling time of the last
// hour, over the agents who may serve it times the share of their time that they spend here, less
// those in front who will hang up (KPI.md). The place counts who is in front of it in the one order
// over all queues and may be given to the same agents, itself included. So the time which those agents
// spend on other queues is in the place; the share is what pauses, calls of their own and rings in
// vain leave of it.
type Estimate struct {
	At       acd.Instant
	Place    float64       // own one counted; a contact in front that others may take as well counts by the part these agents have of it
	Agents   int           // at work and not away, who may serve it through a step, open or not
	Capacity float64       // those of them to whom a step is open now, each by the share of his time
	Handling time.Duration // mean time that a contact took those who may serve this one, in the last hour, ring and after-call work included
	Handled  int           // contacts that this is the mean of
	Hazard   float64       // callers who left these queues without an agent, per second of waiting
	Wait     time.Duration // expected from At on
	// With probability Confidence the wait lies between Low and High.
	Low, High  time.Duration
	Confidence float64
}

// MinHandled is how many contacts must have been handled in the last hour, by those who may serve the
// contact, for a wait to be foretold (KPI.md).
const MinHandled = 10

// RangeConfidence is how often the range of an Estimate holds the wait that comes.
const RangeConfidence = 0.8

// The range is that of a gamma distribution whose squared coefficient of variation is
//
//	rangePlace/place + rangeBase
//
// The first part is chance: a place is that many hand-overs, each as irregular as a conversation. The
// second is what the formula cannot know: breaks that begin, callers with priority who come later, a
// change since the last hour. Both were chosen on the first half of the calls of docs/routing.md, so
// that RangeConfidence was reached there among short and long waits alike; the second half is the test.
const (
	rangePlace = 0.4
	rangeBase  = 0.45
)

// Estimate tells how long the waiting leg will wait from now on, from the engine's own view and what
// the last hour taught. False when nothing honest can be said: it does not wait in a queue with rules,
// nobody who may serve it is there, or fewer than MinHandled contacts were handled by such in the last
// hour.
// Its cost grows with the agents and with the contacts in front.
func (e *Engine) Estimate(id acd.LegID, now acd.Instant, hour *LastHour) (Estimate, bool) {
	o, ok := e.look(id, now, hour)
	if !ok {
		return Estimate{}, false
	}
	return e.estimate(o)
}

// look is the outlook of a waiting leg; false when it does not wait in a queue with rules.
func (e *Engine) look(id acd.LegID, now acd.Instant, hour *LastHour) (outlook, bool) {
	e.advance(now)
	hour.pass(e.now)
	l := e.legs[id]
	if l == nil || l.class == nil {
		return outlook{}, false
	}
	return e.outlook(l, hour), true
}

// estimate is the estimate of what was looked at now.
func (e *Engine) estimate(o outlook) (Estimate, bool) {
	work := o.work
	if work.handled < MinHandled { // a shift that has just begun: as long as the one before it needed
		work = o.team
	}
	if o.agents == 0 || work.handled < MinHandled || work.handling <= 0 {
		return Estimate{}, false
	}
	est := Estimate{
		At: e.now, Place: o.place, Agents: o.agents, Capacity: float64(o.open(0)) / fullShare, Confidence: RangeConfidence,
		Handled: int(work.handled), Handling: time.Duration(work.handling/work.handled) * time.Millisecond,
	}
	if o.waiting.waited > 0 {
		est.Hazard = float64(o.waiting.left) / (float64(o.waiting.waited) / 1000)
	}
	seconds, ok := expected(o, est.Handling.Seconds(), est.Hazard)
	if !ok {
		return Estimate{}, false
	}
	est.Wait = time.Duration(math.Round(seconds*1000)) * time.Millisecond
	low, high := Spread(est.Place, rangePlace, rangeBase, RangeConfidence)
	est.Low = time.Duration(math.Floor(seconds*low)) * time.Second
	est.High = time.Duration(math.Ceil(seconds*high)) * time.Second
	return est, true
}

// outlook is what decides how long a contact waits.
type outlook struct {
	place   float64
	agents  int
	joins   []join // agents by when a step opens to them, earliest first
	work    sums   // what the agents handled in the last hour
	team    sums   // the same with those who may serve the contact and are away, or went home
	waiting sums   // what happened in the queues whose contacts they may be given
}

// join is capacity that comes to a contact when a step opens.
type join struct {
	in    int64 // ms from now; 0 or less: it is there
	share int64 // parts of fullShare, summed over agents
}

// open is the capacity that is there in so many ms.
func (o outlook) open(in int64) int64 {
	var n int64
	for _, j := range o.joins {
		if j.in <= in {
			n += j.share
		}
	}
	return n
}

// expected is the mean time, in seconds, until the contact's turn: the sum, over the places in front
// of it and its own, of the time until somebody is taken or hangs up. With n agents at work, a mean
// handling time h and a hazard θ that is 1/(n/h + iθ) where i contacts are still in front; agents to
// whom a step opens meanwhile join in. False when the turn never comes.
func expected(o outlook, handling, hazard float64) (float64, bool) {
	const fullSeconds = 1000 * fullShare
	at, rate := 0.0, 0.0
	joins := o.joins
	join := func() { rate += float64(joins[0].share) / fullShare / handling; joins = joins[1:] }
	for len(joins) > 0 && joins[0].in <= 0 {
		join()
	}
	for left := o.place; left > 0; {
		front := math.Ceil(left) - 1
		need := left - front // of one departure
		pace := rate + front*hazard
		if len(joins) > 0 {
			if opens := float64(joins[0].in) / 1000; pace*(opens-at) < need {
				left -= pace * (opens - at)
				at = opens
				join()
				continue
			}
		}
		if pace <= 0 || need/pace > fullSeconds {
			return 0, false
		}
		at += need / pace
		left = front
	}
	return at, true
}

// Spread returns by what factors of the expected wait a range begins and ends that holds the share
// confidence of waits, when their squared coefficient of variation is perPlace/place + base. It is
// exported for the program that chooses the constants (e2e/estimate).
func Spread(place, perPlace, base, confidence float64) (low, high float64) {
	v := perPlace/place + base
	return gammaQuantile(v, (1-confidence)/2), gammaQuantile(v, (1+confidence)/2)
}

// gammaQuantile is the quantile of a gamma distribution of mean 1 and this variance, by the cube-root
// transformation of E.B. Wilson and M.M. Hilferty (1931): within 1 % of it for the variances here.
func gammaQuantile(variance, p float64) float64 {
	z := math.Sqrt2 * math.Erfinv(2*p-1)
	cube := 1 - variance/9 + z*math.Sqrt(variance)/3
	return max(0, cube*cube*cube)
}

// sortJoins orders joins and adds up those of the same instant.
func sortJoins(joins []join) []join {
	slices.SortFunc(joins, func(a, b join) int { return cmp.Compare(a.in, b.in) })
	out := joins[:0]
	for _, j := range joins {
		j.in = max(j.in, 0)
		if n := len(out); n > 0 && out[n-1].in == j.in {
			out[n-1].share += j.share
			continue
		}
		out = append(out, j)
	}
	return out
}
