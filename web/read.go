package web

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"accueil/acd"
)

// page is an answer with a body.
type page[T any] struct{ Body T }

// none is a request without anything but its path.
type none struct{}

// named is a request about one thing of the site or the log.
type named struct {
	ID string `path:"id" maxLength:"100"`
}

// QueueView is a queue now and today.
type QueueView struct {
	Queue   acd.QueueID         `json:"queue"`
	Label   map[acd.Lang]string `json:"label,omitempty"`
	Waiting int                 `json:"waiting"`
	Oldest  int64               `json:"oldest_wait_ms"`
	Talking int                 `json:"talking"`
	Pause   PauseView           `json:"pause"`
	Policy  string              `json:"policy,omitempty" doc:"Which caller comes first."`
	Order   []string            `json:"order,omitempty" doc:"How free agents of one step are compared."`
	Limits  *LimitsView         `json:"limits,omitempty"`
	Hours   *OpeningView        `json:"hours,omitempty" doc:"Absent where the queue never closes."`
	Today   TodayView           `json:"today"`
}

// OpeningView is when a queue takes callers.
type OpeningView struct {
	Open   bool   `json:"open" doc:"Whether new callers are taken: not after the last call."`
	Closes string `json:"closes,omitempty" format:"date-time" doc:"Closing time: the next one, or the last one while callers who wait since are still served."`
	Opens  string `json:"opens,omitempty" format:"date-time" doc:"When it opens next, while new callers are not taken."`
}

// LimitsView are a queue's limits, and where callers go beyond them.
type LimitsView struct {
	MaxWaiting int               `json:"max_waiting"`
	Kept       int               `json:"kept" doc:"Of those places, how many are kept for callers whom an agent hands on."`
	MaxWait    float64           `json:"max_wait_s"`
	MaxRatio   int               `json:"max_ratio_percent,omitempty" doc:"Waiting callers in percent of the agents at work."`
	Unstaffed  string            `json:"when_unstaffed" enum:"wait,fallback,dissuade"`
	Fallback   string            `json:"fallback,omitempty"`
	Overflow   map[string]string `json:"overflow,omitempty" doc:"Other ways than the fallback, by the limit: full, wait, ratio, closed."`
}

// TodayView are a queue's figures since midnight; null where nothing defines them.
type TodayView struct {
	Answer  *float64 `json:"answer_ratio" doc:"A / (Q - Bs), 0 to 1."`
	ASA     *float64 `json:"asa_s"`
	Abandon *float64 `json:"abandon_ratio" doc:"Bl / (Q - Bs), 0 to 1."`
}

func (s *Server) queues(context.Context, *none) (*page[[]QueueView], error) {
	plan, now := s.Plan(), s.Board.Now()
	today := s.Figures.TodayFigures(now)
	all := map[acd.QueueID]*QueueView{}
	for id, q := range plan.Queues {
		all[id] = &QueueView{Queue: id, Label: q.Label, Policy: q.Policy, Order: q.Order, Limits: &q.Limits}
	}
	for _, l := range s.Board.Legs() {
		if l.Queue == "" {
			continue
		}
		v := all[l.Queue]
		if v == nil { // a queue that a reload took away still empties itself
			v = &QueueView{Queue: l.Queue}
			all[l.Queue] = v
		}
		switch {
		case l.Waiting():
			v.Waiting++
			v.Oldest = max(v.Oldest, l.Wait(now).Milliseconds())
		case l.State == acd.LegTalking || l.State == acd.LegHeld:
			v.Talking++
		}
	}
	paused := s.pauses()
	out := make([]QueueView, 0, len(all))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		v := all[id]
		v.Pause = pauseView(id, paused[id], plan.TZ)
		if hours := plan.Queues[id].Hours; hours != nil {
			o := hours(now)
			v.Hours = &OpeningView{o.Open, stamp(o.Closes, plan.TZ), stamp(o.Opens, plan.TZ)}
		}
		answer, asa, abandon := today(id)
		v.Today = TodayView{known(answer), known(asa), known(abandon)}
		out = append(out, *v)
	}
	return &page[[]QueueView]{out}, nil
}

// pauses returns what was last said about the pause of each queue.
func (s *Server) pauses() map[acd.QueueID]acd.Closure {
	out := map[acd.QueueID]acd.Closure{}
	for _, c := range s.Board.Closures() {
		if q, ok := c.Queue(); ok {
			out[q] = c
		}
	}
	return out
}

func (s *Server) queuePause(_ context.Context, in *named) (*page[PauseView], error) {
	plan, id := s.Plan(), acd.QueueID(in.ID)
	if _, ok := plan.Queues[id]; !ok {
		return nil, errCode{code: codeNoQueue}
	}
	return &page[PauseView]{pauseView(id, s.pauses()[id], plan.TZ)}, nil
}

func known(f float64) *float64 {
	if math.IsNaN(f) {
		return nil
	}
	return &f
}

func (s *Server) queueContacts(ctx context.Context, in *named) (*page[[]LegView], error) {
	plan, now, who := s.Plan(), s.Board.Now(), readerOf(ctx).account
	id := acd.QueueID(in.ID)
	var legs []acd.Leg
	for _, l := range s.Board.Legs() {
		if l.Queue == id && l.Waiting() {
			legs = append(legs, l)
		}
	}
	if _, ok := plan.Queues[id]; !ok && len(legs) == 0 {
		return nil, errCode{code: codeNoQueue}
	}
	slices.SortStableFunc(legs, func(a, b acd.Leg) int {
		return cmp.Or(cmp.Compare(a.Score(), b.Score()), cmp.Compare(a.ID, b.ID))
	})
	out := make([]LegView, 0, len(legs))
	for i, l := range legs {
		v := legView(l, now, plan.TZ, who)
		v.Place, v.Estimate = i+1, s.estimate(l)
		out = append(out, v)
	}
	return &page[[]LegView]{out}, nil
}

// estimate foretells the wait of a leg in a queue; nil when it does not wait or nothing can be said.
func (s *Server) estimate(l acd.Leg) *WaitView {
	if s.Waits == nil || l.State != acd.LegQueued {
		return nil
	}
	e, ok := s.Waits.EstimatedWait(l.ID)
	if !ok {
		return nil
	}
	return &WaitView{e.Minutes, e.Wait.Milliseconds(), e.Low.Milliseconds(), e.High.Milliseconds(), e.Confidence}
}

func (s *Server) agents(ctx context.Context, _ *none) (*page[[]AgentView], error) {
	plan, now, who := s.Plan(), s.Board.Now(), readerOf(ctx).account
	out := []AgentView{}
	for _, a := range roster(s.Board, plan) {
		if who.Role == RoleAgent && a.ID != who.Agent {
			continue
		}
		out = append(out, agentView(a, plan, now))
	}
	return &page[[]AgentView]{out}, nil
}

// ContactView is one person's journey.
type ContactView struct {
	Contact acd.ContactID `json:"contact"`
	State   acd.LegState  `json:"state" doc:"Of its last leg."`
	Arrived string        `json:"arrived" format:"date-time"`
	Age     int64         `json:"age_ms"`
	Legs    []LegView     `json:"legs"`
}

func (s *Server) contactView(legs []acd.Leg, who Account) ContactView {
	plan, now := s.Plan(), s.Board.Now()
	last := legs[len(legs)-1]
	until := now
	if last.End != nil {
		until = last.End.At
	}
	v := ContactView{Contact: last.ID.Contact(), State: last.State, Arrived: stamp(legs[0].Arrived, plan.TZ), Age: age(legs[0].Arrived, until)}
	for _, l := range legs {
		v.Legs = append(v.Legs, legView(l, now, plan.TZ, who))
	}
	return v
}

// own reports whether the contact is the agent's: he has it, had it or handed it on.
func own(legs []acd.Leg, agent acd.AgentID) bool {
	return agent != "" && slices.ContainsFunc(legs, func(l acd.Leg) bool { return l.Agent == agent || l.From == agent })
}

// has reports whether the agent has the contact now: it rings at his phone, he talks, or he is doing
// its after-call work.
func has(legs []acd.Leg, agent acd.AgentID, board Board) bool {
	if agent == "" {
		return false
	}
	for _, l := range legs {
		if l.Live() && l.Agent == agent && l.State != acd.LegSurvey {
			return true
		}
	}
	for _, a := range board.Agents() {
		if a.ID == agent && a.State == acd.AgentWrapup {
			return slices.ContainsFunc(legs, func(l acd.Leg) bool { return l.ID == a.WrapupFor })
		}
	}
	return false
}

func (s *Server) contacts(ctx context.Context, _ *none) (*page[[]ContactView], error) {
	who := readerOf(ctx).account
	out := []ContactView{}
	seen := map[acd.ContactID]bool{}
	for _, l := range s.Board.Legs() {
		c := l.ID.Contact()
		if seen[c] {
			continue
		}
		seen[c] = true
		legs := s.legsOf(c, l)
		if who.Role == RoleAgent && !own(legs, who.Agent) {
			continue
		}
		out = append(out, s.contactView(legs, who))
	}
	return &page[[]ContactView]{out}, nil
}

// legsOf returns the contact's legs; the one known when earlier ones have been forgotten, since a
// board counts them from the first.
func (s *Server) legsOf(c acd.ContactID, l acd.Leg) []acd.Leg {
	if legs := s.Board.ContactLegs(c); len(legs) > 0 {
		return legs
	}
	return []acd.Leg{l}
}

// find returns the legs of a contact that the account may see. To an agent, a contact that is not his
// does not exist.
func (s *Server) find(ctx context.Context, id string) ([]acd.Leg, error) {
	who := readerOf(ctx).account
	legs := s.Board.ContactLegs(acd.ContactID(id))
	if len(legs) == 0 {
		for _, l := range s.Board.Legs() {
			if l.ID.Contact() == acd.ContactID(id) {
				legs = append(legs, l)
			}
		}
	}
	if len(legs) == 0 || who.Role == RoleAgent && !own(legs, who.Agent) {
		return nil, errCode{code: codeNoContact}
	}
	return legs, nil
}

// recall returns the legs of a contact that the account may see, of one that ended up to two days ago too.
func (s *Server) recall(ctx context.Context, id string) ([]acd.Leg, error) {
	legs, err := s.find(ctx, id)
	if err == nil || s.Past == nil {
		return legs, err
	}
	who := readerOf(ctx).account
	legs = s.Past.ContactLegs(acd.ContactID(id))
	if len(legs) == 0 || who.Role == RoleAgent && !own(legs, who.Agent) {
		return nil, err
	}
	return legs, nil
}

func (s *Server) contact(ctx context.Context, in *named) (*page[ContactView], error) {
	legs, err := s.recall(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	v := s.contactView(legs, readerOf(ctx).account)
	for i, l := range legs {
		v.Legs[i].Estimate = s.estimate(l)
	}
	return &page[ContactView]{v}, nil
}

func (s *Server) entries(context.Context, *none) (*page[[]EntryView], error) {
	plan := s.Plan()
	closed := map[acd.EntryID]acd.Closure{}
	for _, c := range s.Board.Closures() {
		closed[c.Entry] = c
	}
	out := []EntryView{}
	for _, id := range slices.Sorted(slices.Values(plan.Entries)) {
		c := closed[id]
		c.Entry = id
		out = append(out, entryView(c, s.Board.Now(), plan.TZ))
	}
	return &page[[]EntryView]{out}, nil
}

func (s *Server) entry(_ context.Context, in *named) (*page[EntryView], error) {
	plan, id := s.Plan(), acd.EntryID(in.ID)
	if !slices.Contains(plan.Entries, id) {
		return nil, errCode{code: codeNoEntry}
	}
	c := acd.Closure{Entry: id}
	for _, known := range s.Board.Closures() {
		if known.Entry == id {
			c = known
		}
	}
	return &page[EntryView]{entryView(c, s.Board.Now(), plan.TZ)}, nil
}
