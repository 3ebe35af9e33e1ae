package acd

import (
	"fmt"
	"slices"
)

// LegState is where a leg stands (DESIGN §4, CONTRACT HTTP).
type LegState string

// The states of a leg.
const (
	LegArrived    LegState = "arrived"
	LegMenu       LegState = "menu"
	LegQueued     LegState = "queued"
	LegOffered    LegState = "offered"
	LegBriefing   LegState = "briefing"
	LegTalking    LegState = "talking"
	LegHeld       LegState = "held"
	LegRingingOut LegState = "ringing_out"
	LegCallback   LegState = "callback"
	LegVoicemail  LegState = "voicemail"
	LegSurvey     LegState = "survey"
	LegEnded      LegState = "ended"
)

// LegStates lists every state.
var LegStates = []LegState{LegArrived, LegMenu, LegQueued, LegOffered, LegBriefing, LegTalking, LegHeld,
	LegRingingOut, LegCallback, LegVoicemail, LegSurvey, LegEnded}

// LegInput is what moves a leg.
type LegInput string

// The inputs of a leg.
const (
	LegStarts     LegInput = "scenario_starts"
	LegChooses    LegInput = "queue_chosen" // also another queue, and the return of a transfer
	LegClaimed    LegInput = "claimed"
	LegAnswered   LegInput = "agent_answered"
	LegOfferEnds  LegInput = "offer_ended" // any ending but accepted; caller_gone when he was moved, not lost
	LegJoined     LegInput = "bridged"
	LegHolds      LegInput = "hold"
	LegResumes    LegInput = "resume"
	LegToMenu     LegInput = "to_menu" // key 9 while queued, or a named way after an unanswered transfer
	LegRingsOut   LegInput = "rings_out"
	LegMediaLost  LegInput = "media_lost" // the agent's side went dead: back to the queue, with an apology
	LegToMessage  LegInput = "voicemail_chosen"
	LegToCallback LegInput = "callback_chosen"
	LegCallsBack  LegInput = "call_back" // an offer ended, or an attempt, and the person has still to be called
	LegToSurvey   LegInput = "survey_starts"
	LegEnds       LegInput = "ends"
)

// LegInputs lists every input.
var LegInputs = []LegInput{LegStarts, LegChooses, LegClaimed, LegAnswered, LegOfferEnds, LegJoined, LegHolds, LegResumes,
	LegToMenu, LegRingsOut, LegMediaLost, LegToMessage, LegToCallback, LegCallsBack, LegToSurvey, LegEnds}

// legTable is the whole life of a leg: state, input, next state. Everything absent is illegal for a
// decision and an anomaly for a fact. docs/states.md draws it.
var legTable = map[LegState]map[LegInput]LegState{
	LegArrived: {LegStarts: LegMenu, LegEnds: LegEnded},
	LegMenu: {LegChooses: LegQueued, LegRingsOut: LegRingingOut, LegToMessage: LegVoicemail,
		LegToCallback: LegCallback, LegEnds: LegEnded},
	LegQueued: {LegClaimed: LegOffered, LegChooses: LegQueued, LegToMenu: LegMenu, LegRingsOut: LegRingingOut,
		LegToMessage: LegVoicemail, LegToCallback: LegCallback, LegEnds: LegEnded},
	LegOffered:  {LegAnswered: LegBriefing, LegOfferEnds: LegQueued, LegCallsBack: LegCallback, LegEnds: LegEnded},
	LegBriefing: {LegJoined: LegTalking, LegOfferEnds: LegQueued, LegCallsBack: LegCallback, LegEnds: LegEnded},
	LegTalking: {LegHolds: LegHeld, LegMediaLost: LegQueued, LegToSurvey: LegSurvey,
		LegEnds: LegEnded},
	LegHeld: {LegResumes: LegTalking, LegMediaLost: LegQueued, LegToSurvey: LegSurvey,
		LegEnds: LegEnded},
	LegRingingOut: {LegJoined: LegTalking, LegChooses: LegQueued, LegToMenu: LegMenu, LegEnds: LegEnded},
	LegCallback:   {LegClaimed: LegOffered, LegEnds: LegEnded},
	LegVoicemail:  {LegToMessage: LegVoicemail, LegChooses: LegQueued, LegRingsOut: LegRingingOut, LegEnds: LegEnded},
	LegSurvey:     {LegEnds: LegEnded},
	LegEnded:      {},
}

// outcomesIn lists the outcomes that a leg may end with, by the state it ends in.
var outcomesIn = map[LegState][]Outcome{
	LegArrived:    {Abandoned, Overflow, Closed, Failed},
	LegMenu:       {SelfServed, Abandoned, Voicemail, CalledBack, Overflow, TransferredOut, Closed, Dissuaded, Emergency, Failed},
	LegQueued:     {Abandoned, CalledBack, Voicemail, Overflow, TransferredOut, Closed, Dissuaded, Emergency, Failed},
	LegOffered:    {Abandoned, Overflow, Failed},
	LegBriefing:   {Abandoned, Overflow, Failed},
	LegTalking:    {Answered, TransferredOut, Overflow, Failed},
	LegHeld:       {Answered, TransferredOut, Overflow, Failed},
	LegRingingOut: {Abandoned, TransferredOut, Overflow, Dissuaded, Failed},
	LegCallback:   {CalledBack, Failed},
	LegVoicemail:  {Voicemail, Abandoned, Overflow, Closed, Dissuaded, Emergency, Failed},
	LegSurvey:     {Answered, Failed},
}

// waiting reports whether a leg in this state holds a place in a queue.
func (s LegState) waiting() bool { return s == LegQueued || s == LegOffered || s == LegBriefing }

// served reports whether an agent may hold a leg in this state.
func (s LegState) served() bool {
	return s == LegOffered || s == LegBriefing || s == LegTalking || s == LegHeld
}

// ErrIllegal says that the table has no row for an input in a state.
type ErrIllegal struct {
	What, ID, State, Input string
}

func (e ErrIllegal) Error() string {
	return fmt.Sprintf("%s %s: %s is not possible while %s", e.What, e.ID, e.Input, e.State)
}

// NextLegState returns the state after the input, and whether the table has such a row.
func NextLegState(s LegState, in LegInput) (LegState, bool) {
	n, ok := legTable[s][in]
	return n, ok
}

// LegStatesFor lists the states in which the input is legal, in the order of LegStates: what a
// script is given as its allowed from-states, so that no second table exists.
func LegStatesFor(in LegInput) []LegState {
	var out []LegState
	for _, s := range LegStates {
		if _, ok := legTable[s][in]; ok {
			out = append(out, s)
		}
	}
	return out
}

// MayEnd reports whether a leg in state s may end with outcome o.
func MayEnd(s LegState, o Outcome) bool { return slices.Contains(outcomesIn[s], o) }
