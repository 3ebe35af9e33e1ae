package history

import "accueil/acd"

// Letter is the place of a leg in the count of a day (KPI.md, From outcomes to letters).
type Letter string

// The letters. H = Q + X + S + D + V + T + F and Q = A + B + K + O + E; Closed and Urgent are outside H.
const (
	LetterA  Letter = "A" // bridged to an agent
	LetterB  Letter = "B" // the caller hung up after entering a queue
	LetterK  Letter = "K" // left the queue for a callback
	LetterO  Letter = "O" // left the queue by our doing: limit, message, other service
	LetterE  Letter = "E" // failed after entering a queue
	LetterX  Letter = "X" // hung up in the menu
	LetterS  Letter = "S" // served by the menu
	LetterD  Letter = "D" // told to call later
	LetterV  Letter = "V" // left a message or a request from the menu
	LetterT  Letter = "T" // transferred out of the menu
	LetterF  Letter = "F" // failed before any queue
	Closed   Letter = "closed"
	Urgent   Letter = "emergency"
	NoLetter Letter = "" // a transfer leg that saw no queue: in no figure of calls
)

// Classify returns the letter of a leg by its outcome, the phase in which it ended and whether it
// ever entered a queue.
//
// The phase alone would not do. Who has entered a queue is in Q whatever menu he heard afterwards
// (key 9, a way named for limits), so his leg must end in A, B, K, O or E: a caller told to call
// later after ten minutes of waiting is an overflow, otherwise refusing late would improve the rate
// of answers. Conversely, who never entered a queue is in none of these: the safety net that
// answered before the menu is F (the controller was away), an extension reached from the menu is T.
// An outcome that this version does not know counts as a failure, so that the identities hold on
// any input.
func Classify(o acd.Outcome, phase acd.LegState, queued bool) Letter {
	if o == acd.Emergency {
		return Urgent
	}
	if queued {
		switch o {
		case acd.Answered:
			return LetterA
		case acd.Abandoned:
			return LetterB
		case acd.CalledBack:
			return LetterK
		case acd.Overflow, acd.Voicemail, acd.TransferredOut, acd.Dissuaded, acd.Closed, acd.SelfServed:
			return LetterO
		}
		return LetterE
	}
	switch o {
	case acd.Abandoned:
		return LetterX
	case acd.SelfServed:
		return LetterS
	case acd.Dissuaded:
		return LetterD
	case acd.Voicemail, acd.CalledBack:
		return LetterV
	case acd.TransferredOut, acd.Answered:
		return LetterT
	case acd.Closed:
		return Closed
	case acd.Overflow:
		if phase != acd.LegArrived {
			return LetterT
		}
	}
	return LetterF
}

// Letter returns the record's letter. A transfer leg that never entered a queue (it rang an
// extension) has none: its contact is counted once, at its first leg.
func (r Record) Letter() Letter {
	if !r.Initial() && !r.Queued() {
		return NoLetter
	}
	return Classify(r.Outcome, r.Phase, r.Queued())
}

// Reached reports whether a callback was connected (Kr).
func (r Record) Reached() bool { return !r.Bridged.Never() || !r.CalledBack.Never() }
