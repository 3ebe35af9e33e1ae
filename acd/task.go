package acd

import (
	"errors"
	"fmt"
	"slices"
)

// TaskID names something still owed to someone; a UUIDv7, so ids sort by creation.
type TaskID string

// NewTaskID returns a UUIDv7 of the instant now.
func NewTaskID(now Instant) TaskID { return TaskID(uuid7(now)) }

// TaskKind says what is owed.
type TaskKind string

// The kinds of task.
const (
	TaskMissed    TaskKind = "missed"    // a caller who left, or found the line closed
	TaskVoicemail TaskKind = "voicemail" // a message was left
	TaskCallback  TaskKind = "callback"  // a call back was chosen
	TaskMessage   TaskKind = "message"   // an agent wrote to a service
)

// TaskKinds lists every kind.
var TaskKinds = []TaskKind{TaskMissed, TaskVoicemail, TaskCallback, TaskMessage}

// Valid reports whether k is in the closed list.
func (k TaskKind) Valid() bool { return slices.Contains(TaskKinds, k) }

// AttemptResult is how one attempt to reach the person ended.
type AttemptResult string

// The results of an attempt.
const (
	AttemptReached  AttemptResult = "reached"
	AttemptNoAnswer AttemptResult = "no_answer"
	AttemptBusy     AttemptResult = "busy"
	AttemptMachine  AttemptResult = "machine" // an answering machine: nothing was said about health
	AttemptFailed   AttemptResult = "failed"  // the call could not be made
)

// AttemptResults lists every result.
var AttemptResults = []AttemptResult{AttemptReached, AttemptNoAnswer, AttemptBusy, AttemptMachine, AttemptFailed}

// Valid reports whether r is in the closed list.
func (r AttemptResult) Valid() bool { return slices.Contains(AttemptResults, r) }

// Attempt is one try to reach the person.
type Attempt struct {
	At     Instant       `json:"at"`
	By     AgentID       `json:"by"`
	Result AttemptResult `json:"result"`
}

// TaskResult is the short code that a task ended with, never free text: 1 to 40 of a-z, 0-9 and "_".
type TaskResult string

// The results that the project itself gives; a site may close with codes of its own.
const (
	ResultReached   TaskResult = "reached"   // spoken to, whoever called whom
	ResultHandled   TaskResult = "handled"   // done without a conversation
	ResultUnreached TaskResult = "unreached" // the last attempt reached nobody
	ResultWithdrawn TaskResult = "withdrawn"
	ResultExpired   TaskResult = "expired"
)

// Valid reports whether r has the form of a code.
func (r TaskResult) Valid() bool {
	if len(r) < 1 || len(r) > 40 {
		return false
	}
	for _, c := range []byte(r) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// Task is the after-image of something still owed: ids, codes and instants. Who it is owed to lives
// apart, with its own erasure (see TaskPersonal). Its methods return the next image, one revision
// higher, and leave the receiver as it was; they refuse what the table has no row for with ErrIllegal.
type Task struct {
	ID  TaskID `json:"id"`
	Rev int64  `json:"rev"` // 1 when made, raised by one with each change

	Kind    TaskKind  `json:"kind"`
	State   TaskState `json:"state"`
	Outcome Outcome   `json:"outcome,omitempty"` // of the call that it is owed for, the latest one

	Contact ContactID `json:"contact,omitempty"` // none for a message that no call led to
	Leg     LegID     `json:"leg,omitempty"`
	Entry   EntryID   `json:"entry,omitempty"`
	Queue   QueueID   `json:"queue,omitempty"`
	Reason  ReasonID  `json:"reason,omitempty"`
	Lang    Lang      `json:"lang,omitempty"`

	Since Instant `json:"since"`           // its age counts from here: first enqueue or arrival; never restarted
	Last  Instant `json:"last"`            // the latest time the person asked
	Count int     `json:"count"`           // how many times, from 1
	Due   Instant `json:"due,omitempty"`   // not to be attempted before; zero: now
	Until Instant `json:"until,omitempty"` // expires then when still owed; zero: never

	Owner    AgentID   `json:"owner,omitempty"` // of a taken task; who ended it, of one that was taken
	Attempts []Attempt `json:"attempts,omitempty"`

	Ended     Instant    `json:"ended,omitempty"` // of a task no longer owed
	Result    TaskResult `json:"result,omitempty"`
	Recording string     `json:"recording,omitempty"` // id of the file of a voicemail
}

// ErrTask says that a task, or what is asked of it, makes no sense.
var ErrTask = errors.New("task")

// ErrNotOwner says that an attempt was told by someone who does not hold the task.
type ErrNotOwner struct {
	Task  TaskID
	Agent AgentID
}

func (e ErrNotOwner) Error() string {
	return fmt.Sprintf("task %s is not held by agent %s", e.Task, e.Agent)
}

// ErrPersonTaken says that a colleague has taken another task of the same person, who is to be called once.
type ErrPersonTaken struct {
	Task  TaskID // the colleague's
	Agent AgentID
}

func (e ErrPersonTaken) Error() string {
	return fmt.Sprintf("agent %s has taken task %s of the same person", e.Agent, e.Task)
}

// OpenTask returns t as a new open task: revision 1, asked once. It fails with ErrTask when t has no
// id, no start or no known kind, or ends before it begins.
func OpenTask(t Task) (Task, error) {
	t = t.clone()
	t.Rev, t.State, t.Count, t.Last = 1, TaskOpen, 1, max(t.Last, t.Since)
	t.Owner, t.Attempts, t.Ended, t.Result = "", nil, 0, ""
	return t, t.Check()
}

// Check reports with ErrTask what makes no sense in an image, as one read from a store may be.
func (t Task) Check() error {
	_, known := taskTable[t.State]
	wrong := ""
	switch {
	case t.ID == "":
		wrong = "no id"
	case !t.Kind.Valid():
		wrong = "unknown kind"
	case !known:
		wrong = "unknown state"
	case t.Rev < 1:
		wrong = "no revision"
	case t.Since <= 0 || t.Last < t.Since || t.Count < 1:
		wrong = "no time or number of requests"
	case t.Until != 0 && t.Until <= t.Since:
		wrong = "ends before it begins"
	case t.State == TaskOpen && t.Owner != "" || t.State == TaskTaken && t.Owner == "":
		wrong = "owner does not fit the state"
	case t.State.Owed() != t.Ended.Never() || t.State.Owed() != (t.Result == ""):
		wrong = "end does not fit the state"
	case t.Result != "" && !t.Result.Valid():
		wrong = "result is not a code"
	case slices.ContainsFunc(t.Attempts, func(a Attempt) bool { return !a.Result.Valid() || a.By == "" || a.At <= 0 }):
		wrong = "an attempt is incomplete"
	default:
		return nil
	}
	return fmt.Errorf("%w: %s", ErrTask, wrong) // never the values: a damaged image may hold anything
}

// Repeat counts one more request of the same person at at. The age stays.
func (t Task) Repeat(at Instant) (Task, error) {
	n, err := t.move(TaskRepeats)
	if err != nil {
		return t, err
	}
	n.Count++
	n.Last = max(n.Last, at)
	return n, nil
}

// Take gives an open task to the agent.
func (t Task) Take(agent AgentID) (Task, error) {
	if agent == "" {
		return t, fmt.Errorf("%w: taken by nobody", ErrTask)
	}
	n, err := t.move(TaskTakes)
	if err != nil {
		return t, err
	}
	n.Owner = agent
	return n, nil
}

// Release gives a taken task back, for anyone to take.
func (t Task) Release() (Task, error) {
	n, err := t.move(TaskReleases)
	if err != nil {
		return t, err
	}
	n.Owner = ""
	return n, nil
}

// Tried adds an attempt of the owner. One that reached the person ends the task as done. After any
// other the task is given back, not to be attempted before next; a next of zero says that this was
// the last attempt, and the task is lost. It fails with ErrNotOwner for an attempt of someone else.
func (t Task) Tried(a Attempt, next Instant) (Task, error) {
	if !a.Result.Valid() || a.By == "" || a.At <= 0 {
		return t, fmt.Errorf("%w: an attempt is incomplete", ErrTask)
	}
	in := TaskMisses
	switch {
	case a.Result == AttemptReached:
		in = TaskReaches
	case next.Never():
		in = TaskGivesUp
	}
	n, err := t.move(in)
	if err != nil {
		return t, err
	}
	if a.By != t.Owner {
		return t, ErrNotOwner{Task: t.ID, Agent: a.By}
	}
	n.Attempts = append(n.Attempts, a)
	switch in {
	case TaskReaches:
		n.end(ResultReached, a.At)
	case TaskGivesUp:
		n.end(ResultUnreached, a.At)
	default:
		n.Owner, n.Due = "", next
	}
	return n, nil
}

// Close ends the task as done with a code. It fails with ErrTask for a result that is not one.
func (t Task) Close(r TaskResult, at Instant) (Task, error) {
	if !r.Valid() {
		return t, fmt.Errorf("%w: result is not a code", ErrTask)
	}
	return t.finish(TaskCloses, r, at)
}

// Served ends the task as done because the person was answered by another way.
func (t Task) Served(at Instant) (Task, error) { return t.finish(TaskServed, ResultReached, at) }

// Withdraw ends the task because the person no longer wants it.
func (t Task) Withdraw(at Instant) (Task, error) {
	return t.finish(TaskWithdraws, ResultWithdrawn, at)
}

// Expire ends a task whose time has run out; it fails with ErrTask before Until.
func (t Task) Expire(at Instant) (Task, error) {
	if t.State.Owed() && !t.Until.Reached(at) {
		return t, fmt.Errorf("%w: expires too early", ErrTask)
	}
	return t.finish(TaskExpires, ResultExpired, at)
}

func (t Task) finish(in TaskInput, r TaskResult, at Instant) (Task, error) {
	n, err := t.move(in)
	if err != nil {
		return t, err
	}
	n.end(r, at)
	return n, nil
}

// move returns the task in the state after the input, sharing nothing with t.
func (t Task) move(in TaskInput) (Task, error) {
	s, ok := NextTaskState(t.State, in)
	if !ok {
		return t, ErrIllegal{What: "task", ID: string(t.ID), State: string(t.State), Input: string(in)}
	}
	n := t.clone()
	n.State = s
	n.Rev++
	return n, nil
}

func (t *Task) end(r TaskResult, at Instant) { t.Result, t.Ended, t.Due = r, max(at, t.Since), 0 }

func (t Task) clone() Task {
	t.Attempts = slices.Clone(t.Attempts)
	return t
}
