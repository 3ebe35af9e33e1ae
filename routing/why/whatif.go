package why

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// Question is a call that might come.
type Question struct {
	Rules  routing.Rules
	Reason acd.ReasonID // must be one of the rules
	Lang   acd.Lang
	Asks   string // requirement that follows from the language; "" for none
	At     acd.Instant
	// Ready are the agents who are there, all of them free; nil for everyone.
	Ready []acd.AgentID
	// Skills override those of the rules, as live changes do; may be nil.
	Skills map[acd.AgentID]map[acd.SkillID]int
}

// Answer is what would happen to that call. Its JSON is that of the API.
type Answer struct {
	Reason acd.ReasonID  `json:"reason"`
	Lang   acd.Lang      `json:"lang"`
	At     string        `json:"at" format:"date-time" doc:"When the call would enter its queue."`
	Rules  string        `json:"rules" doc:"Hash of the routing rules."`
	Queue  acd.QueueID   `json:"queue"`
	Asks   string        `json:"asks,omitempty" doc:"What the language asks of an agent."`
	Points int           `json:"points"`
	Hold   int64         `json:"hold_s,omitempty" doc:"Kept so long for the agent who knows the caller."`
	Ready  []acd.AgentID `json:"ready" doc:"Who was taken to be there and free."`
	Steps  []WouldStep   `json:"steps"`
	Order  []acd.AgentID `json:"order" doc:"In which order the agents would be asked, were all of them free once every step is open and every delay over."`
	Others []Candidate   `json:"others,omitempty" doc:"Who could never take it, and why."`

	MaxWaiting    int                      `json:"max_waiting,omitempty"`
	Places        int                      `json:"places,omitempty" doc:"Of max_waiting, those that are not kept for callers whom an agent hands on."`
	MaxRatio      int                      `json:"max_ratio,omitempty" doc:"Callers for each agent at work, in percent."`
	MaxWait       int64                    `json:"max_wait_s,omitempty"`
	Ring          int64                    `json:"ring_s"`
	Fallback      string                   `json:"fallback,omitempty"`
	Overflow      map[routing.Limit]string `json:"overflow,omitempty" doc:"Other ways than the fallback, by limit."`
	WhenUnstaffed routing.WhenUnstaffed    `json:"when_unstaffed"`
	Paused        bool                     `json:"paused,omitempty" doc:"The queue is paused now: nobody is offered from it until it runs again."`
	Hours         *HoursState              `json:"hours,omitempty" doc:"The hours of the queue and the reason; absent where it is always open."`
	Entries       []EntryState             `json:"entries" doc:"The entries whose scenario leads to this reason."`
}

// WouldStep is a step of the queue, and who could take the call when it opens.
type WouldStep struct {
	Number     int          `json:"number"`
	Require    string       `json:"require" doc:"With what the language asks; empty for everyone."`
	After      int64        `json:"after_s" doc:"Wait at which it opens."`
	Opens      string       `json:"opens" format:"date-time"`
	Skipped    bool         `json:"skipped" doc:"None of those who are there satisfies it, so the next one opens with it."`
	Exclusive  bool         `json:"exclusive,omitempty" doc:"Closes those before it when it opens."`
	Consider   string       `json:"consider,omitempty" doc:"It is closed while this does not hold."`
	Considered bool         `json:"considered" doc:"Whether that holds with this call alone in the queue."`
	Agents     []WouldAgent `json:"agents" doc:"Who could take it from then on, best first."`
	Later      []WouldLater `json:"later,omitempty" doc:"Who could take it but for a delay of his own in this queue."`
}

// WouldAgent is an agent who could take the call.
type WouldAgent struct {
	Agent   acd.AgentID     `json:"agent"`
	Step    int             `json:"step" doc:"First open step that he satisfies."`
	Surplus int64           `json:"surplus" doc:"Skill that he would have to spare, where the queue compares it; else 0."`
	Parts   []acd.ScorePart `json:"parts" doc:"What he is compared by, without what is supposed to be alike: time and load."`
}

// WouldLater is an agent who takes a queue's calls only when they are older.
type WouldLater struct {
	Agent acd.AgentID `json:"agent"`
	Step  int         `json:"step" doc:"First open step that he satisfies."`
	From  string      `json:"from" format:"date-time"`
}

// EntryState is what the hours of an entry's scenario say at that instant.
type EntryState struct {
	Entry    acd.EntryID  `json:"entry"`
	Scenario string       `json:"scenario"`
	Hours    []HoursState `json:"hours,omitempty" doc:"The hours nodes that a caller can meet then."`
	Reaches  bool         `json:"reaches" doc:"Whether a caller can come to this reason then."`
	Closed   bool         `json:"closed_exceptionally,omitempty" doc:"Closed by a person now."`
}

// HoursState is one hours node, or the timetable of an entry or a queue.
type HoursState struct {
	Node string `json:"node,omitempty" doc:"Empty for the hours of the entry, or of the queue."`
	Open bool   `json:"open"`
	To   string `json:"to,omitempty" doc:"Node that the caller is led to."`
	// Day is there on public holidays and exceptional days.
	Day map[acd.Lang]string `json:"day,omitempty" doc:"The public holiday or exceptional day, by language."`
	// Opens is there while it is closed.
	Opens string `json:"opens,omitempty" format:"date-time" doc:"When it opens next."`
}

// WouldHappen answers a question by the engine that routes calls. A reason or agent that the rules do
// not know is an acd.ErrNotFound.
func (t Teller) WouldHappen(q Question) (Answer, error) {
	reason, ok := q.Rules.Reasons[q.Reason]
	if !ok {
		return Answer{}, acd.ErrNotFound{What: "reason", ID: string(q.Reason)}
	}
	engine, err := routing.New(q.Rules)
	if err != nil {
		return Answer{}, fmt.Errorf("explain reason %s: %w", q.Reason, err)
	}
	rules := q.Rules.Queues[reason.Queue]
	a := Answer{Reason: q.Reason, Lang: q.Lang, At: t.stamp(q.At), Rules: engine.Hash(), Queue: reason.Queue, Points: reason.Points,
		Hold: int64(reason.Hold.Seconds()), Steps: []WouldStep{}, Order: []acd.AgentID{}, Entries: []EntryState{},
		MaxWaiting: rules.MaxWaiting, Places: rules.Places(false), MaxRatio: rules.MaxRatio, MaxWait: int64(rules.MaxWait.Seconds()),
		Ring: int64(rules.RingTime().Seconds()), Fallback: rules.Fallback, Overflow: rules.Overflow, WhenUnstaffed: rules.Unstaffed()}
	leg := acd.ContactID("question").Leg(1)
	people, err := q.people()
	if err != nil {
		return Answer{}, err
	}
	for _, p := range people {
		a.Ready = append(a.Ready, p.ID)
	}
	engine.Apply(acd.Entry{At: q.At, Agents: people, Legs: []acd.Leg{{
		ID: leg, Rev: 1, State: acd.LegQueued, Since: q.At, Queue: reason.Queue, FirstQueue: reason.Queue, Reason: q.Reason,
		Enqueued: q.At, Points: reason.Points, Asks: q.Asks, Lang: q.Lang,
	}}})
	x, err := engine.Explain(leg, q.At)
	if err != nil {
		return Answer{}, fmt.Errorf("explain reason %s: %w", q.Reason, err)
	}
	a.Asks = x.Asks
	settled := q.At // every step open, every delay over
	for _, s := range x.Steps {
		settled = max(settled, s.Opens)
		if x, err = engine.Explain(leg, settled); err != nil {
			return Answer{}, fmt.Errorf("explain reason %s: %w", q.Reason, err)
		}
		a.Steps = append(a.Steps, t.wouldStep(s, x, q.At))
	}
	for _, c := range x.Candidates {
		settled = max(settled, c.Until)
	}
	if x, err = engine.Explain(leg, settled); err != nil {
		return Answer{}, fmt.Errorf("explain reason %s: %w", q.Reason, err)
	}
	for _, c := range eligible(x) {
		a.Order = append(a.Order, c.Agent)
	}
	for _, c := range t.candidates(x) {
		if c.Passed != "" && c.Passed != routing.PassedRanked {
			a.Others = append(a.Others, c)
		}
	}
	return a, nil
}

// wouldStep tells of a step from what is explained at the instant at which it opens.
func (t Teller) wouldStep(s routing.StepState, x routing.Explanation, from acd.Instant) WouldStep {
	out := WouldStep{Number: s.Number, Require: s.Require, After: int64(s.Opens.Sub(from) / time.Second), Opens: t.stamp(s.Opens),
		Skipped: s.Skipped, Exclusive: s.Exclusive, Consider: s.Consider, Considered: s.Considered, Agents: eligible(x)}
	for _, c := range x.Candidates {
		if c.Passed == routing.PassedDelayed {
			out.Later = append(out.Later, WouldLater{c.Agent, c.Step, t.stamp(c.Until)})
		}
	}
	return out
}

// people are those who are there, free since the same instant.
func (q Question) people() ([]acd.Agent, error) {
	ids := q.Ready
	if ids == nil {
		ids = slices.Sorted(maps.Keys(q.Rules.Agents))
	}
	var out []acd.Agent
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		member, ok := q.Rules.Agents[id]
		if !ok {
			return nil, acd.ErrNotFound{What: "agent", ID: string(id)}
		}
		out = append(out, acd.Agent{ID: id, Rev: 1, State: acd.AgentReady, Since: q.At, IdleSince: q.At, LoggedIn: q.At,
			Phone: cmp.Or(member.Phone, "somewhere"), Skills: q.Skills[id]})
	}
	return out, nil
}

// eligible are those who could take the contact now, best first.
func eligible(x routing.Explanation) []WouldAgent {
	out := []WouldAgent{}
	for _, c := range x.Candidates {
		if c.Passed != "" && c.Passed != routing.PassedRanked {
			continue
		}
		w := WouldAgent{Agent: c.Agent, Step: c.Step, Parts: []acd.ScorePart{}}
		for _, p := range c.Parts {
			switch p.Name {
			case "surplus":
				w.Surplus = p.Value
			case "points", "level":
			default:
				continue
			}
			w.Parts = append(w.Parts, p)
		}
		out = append(out, w)
	}
	return out
}
