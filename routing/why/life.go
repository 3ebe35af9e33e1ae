package why

import (
	"context"
	"fmt"
	"slices"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// Life is what happened to a contact as the log tells it, and why. Its JSON is that of the API; times
// are RFC 3339 in the site's zone.
type Life struct {
	Contact   acd.ContactID `json:"contact"`
	Events    []Event       `json:"events,omitempty" doc:"What happened to the contact, in order; absent when the log could not be read."`
	Decisions []Claim       `json:"decisions" doc:"Each claim, as recorded, with what can be made again of it."`
	Waiting   *Waiting      `json:"waiting,omitempty" doc:"What a contact that still waits is waiting for."`
}

// Event is one change of a contact's leg.
type Event struct {
	At      string       `json:"at" format:"date-time"`
	Entry   string       `json:"entry" doc:"Id of the log's entry."`
	Kind    acd.Kind     `json:"kind"`
	Leg     acd.LegID    `json:"leg"`
	State   acd.LegState `json:"state"`
	Line    acd.EntryID  `json:"line,omitempty" doc:"The number or address reached; of an arrival."`
	Queue   acd.QueueID  `json:"queue,omitempty"`
	Reason  acd.ReasonID `json:"reason,omitempty"`
	Asks    string       `json:"asks,omitempty"`
	Points  int          `json:"points,omitempty"`
	Agent   acd.AgentID  `json:"agent,omitempty"`
	Ending  acd.Ending   `json:"ending,omitempty" doc:"How an offer ended."`
	Outcome acd.Outcome  `json:"outcome,omitempty"`
	By      string       `json:"by,omitempty" doc:"The account or agent that asked."`
}

// Claim is one claim with its reasons: as the log has it, and with the whole list of candidates,
// made again by the same function.
type Claim struct {
	Leg       acd.LegID       `json:"leg"`
	At        string          `json:"at" format:"date-time"`
	Agent     acd.AgentID     `json:"agent"`
	Step      int             `json:"step"`
	Score     int64           `json:"score"`
	Rules     string          `json:"rules" doc:"Hash of the routing rules in force."`
	LastID    string          `json:"last_id" doc:"Last log entry known when deciding."`
	Parts     []acd.ScorePart `json:"parts" doc:"What was compared, in order."`
	Passed    map[string]int  `json:"passed,omitempty" doc:"Agents left out, by reason."`
	RunnersUp []acd.RunnerUp  `json:"runners_up,omitempty"`
	Skipped   []int           `json:"skipped_steps,omitempty"`

	Entry  string     `json:"entry,omitempty" doc:"Id of the claim's entry in the log."`
	Ending acd.Ending `json:"ending,omitempty" doc:"How the offer ended; absent while it lasts."`

	// What follows is made again; Doubt says why it is not there.
	Doubt      Doubt       `json:"not_remade,omitempty" doc:"Why the decision could not be made again: degraded, start, rules, log, no_reason, unread."`
	Detail     string      `json:"not_remade_detail,omitempty"`
	Equal      bool        `json:"equal" doc:"Whether the decision made again is the recorded one."`
	Queue      acd.QueueID `json:"queue,omitempty"`
	Asks       string      `json:"asks,omitempty" doc:"What the contact asked of an agent besides the step."`
	Points     int         `json:"points"`
	Waited     int64       `json:"waited_ms,omitempty" doc:"Age that counted."`
	Steps      []Step      `json:"steps,omitempty"`
	Candidates []Candidate `json:"candidates,omitempty" doc:"Every agent: the chosen one, those after him, and the others by reason."`
	WaitAhead  int         `json:"waiting_ahead" doc:"Contacts with a better place, over all queues."`
	WaitBehind int         `json:"waiting_behind"`
	Ahead      []Rival     `json:"ahead,omitempty" doc:"Of those ahead the nearest, and why the agent was not given them."`
	Behind     []Rival     `json:"behind,omitempty" doc:"Those that the agent could have been given next."`
}

// Step is one step of a queue as the contact met it.
type Step struct {
	Number  int    `json:"number"`
	Require string `json:"require" doc:"With what the contact asks; empty for everyone."`
	Opens   string `json:"opens" format:"date-time"`
	Open    bool   `json:"open"`
	Skipped bool   `json:"skipped" doc:"Nobody at work satisfies it, so the next one opened with it."`
	Staffed int    `json:"staffed" doc:"Agents at work who satisfy it."`

	Exclusive  bool   `json:"exclusive,omitempty" doc:"Closes those before it when it opens."`
	Closed     bool   `json:"closed,omitempty" doc:"A later one has closed it."`
	Consider   string `json:"consider,omitempty" doc:"It is closed while this does not hold."`
	Considered bool   `json:"considered" doc:"Whether that holds."`
}

// Candidate is one agent as seen from the contact.
type Candidate struct {
	Agent  acd.AgentID     `json:"agent"`
	Passed routing.Passed  `json:"passed,omitempty" doc:"Why he was passed over; absent for the one chosen."`
	Step   int             `json:"step,omitempty" doc:"First step that he satisfies."`
	Parts  []acd.ScorePart `json:"parts,omitempty"`
	Until  string          `json:"until,omitempty" format:"date-time" doc:"When that reason ends, where it says."`
}

// Rival is another waiting contact.
type Rival struct {
	Leg    acd.LegID      `json:"leg"`
	Queue  acd.QueueID    `json:"queue"`
	Score  int64          `json:"score"`
	Points int            `json:"points"`
	Passed routing.Passed `json:"passed"`
}

// Waiting is what a contact waits for.
type Waiting struct {
	Leg        acd.LegID   `json:"leg"`
	At         string      `json:"at" format:"date-time" doc:"The instant that this is true of."`
	Queue      acd.QueueID `json:"queue"`
	Asks       string      `json:"asks,omitempty"`
	Points     int         `json:"points"`
	Score      int64       `json:"score"`
	Waited     int64       `json:"waited_ms" doc:"Age that counts."`
	Rules      string      `json:"rules"`
	LastID     string      `json:"last_id"`
	Pending    acd.AgentID `json:"pending,omitempty" doc:"Just chosen; the log has not answered."`
	HeldFor    acd.AgentID `json:"held_for,omitempty" doc:"Kept for this agent until held_until."`
	HeldUntil  string      `json:"held_until,omitempty" format:"date-time"`
	NextStep   int         `json:"next_step,omitempty"`
	NextAt     string      `json:"next_step_at,omitempty" format:"date-time"`
	Steps      []Step      `json:"steps"`
	Candidates []Candidate `json:"candidates"`
}

// Teller tells lives in a zone.
type Teller struct {
	Zone *time.Location // times are told in it; must be set
}

func (t Teller) stamp(i acd.Instant) string {
	if i.Never() {
		return ""
	}
	return i.Time().In(t.Zone).Format("2006-01-02T15:04:05.000Z07:00")
}

// Life reads a contact's life out of a log. A contact that the log does not know is an acd.ErrNotFound.
// For one that still waits at the end of the log, Waiting tells what it sees at now; zero means the
// instant of the last entry.
func (t Teller) Life(ctx context.Context, log Log, contact acd.ContactID, now acd.Instant) (Life, error) {
	life := Life{Contact: contact, Decisions: []Claim{}}
	view := acd.NewView()
	view.Apply(log.Image)
	var last acd.Entry
	var rules, gen string
	endings := map[string]acd.Ending{} // by the claim's entry
	open := map[acd.LegID]string{}     // the claim whose offer is open
	tell := func(e acd.Entry) {
		if gen != "" && gen != e.Gen {
			view = acd.NewView()
		}
		gen, last = e.Gen, e
		view.Apply(e)
		if e.Decision != nil {
			rules = e.Decision.Rules
		}
		for _, l := range e.Legs {
			if l.ID.Contact() != contact {
				continue
			}
			life.Events = append(life.Events, t.event(e, l))
			if e.Kind == acd.KindClaimed {
				open[l.ID] = e.ID
			} else if claim, ok := open[l.ID]; ok && e.Ending != "" {
				endings[claim] = e.Ending
				delete(open, l.ID)
			}
			if l.State == acd.LegTalking && open[l.ID] != "" {
				endings[open[l.ID]] = acd.Accepted
				delete(open, l.ID)
			}
		}
	}
	of := func(d acd.Decision) bool { return d.Leg.Contact() == contact }
	err := again(ctx, log, of, tell, func(m remade) error {
		life.Decisions = append(life.Decisions, t.decision(m))
		return nil
	})
	if err != nil {
		return Life{}, fmt.Errorf("explain contact %s: %w", contact, err)
	}
	for i := range life.Decisions {
		life.Decisions[i].Ending = endings[life.Decisions[i].Entry]
	}
	slices.SortStableFunc(life.Decisions, func(a, b Claim) int { return compareIDs(a.Entry, b.Entry) })
	if now.Never() {
		now = last.At
	}
	for _, l := range view.ContactLegs(contact) {
		if len(life.Events) == 0 { // it changed nothing in this stretch of the log
			life.Events = append(life.Events, t.event(acd.Entry{ID: log.Image.ID, Kind: acd.KindAsserted, At: l.Since}, l))
		}
		if l.State == acd.LegQueued {
			life.Waiting = t.waitingIn(log, rules, view, l.ID, now)
		}
	}
	if len(life.Events) == 0 {
		return Life{}, acd.ErrNotFound{What: "contact", ID: string(contact)}
	}
	return life, nil
}

// waitingIn explains a leg that waits at the end of a log; nil when no rules are kept.
func (t Teller) waitingIn(log Log, hash string, view *acd.View, leg acd.LegID, now acd.Instant) *Waiting {
	if hash == "" && len(log.Rules) == 1 {
		for only := range log.Rules {
			hash = only
		}
	}
	rules, err := log.rules(hash)
	if err != nil {
		return nil
	}
	engine, err := routing.New(rules)
	if err != nil {
		return nil
	}
	engine.Reset(view.Image())
	x, err := engine.Explain(leg, now)
	if err != nil {
		return nil
	}
	return t.Waiting(x)
}

// Recorded tells decisions from the log's own words alone, when nothing can be made again.
func (t Teller) Recorded(contact acd.ContactID, decisions []acd.Decision, doubt Doubt) Life {
	life := Life{Contact: contact, Decisions: []Claim{}}
	for _, d := range decisions {
		life.Decisions = append(life.Decisions, t.decision(remade{decision: d, doubt: doubt}))
	}
	return life
}

func (t Teller) event(e acd.Entry, l acd.Leg) Event {
	v := Event{At: t.stamp(e.At), Entry: e.ID, Kind: e.Kind, Leg: l.ID, State: l.State, Queue: l.Queue, Reason: l.Reason,
		Asks: l.Asks, Points: l.Points, Agent: l.Agent, Ending: e.Ending, By: e.By}
	if e.Kind == acd.KindArrived {
		v.Line = l.Entry
	}
	if l.End != nil {
		v.Outcome = l.End.Outcome
	}
	return v
}

func (t Teller) decision(m remade) Claim {
	d := m.decision
	v := Claim{Leg: d.Leg, At: t.stamp(d.At), Agent: d.Agent, Step: d.Step, Score: d.Score, Rules: d.Rules, LastID: d.LastID,
		Parts: d.Parts, Passed: d.Passed, RunnersUp: d.RunnersUp, Skipped: d.Skipped, Entry: m.entry.ID, Doubt: m.doubt, Detail: m.detail}
	if v.Parts == nil {
		v.Parts = []acd.ScorePart{}
	}
	if m.doubt != "" {
		return v
	}
	v.Equal = difference(m) == nil
	if x := m.recalled.Explanation; x != nil {
		v.Queue, v.Asks, v.Points = x.Queue, x.Asks, x.Points
		v.Waited = x.At.Sub(age(*x)).Milliseconds()
		v.Steps, v.Candidates = t.steps(*x), t.candidates(*x)
	}
	v.WaitAhead, v.WaitBehind = m.recalled.WaitAhead, m.recalled.WaitBehind
	v.Ahead, v.Behind = rivals(m.recalled.Ahead), rivals(m.recalled.Behind)
	return v
}

// age is the instant from which the contact's age counts.
func age(x routing.Explanation) acd.Instant {
	return acd.Instant(x.Score) + acd.Instant(int64(x.Points)*acd.PointValue.Milliseconds())
}

// Waiting tells what the explained leg waits for.
func (t Teller) Waiting(x routing.Explanation) *Waiting {
	w := &Waiting{Leg: x.Leg, At: t.stamp(x.At), Queue: x.Queue, Asks: x.Asks, Points: x.Points, Score: x.Score,
		Waited: x.At.Sub(age(x)).Milliseconds(), Rules: x.Rules, LastID: x.LastID, Pending: x.Pending,
		HeldFor: x.HeldFor, HeldUntil: t.stamp(x.HeldUntil), Steps: t.steps(x), Candidates: t.candidates(x)}
	for _, s := range x.Steps {
		if !s.Open && s.Opens > x.At {
			w.NextStep, w.NextAt = s.Number, t.stamp(s.Opens)
			break
		}
	}
	return w
}

func (t Teller) steps(x routing.Explanation) []Step {
	out := make([]Step, 0, len(x.Steps))
	for _, s := range x.Steps {
		out = append(out, Step{
			Number: s.Number, Require: s.Require, Opens: t.stamp(s.Opens), Open: s.Open, Skipped: s.Skipped, Staffed: s.Staffed,
			Exclusive: s.Exclusive, Closed: s.Closed, Consider: s.Consider, Considered: s.Considered,
		})
	}
	return out
}

func (t Teller) candidates(x routing.Explanation) []Candidate {
	out := make([]Candidate, 0, len(x.Candidates))
	for _, c := range x.Candidates {
		out = append(out, Candidate{c.Agent, c.Passed, c.Step, c.Parts, t.stamp(c.Until)})
	}
	return out
}

func rivals(rs []routing.Rival) []Rival {
	var out []Rival
	for _, r := range rs {
		out = append(out, Rival(r))
	}
	return out
}
