package owed

import (
	"cmp"
	"time"

	"accueil/acd"
)

// Verdict is what a leg says about what is owed.
type Verdict string

// The verdicts.
const (
	Nothing  Verdict = ""
	Missed   Verdict = "missed"   // he called and reached nobody
	Message  Verdict = "message"  // he left a message
	Answered Verdict = "answered" // an agent talks with him, or has talked
)

// Judge tells what a leg says. Only the last leg of a contact ends otherwise than answered, so no other
// leg has to be looked at.
//
// Who left the menu without having chosen a queue, an extension or a voicemail wanted to know something, or misdialled
// (KPI.md, X and M): nothing is owed to him. Who heard the emergency instruction to its end was told to
// dial 15; only what he had said before is owed an ear. Whom an outage sent to the safety net may have been answered there, which nobody can tell
// afterwards: he is called back rather than forgotten. So is who was cut off by a failure in the middle
// of a conversation.
func Judge(l acd.Leg) Verdict {
	if l.Medium != acd.Voice {
		return Nothing
	}
	if l.End == nil {
		if (l.State == acd.LegTalking || l.State == acd.LegHeld) && l.Agent != "" && !l.Bridged.Never() {
			return Answered
		}
		return Nothing
	}
	switch l.End.Outcome {
	case acd.Answered:
		if l.Agent != "" && !l.Bridged.Never() {
			return Answered
		}
	case acd.Voicemail:
		return Message
	case acd.Emergency:
		if l.Recording != "" { // he had left a message before he asked for the instruction
			return Message
		}
	}
	if missed(l) && l.Agreed == nil { // else the leg that follows calls him back
		return Missed
	}
	return Nothing
}

// missed reports whether the caller of a leg that ended has reached nobody.
func missed(l acd.Leg) bool {
	switch l.End.Outcome {
	case acd.Abandoned:
		return !l.Enqueued.Never() || l.End.Phase == acd.LegRingingOut || l.End.Phase == acd.LegVoicemail
	case acd.Overflow:
		return l.Bridged.Never() // else the other side has answered (KPI.md, Oa)
	case acd.Closed, acd.Dissuaded, acd.Failed:
		return true
	}
	return false
}

// kinds are the tasks that verdicts make.
var kinds = map[Verdict]acd.TaskKind{Missed: acd.TaskMissed, Message: acd.TaskVoicemail}

// New makes the task of a leg that ended: owed since the caller first waited, or arrived, for keep from
// his call's end.
func New(l acd.Leg, kind acd.TaskKind, queue acd.QueueID, keep time.Duration) (acd.Task, error) {
	since := cmp.Or(l.WaitsFrom(), l.Arrived, l.End.At)
	return acd.OpenTask(acd.Task{
		ID: acd.NewTaskID(l.End.At), Kind: kind, Outcome: l.End.Outcome,
		Contact: l.ID.Contact(), Leg: l.ID, Entry: l.Entry, Queue: cmp.Or(l.Queue, queue), Reason: l.Reason, Lang: l.Lang,
		Since: since, Last: l.End.At, Until: max(l.End.At, since).Add(keep), Recording: l.Recording,
	})
}

// Joins reports whether a missed call is one more for a task of the same person, who is to be called back
// anyway: for the same reason, or one of the two did not come far enough to give a reason.
func Joins(t acd.Task, l acd.Leg) bool {
	return (t.Kind == acd.TaskMissed || t.Kind == acd.TaskCallback) && t.State.Owed() &&
		(t.Reason == l.Reason || t.Reason == "" || l.Reason == "")
}

// Again returns the task with one more request: the age stays, the end moves on, and a reason that is
// now known is taken over. A callback ends when the leg does that makes it.
func Again(t acd.Task, l acd.Leg, queue acd.QueueID, keep time.Duration) (acd.Task, error) {
	n, err := t.Repeat(l.End.At)
	if err != nil || t.Kind == acd.TaskCallback {
		return n, err
	}
	if n.Reason == "" {
		n.Reason, n.Queue = l.Reason, cmp.Or(l.Queue, queue, n.Queue)
	}
	n.Outcome = l.End.Outcome
	n.Until = max(n.Until, l.End.At.Add(keep))
	return n, nil
}

// Settles reports whether a conversation of the same person with an agent ends what is owed: a missed
// call from before it. A message must be listened to all the same.
func Settles(t acd.Task, l acd.Leg) bool {
	return t.Kind == acd.TaskMissed && t.State.Owed() && l.Bridged > t.Last
}
