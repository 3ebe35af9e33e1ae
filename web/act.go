package web

import (
	"cmp"
	"context"
	"slices"
	"time"

	"accueil/acd"
)

// change is a request that changes one thing of the site or the log.
type change[B any] struct {
	ID   string `path:"id" maxLength:"100"`
	Body B
}

// done is an answer without a body.
type done struct{}

// StateRequest asks for a state of an agent.
type StateRequest struct {
	State  acd.AgentState `json:"state" enum:"ready,paused,offline"`
	Reason string         `json:"reason,omitempty" maxLength:"40" pattern:"^[A-Za-z0-9_.-]*$" patternDescription:"a code" doc:"Code of the pause."`
	Phone  acd.PhoneID    `json:"phone,omitempty" maxLength:"40" doc:"Where to log in; the present or usual phone when absent."`
}

func (s *Server) setState(ctx context.Context, in *change[StateRequest]) (*done, error) {
	who := readerOf(ctx).account
	agent := acd.AgentID(in.ID)
	if who.Role == RoleAgent && who.Agent != agent {
		return nil, errCode{code: codeForbidden}
	}
	plan := s.Plan()
	if _, ok := plan.Agents[agent]; !ok {
		return nil, errCode{code: codeNoAgent}
	}
	if in.Body.Phone != "" && !slices.Contains(plan.Phones, in.Body.Phone) {
		return nil, wrong("body.phone", "phone")
	}
	return &done{}, s.Desk.SetState(ctx, agent, in.Body.State, in.Body.Reason, in.Body.Phone, who.Name)
}

// How long an override of skills lasts.
const (
	SkillsShift = "shift" // until the agent logs out
	SkillsKept  = "kept"  // until it is undone
)

// SkillsRequest overrides the skills of an agent.
type SkillsRequest struct {
	Skills map[acd.SkillID]int `json:"skills" nullable:"true" maxProperties:"100" doc:"Levels 1 to 10 by skill; null returns to the site file's."`
	Until  string              `json:"until,omitempty" enum:"shift,kept" doc:"shift: until the agent logs out; kept, or absent: until it is undone."`
}

func (s *Server) setSkills(ctx context.Context, in *change[SkillsRequest]) (*done, error) {
	plan, agent := s.Plan(), acd.AgentID(in.ID)
	if _, ok := plan.Agents[agent]; !ok {
		return nil, errCode{code: codeNoAgent}
	}
	for skill, level := range in.Body.Skills {
		switch {
		case !slices.Contains(plan.Skills, skill):
			return nil, wrong("body.skills", "skill")
		case level < 1 || level > 10:
			return nil, wrong("body.skills."+string(skill), "range")
		}
	}
	return &done{}, s.Desk.SetSkills(ctx, agent, in.Body.Skills, in.Body.Until == SkillsShift, readerOf(ctx).account.Name)
}

// PointsRequest changes the priority of a contact.
type PointsRequest struct {
	Points int `json:"points" minimum:"0" maximum:"10" doc:"Each point is a minute's head start."`
}

func (s *Server) setPoints(ctx context.Context, in *change[PointsRequest]) (*done, error) {
	legs, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &done{}, s.Calls.SetPoints(ctx, legs[0].ID.Contact(), in.Body.Points, readerOf(ctx).account.Name)
}

// withdraw ends a callback: the person has said so, or was helped otherwise.
func (s *Server) withdraw(ctx context.Context, in *named) (*done, error) {
	legs, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &done{}, s.Calls.Withdraw(ctx, legs[0].ID.Contact(), readerOf(ctx).account.Name)
}

// AssignRequest keeps a waiting contact for one agent.
type AssignRequest struct {
	Agent acd.AgentID `json:"agent,omitempty" maxLength:"40" doc:"Who is to have the contact."`
	Phone acd.PhoneID `json:"phone,omitempty" maxLength:"40" doc:"In place of agent: whoever sits at this phone. Without either: the account's own agent."`
	Hold  int         `json:"hold_s,omitempty" minimum:"5" maximum:"600" doc:"How long the contact waits for him alone; 120 when absent."`
}

// assignHold is how long a pushed contact waits for its agent alone: as long as a call that he has just
// begun may well last, and no longer than a patient can be asked to wait while others are free.
const assignHold = 120 * time.Second

// AssignView says for whom a contact is kept now.
type AssignView struct {
	Agent acd.AgentID `json:"agent"`
	Until string      `json:"until" format:"date-time"`
}

// assign pushes a contact to an agent, or pulls it to oneself. An agent may pull only, and only when he
// is a supervisor.
func (s *Server) assign(ctx context.Context, in *change[AssignRequest]) (*page[AssignView], error) {
	who, plan := readerOf(ctx).account, s.Plan()
	agent, err := s.assignee(in.Body, who, plan)
	if err != nil {
		return nil, err
	}
	if who.Role == RoleAgent && (agent != who.Agent || !plan.Agents[agent].Supervisor) {
		return nil, errCode{code: codeForbidden}
	}
	legs := s.Board.ContactLegs(acd.ContactID(in.ID))
	if len(legs) == 0 {
		return nil, errCode{code: codeNoContact}
	}
	hold := cmp.Or(time.Duration(in.Body.Hold)*time.Second, assignHold)
	until, err := s.Calls.Push(ctx, legs[0].ID.Contact(), agent, hold, who.Name)
	if err != nil {
		return nil, err
	}
	return &page[AssignView]{AssignView{agent, stamp(until, plan.TZ)}}, nil
}

// assignee is the agent whom a request names, directly or by his phone.
func (s *Server) assignee(in AssignRequest, who Account, plan *Plan) (acd.AgentID, error) {
	agent := in.Agent
	switch {
	case in.Agent != "" && in.Phone != "":
		return "", wrong("body.phone", "unknown")
	case in.Phone != "":
		if !slices.Contains(plan.Phones, in.Phone) {
			return "", wrong("body.phone", "phone")
		}
		phones := s.Board.Phones()
		i := slices.IndexFunc(phones, func(p acd.Phone) bool { return p.ID == in.Phone && p.Agent != "" })
		if i < 0 {
			return "", acd.ErrIllegal{What: "phone", ID: string(in.Phone), State: "nobody", Input: "assignment"}
		}
		agent = phones[i].Agent
	case in.Agent == "":
		agent = who.Agent
	}
	if agent == "" {
		return "", wrong("body.agent", "required")
	}
	if _, ok := plan.Agents[agent]; !ok {
		return "", wrong("body.agent", "agent")
	}
	return agent, nil
}

// TransferBody hands a caller on.
type TransferBody struct {
	Kind TransferKind `json:"kind" enum:"blind,briefed,queue,extension"`
	To   string       `json:"to" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_.+*#-]+$" patternDescription:"a queue's code or an extension"`
	Note string       `json:"note,omitempty" maxLength:"500" doc:"For the next agent; erased with the contact."`
}

func (s *Server) transfer(ctx context.Context, in *change[TransferBody]) (*done, error) {
	legs, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	who := readerOf(ctx).account
	last := legs[len(legs)-1]
	if who.Role == RoleAgent && !(last.Live() && last.Agent == who.Agent) {
		return nil, errCode{code: codeForbidden}
	}
	if in.Body.Kind == TransferQueue {
		if _, ok := s.Plan().Queues[acd.QueueID(in.Body.To)]; !ok {
			return nil, wrong("body.to", "queue")
		}
	}
	return &done{}, s.Calls.Transfer(ctx, last.ID.Contact(), TransferRequest{in.Body.Kind, in.Body.To, in.Body.Note, who.Name})
}

// ClosedRequest closes or reopens an entry.
type ClosedRequest struct {
	Closed bool       `json:"closed"`
	Until  *time.Time `json:"until,omitempty" doc:"When it opens again by itself, and callers are told so; when it is reopened where absent."`
}

func (s *Server) setClosed(ctx context.Context, in *change[ClosedRequest]) (*done, error) {
	entry := acd.EntryID(in.ID)
	if !slices.Contains(s.Plan().Entries, entry) {
		return nil, errCode{code: codeNoEntry}
	}
	until, err := s.later(in.Body.Until)
	if err != nil {
		return nil, err
	}
	return &done{}, s.Closer.SetClosed(ctx, entry, in.Body.Closed, until, readerOf(ctx).account.Name)
}

// later is an instant that must not be past; zero for none.
func (s *Server) later(at *time.Time) (acd.Instant, error) {
	if at == nil {
		return 0, nil
	}
	until := acd.At(*at)
	if until <= s.Board.Now() {
		return 0, wrong("body.until", "past")
	}
	return until, nil
}

// PausedRequest pauses a queue or lets it run again.
type PausedRequest struct {
	Paused bool   `json:"paused"`
	Reason string `json:"reason,omitempty" maxLength:"40" pattern:"^[A-Za-z0-9_.-]*$" patternDescription:"a code" doc:"Code of the pause."`
}

func (s *Server) setPaused(ctx context.Context, in *change[PausedRequest]) (*done, error) {
	queue := acd.QueueID(in.ID)
	if _, ok := s.Plan().Queues[queue]; !ok {
		return nil, errCode{code: codeNoQueue}
	}
	return &done{}, s.Closer.SetPaused(ctx, queue, in.Body.Paused, in.Body.Reason, readerOf(ctx).account.Name)
}

// DrainView is what remains when draining begins.
type DrainView struct {
	Draining bool `json:"draining"`
	Calls    int  `json:"calls_active"`
}

func (s *Server) drain(ctx context.Context, _ *none) (*page[DrainView], error) {
	if err := s.Drainer.Drain(ctx, readerOf(ctx).account.Name); err != nil {
		return nil, err
	}
	return &page[DrainView]{DrainView{true, activeCalls(s.Board.Legs())}}, nil
}

// activeCalls counts the contacts that are on the line.
func activeCalls(legs []acd.Leg) int {
	seen := map[acd.ContactID]bool{}
	for _, l := range legs {
		if l.State != acd.LegCallback {
			seen[l.ID.Contact()] = true
		}
	}
	return len(seen)
}
