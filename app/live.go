package app

import (
	"accueil/acd"
	"accueil/calls"
	"accueil/queues"
	"accueil/routing"
	"accueil/routing/dispatch"
)

// livePlan answers from the configuration in force (calls.Plan).
type livePlan struct{ live func() *config }

func (p livePlan) Way(r acd.ReasonID, q acd.QueueID, l acd.Lang) (calls.Way, bool) {
	return p.live().plan.Way(r, q, l)
}
func (p livePlan) Target(to string, trusted bool) (calls.Target, bool) {
	return p.live().plan.Target(to, trusted)
}
func (p livePlan) Hours(q acd.QueueID, r acd.ReasonID, at acd.Instant) calls.Hours {
	return p.live().plan.Hours(q, r, at)
}
func (p livePlan) Endpoint(id acd.PhoneID) (calls.Endpoint, bool) { return p.live().plan.Endpoint(id) }
func (p livePlan) Outward(number string) (calls.Endpoint, bool) {
	return p.live().plan.Outward(number)
}
func (p livePlan) Callbacks() calls.Callbacks  { return p.live().plan.Callbacks() }
func (p livePlan) Human() acd.ReasonID         { return p.live().program.Human() }
func (p livePlan) MissLimit(q acd.QueueID) int { return p.live().plan.MissLimit(q) }
func (p livePlan) ReasonLabel(r acd.ReasonID, l acd.Lang) string {
	return p.live().plan.ReasonLabel(r, l)
}

// router answers what a call asks of routing (calls.Router).
type router struct {
	dispatcher *dispatch.Dispatcher
	book       *queues.Book
}

func (r router) Staffed(q acd.QueueID, asks string) bool { return r.dispatcher.StaffedFor(q, asks) }

// Enter judges by the rules in force and by what the queue holds now (calls.Router).
func (r router) Enter(q acd.QueueID, asks string, returning bool) acd.Refusal {
	rules, _ := r.dispatcher.Rules()
	load := routing.Load{Waiting: r.book.Waiting(q), Staffed: r.dispatcher.Staffing(q, asks).Staffed}
	return refusals[rules.Queues[q].Enter(load, returning).Why]
}

// refusals are the limits of queues in the words of calls; no limit is no refusal.
var refusals = map[routing.Limit]acd.Refusal{
	routing.LimitFull: acd.RefusedFull, routing.LimitRatio: acd.RefusedRatio,
	routing.LimitUnstaffed: acd.RefusedUnstaffed, routing.LimitWait: acd.RefusedMaxWait,
}

func (r router) LastRoutable(a acd.AgentID) bool { return r.dispatcher.LastRoutable(a) }
