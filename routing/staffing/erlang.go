package staffing

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Load is the demand of an interval.
type Load struct {
	Rate     float64       // callers who enter the queue a second
	Handling time.Duration // mean time an agent needs for one: talk, hold and after-call work
	Patience time.Duration // mean time after which a caller hangs up; used by Erlang A
}

// Erlangs is the work that arrives: agents needed if none ever idled and nobody hung up.
func (l Load) Erlangs() float64 { return l.Rate * l.Handling.Seconds() }

// Bounds of what can be asked.
const (
	MaxAgents   = 100_000
	MaxPatience = 24 * time.Hour
	maxRate     = 1000.0 // callers a second
)

// Validate names the first field that is wrong.
func (l Load) Validate() error {
	switch {
	case !(l.Rate >= 0 && l.Rate <= maxRate): // NaN too
		return fmt.Errorf("arrival rate %g a second is not from 0 to %g", l.Rate, maxRate)
	case l.Handling <= 0 || l.Handling > MaxPatience:
		return fmt.Errorf("handling time %s is not between 0 and %s", l.Handling, MaxPatience)
	case l.Patience < 0 || l.Patience > MaxPatience:
		return fmt.Errorf("patience %s is not from 0 to %s", l.Patience, MaxPatience)
	}
	return nil
}

// Outcome is what callers and agents meet in the steady state. Shares are from 0 to 1.
type Outcome struct {
	Agents int
	// Stable is false when there is no steady state: Erlang C with no more agents than work. The
	// queue then grows without end; every other figure is that limit (ASA is NoEnd).
	Stable       bool
	Wait         float64       // share of callers who have to wait at all
	ServiceLevel float64       // share of callers answered within the time asked for, of all callers
	ASA          time.Duration // mean wait of those answered
	Abandon      float64       // share of callers who hang up
	Occupancy    float64       // share of their time that agents spend on callers
}

// Answered is the share of callers who reach an agent.
func (o Outcome) Answered() float64 { return 1 - o.Abandon }

// NoEnd is the ASA of a queue that grows without end.
const NoEnd time.Duration = math.MaxInt64

// Model computes the outcome of n agents facing a load; within is the time of the service level.
type Model func(l Load, n int, within time.Duration) (Outcome, error)

var errPatience = errors.New("the Erlang A model needs the callers' patience")

func check(l Load, n int) error {
	if err := l.Validate(); err != nil {
		return err
	}
	if n < 1 || n > MaxAgents {
		return fmt.Errorf("%d agents are not from 1 to %d", n, MaxAgents)
	}
	return nil
}

// inverseB returns 1/B, B being Erlang's loss formula for a erlangs and n agents, by its recursion
// 1/B(k) = 1 + k/a · 1/B(k-1), all of whose terms are positive: nothing cancels. +Inf where B is too
// small for a float64. For a = 0 it is +Inf.
func inverseB(a float64, n int) float64 {
	inv := 1.0
	for k := 1; k <= n; k++ {
		inv = 1 + inv*float64(k)/a
	}
	return inv
}

// ErlangC is the queue M/M/n: nobody hangs up. A.K. Erlang, 1917.
func ErlangC(l Load, n int, within time.Duration) (Outcome, error) {
	if err := check(l, n); err != nil {
		return Outcome{}, err
	}
	a, agents := l.Erlangs(), float64(n)
	if a >= agents {
		return Outcome{Agents: n, Wait: 1, ASA: NoEnd, Occupancy: 1}, nil
	}
	rho := a / agents
	wait := 1 / ((1-rho)*inverseB(a, n) + rho)
	spare := (agents - a) / l.Handling.Seconds() // rate at which the queue empties faster than it fills
	return Outcome{
		Agents: n, Stable: true, Wait: wait, Occupancy: rho,
		ServiceLevel: 1 - wait*math.Exp(-spare*max(0, within.Seconds())),
		ASA:          duration(wait / spare),
	}, nil
}

// ErlangA is the queue M/M/n+M: a caller who waits hangs up after a time of exponential distribution.
// C. Palm, 1946; the forms used are those of A. Mandelbaum and S. Zeltyn's notes on it.
//
// With λ callers, n agents of rate μ and impatience θ, the k-th in the queue is followed by
// q(k) = Π λ/(nμ+iθ), i = 1..k, of the weight of "all busy, nobody waits". A caller who finds k
// others waiting, and n busy, is served after V, the sum of exponential times of the rates nμ+iθ,
// i = 0..k; exp(-θV) has a Beta distribution, so that with α = nμ/θ
//
//	P(served | k)              = α/(α+k+1)
//	P(served within T | k)     = α/(α+k+1) · (1 - I_x(α+1, k+1)), x = exp(-θT)
//	E[V | served, k]           = Σ 1/(nμ+(i+1)θ), i = 0..k
func ErlangA(l Load, n int, within time.Duration) (Outcome, error) {
	if err := check(l, n); err != nil {
		return Outcome{}, err
	}
	if l.Patience == 0 {
		return Outcome{}, errPatience
	}
	if l.Rate == 0 {
		return Outcome{Agents: n, Stable: true, ServiceLevel: 1}, nil
	}
	lambda, theta := l.Rate, 1/l.Patience.Seconds()
	busy := float64(n) / l.Handling.Seconds() // nμ
	beta := newBeta(busy, theta, within)

	weight := 1.0                        // q(k)
	free := inverseB(l.Erlangs(), n) - 1 // weight of the states in which an agent is free
	if math.IsInf(free, 1) {
		return Outcome{Agents: n, Stable: true, ServiceLevel: 1, Occupancy: l.Erlangs() / float64(n)}, nil
	}
	var waiting, served, inTime, waited, harmonic float64
	for k := 0; ; k++ {
		if k > 0 {
			weight *= lambda / (busy + float64(k)*theta)
			beta.next(k)
		}
		harmonic += 1 / (busy + float64(k+1)*theta)
		survives := weight * busy / (busy + float64(k+1)*theta)
		waiting += weight
		served += survives
		inTime += survives * beta.within
		waited += survives * harmonic
		if weight > rescaleAbove {
			for _, x := range []*float64{&weight, &free, &waiting, &served, &inTime, &waited} {
				*x /= rescaleAbove
			}
		}
		if lambda < busy+float64(k)*theta && weight < negligible*waiting {
			break
		}
	}
	all := free + waiting
	answered := (free + served) / all
	return Outcome{
		Agents: n, Stable: true, Wait: waiting / all, Abandon: max(0, 1-answered),
		ServiceLevel: (free + inTime) / all, ASA: duration(waited / (free + served)),
		Occupancy: l.Erlangs() * answered / float64(n),
	}, nil
}

const (
	// rescaleAbove keeps the weights of an overloaded queue, which first grow, inside a float64.
	rescaleAbove = 1e200
	// negligible ends a sum of falling terms: what follows cannot be seen in the digits kept. Terms
	// fall faster than the sum's first ones, so the rest is of the order of the last one's square root
	// at worst.
	negligible = 1e-22
)

// beta follows 1 - I_x(α+1, k+1) as k grows: the probability that who finds k callers waiting, and is
// served, is served in time. I_x(a, b+1) = I_x(a, b) + x^a (1-x)^b / (b B(a, b)), a sum of positive
// terms whose logarithm is kept: x^a alone may be far below what a float64 holds.
type beta struct {
	a, logTerm, logRest float64
	sum, within         float64
}

func newBeta(busy, theta float64, within time.Duration) beta {
	t := max(0, within.Seconds())
	b := beta{a: busy/theta + 1, logTerm: -(busy + theta) * t, logRest: math.Log(-math.Expm1(-theta * t))}
	b.sum = math.Exp(b.logTerm)
	b.within = max(0, 1-b.sum)
	return b
}

func (b *beta) next(k int) {
	b.logTerm += b.logRest + math.Log((b.a+float64(k)-1)/float64(k))
	b.sum += math.Exp(b.logTerm)
	b.within = max(0, 1-b.sum)
}

func duration(seconds float64) time.Duration {
	if seconds >= NoEnd.Seconds() {
		return NoEnd
	}
	return time.Duration(math.Round(seconds * float64(time.Second)))
}
