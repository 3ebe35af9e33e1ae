package web

import (
	"context"
	"time"

	"accueil/acd"
)

// Board is the present as the log tells it. Every value returned is the reader's own.
type Board interface {
	Legs() []acd.Leg // live ones, oldest arrival first
	Leg(acd.LegID) (acd.Leg, bool)
	ContactLegs(acd.ContactID) []acd.Leg // in order, those that ended lately included
	Agents() []acd.Agent
	Phones() []acd.Phone
	Closures() []acd.Closure
	Now() acd.Instant
	// Personal are the fields about a contact that identify someone; false when there are none (any more).
	Personal(context.Context, acd.ContactID) (acd.Personal, bool, error)
}

// Past is what ended in the last 48 hours.
type Past interface {
	ContactLegs(acd.ContactID) []acd.Leg // in order; none of a contact that is not known (any more)
}

// Desk changes agents. An impossible move is an acd.ErrIllegal, an unknown agent or phone an
// acd.ErrNotFound.
type Desk interface {
	// SetState asks for ready, paused (with a reason code) or offline. The phone is where an agent logs in;
	// empty for where he sits, or his usual one. By is the account that asks.
	SetState(ctx context.Context, agent acd.AgentID, state acd.AgentState, reason string, phone acd.PhoneID, by string) error
	// SetSkills overrides the site file's skills, for a shift until the agent logs out; nil returns to them.
	SetSkills(ctx context.Context, agent acd.AgentID, skills map[acd.SkillID]int, shift bool, by string) error
}

// Calls changes contacts.
type Calls interface {
	Transfer(ctx context.Context, contact acd.ContactID, t TransferRequest) error
	SetPoints(ctx context.Context, contact acd.ContactID, points int, by string) error
	// Withdraw ends the callback that the contact is owed.
	Withdraw(ctx context.Context, contact acd.ContactID, by string) error
	// Push keeps a waiting contact for an agent by name, for so long, and returns until when.
	Push(ctx context.Context, contact acd.ContactID, to acd.AgentID, hold time.Duration, by string) (acd.Instant, error)
}

// TransferKind is how a caller is handed on.
type TransferKind string

// The kinds of transfer.
const (
	TransferBlind     TransferKind = "blind"
	TransferBriefed   TransferKind = "briefed"
	TransferQueue     TransferKind = "queue"
	TransferExtension TransferKind = "extension"
)

// TransferRequest hands a caller on. The note is for the next agent and may speak of the patient: it
// belongs in acd.Personal and nowhere else.
type TransferRequest struct {
	Kind TransferKind
	To   string
	Note string
	By   string
}

// Closer closes and reopens an entry exceptionally, pauses a queue and switches announcements.
type Closer interface {
	// SetClosed closes an entry, until an instant or, where it is zero, until it is opened again; or opens it.
	SetClosed(ctx context.Context, entry acd.EntryID, closed bool, until acd.Instant, by string) error
	SetPaused(ctx context.Context, queue acd.QueueID, paused bool, reason, by string) error
	// SetAnnouncement switches an announcement on, at the entries given or all, until an instant or for as
	// long as it is not switched off; or off.
	SetAnnouncement(ctx context.Context, id acd.AnnouncementID, on bool, entries []acd.EntryID, until acd.Instant, by string) error
}

// Tasks keeps what is still owed to somebody. A task that does not exist (any more) is an
// acd.ErrNotFound, a database that is away an acd.ErrUnavailable.
type Tasks interface {
	List(context.Context, TaskQuery) ([]acd.Task, error) // oldest first, or as the query says
	Count(context.Context, TaskQuery) (int, error)       // on all pages
	// Others are what else is owed to the person of a task.
	Others(context.Context, acd.TaskID) ([]acd.Task, error)
	Task(context.Context, acd.TaskID) (acd.Task, error)
	// Reveal returns whom a task is owed to, and notes who read it.
	Reveal(context.Context, acd.TaskID, TaskDeed) (acd.TaskPersonal, error)
	Story(context.Context, acd.TaskID) ([]TaskStep, error) // oldest first
	// Change moves a task; move may be asked again when somebody was faster. An unchanged image is no change.
	Change(ctx context.Context, id acd.TaskID, d TaskDeed, move func(acd.Task) (acd.Task, error)) (acd.Task, error)
	// Open makes a task of what is given of it, and returns it.
	Open(context.Context, acd.Task, acd.TaskPersonal, TaskDeed) (acd.Task, error)
	// Call has the agent take the task and be rung, and then the person. It fails with an acd.ErrNotFound of
	// a number where there is none that can be rung, and with an acd.ErrIllegal when the agent is not at work.
	Call(ctx context.Context, id acd.TaskID, agent acd.AgentID, d TaskDeed) (acd.Task, error)
	// Serves reports whether the agent's skills, as they are now, open some step of the queue.
	Serves(acd.AgentID, acd.QueueID) bool
	// Attempts is how often somebody is tried before he is given up, and how long to wait between.
	Attempts() (most int, retry time.Duration)
}

// TaskQuery chooses tasks; empty fields choose all.
type TaskQuery struct {
	Kinds   []acd.TaskKind
	States  []acd.TaskState
	Queues  []acd.QueueID // "" for those of no queue
	Reasons []acd.ReasonID
	Owners  []acd.AgentID
	// For adds, to those of the queues, what this agent has taken.
	For acd.AgentID
	// Ready chooses what is open and due by that instant; zero whatever is due when.
	Ready acd.Instant
	// Urgent puts the more urgent first, by their reason's points.
	Urgent map[acd.ReasonID]int
	// Points, Since and After are the place after which the page begins.
	Points int
	Since  acd.Instant
	After  acd.TaskID
	Limit  int
}

// TaskDeed says who does what to a task. A repeat of a named request has no second effect; a note is
// sealed with the task's text.
type TaskDeed struct {
	By, What string
	At       acd.Instant
	Request  string
	Note     string
}

// TaskStep is what somebody did.
type TaskStep struct {
	At               acd.Instant
	By, What, Detail string
	Rev              int64
}

// Waits foretells how long a contact still waits.
type Waits interface {
	// EstimatedWait is false when nothing honest can be said: it does not wait, nobody who could serve it
	// is there, or too few contacts were handled lately.
	EstimatedWait(acd.LegID) (EstimatedWait, bool)
}

// EstimatedWait is a foretold wait from now on.
type EstimatedWait struct {
	Minutes    int           // the one figure to announce: rounded up, at least 1
	Wait       time.Duration // expected
	Low, High  time.Duration // of the range that holds the wait with probability Confidence
	Confidence float64
}

// Explainer tells why contacts go where they go. What it returns is ready to be written as JSON; its
// shape is in Options.
type Explainer interface {
	// Explain tells why a contact was offered to whom, and what it waits for. A contact that nobody
	// remembers is an acd.ErrNotFound.
	Explain(context.Context, acd.ContactID) (any, error)
	// WouldHappen tells what would happen to a call. A name that the site does not have is an
	// UnknownError.
	WouldHappen(context.Context, WouldQuestion) (any, error)
}

// WouldQuestion is a call that might come.
type WouldQuestion struct {
	Reason acd.ReasonID
	Lang   acd.Lang      // "" for the site's first
	At     acd.Instant   // zero for now
	Ready  []acd.AgentID // who is there; nil for everyone
}

// UnknownError says that a question names what the site does not have.
type UnknownError struct {
	What       string // the parameter: "reason", "lang", "ready"
	Suggestion string // the name that was probably meant; "" when none is near
}

func (e UnknownError) Error() string { return "unknown " + e.What }

// Figures computes KPIs from what has ended. Its reports are ready to be written as JSON.
type Figures interface {
	// KPIs reports what arrived in from..to (a zero to has no end), divided by one of none, queue, reason,
	// entry and half_hour.
	KPIs(from, to, now acd.Instant, by string, short time.Duration, levels []time.Duration) (any, error)
	// TodayFigures gives a queue's ratio of answers (0 to 1), mean wait in seconds and ratio of abandonments
	// since midnight; NaN where nothing defines them.
	TodayFigures(now acd.Instant) func(acd.QueueID) (answer, asa, abandon float64)
}

// Dependency is one thing that the node needs, as /readyz shows it.
type Dependency struct {
	Name     string
	Up       bool
	Required bool   // the node is not ready without it
	Detail   string // a short sentence for operators; nothing personal
}

// Health tells how the dependencies are. It answers from memory, within milliseconds.
type Health interface {
	Dependencies() []Dependency
}

// Reloader reads the site's files again. It returns what an operator should know (overrides met), and
// an error when the files are refused and the running version stays.
type Reloader interface {
	Reload(ctx context.Context, by string, lang acd.Lang) (notes []string, err error)
}

// Drainer stops taking new calls and lets the present ones end.
type Drainer interface {
	Drain(ctx context.Context, by string) error
}

// Counters reads the counters of the data set.
type Counters func(context.Context) ([]acd.Count, error)

// Feed subscribes to the log: the view as one entry whose Seq and Gen are those of the last entry it
// holds, then every entry after it in order. An entry of kind asserted without an operation holds the
// whole view anew and replaces what was told before (after an outage in which the log was lost, or for
// a subscriber that fell far behind). An entry marked degraded has no place in the log yet and is not
// told again when it gets one. When the channel is closed, the subscriber asks again. The function
// ends the subscription.
type Feed func(name string) (image acd.Entry, entries <-chan acd.Entry, stop func())

// Plan are the facts of the site file that readers are shown. It is not changed after it is given out.
type Plan struct {
	Site    string
	Version string         // of the program
	TZ      *time.Location // of the site; must be set
	Queues  map[acd.QueueID]QueuePlan
	Agents  map[acd.AgentID]AgentPlan
	Reasons map[acd.ReasonID]ReasonPlan
	Entries []acd.EntryID
	// Announcements are the ids of the messages that can be switched on.
	Announcements []acd.AnnouncementID
	Phones        []acd.PhoneID
	Skills        []acd.SkillID
	Services      map[string]string // labels of extensions, by number; may be nil
}

// QueuePlan is a queue of the site.
type QueuePlan struct {
	Label  map[acd.Lang]string
	Policy string   // which caller comes first
	Order  []string // how free agents are compared
	Limits LimitsView
	// Hours says when the queue takes callers, as seen from an instant; nil where it never closes.
	Hours func(acd.Instant) Opening
}

// Opening is when a queue takes callers, as OpeningView has it; instants that are not there are zero.
type Opening struct {
	Open          bool
	Closes, Opens acd.Instant
}

// AgentPlan is a person of the site.
type AgentPlan struct {
	Name       string
	Phone      acd.PhoneID // the usual one
	Skills     map[acd.SkillID]int
	Supervisor bool
	Queues     map[acd.QueueID]AssignmentView // served otherwise than by skill alone
}

// ReasonPlan is a reason for calling.
type ReasonPlan struct {
	Label  map[acd.Lang]string
	Queue  acd.QueueID
	Points int // how urgent, 0 to 10
}
