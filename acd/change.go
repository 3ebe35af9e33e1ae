package acd

import (
	"errors"
	"fmt"
)

// Change is what a Tx produced: the data of one script and one entry. A store writes all of it or
// nothing. It holds nothing that identifies a patient except Personal, which goes to its own key.
type Change struct {
	Entry Entry // Gen, Seq and ID are the store's to fill
	// Fact is set for what has already happened: the store never refuses it.
	Fact bool
	// Before holds the revision that each touched entity had; zero for a new one. The images in
	// Entry have that revision plus one.
	Before map[string]int64
	// From lists the states in which the table allows the move of a leg; a script checks it once
	// more against what is stored. Absent for legs whose state is not part of the move.
	From map[LegID][]LegState
	// Places are moves in the queues' order.
	Places []Place
	// Limit refuses the change as ErrFull when the queue already holds Max places.
	Limit *Limit
	// Token must still be the lead's when the change is written; nil for all but claims.
	Token *Lead
	// Due lists deadlines that must have been reached by Entry.At as the store knows it.
	Due      []Instant
	Counts   []Count
	Personal map[ContactID]Personal
	// Erase lists contacts whose personal fields start their last 24 hours.
	Erase []ContactID
}

// Place is one move in the order of a queue.
type Place struct {
	Queue  QueueID `json:"queue"`
	Leg    LegID   `json:"leg"`
	Score  int64   `json:"score"`
	Remove bool    `json:"remove,omitempty"`
}

// Limit bounds the places of a queue.
type Limit struct {
	Queue QueueID
	Max   int
}

// LegKey, AgentKey, PhoneKey and ClosureKey name an entity in Change.Before.
func LegKey(id LegID) string       { return "leg:" + string(id) }
func AgentKey(id AgentID) string   { return "agent:" + string(id) }
func PhoneKey(id PhoneID) string   { return "phone:" + string(id) }
func ClosureKey(id EntryID) string { return "closure:" + string(id) }

// The refusals of a decision.
var (
	// ErrFull: the queue holds as many places as it may.
	ErrFull = errors.New("queue is full")
	// ErrEarly: the deadline has not been reached.
	ErrEarly = errors.New("deadline not reached")
	// ErrNotLead: another node dispatches, or the lease ran out.
	ErrNotLead = errors.New("not the lead")
	// ErrStale: an entity has changed since it was read.
	ErrStale = errors.New("changed meanwhile")
	// ErrUnavailable: the store is away and this change needs it.
	ErrUnavailable = errors.New("store unavailable")
)

// Count adds N to a counter of the data set. Labels follow the order given beside the metric.
type Count struct {
	Metric string
	Labels []string
	N      int64
}

// Metrics of the data set, with their labels (CONTRACT, Metrics). Histograms are three counters:
// "<name>_bucket" (labels and le), "<name>_count" and "<name>_sum" in milliseconds.
const (
	MetricContacts     = "contacts_total"       // entry, queue, reason, outcome, phase
	MetricQueueEntered = "queue_entered_total"  // queue, reason
	MetricAnswered     = "answered_total"       // queue, reason
	MetricAbandoned    = "abandoned_total"      // queue, reason, short
	MetricAnswerWait   = "answer_wait_seconds"  // queue
	MetricAbandonWait  = "abandon_wait_seconds" // queue
	MetricTalk         = "talk_seconds"         // queue
	MetricWrapup       = "wrapup_seconds"       // queue
	MetricOffers       = "offers_total"         // queue, ending
	MetricAnomalies    = "anomalies_total"      // kind
	MetricSurvey       = "survey_total"         // queue, kind (asked, csat, nps, comment), score
)

// Buckets are the upper bounds, in seconds, of every histogram of the data set.
var Buckets = []int{5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600}

// ShortAbandon is the bound below which an abandonment is counted as short in the counters, from
// the queue's entry (KPI.md). Reports recompute it with any other bound.
const ShortAbandon = 10_000 // milliseconds

func (c *Change) count(metric string, labels ...string) {
	c.Counts = append(c.Counts, Count{metric, labels, 1})
}

func (c *Change) observe(metric string, ms int64, labels ...string) {
	ms = max(0, ms) // two clocks may differ by a little; a counter never falls
	le := "+Inf"
	for _, b := range Buckets {
		if ms <= int64(b)*1000 {
			le = fmt.Sprint(b)
			break
		}
	}
	// One bucket is raised; a reader adds the lower ones up. That is one counter a call, not twelve.
	c.Counts = append(c.Counts,
		Count{metric + "_bucket", append(append([]string(nil), labels...), le), 1},
		Count{metric + "_count", labels, 1},
		Count{metric + "_sum", labels, ms})
}
