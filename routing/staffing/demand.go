package staffing

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"accueil/routing/trace"
)

// HalfHour is the length of an interval, and the unit in which hospitals plan.
const HalfHour = 30 * time.Minute

// Demand is what one reason brings in one half hour.
type Demand struct {
	Start    time.Duration // of the half hour, after midnight; a multiple of HalfHour
	Reason   string        // "" for all of them
	Calls    float64       // expected to enter the queue
	Handling time.Duration // mean
}

// Validate names the first field that is wrong.
func (d Demand) Validate() error {
	switch {
	case d.Start < 0 || d.Start >= 24*time.Hour || d.Start%HalfHour != 0:
		return fmt.Errorf("%s is not the start of a half hour", Clock(d.Start))
	case !(d.Calls >= 0):
		return fmt.Errorf("%g calls", d.Calls)
	}
	return Load{Rate: d.rate(), Handling: d.Handling}.Validate()
}

func (d Demand) rate() float64 { return d.Calls / HalfHour.Seconds() }

// Clock writes a time of day.
func Clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// Pool adds up the demands of each half hour, as if every agent served every reason: the handling
// time of the sum is that of its calls. By start.
func Pool(demands []Demand) []Demand {
	sums := map[time.Duration]Demand{}
	work := map[time.Duration]float64{} // seconds
	for _, d := range demands {         // in their order: the same sums each time
		sum := sums[d.Start]
		sum.Start, sum.Calls = d.Start, sum.Calls+d.Calls
		if sum.Handling == 0 {
			sum.Handling = d.Handling // of a half hour without calls
		}
		work[d.Start] += d.Calls * d.Handling.Seconds()
		sums[d.Start] = sum
	}
	out := make([]Demand, 0, len(sums))
	for _, start := range slices.Sorted(maps.Keys(sums)) {
		d := sums[start]
		if d.Calls > 0 {
			d.Handling = duration(work[start] / d.Calls)
		}
		out = append(out, d)
	}
	return out
}

// Past says how past calls become a demand.
type Past struct {
	Days []int // of the file; empty for all of them
	// Quantile is how busy a day is planned for: 0.8 plans each half hour for the number of calls that
	// four days of five did not exceed; 0 for the mean of the days.
	Quantile float64
	Wrapup   time.Duration // after-call work, which a file of calls does not show
	Pool     bool          // all types together: their quantile is not the sum of the types' quantiles
}

// ErrNoCalls says that nothing in a file can be planned from.
var ErrNoCalls = errors.New("no call entered a queue, or none was served: there is nothing to plan from")

// FromCalls works out what each half hour brings, by start and reason. A call counts in the half hour
// in which it entered the queue; those who left in the menu count nowhere. A type's handling time is
// its mean over all days and hours: a single half hour has too few calls for one of its own.
func FromCalls(calls []trace.Call, p Past) ([]Demand, error) {
	if !(p.Quantile >= 0 && p.Quantile <= 1) {
		return nil, fmt.Errorf("quantile %g is not from 0 to 1", p.Quantile)
	}
	days := map[int]bool{}
	count := map[slot]map[int]int{} // by day
	service := map[string]*mean{}
	for _, c := range calls {
		if len(p.Days) > 0 && !slices.Contains(p.Days, c.Day) {
			continue
		}
		days[c.Day] = true
		if !c.InQueue() {
			continue
		}
		at := slot{min(c.Queued(), 24*time.Hour-1).Truncate(HalfHour), c.Type}
		if p.Pool {
			at.reason = ""
		}
		if count[at] == nil {
			count[at] = map[int]int{}
		}
		count[at][c.Day]++
		if service[at.reason] == nil {
			service[at.reason] = &mean{}
		}
		if c.Served {
			service[at.reason].add((c.Service + p.Wrapup).Seconds())
		}
	}
	var out []Demand
	for _, at := range slices.SortedFunc(maps.Keys(count), slot.compare) {
		if service[at.reason].n == 0 {
			continue // nobody ever served it: no time is known
		}
		out = append(out, Demand{
			Start: at.start, Reason: at.reason, Handling: max(time.Second, duration(service[at.reason].value())),
			Calls: typical(count[at], len(days), p.Quantile),
		})
	}
	if len(out) == 0 {
		return nil, ErrNoCalls
	}
	return out, nil
}

// slot is one reason's half hour.
type slot struct {
	start  time.Duration
	reason string
}

func (a slot) compare(b slot) int {
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.reason, b.reason))
}

// typical is the mean of a half hour's calls over the days, or a quantile of them by nearest rank; a
// day that is not in the map had none.
func typical(byDay map[int]int, days int, quantile float64) float64 {
	counts := make([]int, days-len(byDay), days)
	sum := 0
	for _, n := range byDay { // a sum and a sorted list: the order does not show
		sum += n
		counts = append(counts, n)
	}
	if quantile == 0 {
		return float64(sum) / float64(days)
	}
	slices.Sort(counts)
	return float64(counts[max(0, int(math.Ceil(quantile*float64(days)))-1)])
}

type mean struct {
	sum float64
	n   int
}

func (m *mean) add(x float64)  { m.sum += x; m.n++ }
func (m *mean) value() float64 { return m.sum / float64(m.n) }

// Patience is what past calls say about how long callers wait before they hang up.
type Patience struct {
	Mean   time.Duration // of the exponential distribution that fits best; 0 where nobody hung up
	Gave   int           // callers who hung up in the queue
	Served int           // callers who were answered: of them only a lower bound is known
	// StandardError of the mean, as a share of it.
	StandardError float64
}

// EstimatePatience fits an exponential distribution by maximum likelihood. A caller who was answered
// would have waited longer, nobody knows how much: his patience is censored. Leaving him out would
// call those impatient who merely were unlucky; so the mean is all waiting, his included, over the
// number who hung up. Real patience is not exponential: few hang up in the first seconds, more when a
// message is played. The mean serves Erlang A well all the same for usual loads.
func EstimatePatience(calls []trace.Call, days []int) Patience {
	var p Patience
	var waited time.Duration
	for _, c := range calls {
		if !c.InQueue() || len(days) > 0 && !slices.Contains(days, c.Day) {
			continue
		}
		waited += c.Wait
		if c.Served {
			p.Served++
		} else {
			p.Gave++
		}
	}
	if p.Gave > 0 {
		p.Mean = min(waited/time.Duration(p.Gave), MaxPatience)
		p.StandardError = 1 / math.Sqrt(float64(p.Gave))
	}
	return p
}
