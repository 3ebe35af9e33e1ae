package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

var (
	// ErrFenced is the answer to every command once another process has taken
	// over one of our applications. It is final: the process must stop.
	ErrFenced = errors.New("asterisk: another process has taken over this node's ARI application")

	// ErrNotConnected is the answer to a command whose deadline passed while the
	// connection was down, or not proven to be ours.
	ErrNotConnected = errors.New("asterisk: not connected")
)

// Error is a failed operation. It never holds what Asterisk answered in words,
// nor an id, a name or a number: those can be a caller's.
type Error struct {
	Op     string // name of the operation, such as ChannelAnswer
	Status int    // HTTP status; 0 = no answer came, so the effect is unknown
	Cause  error  // why no answer came, or why it could not be read; nil otherwise
}

func (e *Error) Error() string {
	switch {
	case e.Status == 0:
		return fmt.Sprintf("asterisk: %s: no answer: %v", e.Op, e.Cause)
	case e.Cause != nil:
		return fmt.Sprintf("asterisk: %s: unreadable answer: %v", e.Op, e.Cause)
	}
	return fmt.Sprintf("asterisk: %s: %d %s", e.Op, e.Status, http.StatusText(e.Status))
}

func (e *Error) Unwrap() error { return e.Cause }

// Status is the HTTP status of a failed operation, 0 when there is none.
func Status(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// IsNotFound: the channel, bridge, playback or application does not exist (any more).
func IsNotFound(err error) bool { return Status(err) == http.StatusNotFound }

// IsConflict: the object exists already, is not in Stasis, or was claimed by another.
func IsConflict(err error) bool { return Status(err) == http.StatusConflict }

// IsPrecondition: the channel's state does not allow it (not answered yet).
func IsPrecondition(err error) bool { return Status(err) == http.StatusPreconditionFailed }

// IsUnprocessable: well formed, but not possible for this object.
func IsUnprocessable(err error) bool { return Status(err) == http.StatusUnprocessableEntity }

// IsServerError: Asterisk answered 5xx. An originate to a phone without a
// registration gives 500; see [Telephony.Originate].
func IsServerError(err error) bool { return Status(err) >= 500 }

// IsUnknownOutcome: the command was or was not executed; nobody knows. Repeat it
// with the same ids or look at the present state.
func IsUnknownOutcome(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == 0
}

// IsDeadline: the operation ran into its deadline.
func IsDeadline(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
