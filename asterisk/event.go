package asterisk

import (
	"encoding/json"
	"errors"
	"time"
)

// Event is one of the generated event types (pointers: *StasisStart,
// *ChannelDestroyed…) or *UnknownEvent. Use a type switch.
type Event interface {
	// EventType is ARI's name of it, such as StasisStart.
	EventType() string
	// App is the application that it was sent to.
	App() string
	// ReceivedAt is when our reader had it, with Go's monotonic clock: the t0 of
	// what follows. Asterisk's own instant is EventData.Timestamp.
	ReceivedAt() time.Time
	// Generation numbers the connection that brought it, from 1.
	Generation() uint64
	// ChannelIDs and BridgeIDs list what it is about, each id once.
	ChannelIDs() []string
	BridgeIDs() []string

	data() *EventData
}

// EventData is what every event has.
type EventData struct {
	Type        string   `json:"type"`
	AsteriskID  string   `json:"asterisk_id,omitempty"`
	Application string   `json:"application"`
	Timestamp   DateTime `json:"timestamp"`

	receivedAt time.Time
	generation uint64
}

// The methods below implement [Event].

func (d *EventData) EventType() string     { return d.Type }
func (d *EventData) App() string           { return d.Application }
func (d *EventData) ReceivedAt() time.Time { return d.receivedAt }
func (d *EventData) Generation() uint64    { return d.generation }
func (d *EventData) ChannelIDs() []string  { return nil }
func (d *EventData) BridgeIDs() []string   { return nil }
func (d *EventData) data() *EventData      { return d }

// String names the type and the application, nothing of the call.
func (d *EventData) String() string { return d.Type + " for " + d.Application }

// UnknownEvent is an event of a type that this package was not generated with,
// or one that could not be read. Raw is its cleaned JSON.
type UnknownEvent struct {
	EventData
	Raw json.RawMessage
}

// Notes tell what was odd about a decoded event. They are counted, never fatal.
type Notes struct {
	UnknownType  bool // an *UnknownEvent came out
	UnknownField bool // at least one field that the description does not know
	Misshapen    bool // at least one field had another type and stayed empty
	Cleaned      bool // control characters were removed or a long text was cut
}

// maxEventText bounds one string of an event, in bytes as written in JSON. Our own
// longest is the packed CC_STATE variable, 512.
const maxEventText = 1024

// Decode reads one websocket message. The only error is a message that is not a
// JSON object with a type; even then nothing needs to stop.
func Decode(message []byte) (Event, Notes, error) {
	var notes Notes
	text, changed := clean(message, maxEventText)
	notes.Cleaned = changed
	var head struct {
		Type json.RawMessage `json:"type"`
	}
	var name string
	if json.Unmarshal(text, &head) != nil || json.Unmarshal(head.Type, &name) != nil || name == "" {
		return nil, notes, errors.New("asterisk: a message that is not an event")
	}
	empty, known := newEvent[name]
	if !known {
		notes.UnknownType = true
		unknown := &UnknownEvent{Raw: text}
		note(&notes, decodeStrict(text, &unknown.EventData))
		notes.UnknownField = false // of course it has some
		unknown.Type = name
		return unknown, notes, nil
	}
	event := empty()
	note(&notes, decodeStrict(text, event))
	event.data().Type = name
	return event, notes, nil
}

// note sorts an error of decodeStrict.
func note(notes *Notes, err error) {
	if err == nil {
		return
	}
	if _, shape := errors.AsType[*json.UnmarshalTypeError](err); shape {
		notes.Misshapen = true
		return
	}
	notes.UnknownField = true
}
