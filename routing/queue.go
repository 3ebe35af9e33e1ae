package routing

import (
	"slices"

	"accueil/acd"
)

// queue is one queue's rules, read, and what its classes share.
type queue struct {
	id      acd.QueueID
	steps   []parsedStep
	after   []int64 // ages at which the steps open, in ms, as the rules say
	order   []Criterion
	weights Weights
	// plain: a contact sees what a younger one sees and more, and has no fewer points. Then only the
	// oldest of a line can be next.
	plain bool
	// entries: an agent may take contacts through other steps than the first one he satisfies.
	entries bool
	asks    bool // some step considers counts

	waiting int // contacts that wait and are not chosen yet
	paused  bool
	since   acd.Instant // when it was paused, or let run again
}

func newQueue(id acd.QueueID, rules Queue, steps []parsedStep) *queue {
	q := &queue{id: id, steps: steps, order: rules.AgentOrder(), weights: rules.Policy.Effective(), plain: true}
	for i, s := range rules.Steps {
		q.after = append(q.after, s.After.Milliseconds())
		if !steps[i].consider.Always() {
			q.asks, q.entries = true, true
		}
		if s.Exclusive {
			q.plain, q.entries = false, true
		}
	}
	for i, b := range q.weights.Ages {
		if i > 0 && b.Points < q.weights.Ages[i-1].Points {
			q.plain = false // being younger is worth something
		}
	}
	return q
}

// top is the most that the queue's weights can add to a contact's points for an agent of no priority.
func (q *queue) top() int {
	most := q.weights.step(0) // they never rise
	ages := 0
	for _, b := range q.weights.Ages {
		ages = max(ages, b.Points)
	}
	return most + ages
}

// compares reports whether the criterion is in the queue's order.
func (q *queue) compares(c Criterion) bool { return slices.Contains(q.order, c) }
