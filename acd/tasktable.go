package acd

// TaskState is where a task stands.
type TaskState string

// The states of a task. Open and taken are owed; the others are ends.
const (
	TaskOpen      TaskState = "open"      // nobody's yet, or nobody's any more
	TaskTaken     TaskState = "taken"     // its owner works on it
	TaskDone      TaskState = "done"      // handled, or the person was served otherwise
	TaskWithdrawn TaskState = "withdrawn" // the person no longer wants it
	TaskLost      TaskState = "lost"      // not reached after the last attempt (KPI.md, rule 4)
	TaskExpired   TaskState = "expired"   // its time ran out before it was handled
)

// TaskStates lists every state.
var TaskStates = []TaskState{TaskOpen, TaskTaken, TaskDone, TaskWithdrawn, TaskLost, TaskExpired}

// TaskInput is what moves a task.
type TaskInput string

// The inputs of a task.
const (
	TaskRepeats   TaskInput = "repeats" // the same person, for the same reason, once more
	TaskTakes     TaskInput = "take"
	TaskReleases  TaskInput = "release"
	TaskMisses    TaskInput = "attempt_missed" // not reached, and another attempt is due
	TaskReaches   TaskInput = "attempt_reached"
	TaskGivesUp   TaskInput = "attempts_used"
	TaskCloses    TaskInput = "close"
	TaskServed    TaskInput = "served" // the person was answered by another way
	TaskWithdraws TaskInput = "withdraw"
	TaskExpires   TaskInput = "expire"
)

// TaskInputs lists every input.
var TaskInputs = []TaskInput{TaskRepeats, TaskTakes, TaskReleases, TaskMisses, TaskReaches, TaskGivesUp,
	TaskCloses, TaskServed, TaskWithdraws, TaskExpires}

// taskTable is the whole life of a task: state, input, next state. Everything absent is illegal.
// An attempt belongs to who holds the task, so there is none while it is open; one that reached
// nobody gives the task back, since who is free when the next is due is not known yet.
var taskTable = map[TaskState]map[TaskInput]TaskState{
	TaskOpen: {TaskRepeats: TaskOpen, TaskTakes: TaskTaken, TaskCloses: TaskDone, TaskServed: TaskDone,
		TaskWithdraws: TaskWithdrawn, TaskExpires: TaskExpired},
	TaskTaken: {TaskRepeats: TaskTaken, TaskReleases: TaskOpen, TaskMisses: TaskOpen, TaskReaches: TaskDone,
		TaskGivesUp: TaskLost, TaskCloses: TaskDone, TaskServed: TaskDone, TaskWithdraws: TaskWithdrawn,
		TaskExpires: TaskExpired},
	TaskDone:      {},
	TaskWithdrawn: {},
	TaskLost:      {},
	TaskExpired:   {},
}

// NextTaskState returns the state after the input, and whether the table has such a row.
func NextTaskState(s TaskState, in TaskInput) (TaskState, bool) {
	n, ok := taskTable[s][in]
	return n, ok
}

// Owed reports whether something is still to be done in this state.
func (s TaskState) Owed() bool { return s == TaskOpen || s == TaskTaken }
