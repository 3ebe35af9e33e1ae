package acd

import (
	"fmt"
	"io"
	"time"
)

// Scene is what a script may know of the world at the instant of an input. It is data: whoever hands it
// over never changes it afterwards, and a script reads nothing else of the world.
type Scene struct {
	Now    time.Time
	Caller CallerKind
	// Queues holds the figures of the queues that the scenarios ask for; a queue that is not there is
	// not known.
	Queues map[QueueID]Figures
	// Callable says that the number he calls from can be rung back.
	Callable bool
	// Pending is the callback that is kept for that number; nil for none.
	Pending *Pending
	// Agreed says that he has been promised a callback in this call.
	Agreed bool
	// Reopens is when the call's entry, which somebody has closed, opens again; zero where nobody has said.
	Reopens time.Time
	// Announced lists the announcements that are switched on for the call's entry, sorted.
	Announced []AnnouncementID
	// Waited is how long the call has waited in queues so far; zero before its first.
	Waited time.Duration
	// Standing is where the call stands among those who wait; nil while it does not wait, and where
	// nothing honest can be said.
	Standing *Standing
}

// Standing is where a waiting call stands.
type Standing struct {
	// Place is its place in the order, own place counted: in front of it are so many fewer, in whatever
	// queue, who may be given to the agents who may be given to it.
	Place int
	// Wait is how long it still waits, from now on; UnknownWait where nothing honest can be said.
	Wait time.Duration
}

// Pending is a callback that waits for its turn: where, and for what.
type Pending struct {
	Queue  QueueID
	Reason ReasonID
}

// SceneAt is the scene of which nothing but the instant is known.
func SceneAt(now time.Time) Scene { return Scene{Now: now} }

// Figures are what a scenario may ask of a queue.
type Figures struct {
	Agents  int // at work who could take a caller of the queue
	Waiting int
	// Wait is how long a caller who came now would wait, as it would be announced to him; UnknownWait
	// where nothing honest can be said.
	Wait time.Duration
}

// UnknownWait is the wait of which nothing honest can be said.
const UnknownWait = time.Duration(-1)

// CallerKind says who calls, as far as the trunk, the entry or the directory tell. The zero value means
// unknown.
type CallerKind string

// The kinds of caller.
const (
	CallerPatient      CallerKind = "patient"
	CallerRelative     CallerKind = "relative"
	CallerProfessional CallerKind = "professional"
	CallerInternal     CallerKind = "internal" // from the hospital's own telephones
	CallerRelay        CallerKind = "relay"    // through a relay service, or hard of hearing: long silences are no silence
	CallerUnknown      CallerKind = "unknown"
)

// CallerKinds lists all kinds.
func CallerKinds() []CallerKind {
	return []CallerKind{CallerPatient, CallerRelative, CallerProfessional, CallerInternal, CallerRelay, CallerUnknown}
}

// SceneWords are the words of conditions on a scene; no variable may be called so.
func SceneWords() []string {
	return []string{"lang", "caller", "queue", "position", "expected_wait", "waited", "and", "or", "not", "in", "true", "false", "nil", "return"}
}

// Keyed is what a caller keyed in when he was asked for digits. It prints as a mask, so that it cannot
// reach a log; Reveal is for the lookup that it was asked for, and for reading it back to him.
type Keyed struct{ digits string }

// KeyedDigits keeps digits.
func KeyedDigits(digits string) Keyed { return Keyed{digits} }

// Reveal returns the digits.
func (k Keyed) Reveal() string { return k.digits }

// String masks the value.
func (Keyed) String() string { return "[keyed]" }

// Format masks the value under every verb.
func (k Keyed) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalJSON masks the value.
func (Keyed) MarshalJSON() ([]byte, error) { return []byte(`"[keyed]"`), nil }
