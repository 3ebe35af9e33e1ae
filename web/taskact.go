package web

import (
	"cmp"
	"context"
	"strings"
	"time"

	"accueil/acd"
)

// taskChange is a request that changes a task. A repeat under the same key has no second effect.
type taskChange[B any] struct {
	ID   string `path:"id" maxLength:"100"`
	Key  string `header:"Idempotency-Key" maxLength:"100" doc:"A random text; a repeat of the request under it answers as the first did."`
	Body B
}

// taskMove is a change without a body.
type taskMove struct {
	ID  string `path:"id" maxLength:"100"`
	Key string `header:"Idempotency-Key" maxLength:"100" doc:"A random text; a repeat of the request under it answers as the first did."`
}

// moveTask carries out a change of a task that the account may see.
func (s *Server) moveTask(ctx context.Context, id string, d TaskDeed, move func(acd.Task, acd.Instant) (acd.Task, error)) (*page[TaskView], error) {
	who, now := readerOf(ctx).account, s.Board.Now()
	d.By, d.At = who.Name, now
	t, err := s.Tasks.Change(ctx, acd.TaskID(id), d, func(t acd.Task) (acd.Task, error) {
		if !s.visible(t, who) {
			return t, errCode{code: codeNoTask}
		}
		return move(t, now)
	})
	if err != nil {
		return nil, err
	}
	return &page[TaskView]{taskView(t, s.Plan(), now, who)}, nil
}

// theirs refuses an agent what a colleague has taken.
func theirs(t acd.Task, who Account) error {
	if who.Role == RoleAgent && t.State == acd.TaskTaken && t.Owner != who.Agent {
		return errCode{code: codeNotYours}
	}
	return nil
}

// TakeRequest says who takes a task.
type TakeRequest struct {
	Agent acd.AgentID `json:"agent,omitempty" maxLength:"40" doc:"Who is to have it; an agent takes it himself."`
}

// taker is who is to have a task: the agent himself, or whom a supervisor names.
func (s *Server) taker(who Account, in *TakeRequest) (acd.AgentID, error) {
	agent := who.Agent
	if in != nil {
		agent = cmp.Or(in.Agent, agent)
	}
	if _, known := s.Plan().Agents[agent]; agent != "" && !known {
		return "", wrong("body.agent", "agent")
	}
	switch {
	case agent == "":
		return "", wrong("body.agent", "required")
	case who.Role == RoleAgent && agent != who.Agent:
		return "", errCode{code: codeForbidden}
	}
	return agent, nil
}

func (s *Server) takeTask(ctx context.Context, in *taskChange[*TakeRequest]) (*page[TaskView], error) {
	agent, err := s.taker(readerOf(ctx).account, in.Body)
	if err != nil {
		return nil, err
	}
	return s.moveTask(ctx, in.ID, TaskDeed{What: "take", Request: in.Key}, func(t acd.Task, _ acd.Instant) (acd.Task, error) {
		if t.State == acd.TaskTaken && t.Owner == agent {
			return t, nil // he has it
		}
		return t.Take(agent)
	})
}

func (s *Server) callTask(ctx context.Context, in *taskChange[*TakeRequest]) (*page[TaskView], error) {
	who := readerOf(ctx).account
	agent, err := s.taker(who, in.Body)
	if err != nil {
		return nil, err
	}
	t, err := s.findTask(ctx, in.ID)
	if err == nil {
		err = theirs(t, who)
	}
	if err != nil {
		return nil, err
	}
	now := s.Board.Now()
	if t, err = s.Tasks.Call(ctx, t.ID, agent, TaskDeed{By: who.Name, What: "call", At: now, Request: in.Key}); err != nil {
		return nil, err
	}
	return &page[TaskView]{taskView(t, s.Plan(), now, who)}, nil
}

func (s *Server) releaseTask(ctx context.Context, in *taskMove) (*page[TaskView], error) {
	who := readerOf(ctx).account
	return s.moveTask(ctx, in.ID, TaskDeed{What: "release", Request: in.Key}, func(t acd.Task, _ acd.Instant) (acd.Task, error) {
		if t.State == acd.TaskOpen {
			return t, nil // nobody has it
		}
		if err := theirs(t, who); err != nil {
			return t, err
		}
		return t.Release()
	})
}

// AttemptRequest tells how a try to reach the person ended.
type AttemptRequest struct {
	Result acd.AttemptResult `json:"result" enum:"reached,no_answer,busy,machine,failed"`
	Next   *time.Time        `json:"next,omitempty" doc:"When to try again; after the site's own wait when absent."`
	Last   bool              `json:"last,omitempty" doc:"There will be no other attempt: the task is lost unless the person was reached."`
	Note   string            `json:"note,omitempty" maxLength:"500" doc:"For who works on it next; erased with the name."`
}

func (s *Server) tryTask(ctx context.Context, in *taskChange[AttemptRequest]) (*page[TaskView], error) {
	who, b := readerOf(ctx).account, in.Body
	if b.Next != nil && acd.At(*b.Next) <= s.Board.Now() {
		return nil, wrong("body.next", "past")
	}
	attempts, retry := s.Tasks.Attempts()
	return s.moveTask(ctx, in.ID, TaskDeed{What: "attempt", Request: in.Key, Note: b.Note}, func(t acd.Task, now acd.Instant) (acd.Task, error) {
		if err := theirs(t, who); err != nil {
			return t, err
		}
		next := now.Add(retry)
		switch {
		case b.Last, b.Next == nil && len(t.Attempts)+1 >= attempts:
			next = 0
		case b.Next != nil:
			next = acd.At(*b.Next)
		}
		// A supervisor tells of the attempt of who has the task.
		return t.Tried(acd.Attempt{At: now, By: cmp.Or(t.Owner, who.Agent, "nobody"), Result: b.Result}, next)
	})
}

// CloseRequest says with what a task was handled.
type CloseRequest struct {
	Result acd.TaskResult `json:"result,omitempty" maxLength:"40" pattern:"^[a-z0-9_]+$" patternDescription:"a code" doc:"A code of the site; handled when absent."`
	Note   string         `json:"note,omitempty" maxLength:"500" doc:"Erased with the name."`
}

func (s *Server) closeTask(ctx context.Context, in *taskChange[*CloseRequest]) (*page[TaskView], error) {
	var b CloseRequest
	if in.Body != nil {
		b = *in.Body
	}
	b.Result = cmp.Or(b.Result, acd.ResultHandled)
	return s.endTask(ctx, in.ID, TaskDeed{What: "close", Request: in.Key, Note: b.Note}, b.Result,
		func(t acd.Task, now acd.Instant) (acd.Task, error) { return t.Close(b.Result, now) })
}

func (s *Server) withdrawTask(ctx context.Context, in *taskMove) (*page[TaskView], error) {
	return s.endTask(ctx, in.ID, TaskDeed{What: "withdraw", Request: in.Key}, acd.ResultWithdrawn,
		func(t acd.Task, now acd.Instant) (acd.Task, error) { return t.Withdraw(now) })
}

// endTask ends a task; one that has ended in that way already is left as it is.
func (s *Server) endTask(ctx context.Context, id string, d TaskDeed, as acd.TaskResult, end func(acd.Task, acd.Instant) (acd.Task, error)) (*page[TaskView], error) {
	who := readerOf(ctx).account
	return s.moveTask(ctx, id, d, func(t acd.Task, now acd.Instant) (acd.Task, error) {
		if !t.State.Owed() && t.Result == as {
			return t, nil
		}
		if err := theirs(t, who); err != nil {
			return t, err
		}
		return end(t, now)
	})
}

// MessageRequest leaves a message for who serves a queue.
type MessageRequest struct {
	Kind    acd.TaskKind  `json:"kind" enum:"message"`
	Queue   acd.QueueID   `json:"queue" minLength:"1" maxLength:"40" doc:"Whose agents are to handle it."`
	Text    string        `json:"text" minLength:"1" maxLength:"2000" doc:"Encrypted, and erased after it was handled."`
	Reason  acd.ReasonID  `json:"reason,omitempty" maxLength:"100"`
	Number  string        `json:"number,omitempty" maxLength:"30" pattern:"^[+]?[0-9 .()-]+$" patternDescription:"a telephone number" doc:"Whom to call back."`
	Name    string        `json:"name,omitempty" maxLength:"100"`
	Contact acd.ContactID `json:"contact,omitempty" maxLength:"100" doc:"The call that led to it."`
	Lang    acd.Lang      `json:"language,omitempty" enum:"fr,en"`
}

type messageInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"100" doc:"A random text; a repeat of the request under it answers as the first did."`
	Body MessageRequest
}

func (s *Server) openTask(ctx context.Context, in *messageInput) (*page[TaskView], error) {
	who, plan, now, b := readerOf(ctx).account, s.Plan(), s.Board.Now(), in.Body
	if _, ok := plan.Queues[b.Queue]; !ok {
		return nil, wrong("body.queue", "queue")
	}
	if _, ok := plan.Reasons[b.Reason]; b.Reason != "" && !ok {
		return nil, wrong("body.reason", "reason")
	}
	if strings.TrimSpace(b.Text) == "" {
		return nil, wrong("body.text", "required")
	}
	if b.Contact != "" {
		if _, err := s.find(ctx, string(b.Contact)); err != nil {
			return nil, err
		}
	}
	t, err := s.Tasks.Open(ctx, acd.Task{
		ID: acd.NewTaskID(now), Kind: b.Kind, Contact: b.Contact, Queue: b.Queue, Reason: b.Reason, Lang: b.Lang, Since: now,
	}, acd.TaskPersonal{Number: b.Number, Name: b.Name, Text: b.Text}, TaskDeed{By: who.Name, What: "open", At: now, Request: in.Key})
	if err != nil {
		return nil, err
	}
	return &page[TaskView]{taskView(t, plan, now, who)}, nil
}
