package acd

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// taskIn returns a task brought into the state by its own methods.
func taskIn(t *testing.T, s TaskState) Task {
	t.Helper()
	open, err := OpenTask(Task{ID: NewTaskID(1000), Kind: TaskMissed, Since: 1000, Until: 9000})
	taken, err2 := open.Take("a01")
	var made Task
	var err3 error
	switch s {
	case TaskOpen:
		made = open
	case TaskTaken:
		made = taken
	case TaskDone:
		made, err3 = taken.Close(ResultHandled, 2000)
	case TaskWithdrawn:
		made, err3 = open.Withdraw(2000)
	case TaskLost:
		made, err3 = taken.Tried(Attempt{At: 2000, By: "a01", Result: AttemptBusy}, 0)
	case TaskExpired:
		made, err3 = open.Expire(9000)
	}
	if err := errors.Join(err, err2, err3, made.Check()); err != nil || made.State != s {
		t.Fatalf("bring up as %s: %v, %v", s, made.State, err)
	}
	return made
}

// taskMoves are the methods, by the input that they stand for, at 9500.
var taskMoves = map[TaskInput]func(Task) (Task, error){
	TaskRepeats:  func(t Task) (Task, error) { return t.Repeat(9500) },
	TaskTakes:    func(t Task) (Task, error) { return t.Take("a02") },
	TaskReleases: Task.Release,
	TaskMisses: func(t Task) (Task, error) {
		return t.Tried(Attempt{At: 9500, By: "a01", Result: AttemptNoAnswer}, 9900)
	},
	TaskReaches:   func(t Task) (Task, error) { return t.Tried(Attempt{At: 9500, By: "a01", Result: AttemptReached}, 0) },
	TaskGivesUp:   func(t Task) (Task, error) { return t.Tried(Attempt{At: 9500, By: "a01", Result: AttemptMachine}, 0) },
	TaskCloses:    func(t Task) (Task, error) { return t.Close("wrong_number", 9500) },
	TaskServed:    func(t Task) (Task, error) { return t.Served(9500) },
	TaskWithdraws: func(t Task) (Task, error) { return t.Withdraw(9500) },
	TaskExpires:   func(t Task) (Task, error) { return t.Expire(9500) },
}

// legalTasks is written apart from the table, so that a row lost or added by mistake shows.
var legalTasks = map[string]TaskState{
	"open/repeats": TaskOpen, "open/take": TaskTaken, "open/close": TaskDone, "open/served": TaskDone,
	"open/withdraw": TaskWithdrawn, "open/expire": TaskExpired,
	"taken/repeats": TaskTaken, "taken/release": TaskOpen, "taken/attempt_missed": TaskOpen,
	"taken/attempt_reached": TaskDone, "taken/attempts_used": TaskLost, "taken/close": TaskDone,
	"taken/served": TaskDone, "taken/withdraw": TaskWithdrawn, "taken/expire": TaskExpired,
}

func TestEveryTaskStateWithEveryInput(t *testing.T) {
	t.Parallel()
	for _, s := range TaskStates {
		for _, in := range TaskInputs {
			before := taskIn(t, s)
			kept := before.clone()
			after, err := taskMoves[in](before)
			want, legal := legalTasks[string(s)+"/"+string(in)]
			if !reflect.DeepEqual(before, kept) {
				t.Errorf("%s/%s changed the image it started from", s, in)
			}
			if !legal {
				var illegal ErrIllegal
				if !errors.As(err, &illegal) || illegal.What != "task" || illegal.State != string(s) || illegal.Input != string(in) {
					t.Errorf("%s/%s: %v, want ErrIllegal that names both", s, in, err)
				}
				if !reflect.DeepEqual(after, before) {
					t.Errorf("%s/%s was refused and changed the task", s, in)
				}
				continue
			}
			if err != nil || after.State != want || after.Rev != before.Rev+1 {
				t.Errorf("%s/%s: %s rev %d after %d, %v; want %s", s, in, after.State, after.Rev, before.Rev, err, want)
			}
			if err := after.Check(); err != nil {
				t.Errorf("%s/%s makes an image that its own check refuses: %v", s, in, err)
			}
			if after.Since != before.Since {
				t.Errorf("%s/%s restarted the age", s, in)
			}
		}
	}
}

func TestRepeatedRequestKeepsItsAge(t *testing.T) {
	t.Parallel()
	n, err := taskIn(t, TaskOpen).Repeat(5000)
	if err != nil || n.Count != 2 || n.Last != 5000 || n.Since != 1000 {
		t.Errorf("got %+v, %v", n, err)
	}
	// Told late and out of order: counted, and the latest stays.
	if n, err = n.Repeat(3000); err != nil || n.Count != 3 || n.Last != 5000 {
		t.Errorf("an older request: %+v, %v", n, err)
	}
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	taken := taskIn(t, TaskTaken)
	missed, err := taken.Tried(Attempt{At: 2000, By: "a01", Result: AttemptNoAnswer}, 6000)
	if err != nil || missed.State != TaskOpen || missed.Owner != "" || missed.Due != 6000 || len(missed.Attempts) != 1 {
		t.Errorf("after no answer: %+v, %v", missed, err)
	}
	again, err := missed.Take("a02")
	if err != nil {
		t.Fatal(err)
	}
	reached, err := again.Tried(Attempt{At: 6500, By: "a02", Result: AttemptReached}, 9999)
	if err != nil || reached.State != TaskDone || reached.Result != ResultReached || reached.Ended != 6500 ||
		reached.Owner != "a02" || len(reached.Attempts) != 2 || reached.Due != 0 {
		t.Errorf("after reaching: %+v, %v", reached, err)
	}
	if lost := taskIn(t, TaskLost); lost.Result != ResultUnreached || lost.Ended != 2000 {
		t.Errorf("after the last attempt: %+v", lost)
	}
	var other ErrNotOwner
	if n, err := taken.Tried(Attempt{At: 2000, By: "a02", Result: AttemptReached}, 0); !errors.As(err, &other) || other.Agent != "a02" || n.State != TaskTaken {
		t.Errorf("another agent's attempt: %v, %v", n.State, err)
	}
	for _, a := range []Attempt{{}, {At: 1, By: "a01"}, {At: 1, By: "a01", Result: "maybe"}, {At: 1, Result: AttemptBusy}, {By: "a01", Result: AttemptBusy}} {
		if n, err := taken.Tried(a, 1); !errors.Is(err, ErrTask) || n.Rev != taken.Rev {
			t.Errorf("%+v was accepted: %v", a, err)
		}
	}
}

func TestTaskExpiresOnlyInTime(t *testing.T) {
	t.Parallel()
	open := taskIn(t, TaskOpen)
	if _, err := open.Expire(8999); !errors.Is(err, ErrTask) {
		t.Errorf("before its time: %v", err)
	}
	if n, err := open.Expire(9000); err != nil || n.State != TaskExpired || n.Result != ResultExpired {
		t.Errorf("in time: %+v, %v", n, err)
	}
	open.Until = 0
	if _, err := open.Expire(1 << 50); !errors.Is(err, ErrTask) {
		t.Errorf("one that never expires: %v", err)
	}
}

func TestTaskRefusesFreeTextAsResult(t *testing.T) {
	t.Parallel()
	for _, r := range []TaskResult{"", "M. Untel", "a b", "É", TaskResult(strings.Repeat("a", 41))} {
		if _, err := taskIn(t, TaskOpen).Close(r, 2000); !errors.Is(err, ErrTask) {
			t.Errorf("%q was accepted: %v", r, err)
		} else if r != "" && strings.Contains(err.Error(), string(r)) {
			t.Errorf("the refusal of %q repeats it", r)
		}
	}
	if _, err := taskIn(t, TaskOpen).Take(""); !errors.Is(err, ErrTask) {
		t.Errorf("taken by nobody: %v", err)
	}
}

// What a damaged store may give back is refused by its check, and by every method without a panic.
func TestDamagedTask(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Task){
		"id":           func(t *Task) { t.ID = "" },
		"kind":         func(t *Task) { t.Kind = "fax" },
		"state":        func(t *Task) { t.State = "MARK" },
		"rev":          func(t *Task) { t.Rev = 0 },
		"since":        func(t *Task) { t.Since = 0 },
		"last":         func(t *Task) { t.Last = t.Since - 1 },
		"count":        func(t *Task) { t.Count = 0 },
		"until":        func(t *Task) { t.Until = t.Since },
		"open owner":   func(t *Task) { t.State = TaskOpen },
		"taken, no":    func(t *Task) { t.Owner = "" },
		"ended owed":   func(t *Task) { t.Ended = 5 },
		"result owed":  func(t *Task) { t.Result = ResultHandled },
		"end lacking":  func(t *Task) { t.State = TaskDone },
		"result text":  func(t *Task) { t.State, t.Ended, t.Result = TaskDone, 2000, "MARK text" },
		"attempt":      func(t *Task) { t.Attempts = []Attempt{{At: 1, By: "a01", Result: "MARK"}} },
		"attempt's by": func(t *Task) { t.Attempts = []Attempt{{At: 1, Result: AttemptBusy}} },
	} {
		task := taskIn(t, TaskTaken)
		spoil(&task)
		if err := task.Check(); !errors.Is(err, ErrTask) || strings.Contains(err.Error(), "MARK") {
			t.Errorf("%s: %v, want ErrTask without the value", name, err)
		}
		for in, move := range taskMoves {
			if n, err := move(task); err == nil && n.Rev != task.Rev+1 {
				t.Errorf("%s/%s: moved without a revision", name, in)
			}
		}
	}
	if _, err := OpenTask(Task{Kind: TaskMissed, Since: 1}); !errors.Is(err, ErrTask) {
		t.Errorf("opened without an id: %v", err)
	}
}

func TestOpenTaskStartsAfresh(t *testing.T) {
	t.Parallel()
	lost := taskIn(t, TaskLost)
	n, err := OpenTask(lost)
	if err != nil || n.State != TaskOpen || n.Rev != 1 || n.Count != 1 || n.Owner != "" || n.Attempts != nil || n.Result != "" || !n.Ended.Never() {
		t.Errorf("got %+v, %v", n, err)
	}
}

func TestTaskPersonalNeverShows(t *testing.T) {
	t.Parallel()
	p := TaskPersonal{Number: "MARK1", Name: "MARK2", Text: "MARK3"}
	raw, err := json.Marshal(map[string]any{"p": p, "q": &p})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{string(raw)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		shown = append(shown, fmt.Sprintf(verb, p), fmt.Sprintf(verb, &p), fmt.Sprintf(verb, []TaskPersonal{p}))
	}
	for _, s := range shown {
		if strings.Contains(s, "MARK") || strings.Contains(s, fmt.Sprintf("%x", "MARK")) {
			t.Errorf("shown: %s", s)
		}
	}
}
