package acd

import "time"

// A scenario talks with a call through Asks (what it wants done) and Heards (what happened). Both
// are plain values, so that the menu machine is pure and the call's actor needs no menu knowledge.
// The actor executes asks in order; it returns each result as one Heard.

// Prompt is one piece of speech. ID is a key of the prompt catalogue ("main.welcome",
// "sys.transfer_back", "reason.rdv.imagerie"); a Number or Duration is spoken by its rule of grammar
// in the language of the moment when ID is empty; Keyed, digit by digit.
type Prompt struct {
	ID       string
	Number   *int
	Duration *time.Duration
	Keyed    *Keyed
}

// Ask is one wish of a scenario.
type Ask interface{ isAsk() }

type (
	// AskSay plays prompts in order, followed by the soft waiting sound. With BargeIn a key stops
	// them. When all has been played the script hears HeardSaid.
	AskSay struct {
		Prompts []Prompt
		BargeIn bool
	}
	// AskListen starts the wait for a key: HeardKey, or HeardSilence after For without one. Asked
	// together with AskSay it begins when the speech ends; keys pressed during speech with BargeIn
	// are heard at once.
	AskListen struct{ For time.Duration }
	// AskLanguage changes the language of everything that follows.
	AskLanguage struct{ Lang Lang }
	// AskFlag notes that the emergency instruction was reached.
	AskFlag struct{}
	// AskQueue puts the call into a queue; the script hears HeardQueued, or HeardRefused.
	AskQueue struct {
		Reason ReasonID
		Queue  QueueID // empty: the reason's
		Points int     // added to the reason's
		Asks   string  // a requirement on agents' skills, besides the language's; empty for none
		// Resume takes the place that a callback keeps for the caller, which is then withdrawn.
		Resume bool
	}
	// AskCallback says that the caller has agreed to be called back once his call has ended, in whatever
	// way: by an agent of the queue, at the place and age that he has. A number that he has keyed in may be
	// refused (HeardNumberRefused); then nothing of what was asked with it is done.
	AskCallback struct {
		Reason ReasonID
		Queue  QueueID // empty: the reason's
		Number *Keyed  // nil: the number that he calls from
		// Else is where he is called back when a reload takes the queue away before his call has ended.
		Else QueueID
	}
	// AskLeaveQueue takes a waiting call back to the menu (key 9); the place is kept until the script
	// asks for the queue again or the call ends.
	AskLeaveQueue struct{}
	// AskWait plays the waiting music and, when For is set, hears HeardElapsed after it.
	AskWait struct{ For time.Duration }
	// AskTold notes what the waiting caller is told of his wait, for whoever leads the call after a restart.
	AskTold struct{ Told Told }
	// AskSlow has everything that follows spoken slowly.
	AskSlow struct{}
	// AskTransfer rings an extension or outside number named in the site; the script hears
	// HeardTransfer only when it was not answered.
	AskTransfer struct {
		To   string
		Ring time.Duration
	}
	// AskLookup asks a lookup of the site for the caller; the script hears HeardLookup exactly For later,
	// whatever the answer and whenever it came, so that the time tells nothing of it.
	AskLookup struct {
		Lookup LookupID
		For    time.Duration
		// Keyed are the digits that the caller was asked for, by the name of their variable.
		Keyed map[string]Keyed
		// Identity says that the outcome is told to the agent, as a status.
		Identity bool
	}
	// AskSMS sends the text of the prompt to the caller's number; the script hears HeardSMS.
	AskSMS struct{ Text string }
	// AskRecord records what the caller says, after the speech it is asked together with, which has told
	// him so. # ends it, as do Silence without a word and Max; keys are heard meanwhile. The script hears
	// HeardRecorded. Any other answer stops a recording under way.
	AskRecord struct {
		Max, Silence time.Duration
		// Min is how much must be there for a message; less is none.
		Min time.Duration
		// Reason is of the message, where nothing has told it before.
		Reason ReasonID
	}
	// AskSurveyed keeps an answer to the survey: one score, the other fields empty.
	AskSurveyed struct{ Answer Survey }
	// AskHangup ends the call with this outcome.
	AskHangup struct {
		Outcome Outcome
		Reason  string
	}
)

func (AskSay) isAsk()        {}
func (AskListen) isAsk()     {}
func (AskLanguage) isAsk()   {}
func (AskFlag) isAsk()       {}
func (AskQueue) isAsk()      {}
func (AskCallback) isAsk()   {}
func (AskLeaveQueue) isAsk() {}
func (AskWait) isAsk()       {}
func (AskTold) isAsk()       {}
func (AskSlow) isAsk()       {}
func (AskTransfer) isAsk()   {}
func (AskLookup) isAsk()     {}
func (AskSMS) isAsk()        {}
func (AskHangup) isAsk()     {}

func (AskRecord) isAsk()   {}
func (AskSurveyed) isAsk() {}

// Heard is one thing that happened to the call.
type Heard interface{ isHeard() }

type (
	// HeardStart begins the walk; with Node (a node id kept from before a restart) at that node.
	HeardStart struct{ Node string }
	// HeardSaid: the speech that was asked for has ended by itself.
	HeardSaid struct{}
	// HeardKey is one key, 0-9, * or #. A key pressed during speech without BargeIn is heard too.
	HeardKey struct{ Key byte }
	// HeardSilence: nothing was pressed for as long as AskListen said.
	HeardSilence struct{}
	// HeardElapsed: the time of AskWait is over.
	HeardElapsed struct{}
	// HeardQueued: the call has its place, in the queue that was asked for or, where it names one, in
	// another one that a supervisor chose.
	HeardQueued struct{ Queue QueueID }
	// HeardRefused: no place, for the named reason; or the queue gave the call up later.
	HeardRefused struct{ Why Refusal }
	// HeardClosing: the queue that the call waits in has closed; the call is served for a while yet.
	HeardClosing struct{}
	// HeardTransfer: the extension did not take the call.
	HeardTransfer struct{ Ending Ending }
	// HeardLookup: the answer of a lookup. Values holds the variables that it declares.
	HeardLookup struct {
		Outcome LookupOutcome
		Values  map[string]string
	}
	// HeardNumberRefused: the number of AskCallback is not taken down, for it, or the caller, has been heard
	// of too often today. Nothing was agreed.
	HeardNumberRefused struct{}
	// HeardSMS: whether the text has been handed to the sender.
	HeardSMS struct{ Sent bool }
	// HeardRecorded: the recording is over. Kept says that something was said; Fault that it could not be
	// recorded or kept.
	HeardRecorded struct{ Kept, Fault bool }
	// HeardServed: the agent has hung up, the caller is still there. The script answers with what he is
	// asked after a conversation (AskSurveyed keeps his answers); no answer ends the call.
	HeardServed struct{}
	// HeardGone: the caller has hung up. The script answers with the AskHangup that says how the call
	// counts (an emergency instruction that was being read is an emergency, not an abandonment); no
	// answer means abandoned.
	HeardGone struct{}
	// HeardFault: something the script asked for could not be done (missing prompt, dead media).
	HeardFault struct{}
)

func (HeardStart) isHeard()    {}
func (HeardSaid) isHeard()     {}
func (HeardKey) isHeard()      {}
func (HeardSilence) isHeard()  {}
func (HeardElapsed) isHeard()  {}
func (HeardQueued) isHeard()   {}
func (HeardRefused) isHeard()  {}
func (HeardClosing) isHeard()  {}
func (HeardTransfer) isHeard() {}
func (HeardLookup) isHeard()   {}
func (HeardSMS) isHeard()      {}

func (HeardNumberRefused) isHeard() {}

func (HeardFault) isHeard()    {}
func (HeardGone) isHeard()     {}
func (HeardRecorded) isHeard() {}
func (HeardServed) isHeard()   {}

// LookupOutcome is what a lookup answers.
type LookupOutcome string

// The outcomes. A person whose presence must not be confirmed is unknown.
const (
	LookupFound   LookupOutcome = "found"
	LookupUnknown LookupOutcome = "unknown"
	LookupError   LookupOutcome = "error" // no answer in time, or none that can be used
)

// Refusal says why a queue does not take or keep a call.
type Refusal string

// The refusals.
const (
	RefusedFull      Refusal = "full"        // as many waiting as allowed
	RefusedRatio     Refusal = "ratio"       // more waiting for each agent at work than allowed
	RefusedUnstaffed Refusal = "unstaffed"   // nobody at work could ever take it
	RefusedMaxWait   Refusal = "max_wait"    // waited as long as allowed
	RefusedClosed    Refusal = "closed"      // closing time
	RefusedStore     Refusal = "unavailable" // neither Redis nor this node's memory could take it
)

// Script is one call's walk through its scenario. Handle is pure in effect: it depends on the
// script's own state, the input and the scene, and touches nothing else. Node names where the walk
// is, for HeardStart after a restart; Path lists nodes and keys passed, without digits that a caller
// was asked for.
type Script interface {
	Handle(in Heard, at Scene) []Ask
	Node() string
	Path() []string
	// Kept is what the script must know again after a restart besides where it is: codes, nothing that
	// identifies the caller. It goes into Leg.Kept.
	Kept() string
	Lang() Lang
}
