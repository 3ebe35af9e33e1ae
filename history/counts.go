package history

import (
	"fmt"
	"time"

	"accueil/acd"
)

// Misdial bounds M: a caller who hung up in the menu within this time of arriving had dialled wrong.
const Misdial = 5 * time.Second

// Counts are the letters of a group of legs, with those sub-counts that depend on the reader's
// threshold for short abandonments.
type Counts struct {
	Received int `json:"received"` // R: all that arrived, closed hours and emergencies included
	H        int `json:"h"`        // arrived in opening hours, emergencies taken out
	Q        int `json:"q"`        // entered a queue
	A        int `json:"a"`
	B        int `json:"b"`
	Bs       int `json:"bs"` // abandoned within the short bound
	Bl       int `json:"bl"` // abandoned beyond it
	K        int `json:"k"`
	Kr       int `json:"kr"`
	O        int `json:"o"`
	Oa       int `json:"oa"`
	E        int `json:"e"`
	X        int `json:"x"`
	M        int `json:"m"` // of X: within Misdial
	S        int `json:"s"`
	D        int `json:"d"`
	V        int `json:"v"`
	T        int `json:"t"`
	F        int `json:"f"`

	Closed    int `json:"closed"`
	Emergency int `json:"emergency"`
	// Flagged heard the emergency instruction, whatever came of it.
	Flagged int `json:"emergency_flag"`
	// EnteredByOverflow were first in another queue, in whose figures they are.
	EnteredByOverflow int `json:"entered_by_overflow"`
	// Transfers are legs after the first; Returns those of them that came back unanswered.
	Transfers int `json:"transfers"`
	Returns   int `json:"returns"`
	// LostAfterTransfer are contacts that an agent had answered and that gave up after being handed on.
	LostAfterTransfer int `json:"lost_after_transfer"`

	Outcomes map[acd.Outcome]int `json:"outcomes"`
}

// add counts one record. H and Q are counted from what happened, not from the letters, so that Check
// has something to check.
func (c *Counts) add(r Record, short time.Duration) {
	if c.Outcomes == nil {
		c.Outcomes = map[acd.Outcome]int{}
	}
	c.Outcomes[r.Outcome]++
	c.Received++
	if r.Flagged {
		c.Flagged++
	}
	urgent := r.Outcome == acd.Emergency
	if !urgent && (r.Queued() || r.Outcome != acd.Closed) {
		c.H++
	}
	if !urgent && r.Queued() {
		c.Q++
	}
	c.letter(r, short)
}

func (c *Counts) letter(r Record, short time.Duration) {
	switch r.Letter() {
	case LetterA:
		c.A++
	case LetterB:
		c.B++
		if r.Wait() <= short {
			c.Bs++
		} else {
			c.Bl++
		}
	case LetterK:
		c.K++
		if r.Reached() {
			c.Kr++
		}
	case LetterO:
		c.O++
		if !r.Bridged.Never() { // by the other side: a message that was called back later is no answered overflow
			c.Oa++
		}
	case LetterE:
		c.E++
	case LetterX:
		c.X++
		if between(r.Arrived, r.Ended) <= Misdial {
			c.M++
		}
	case LetterS:
		c.S++
	case LetterD:
		c.D++
	case LetterV:
		c.V++
	case LetterT:
		c.T++
	case LetterF:
		c.F++
	case Closed:
		c.Closed++
	case Urgent:
		c.Emergency++
	}
}

// ErrIdentity says that the letters of a group do not add up: the report is wrong and is not given.
type ErrIdentity struct {
	Group, Identity string
	Left, Right     int
}

func (e ErrIdentity) Error() string {
	return fmt.Sprintf("group %q: %s does not hold (%d, %d)", e.Group, e.Identity, e.Left, e.Right)
}

// Check verifies the identities of KPI.md on the counts of the named group.
func (c Counts) Check(group string) error {
	for _, id := range []struct {
		name        string
		left, right int
	}{
		{"R = H + closed + emergency", c.Received, c.H + c.Closed + c.Emergency},
		{"H = Q + X + S + D + V + T + F", c.H, c.Q + c.X + c.S + c.D + c.V + c.T + c.F},
		{"Q = A + B + K + O + E", c.Q, c.A + c.B + c.K + c.O + c.E},
		{"B = Bs + Bl", c.B, c.Bs + c.Bl},
	} {
		if id.left != id.right {
			return ErrIdentity{group, id.name, id.left, id.right}
		}
	}
	return nil
}
