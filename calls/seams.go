package calls

import (
	"context"
	"errors"
	"time"

	"accueil/acd"
)

// Telephony is what a call needs of Asterisk. Every method is bounded by its context; ids are ours.
// A method whose object is gone returns ErrGone.
type Telephony interface {
	Answer(ctx context.Context, channel string) error
	Play(ctx context.Context, channel, playback string, media []string) error
	StopPlay(ctx context.Context, playback string) error
	StartMusic(ctx context.Context, channel, class string) error
	StopMusic(ctx context.Context, channel string) error
	Ring(ctx context.Context, o Origination) error
	Hangup(ctx context.Context, channel string, why HangupWhy) error
	CreateBridge(ctx context.Context, bridge string) error
	Join(ctx context.Context, bridge string, channels ...string) error
	Leave(ctx context.Context, bridge string, channels ...string) error
	DropBridge(ctx context.Context, bridge string) error
	// SetNet re-arms the dialplan's safety net: if nobody does so again, the channel goes there after d.
	SetNet(ctx context.Context, channel string, d time.Duration) error
	// SetState writes the packed state that lets a restarted controller know the channel again.
	SetState(ctx context.Context, channel, state string) error
	// Capture records a channel into a file; its end is told by the event that Controller.Recorded takes.
	Capture(ctx context.Context, c Capture) error
	// StopCapture ends a recording; one that is over is no error.
	StopCapture(ctx context.Context, recording string) error
	// Capturing reports whether the recording goes on.
	Capturing(ctx context.Context, recording string) (bool, error)
	// Heard counts the audio packets that have come from the channel's far end, also those of silence.
	Heard(ctx context.Context, channel string) (packets int, err error)
	// ToNet sends the channel to the safety net now.
	ToNet(ctx context.Context, channel string) error
	// Claim takes a caller whom the dialplan only offers us; his arrival is told by an event. False: there
	// is no such offer, be it that he is in our application already.
	Claim(ctx context.Context, channel string) (won bool, err error)
	Channels(ctx context.Context) ([]Channel, error)
	Bridges(ctx context.Context) ([]Bridge, error)
	// Started is when the present Asterisk process began: older calls died with the one before.
	Started(ctx context.Context) (acd.Instant, error)
}

// The errors of Telephony that the machine tells apart.
var (
	// ErrGone: the channel, playback or bridge does not exist any more.
	ErrGone = errors.New("gone")
	// ErrUnreachable: the phone to ring has no registration.
	ErrUnreachable = errors.New("phone unreachable")
)

// HangupWhy is the reason given to the far end.
type HangupWhy string

// The reasons.
const (
	HangupNormal    HangupWhy = "normal"
	HangupElsewhere HangupWhy = "answered_elsewhere" // the ring was withdrawn
	HangupBusy      HangupWhy = "busy"
)

// Origination is one phone to ring.
type Origination struct {
	Channel    string // id chosen by us
	Endpoint   string // built from stored ids only
	Timeout    time.Duration
	CallerName string
	CallerID   string // number shown to the agent; never logged
	Originator string // the caller's channel
	Headers    map[string]string
}

// Channel is one channel as Asterisk lists it.
type Channel struct {
	ID    string
	Up    bool
	State string // our packed state, when set
	Ours  bool   // in our application
	Entry acd.EntryID
	Trunk acd.TrunkID
	Since acd.Instant
	// Number is the caller's, for the personal record only.
	Number string
}

// Bridge is one bridge as Asterisk lists it.
type Bridge struct {
	ID       string
	Channels []string
}

// Book is what a call needs of the log.
type Book interface {
	Now() acd.Instant
	Leg(acd.LegID) (acd.Leg, bool)
	Legs() []acd.Leg
	Agents() []acd.Agent
	Closure(acd.EntryID) (acd.Closure, bool)
	// Decide waits for the store's yes; Record tells what has happened and is never refused.
	Decide(ctx context.Context, kind acd.Kind, build func(*acd.Tx) error) (acd.Entry, error)
	Record(kind acd.Kind, build func(*acd.Tx) error)
	Personal(ctx context.Context, c acd.ContactID) (acd.Personal, bool, error)
	// History tells the log from an instant on, oldest first; it needs the store.
	History(ctx context.Context, from acd.Instant, yield func(acd.Entry) error) error
}

// Scenarios opens the script of an entry, and that of a call found alive after a restart.
type Scenarios interface {
	Start(entry acd.EntryID) (acd.Script, error)
	Resume(leg acd.Leg) (acd.Script, error)
}

// Voice turns prompts into media.
type Voice interface {
	Media(lang acd.Lang, prompts []acd.Prompt) (media []string, length time.Duration, err error)
	// Speak synthesises a text that must not be kept (a name); cleanup removes it.
	Speak(ctx context.Context, lang acd.Lang, text string) (media string, cleanup func(), err error)
}

// Way is how a reason's callers are queued.
type Way struct {
	acd.Queueing
	MaxWait time.Duration
	// Hold is how long the caller is kept for the agent who has dealt with him lately; zero: he is
	// anybody's.
	Hold time.Duration
	// WaitUnstaffed says that callers queue though nobody at work could take them.
	WaitUnstaffed bool
}

// Plan is what a call needs of the site's rules.
type Plan interface {
	// Way returns how a caller of this reason (and queue, when a scenario names it) and language waits.
	Way(reason acd.ReasonID, queue acd.QueueID, lang acd.Lang) (Way, bool)
	// Hours says when the queue takes callers with that reason, as seen from the instant.
	Hours(acd.QueueID, acd.ReasonID, acd.Instant) Hours
	// Target resolves the destination of a transfer: what an agent or a supervisor typed, or, trusted,
	// what a scenario names, which may be outside.
	Target(to string, trusted bool) (Target, bool)
	// Endpoint returns how a phone is rung.
	Endpoint(acd.PhoneID) (Endpoint, bool)
	// Outward returns how a person's number is rung; false for one that must not be, or is none.
	Outward(number string) (Endpoint, bool)
	Callbacks() Callbacks
	// Human is the reason of those who answer for everything.
	Human() acd.ReasonID
	MissLimit(acd.QueueID) int
	// ReasonLabel is the reason in words, for the display of a phone.
	ReasonLabel(acd.ReasonID, acd.Lang) string
}

// Endpoint is how to ring a phone.
type Endpoint struct {
	Dial string
	// MustAccept: the far end may be a voicemail, so a person has to press 1 (DESIGN §4.6).
	MustAccept bool
	// Outside: the way leads through the operator, who must not learn why somebody calls a hospital.
	Outside bool
}

// Target is the destination of a transfer: one of Queue, Agent or Endpoint.
type Target struct {
	Name     string // as dialled: an extension, a queue's or an agent's id
	Queue    acd.QueueID
	Agent    acd.AgentID
	Endpoint Endpoint
}

// Desk is what a call needs of the agents' side.
type Desk interface {
	// Briefing says what the agent hears before the caller.
	Briefing(leg acd.Leg, agent acd.AgentID, now acd.Instant) Briefing
	// Feature carries out a code dialled from a phone (`*20`, …). It returns what to say, and whether
	// keys are awaited, which are then passed as a further code.
	Feature(ctx context.Context, phone acd.PhoneID, code string) FeatureReply
}

// Briefing is what an agent hears before the caller.
type Briefing struct {
	Lang    acd.Lang
	Prompts []acd.Prompt
	// NameFirst: the caller's name, where the directory knows it, is spoken before the rest.
	Name bool
	// Limit ends it, said or not; 0 is the longest that any may take.
	Limit time.Duration
}

// FeatureReply is the answer to a feature code.
type FeatureReply struct {
	Lang    acd.Lang
	Prompts []acd.Prompt
	// Ask awaits digits ended by #, to be passed back with the code that asked.
	Ask bool
}

// Router is what a call needs to know of routing.
type Router interface {
	// Staffed reports whether anybody at work could ever take such a contact.
	Staffed(queue acd.QueueID, asks string) bool
	// Enter judges whether a caller may begin to wait in the queue: why not, or "". Returning ones were
	// handed on, or come back: the kept places are theirs, and no ratio holds for them.
	Enter(queue acd.QueueID, asks string, returning bool) acd.Refusal
	// LastRoutable reports whether the agent is the last one of some queue who can be reached.
	LastRoutable(acd.AgentID) bool
}

// TransferKind is how a caller is handed on.
type TransferKind string

// The kinds of transfer (CONTRACT HTTP).
const (
	TransferBlind     TransferKind = "blind"
	TransferBriefed   TransferKind = "briefed"
	TransferQueue     TransferKind = "queue"
	TransferExtension TransferKind = "extension"
)

// TransferRequest asks to hand a caller on.
type TransferRequest struct {
	Kind TransferKind
	To   string
	Note string // for the next person; personal
	By   string
}

// The refusals of a transfer.
var (
	ErrNotTalking    = errors.New("the contact is not in conversation")
	ErrUnknownTarget = errors.New("unknown destination")
	// ErrUnstaffed: nobody at work could take the contact in the queue it is moved to.
	ErrUnstaffed = errors.New("nobody is at work for the queue")
)
