package acd

import "time"

// CallerRef stands for a caller's number: a keyed hash, equal for equal numbers of one site. It does
// not tell the number to who has not the key, and is personal data all the same, since numbers can be
// tried one by one: it goes to its own key in the store, never into an image, an entry or a log.
type CallerRef string

// AcquaintanceAge is how long it is known who answered a caller for a reason (DESIGN §6).
const AcquaintanceAge = 24 * time.Hour

// Acquaintance is an agent who has dealt with a caller, and when their conversation ended.
type Acquaintance struct {
	Agent AgentID
	At    Instant
}

// Lasts reports whether the acquaintance still counts at now.
func (a Acquaintance) Lasts(now Instant) bool {
	return a.Agent != "" && now.Sub(a.At) < AcquaintanceAge
}
