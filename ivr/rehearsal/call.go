package rehearsal

import (
	"cmp"
	"slices"
	"time"

	"accueil/acd"
)

// World is what surrounds a rehearsed call.
type World struct {
	// Closed: the entry is closed exceptionally, as by *70 or the API.
	Closed bool
	// Refuse says how a queue answers who asks for a place: why not, or "" to take him. Nil takes all.
	Refuse func(acd.QueueID) acd.Refusal
	// Shut reports whether the queue takes nobody with the reason then, because of its hours; nil never.
	Shut func(acd.QueueID, acd.ReasonID, time.Time) bool
	// Extension is how a ringing extension ends; acd.Accepted or "" means that somebody answers.
	Extension acd.Ending
	// Scene is what the scenario may know: who calls, figures of queues, announcements that are on, where
	// he stands when he waits. Its instant is the call's own, and so is how long he has waited.
	Scene acd.Scene
	// Lookup is what every lookup answers; "" is an error.
	Lookup acd.LookupOutcome
	// Queue names the queue of a reason, for asks that name none.
	Queue func(acd.ReasonID) acd.QueueID
	// Length is how long prompts take to say; nil: no time.
	Length func(acd.Lang, []acd.Prompt) time.Duration
}

// Kind says what an event is.
type Kind string

// The kinds of events, in the order of a call's life.
const (
	Heard     Kind = "heard"     // the caller hears Prompts
	Pressed   Kind = "pressed"   // he presses Key
	Silent    Kind = "silent"    // he is asked for a key and presses none
	Language  Kind = "language"  // Lang is spoken from here on
	Emergency Kind = "emergency" // the emergency instruction was reached: the contact is marked
	Asked     Kind = "asked"     // a place is asked for: Queue, Reason, Points
	Queued    Kind = "queued"    // the place is given
	Refused   Kind = "refused"   // it is not, or taken back: Why
	Left      Kind = "left"      // the place is kept while he hears something else
	Music     Kind = "music"     // he hears music, for For when that is set
	Rings     Kind = "rings"     // an extension rings: To
	Unheeded  Kind = "unheeded"  // it was not answered: Why
	Talks     Kind = "talks"     // he talks with an agent, or with To
	Records   Kind = "records"   // he is recorded, for at most For
	Spoke     Kind = "spoke"     // he has left a message, or a comment
	Scored    Kind = "scored"    // he answers the survey: Why is "csat" or "nps", Points the score
	Ended     Kind = "ended"     // the call ends: Outcome, Why
)

// Event is one thing that happened to a rehearsed call. Which fields are set, its kind says.
type Event struct {
	At      time.Time
	Kind    Kind
	Node    string // where the walk is then
	Prompts []acd.Prompt
	Key     string
	Lang    acd.Lang
	Queue   acd.QueueID
	Reason  acd.ReasonID
	Points  int
	To      string
	For     time.Duration
	Why     string
	Outcome acd.Outcome
}

// Awaits is what a call needs to go on.
type Awaits int

// What a call may await.
const (
	Speech  Awaits = iota // nothing: words are being said, then it goes on by itself
	Key                   // a key, or silence
	Agent                 // an agent: the caller has a place
	Nobody                // it is over
	Message               // what the caller says: he is recorded
)

// Call is one call being rehearsed. It is not safe for concurrent use.
type Call struct {
	Events []Event

	script   acd.Script
	world    World
	now      time.Time
	lang     acd.Lang
	saying   []acd.Prompt // being said
	after    acd.Ask      // what follows it: AskListen, AskWait or nil
	place    *acd.AskQueue
	since    time.Time // when he had his first place; zero before
	over     bool
	overflow bool // the last answer of a queue was no
	message  bool // he has left one
	served   bool // he has talked with an agent
	depth    int
}

// maxDepth bounds answers that follow each other without the caller; Prove forbids longer ways.
const maxDepth = 200

// Begin starts the call at an instant.
func Begin(script acd.Script, world World, at time.Time) *Call {
	c := &Call{script: script, world: world, now: at, lang: script.Lang()}
	if world.Closed {
		c.hear(acd.HeardRefused{Why: acd.RefusedClosed})
	} else {
		c.hear(acd.HeardStart{})
	}
	return c
}

// Now is the call's own clock.
func (c *Call) Now() time.Time { return c.now }

// Node names where the walk is.
func (c *Call) Node() string { return c.script.Node() }

// Lang is the language spoken.
func (c *Call) Lang() acd.Lang { return c.lang }

// Place is the queue and reason that the caller waits for.
func (c *Call) Place() (queue acd.QueueID, reason acd.ReasonID, ok bool) {
	if c.place == nil {
		return "", "", false
	}
	return c.queueOf(*c.place), c.place.Reason, true
}

// Outcome is how the call ended, "" while it goes on.
func (c *Call) Outcome() acd.Outcome {
	if n := len(c.Events); c.over && n > 0 {
		return c.Events[n-1].Outcome
	}
	return ""
}

// Awaits says what the call needs now. Words must be let pass first, or cut short by a key.
func (c *Call) Awaits() Awaits {
	_, listens := c.after.(acd.AskListen)
	_, records := c.after.(acd.AskRecord)
	switch {
	case c.over:
		return Nobody
	case records:
		return Message
	case len(c.saying) > 0 && c.after == nil:
		return Speech
	case listens:
		return Key
	case c.place != nil:
		return Agent
	}
	return Speech
}

// Press is a key at this moment, also in the middle of words.
func (c *Call) Press(key byte) {
	if c.over {
		return
	}
	c.tell(Event{Kind: Pressed, Key: string(key)})
	c.hear(acd.HeardKey{Key: key})
}

// Pass lets what goes on come to its end without the caller doing anything: words, the time to press
// a key, a stretch of music.
func (c *Call) Pass() {
	if c.over {
		return
	}
	words := c.length()
	c.now = c.now.Add(words)
	c.saying = nil
	switch after := c.after.(type) {
	case acd.AskListen:
		c.now = c.now.Add(after.For)
		c.tell(Event{Kind: Silent, For: after.For})
		c.hear(acd.HeardSilence{})
	case acd.AskWait:
		c.now = c.now.Add(after.For)
		c.tell(Event{Kind: Music, For: after.For})
		c.hear(acd.HeardElapsed{})
	case acd.AskRecord:
		c.now = c.now.Add(after.Silence)
		c.tell(Event{Kind: Silent, For: after.Silence})
		c.hear(acd.HeardRecorded{})
	default:
		c.hear(acd.HeardSaid{})
	}
}

// Speak lets the caller say something where he is recorded; false where he is not.
func (c *Call) Speak() bool {
	record, ok := c.after.(acd.AskRecord)
	if c.over || !ok {
		return false
	}
	c.now = c.now.Add(c.length() + record.Min)
	c.saying = nil
	c.tell(Event{Kind: Spoke})
	c.message = !c.served // else it is a comment
	c.hear(acd.HeardRecorded{Kept: true})
	return true
}

// Answer lets an agent take the waiting caller, talk with him and hang up; false when he does not wait.
func (c *Call) Answer() bool {
	if c.over || c.place == nil {
		return false
	}
	queue, reason, _ := c.Place()
	c.tell(Event{Kind: Talks, Queue: queue, Reason: reason})
	c.served, c.place, c.saying, c.after = true, nil, nil, nil
	if asks := c.script.Handle(acd.HeardServed{}, c.scene()); len(asks) > 0 {
		c.carryOut(asks)
		return true
	}
	c.end(acd.Answered, "")
	return true
}

// GiveUp lets the queue take the place back because the caller has waited as long as allowed; false
// when he does not wait.
func (c *Call) GiveUp() bool { return c.giveUp(acd.RefusedMaxWait) }

// Close lets closing time come, of which the waiting caller hears, and the time after it pass; false when
// he does not wait.
func (c *Call) Close() bool {
	if c.over || c.place == nil {
		return false
	}
	c.hear(acd.HeardClosing{})
	return c.giveUp(acd.RefusedClosed)
}

func (c *Call) giveUp(why acd.Refusal) bool {
	if c.over || c.place == nil {
		return false
	}
	c.place = nil
	c.overflow = true
	c.tell(Event{Kind: Refused, Why: string(why)})
	c.hear(acd.HeardRefused{Why: why})
	return true
}

// HangUp lets the caller leave.
func (c *Call) HangUp() {
	if c.over {
		return
	}
	for _, a := range c.script.Handle(acd.HeardGone{}, c.scene()) {
		if h, ok := a.(acd.AskHangup); ok {
			c.end(h.Outcome, h.Reason)
			return
		}
	}
	c.end(acd.Abandoned, "")
}

func (c *Call) scene() acd.Scene {
	s := c.world.Scene
	s.Now = c.now
	if s.Waited = 0; !c.since.IsZero() {
		s.Waited = c.now.Sub(c.since)
	}
	if c.place == nil {
		s.Standing = nil
	}
	return s
}

func (c *Call) tell(e Event) {
	e.At, e.Node = c.now, c.script.Node()
	if e.Lang == "" {
		e.Lang = c.lang
	}
	c.Events = append(c.Events, e)
}

func (c *Call) end(o acd.Outcome, why string) {
	switch {
	case c.served:
		o = acd.Answered
	case c.message && slices.Contains([]acd.Outcome{acd.SelfServed, acd.Abandoned, acd.Closed, acd.Dissuaded}, o):
		o = acd.Voicemail
	}
	c.over, c.saying, c.after, c.place = true, nil, nil, nil
	c.tell(Event{Kind: Ended, Outcome: o, Why: why})
}

func (c *Call) queueOf(q acd.AskQueue) acd.QueueID {
	if q.Queue == "" && c.world.Queue != nil {
		return c.world.Queue(q.Reason)
	}
	return q.Queue
}

func (c *Call) length() time.Duration {
	if c.world.Length == nil || len(c.saying) == 0 {
		return 0
	}
	return c.world.Length(c.lang, c.saying)
}

// hear hands the script one input and carries out its answer, as the call's actor does.
func (c *Call) hear(in acd.Heard) {
	if c.depth++; c.depth > maxDepth {
		c.end(acd.Failed, "goes round")
		return
	}
	defer func() { c.depth-- }()
	asks := c.script.Handle(in, c.scene())
	if len(asks) == 0 {
		return // what goes on goes on
	}
	if _, queued := in.(acd.HeardQueued); !queued {
		c.saying = nil
	}
	c.carryOut(asks)
}

func (c *Call) carryOut(asks []acd.Ask) {
	c.after = nil
	var next acd.Heard // what the world answers
	for _, a := range asks {
		switch a := a.(type) {
		case acd.AskSay:
			c.saying = append(slices.Clip(c.saying), a.Prompts...)
			c.tell(Event{Kind: Heard, Prompts: a.Prompts})
		case acd.AskListen, acd.AskWait:
			c.after = a
		case acd.AskRecord:
			c.after = a
			c.tell(Event{Kind: Records, For: a.Max})
		case acd.AskSurveyed:
			c.scored(a.Answer)
		case acd.AskLanguage:
			c.lang = a.Lang
			c.tell(Event{Kind: Language})
		case acd.AskFlag:
			c.tell(Event{Kind: Emergency})
		case acd.AskQueue:
			next = c.ask(a)
		case acd.AskLeaveQueue:
			c.tell(Event{Kind: Left})
			c.place = nil
		case acd.AskTransfer:
			next = c.ring(a)
		case acd.AskLookup:
			c.now = c.now.Add(a.For)
			next = acd.HeardLookup{Outcome: cmp.Or(c.world.Lookup, acd.LookupError)}
		case acd.AskSMS:
			next = acd.HeardSMS{} // nothing is sent from a rehearsal
		case acd.AskHangup:
			c.end(a.Outcome, a.Reason)
		}
		if c.over {
			return
		}
	}
	if next != nil {
		c.hear(next)
	}
}

func (c *Call) scored(s acd.Survey) {
	if s.CSAT > 0 {
		c.tell(Event{Kind: Scored, Why: "csat", Points: s.CSAT})
	}
	if s.NPS != nil {
		c.tell(Event{Kind: Scored, Why: "nps", Points: *s.NPS})
	}
}

func (c *Call) ask(a acd.AskQueue) acd.Heard {
	queue := c.queueOf(a)
	c.message = false // he would rather wait
	c.tell(Event{Kind: Asked, Queue: queue, Reason: a.Reason, Points: a.Points})
	if c.world.Shut != nil && c.world.Shut(queue, a.Reason, c.now) {
		c.tell(Event{Kind: Refused, Queue: queue, Reason: a.Reason, Why: string(acd.RefusedClosed)})
		return acd.HeardRefused{Why: acd.RefusedClosed}
	}
	if c.world.Refuse != nil {
		if why := c.world.Refuse(queue); why != "" {
			c.overflow = true
			c.tell(Event{Kind: Refused, Queue: queue, Reason: a.Reason, Why: string(why)})
			return acd.HeardRefused{Why: why}
		}
	}
	c.overflow, c.place = false, &a
	if c.since.IsZero() {
		c.since = c.now
	}
	c.tell(Event{Kind: Queued, Queue: queue, Reason: a.Reason})
	return acd.HeardQueued{}
}

func (c *Call) ring(a acd.AskTransfer) acd.Heard {
	c.place = nil
	c.tell(Event{Kind: Rings, To: a.To, For: a.Ring})
	if c.world.Extension != "" && c.world.Extension != acd.Accepted {
		c.now = c.now.Add(a.Ring)
		c.tell(Event{Kind: Unheeded, To: a.To, Why: string(c.world.Extension)})
		return acd.HeardTransfer{Ending: c.world.Extension}
	}
	c.tell(Event{Kind: Talks, To: a.To})
	outcome := acd.TransferredOut
	if c.overflow {
		outcome = acd.Overflow
	}
	c.end(outcome, "")
	return nil
}
