package asterisk

import "time"

// Ending is why a leg that we called was never answered.
type Ending int

// The endings, in the words of DESIGN §6.
const (
	EndingFailed      Ending = iota // the network or a configuration: nobody's decision
	EndingBusy                      // 486, 480 at once, or a diversion (3xx): not a miss
	EndingRefused                   // 603: a person said no
	EndingNoAnswer                  // it rang and nobody came: a miss
	EndingUnreachable               // no registration, no such phone, or it does not reply
	EndingCleared                   // ended without a fault: by us, or another phone answered
)

func (e Ending) String() string {
	return [...]string{"failed", "busy", "refused", "no_answer", "unreachable", "cleared"}[e]
}

// rangBriefly separates a 480 that a phone sends by itself (do not disturb) from
// one that it sends when its own ring time is over.
const rangBriefly = 2 * time.Second

// CauseEnding translates ChannelDestroyed of an unanswered leg: cause is Q.850's
// number as Asterisk gives it, sipStatus the tech_cause (0 = none given), rang the
// time since the originate.
//
// The SIP status decides where there is one: Asterisk folds many statuses into one
// cause (res_pjsip.c, ARI 1.4). It is not always the phone's: when our own ring time
// is over, 22.10.1 says 480 too. Only rang tells that from "do not disturb".
func CauseEnding(cause, sipStatus int, rang time.Duration) Ending {
	switch sipStatus {
	case 486, 600:
		return EndingBusy
	case 300, 301, 302, 305, 380:
		// The phone wants its calls elsewhere, which our configuration refuses at once: who diverts is
		// away for a while, as with do not disturb, and has ignored nobody.
		return EndingBusy
	case 480:
		if rang < rangBriefly {
			return EndingBusy
		}
		return EndingNoAnswer
	case 603, 607, 608:
		return EndingRefused
	case 404, 410, 484, 604, 408: // 408: the phone did not even say 100
		return EndingUnreachable
	}
	switch cause {
	case 17: // user busy
		return EndingBusy
	case 21: // call rejected
		return EndingRefused
	case 19: // no answer from the user; also our own originate time-out
		return EndingNoAnswer
	case 1, 3, 18, 20, 22, 27, 28: // unallocated, no route, no user responding, absent, changed, out of order, bad number
		return EndingUnreachable
	case 16, 26: // normal clearing, answered elsewhere
		return EndingCleared
	}
	return EndingFailed
}
