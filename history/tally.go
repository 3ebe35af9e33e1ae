package history

import (
	"math"
	"slices"
	"time"

	"accueil/acd"
)

// tally is a group of legs under a reader's thresholds: what the formulas are computed from.
type tally struct {
	Counts
	short time.Duration

	answered  []time.Duration // waits of A
	line      []time.Duration // of A, from the arrival
	abandoned []time.Duration // waits of B
	called    []time.Duration // waits of K
	failed    []time.Duration // waits of E
	longest   time.Duration
	handled   int
	talk, acw time.Duration // of the handled
	worked    int           // legs with finished after-call work
	endings   map[acd.Ending]int

	contact, idle time.Duration // agents' time with a contact, and ready without one
}

func (t *tally) add(r Record) {
	t.Counts.add(r, t.short)
	wait := r.Wait()
	switch r.Letter() {
	case LetterA:
		t.answered = append(t.answered, wait)
		t.line = append(t.line, r.LineWait())
	case LetterB:
		t.abandoned = append(t.abandoned, wait)
	case LetterK:
		t.called = append(t.called, wait)
	case LetterE:
		t.failed = append(t.failed, wait)
	}
	if r.Queued() && r.Outcome != acd.Emergency {
		t.longest = max(t.longest, wait)
	}
}

// work counts what agents did with a leg: every leg counts here, transfer legs too.
func (t *tally) work(r Record) {
	for e, n := range r.Endings {
		if t.endings == nil {
			t.endings = map[acd.Ending]int{}
		}
		t.endings[e] += n
	}
	if !r.Handled() {
		return
	}
	t.handled++
	t.talk += r.Talk()
	if !r.ACWEnded.Never() {
		t.worked++
		t.acw += r.ACW()
	}
}

func (t *tally) offers() int {
	n := 0
	for _, k := range t.endings {
		n += k
	}
	return n
}

// within counts the durations of at most bound.
func within(ds []time.Duration, bound time.Duration) int {
	n := 0
	for _, d := range ds {
		if d <= bound {
			n++
		}
	}
	return n
}

// beyond counts the durations above low and of at most high.
func beyond(ds []time.Duration, low, high time.Duration) int {
	return max(0, within(ds, high)-within(ds, low))
}

func mean(ds []time.Duration) amount {
	var sum time.Duration
	for _, d := range ds {
		sum += d
	}
	return average(sum, len(ds))
}

// quantile is the nearest-rank quantile: the smallest wait that at least the share q did not exceed.
// It is a wait that someone had, never one between two.
func quantile(ds []time.Duration, q float64) amount {
	if len(ds) == 0 {
		return amount{}
	}
	s := slices.Sorted(slices.Values(ds))
	i := int(math.Ceil(q*float64(len(s)))) - 1
	return seconds(s[min(max(i, 0), len(s)-1)])
}

// amount is the result of a formula: defined only where its denominator is not zero.
type amount struct {
	value   float64
	defined bool
	num     float64
	den     float64
	parts   bool
}

// percent is 100 num/den.
func percent[N int | time.Duration](num, den N) amount {
	a := amount{num: float64(num), den: float64(den), parts: true}
	if den > 0 {
		a.value, a.defined = 100*a.num/a.den, true
	}
	return a
}

func seconds(d time.Duration) amount { return amount{value: d.Seconds(), defined: true} }

func average(sum time.Duration, n int) amount {
	if n == 0 {
		return amount{}
	}
	return amount{value: sum.Seconds() / float64(n), defined: true, num: sum.Seconds(), den: float64(n), parts: true}
}
