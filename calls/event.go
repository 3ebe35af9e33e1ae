package calls

import (
	"time"

	"accueil/acd"
)

// Event is one thing that happened to a contact.
type Event interface{ isEvent() }

type (
	// evBegin starts the life of a newly arrived caller.
	evBegin struct{}
	// evArrived: the caller's channel has entered our application.
	evArrived struct{}
	// evGone: a channel ended. Early is whether it ended unanswered.
	evGone struct {
		Channel string
		Ending  acd.Ending // of an unanswered ring
		Media   bool       // ended because its audio stopped
		Net     bool       // not ended: the dialplan's safety net has taken it
		Crash   bool       // Asterisk itself has died, and every call with it
	}
	// evLeaving: the other side of a channel has hung up; evGone follows when Asterisk has cleared it.
	evLeaving struct{ Channel string }
	// evUp: a channel that we rang was answered.
	evUp struct{ Channel string }
	// evKey: a key was pressed.
	evKey struct {
		Channel string
		Digit   byte
	}
	// evPlayed: a playback ended, by itself or stopped.
	evPlayed struct {
		Playback string
		Failed   bool
	}
	// evEntered: a channel was seen entering a bridge.
	evEntered struct{ Bridge, Channel string }
	// evHold: a phone has pressed its own hold button, or released it.
	evHold struct {
		Channel string
		On      bool
	}
	// evHeard: so many audio packets have come from the channel.
	evHeard struct {
		Channel string
		Packets int
	}
	// evLog: an entry of the log touched a leg of this contact.
	evLog struct {
		Kind     acd.Kind
		Leg      acd.Leg
		Possible acd.Instant // of a claim: when the two could first be joined
	}
	// evEnqueued: the decision to queue was answered.
	evEnqueued struct {
		Err   error
		Moved acd.QueueID // where a supervisor wanted him; empty for the caller's own wish
	}
	// evLookup: a lookup has answered.
	evLookup struct {
		Question int
		Heard    acd.HeardLookup
	}
	// evSMS: the sender has taken a text, or not.
	evSMS struct {
		Question int
		Sent     bool
	}
	// evTick: time has passed; the machine looks at its deadlines.
	evTick struct{}
	// evTransfer: somebody asks to hand the caller on. Reply gets exactly one value.
	evTransfer struct {
		Request TransferRequest
		Reply   chan<- error
	}
	// evDeserted: everybody has left who could take the caller from the queue that he waits in.
	evDeserted struct {
		Leg   acd.LegID
		Queue acd.QueueID
	}
	// evFault: an action could not be carried out.
	evFault struct {
		Action Action
		Err    error
	}
	// evRestored: the machine was rebuilt after an outage from the leg's image and the channels found.
	evRestored struct{ Found Found }
)

func (evBegin) isEvent()    {}
func (evArrived) isEvent()  {}
func (evGone) isEvent()     {}
func (evLeaving) isEvent()  {}
func (evUp) isEvent()       {}
func (evKey) isEvent()      {}
func (evPlayed) isEvent()   {}
func (evEntered) isEvent()  {}
func (evHold) isEvent()     {}
func (evHeard) isEvent()    {}
func (evLog) isEvent()      {}
func (evEnqueued) isEvent() {}
func (evLookup) isEvent()   {}
func (evSMS) isEvent()      {}
func (evTick) isEvent()     {}
func (evTransfer) isEvent() {}
func (evDeserted) isEvent() {}
func (evFault) isEvent()    {}
func (evRestored) isEvent() {}

// Action is one thing to be done for a contact, in order.
type Action interface{ isAction() }

type (
	doAnswer struct{ Channel string }
	// doPlay speaks; NameFirst asks for the caller's name, in Lang, before the rest.
	doPlay struct {
		Channel, Playback string
		Media             []string
		NameFirst         bool
		Lang              acd.Lang
	}
	doStopPlay  struct{ Playback string }
	doMusic     struct{ Channel, Class string }
	doStopMusic struct{ Channel string }
	doRing      struct {
		Channel  string
		Endpoint Endpoint
		Timeout  time.Duration
		Leg      acd.Leg
		Possible acd.Instant // when the two could first be joined; zero for extensions
	}
	doHangup struct {
		Channel string
		Why     HangupWhy
	}
	doCreateBridge struct{ Bridge string }
	doJoin         struct {
		Bridge   string
		Channels []string
	}
	doLeave struct {
		Bridge   string
		Channels []string
	}
	doDropBridge struct{ Bridge string }
	// doNet re-arms the safety net; Beside does not wait for it.
	doNet struct {
		Channel string
		For     time.Duration
		Beside  bool
	}
	doToNet  struct{ Channel string }
	doState  struct{ Channel, State string }
	doListen struct{ Channel string } // ask how much audio has come: evHeard
	// doRecord tells a fact; doEnqueue asks for a place: evEnqueued.
	doRecord struct {
		Kind  acd.Kind
		Build func(*acd.Tx) error
	}
	doEnqueue struct {
		Leg      acd.LegID
		Queueing acd.Queueing
		Hold     acd.Instant // until when the caller is kept for who has dealt with him lately; zero: not at all
		Move     *move       // a supervisor's wish; nil for the caller's own
		Resumes  acd.LegID   // the callback whose place it takes; empty for none
	}
	// move is a supervisor's wish that a caller wait in another queue. Reply gets exactly one value.
	move struct {
		By    string
		Reply chan<- error
	}
	// doLookup asks about the caller: evLookup. doSMS hands a text to the sender: evSMS.
	doLookup struct {
		Question int
		Ask      acd.AskLookup
	}
	doSMS struct {
		Question int
		Text     string
		Lang     acd.Lang
	}
	// doCall rings the person whom the leg calls back.
	doCall struct {
		Channel string
		Timeout time.Duration
		Leg     acd.Leg
	}
	// doFinish ends the actor: nothing of the contact is left.
	doFinish struct{}
)

func (doAnswer) isAction()       {}
func (doPlay) isAction()         {}
func (doStopPlay) isAction()     {}
func (doMusic) isAction()        {}
func (doStopMusic) isAction()    {}
func (doRing) isAction()         {}
func (doHangup) isAction()       {}
func (doCreateBridge) isAction() {}
func (doJoin) isAction()         {}
func (doLeave) isAction()        {}
func (doDropBridge) isAction()   {}
func (doNet) isAction()          {}
func (doToNet) isAction()        {}
func (doState) isAction()        {}
func (doListen) isAction()       {}
func (doRecord) isAction()       {}
func (doEnqueue) isAction()      {}
func (doLookup) isAction()       {}
func (doSMS) isAction()          {}
func (doCall) isAction()         {}
func (doFinish) isAction()       {}
