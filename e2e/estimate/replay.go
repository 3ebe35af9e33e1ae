package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/trace"
)

// headStart is what the bank's own system gave callers of high priority: they stood in the line as if
// they had come so much earlier (L. Brown et al., "Statistical analysis of a telephone call center",
// 2005).
const headStart = 90 * time.Second

// highPriority is the value of the file's priority column that means it.
const highPriority = 2

// sample is one caller who had to wait: what was foretold when he entered the queue, and what came.
type sample struct {
	call     trace.Call
	estimate routing.Estimate
	told     bool // there was an estimate
	others   [rivals]time.Duration
}

// The rules that the estimate is measured against.
const (
	constant = iota // the mean wait, filled in afterwards
	lastServed
	queueLength
	movingAverage
	ownQueue
	nobodyLeaves
	rivals
)

var rivalNames = [rivals]string{
	constant:      "constant: mean wait of the first half",
	lastServed:    "LES: wait of the last who entered service",
	queueLength:   "QL: (waiting + 1) x mean / agents",
	movingAverage: "app_queue: 3/4 old + 1/4 new hold time",
	ownQueue:      "the rule, place and share of its own queue",
	nobodyLeaves:  "the rule, without those who will hang up",
}

// event is something that the file says happened.
type event struct {
	at   acd.Instant
	kind kind
	call int
	who  string
}

// kind orders events of the same second: what frees an agent comes first, and who enters the queue is
// there before he leaves it.
type kind int

const (
	finished kind = iota
	onDuty
	entered
	left
	offDuty
)

// replay tells the month to the engine as the log would have told it, and notes each estimate.
type replay struct {
	calls  []trace.Call
	agents []trace.Agent
	start  acd.Instant

	engine *routing.Engine
	hour   routing.LastHour
	revs   map[string]int64
	busy   map[string]int // conversations of an agent; the file lets some have two
	duty   map[string]bool

	waiting map[string]int // by type
	lastIn  map[string]time.Duration
	holds   map[string]time.Duration
	recent  []handled
	samples []sample
}

// handled is a conversation that has ended.
type handled struct {
	at   acd.Instant
	kind string
	took time.Duration
	who  string
}

func newReplay(calls []trace.Call) (*replay, error) {
	r := &replay{
		calls: calls, agents: trace.Agents(calls, 0), start: acd.At(time.Date(1999, 2, 1, 0, 0, 0, 0, time.UTC)),
		revs: map[string]int64{}, busy: map[string]int{}, duty: map[string]bool{},
		waiting: map[string]int{}, lastIn: map[string]time.Duration{}, holds: map[string]time.Duration{},
	}
	rules := routing.Rules{Queues: map[acd.QueueID]routing.Queue{}, Agents: map[acd.AgentID]routing.Member{}}
	for _, c := range calls {
		q := queueOf(c.Type)
		if _, known := rules.Queues[q]; known || !c.InQueue() {
			continue
		}
		rules.Skills = append(rules.Skills, acd.SkillID(q))
		rules.Queues[q] = routing.Queue{Steps: []routing.Step{{Require: string(q) + " >= 1"}}, WhenUnstaffed: routing.UnstaffedWait, Fallback: "none"}
	}
	slices.Sort(rules.Skills)
	for _, a := range r.agents {
		m := routing.Member{Skills: map[acd.SkillID]int{}}
		for t := range a.Served {
			if a.Serves(t) {
				m.Skills[acd.SkillID(queueOf(t))] = 1
			}
		}
		rules.Agents[acd.AgentID(a.ID)] = m
	}
	var err error
	if r.engine, err = routing.New(rules); err != nil {
		return nil, fmt.Errorf("rules of the file: %w", err)
	}
	return r, nil
}

func queueOf(kind string) acd.QueueID { return acd.QueueID("t_" + strings.ToLower(kind)) }

// instant is when something happened, so long after midnight of a day of the file.
func (r *replay) instant(day int, d time.Duration) acd.Instant {
	return r.start.Add(time.Duration(day-1)*24*time.Hour + d)
}

func (r *replay) events() []event {
	var out []event
	for i, c := range r.calls {
		if !c.InQueue() {
			continue
		}
		out = append(out, event{r.instant(c.Day, c.Queued()), entered, i, ""}, event{r.instant(c.Day, c.Left()), left, i, ""})
		if c.Served {
			out = append(out, event{r.instant(c.Day, c.End()), finished, i, ""})
		}
	}
	for _, a := range r.agents {
		for _, d := range a.Duty {
			out = append(out, event{r.instant(d.Day, d.From), onDuty, 0, a.ID}, event{r.instant(d.Day, d.To), offDuty, 0, a.ID})
		}
	}
	slices.SortStableFunc(out, func(a, b event) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.kind, b.kind)) })
	return out
}

// run replays everything. A call without waiting is served by someone who was free, so its leaving
// follows its entering within the same second.
func (r *replay) run() {
	for _, e := range r.events() {
		c := r.calls[e.call]
		switch e.kind {
		case onDuty, offDuty:
			r.duty[e.who] = e.kind == onDuty
			r.tell(e.at, r.agent(e.who, e.at))
		case entered:
			r.tell(e.at, nil, r.leg(e.call, acd.LegQueued, e.at))
			if c.Wait > 0 {
				r.note(e)
				r.waiting[c.Type]++
			}
		case left:
			r.leave(e, c)
		case finished:
			r.recent = append(r.recent, handled{e.at, c.Type, c.Service, c.Agent})
			r.busy[c.Agent]--
			r.tell(e.at, r.agent(c.Agent, e.at), r.leg(e.call, acd.LegEnded, e.at))
		}
	}
}

func (r *replay) leave(e event, c trace.Call) {
	if c.Wait > 0 {
		r.waiting[c.Type]--
	}
	if !c.Served {
		r.tell(e.at, nil, r.leg(e.call, acd.LegEnded, e.at))
		return
	}
	r.busy[c.Agent]++
	r.tell(e.at, r.agent(c.Agent, e.at))
	r.tell(e.at, nil, r.leg(e.call, acd.LegTalking, e.at))
	if c.Wait > 0 {
		r.lastIn[c.Type] = c.Wait
	}
	r.holds[c.Type] = (3*r.holds[c.Type] + c.Wait) / 4
}

// tell folds one entry of the log.
func (r *replay) tell(at acd.Instant, agents []acd.Agent, legs ...acd.Leg) {
	e := acd.Entry{At: at, Agents: agents, Legs: legs}
	r.engine.Apply(e)
	r.hour.Apply(e)
}

func (r *replay) rev(name string) int64 {
	r.revs[name]++
	return r.revs[name]
}

// agent is the image of an agent; none for a call whose agent the file does not know.
func (r *replay) agent(id string, at acd.Instant) []acd.Agent {
	if id == "" {
		return nil
	}
	state := acd.AgentOffline
	switch {
	case r.busy[id] > 0:
		state = acd.AgentBusy
	case r.duty[id]:
		state = acd.AgentReady
	}
	return []acd.Agent{{ID: acd.AgentID(id), Rev: r.rev(id), State: state, Since: at, Phone: "p", LoggedIn: at}}
}

func (r *replay) leg(i int, state acd.LegState, at acd.Instant) acd.Leg {
	c := r.calls[i]
	id := acd.ContactID(fmt.Sprintf("c%06d", i)).Leg(1)
	l := acd.Leg{ID: id, Rev: r.rev(string(id)), State: state, Since: at, Queue: queueOf(c.Type), Enqueued: r.instant(c.Day, c.Queued())}
	if c.Priority == highPriority {
		l.AgeFrom = l.Enqueued.Add(-headStart)
	}
	if state == acd.LegQueued {
		return l
	}
	l.Dequeued = r.instant(c.Day, c.Left())
	if c.Served {
		l.Bridged, l.Agent = l.Dequeued, acd.AgentID(c.Agent)
	}
	if state == acd.LegEnded {
		l.End = &acd.End{Outcome: acd.Abandoned, At: at}
		if c.Served {
			l.End.Outcome = acd.Answered
		}
	}
	return l
}

// note keeps what each rule foretells for a caller who has just entered the queue and will wait.
func (r *replay) note(e event) {
	c := r.calls[e.call]
	s := sample{call: c}
	s.estimate, s.told = r.engine.Estimate(acd.ContactID(fmt.Sprintf("c%06d", e.call)).Leg(1), e.at, &r.hour)
	s.others[lastServed], s.others[movingAverage] = r.lastIn[c.Type], r.holds[c.Type]
	s.others[queueLength], s.others[ownQueue] = r.byQueue(e.at, c.Type)
	if e := s.estimate; s.told {
		s.others[nobodyLeaves] = time.Duration(e.Place * float64(e.Handling) / e.Capacity)
	}
	r.samples = append(r.samples, s)
}

// byQueue foretells from the caller's own queue alone: who waits there, over all who may serve it; and
// over the share of their time that they gave to it in the last hour.
func (r *replay) byQueue(now acd.Instant, kind string) (plain, shared time.Duration) {
	hourAgo := now.Add(-time.Hour)
	old := 0
	for old < len(r.recent) && r.recent[old].at < hourAgo {
		old++
	}
	r.recent = r.recent[old:]
	serves := map[string]bool{}
	agents := 0
	for _, a := range r.agents {
		if r.duty[a.ID] && a.Serves(kind) {
			serves[a.ID] = true
			agents++
		}
	}
	var own, theirs, here time.Duration
	n := 0
	for _, h := range r.recent {
		if h.kind == kind {
			own += h.took
			n++
		}
		if serves[h.who] {
			theirs += h.took
			if h.kind == kind {
				here += h.took
			}
		}
	}
	if n == 0 || agents == 0 {
		return 0, 0
	}
	plain = time.Duration(r.waiting[kind]+1) * (own / time.Duration(n)) / time.Duration(agents)
	if here == 0 {
		return plain, plain
	}
	return plain, time.Duration(float64(plain) * theirs.Seconds() / here.Seconds())
}
