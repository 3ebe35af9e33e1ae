package routing

import "time"

// Limit names a bound of a queue, and with it the way that callers beyond it go.
type Limit string

// The limits.
const (
	LimitFull      Limit = "full"      // max_waiting places are taken
	LimitWait      Limit = "wait"      // waited for max_wait
	LimitRatio     Limit = "ratio"     // more callers for each agent at work than max_ratio
	LimitUnstaffed Limit = "unstaffed" // nobody at work could ever take the contact
)

// Limits lists those that may have an overflow of their own.
var Limits = []Limit{LimitFull, LimitWait, LimitRatio}

// Load is how busy a queue is, as its limits see it.
type Load struct {
	Waiting int // contacts that hold a place in the queue, offered ones too, without the one that is judged
	Staffed int // agents at work who could serve it; see Engine.Staffing
}

// Verdict says whether a contact may enter a queue, or stay.
type Verdict struct {
	OK   bool
	Why  Limit  // when not OK
	To   string // where it goes then: the limit's overflow, else the fallback; "" for none
	Dies bool   // told to call later, then hung up: when_unstaffed is dissuade
}

// Enter judges a contact that wants to begin to wait. Kept places are for returning ones, whom an agent
// hands on. A contact that has waited before is never refused for want of places: do not ask then.
func (q Queue) Enter(now Load, returning bool) Verdict {
	switch {
	case now.Staffed == 0 && q.Unstaffed() != UnstaffedWait:
		return Verdict{Why: LimitUnstaffed, To: q.way(LimitUnstaffed), Dies: q.Unstaffed() == UnstaffedDissuade}
	case q.MaxWaiting > 0 && now.Waiting >= q.Places(returning):
		return Verdict{Why: LimitFull, To: q.way(LimitFull)}
	case !returning && q.MaxRatio > 0 && now.Staffed > 0 && 100*(now.Waiting+1) > q.MaxRatio*now.Staffed:
		return Verdict{Why: LimitRatio, To: q.way(LimitRatio)}
	}
	return Verdict{OK: true}
}

// Stay judges a contact that has waited for so long.
func (q Queue) Stay(now Load, waited time.Duration) Verdict {
	switch {
	case q.MaxWait > 0 && waited >= q.MaxWait:
		return Verdict{Why: LimitWait, To: q.way(LimitWait)}
	case now.Staffed == 0 && q.Unstaffed() != UnstaffedWait:
		return Verdict{Why: LimitUnstaffed, To: q.way(LimitUnstaffed), Dies: q.Unstaffed() == UnstaffedDissuade}
	}
	return Verdict{OK: true}
}

// Places is how many contacts may wait when one more comes; 0 for no limit. Who returns may take the
// kept places too. A queue with places always has one for everybody.
func (q Queue) Places(returning bool) int {
	if returning || q.MaxWaiting == 0 {
		return q.MaxWaiting
	}
	kept := (q.MaxWaiting*q.Keep + 99) / 100 // rounded up: 10 % of 5 places is one
	return max(q.MaxWaiting-kept, 1)
}

func (q Queue) way(l Limit) string {
	if to := q.Overflow[l]; to != "" {
		return to
	}
	if l == LimitUnstaffed && q.Unstaffed() == UnstaffedDissuade {
		return ""
	}
	return q.Fallback
}
