package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"accueil/acd"
)

// TaskView is something still owed to someone, as lists show it. Whom it is owed to stands in one answer
// alone.
type TaskView struct {
	Task      acd.TaskID          `json:"task"`
	Rev       int64               `json:"rev"`
	Kind      acd.TaskKind        `json:"kind" enum:"missed,voicemail,callback,message"`
	State     acd.TaskState       `json:"state" enum:"open,taken,done,withdrawn,lost,expired"`
	Outcome   acd.Outcome         `json:"outcome,omitempty" doc:"How the latest call ended."`
	Contact   acd.ContactID       `json:"contact,omitempty"`
	Entry     acd.EntryID         `json:"entry,omitempty"`
	Queue     acd.QueueID         `json:"queue,omitempty"`
	Reason    acd.ReasonID        `json:"reason,omitempty"`
	Label     map[acd.Lang]string `json:"label,omitempty" doc:"The reason in words, by language."`
	Lang      acd.Lang            `json:"language,omitempty"`
	Since     string              `json:"since" format:"date-time" doc:"When the caller first waited, or arrived; a further call leaves it."`
	Age       int64               `json:"age_ms" doc:"From since until now, or until it was handled."`
	Last      string              `json:"last" format:"date-time" doc:"The end of the latest call."`
	Asked     int                 `json:"asked" doc:"How many times."`
	Due       string              `json:"due,omitempty" format:"date-time" doc:"Not to be attempted before."`
	Until     string              `json:"until,omitempty" format:"date-time" doc:"Expires then when nobody handles it."`
	Owner     acd.AgentID         `json:"owner,omitempty" doc:"Who has taken it; to an agent, himself only."`
	Attempts  []AttemptView       `json:"attempts,omitempty"`
	Ended     string              `json:"ended,omitempty" format:"date-time"`
	Result    acd.TaskResult      `json:"result,omitempty" doc:"A code."`
	Recording string              `json:"recording,omitempty" doc:"Id of a voicemail's recording."`
}

// taskView shows a task to an account. To an agent, what a colleague does is not shown.
func taskView(t acd.Task, plan *Plan, now acd.Instant, who Account) TaskView {
	until := now
	if !t.Ended.Never() {
		until = t.Ended
	}
	v := TaskView{
		Task: t.ID, Rev: t.Rev, Kind: t.Kind, State: t.State, Outcome: t.Outcome, Contact: t.Contact, Entry: t.Entry, Queue: t.Queue,
		Reason: t.Reason, Label: plan.Reasons[t.Reason].Label, Lang: t.Lang, Since: stamp(t.Since, plan.TZ), Age: age(t.Since, until),
		Last: stamp(t.Last, plan.TZ), Asked: t.Count, Due: stamp(t.Due, plan.TZ), Until: stamp(t.Until, plan.TZ), Owner: t.Owner,
		Ended: stamp(t.Ended, plan.TZ), Result: t.Result, Recording: t.Recording,
	}
	for _, a := range t.Attempts {
		v.Attempts = append(v.Attempts, AttemptView{stamp(a.At, plan.TZ), a.By, a.Result})
	}
	if who.Role == RoleAgent {
		if v.Owner != who.Agent {
			v.Owner = ""
		}
		for i := range v.Attempts {
			if v.Attempts[i].By != who.Agent {
				v.Attempts[i].By = ""
			}
		}
	}
	return v
}

// TasksView is one page of the list.
type TasksView struct {
	Tasks []TaskView `json:"tasks"`
	Total int        `json:"total" doc:"On all pages."`
	Next  string     `json:"next,omitempty" doc:"Give it as after for the next page; absent on the last one."`
}

// owedState asks for what is still owed, in one word.
const owedState = "owed"

type tasksRequest struct {
	Kind   acd.TaskKind `query:"kind" enum:"missed,voicemail,callback,message"`
	State  string       `query:"state" enum:"owed,open,taken,done,withdrawn,lost,expired,any" default:"owed" doc:"owed: open or taken."`
	Queue  acd.QueueID  `query:"queue" maxLength:"40"`
	Reason acd.ReasonID `query:"reason" maxLength:"100"`
	Owner  acd.AgentID  `query:"owner" maxLength:"40"`
	Ready  bool         `query:"ready" doc:"What may be attempted now only: nobody has it, and it is due."`
	Sort   string       `query:"sort" enum:"age,urgency" default:"age" doc:"age: the oldest first. urgency: by the points of their reasons, then the oldest first."`
	Limit  int          `query:"limit" minimum:"1" maximum:"500" default:"100"`
	After  string       `query:"after" maxLength:"100" doc:"next of the page before."`
}

// points of the reasons that have any.
func (p *Plan) points() map[acd.ReasonID]int {
	out := map[acd.ReasonID]int{}
	for id, r := range p.Reasons {
		if r.Points != 0 {
			out[id] = r.Points
		}
	}
	return out
}

func (s *Server) tasks(ctx context.Context, in *tasksRequest) (*page[TasksView], error) {
	who, plan := readerOf(ctx).account, s.Plan()
	q := TaskQuery{Limit: in.Limit + 1} // one more tells whether there is a next page
	if in.Kind != "" {
		q.Kinds = []acd.TaskKind{in.Kind}
	}
	switch in.State {
	case owedState:
		q.States = []acd.TaskState{acd.TaskOpen, acd.TaskTaken}
	case "any":
	default:
		q.States = []acd.TaskState{acd.TaskState(in.State)}
	}
	if in.Queue != "" {
		q.Queues = []acd.QueueID{in.Queue}
	}
	if in.Reason != "" {
		q.Reasons = []acd.ReasonID{in.Reason}
	}
	if in.Owner != "" {
		q.Owners = []acd.AgentID{in.Owner}
	}
	if in.Ready {
		q.Ready = s.Board.Now()
	}
	if in.Sort == "urgency" {
		q.Urgent = plan.points()
	}
	if in.After != "" {
		place := in.After
		if q.Urgent != nil {
			points, rest, _ := strings.Cut(place, ".")
			n, err := strconv.Atoi(points)
			if err != nil {
				return nil, wrong("query.after", "format")
			}
			q.Points, place = n, rest
		}
		since, id, err := parseMark(place)
		if err != nil {
			return nil, wrong("query.after", "format")
		}
		q.Since, q.After = since, id
	}
	if who.Role == RoleAgent {
		s.narrow(&q, who.Agent, plan)
	}
	list, err := s.Tasks.List(ctx, q)
	if err != nil {
		return nil, err
	}
	total, err := s.Tasks.Count(ctx, q)
	if err != nil {
		return nil, err
	}
	v, now := TasksView{Tasks: []TaskView{}, Total: total}, s.Board.Now()
	for i, t := range list {
		if i == in.Limit {
			last := list[i-1]
			v.Next = mark(last)
			if q.Urgent != nil {
				v.Next = strconv.Itoa(q.Urgent[last.Reason]) + "." + v.Next
			}
			break
		}
		v.Tasks = append(v.Tasks, taskView(t, plan, now, who))
	}
	return &page[TasksView]{v}, nil
}

// narrow keeps of a query what an agent sees: what his queues owe, and what he has taken.
func (s *Server) narrow(q *TaskQuery, agent acd.AgentID, plan *Plan) {
	switch {
	case len(q.Queues) == 0:
		q.Queues, q.For = s.served(agent, plan), agent
	case !s.Tasks.Serves(agent, q.Queues[0]):
		q.Owners = slices.DeleteFunc(append(q.Owners, agent), func(o acd.AgentID) bool { return o != agent })
	}
}

// served lists the queues whose tasks an agent sees; "" stands for tasks of no queue, which are
// everybody's.
func (s *Server) served(agent acd.AgentID, plan *Plan) []acd.QueueID {
	out := []acd.QueueID{""}
	for q := range plan.Queues {
		if s.Tasks.Serves(agent, q) {
			out = append(out, q)
		}
	}
	slices.Sort(out)
	return out
}

// mark is a task's place in the list, as a reader gives it back.
func mark(t acd.Task) string { return strconv.FormatInt(int64(t.Since), 10) + "." + string(t.ID) }

func parseMark(s string) (acd.Instant, acd.TaskID, error) {
	ms, id, ok := strings.Cut(s, ".")
	since, err := strconv.ParseInt(ms, 10, 64)
	if !ok || err != nil || since < 0 || id == "" {
		return 0, "", fmt.Errorf("not a place in the list")
	}
	return acd.Instant(since), acd.TaskID(id), nil
}

// FullTaskView is a task with whom it is owed to, and with who did what.
type FullTaskView struct {
	TaskView
	Person *PersonView  `json:"person,omitempty" doc:"To agents and supervisors; absent when it is not known, or erased. That it was read is noted."`
	Others []acd.TaskID `json:"others,omitempty" doc:"What else is owed to the same person: one call may settle all of it."`
	Story  []StepView   `json:"story,omitempty" doc:"Who did what; not to agents."`
}

// PersonView identifies a person. It leaves this package through one route.
type PersonView struct {
	Number string `json:"number,omitempty"`
	Name   string `json:"name,omitempty" doc:"From the site's directory."`
	Text   string `json:"text,omitempty" doc:"Of a message, and what was noted since."`
}

// StepView is what somebody did to a task.
type StepView struct {
	At     string `json:"at" format:"date-time"`
	By     string `json:"by" doc:"Account, or system."`
	What   string `json:"what" doc:"open, repeat, served, take, release, attempt, close, withdraw, expire, read: whom it is owed to, listen and transcript: what was said."`
	Detail string `json:"detail,omitempty" doc:"A code: the result, or who has it."`
	Rev    int64  `json:"rev"`
}

// visible reports whether the account may see a task: an agent what he has, and what his queues owe.
func (s *Server) visible(t acd.Task, who Account) bool {
	return who.Role != RoleAgent || t.Owner == who.Agent || t.Queue == "" || s.Tasks.Serves(who.Agent, t.Queue)
}

// findTask returns a task that the account may see. To an agent, one that is not does not exist.
func (s *Server) findTask(ctx context.Context, id string) (acd.Task, error) {
	t, err := s.Tasks.Task(ctx, acd.TaskID(id))
	if err == nil && !s.visible(t, readerOf(ctx).account) {
		err = errCode{code: codeNoTask}
	}
	return t, err
}

func (s *Server) task(ctx context.Context, in *named) (*page[FullTaskView], error) {
	who, plan := readerOf(ctx).account, s.Plan()
	t, err := s.findTask(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	v := FullTaskView{TaskView: taskView(t, plan, s.Board.Now(), who)}
	// Whoever could do nothing with the number does not need it: an agent sees it of what he may take.
	if slices.Contains(serving, who.Role) && (who.Role != RoleAgent || t.Owner == who.Agent || t.State == acd.TaskOpen) {
		p, err := s.Tasks.Reveal(ctx, t.ID, TaskDeed{By: who.Name, What: "read", At: s.Board.Now()})
		if err != nil {
			return nil, err
		}
		if p != (acd.TaskPersonal{}) {
			v.Person = &PersonView{p.Number, p.Name, p.Text}
		}
	}
	others, err := s.Tasks.Others(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		if s.visible(o, who) {
			v.Others = append(v.Others, o.ID)
		}
	}
	if who.Role != RoleAgent && who.Role != RoleIntegrator {
		story, err := s.Tasks.Story(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		for _, st := range story {
			v.Story = append(v.Story, StepView{stamp(st.At, plan.TZ), st.By, st.What, st.Detail, st.Rev})
		}
	}
	return &page[FullTaskView]{v}, nil
}
