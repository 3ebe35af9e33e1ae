package owed

import (
	"fmt"
	"testing"
	"time"

	"accueil/acd"
)

const (
	noon = acd.Instant(1_780_315_200_000) // 2026-06-01T12:00:00Z
	week = 7 * 24 * time.Hour
)

// leg is the n-th caller's only leg, of a call that began n minutes after noon and lasted one.
func leg(n int, outcome acd.Outcome, phase acd.LegState) acd.Leg {
	at := noon.Add(time.Duration(n) * time.Minute)
	l := acd.Leg{
		ID: acd.ContactID(fmt.Sprintf("c%d", n)).Leg(1), Rev: 5, State: acd.LegEnded, Entry: "3000", Arrived: at, Lang: "fr",
		End: &acd.End{Outcome: outcome, Phase: phase, At: at.Add(time.Minute)},
	}
	if phase == acd.LegQueued || phase == acd.LegOffered || phase == acd.LegBriefing || phase == acd.LegTalking {
		l.Enqueued, l.Queue, l.Reason = at.Add(10*time.Second), "rdv", "rdv.imagerie"
	}
	if outcome == acd.Answered {
		l.Agent, l.Bridged = "a01", at.Add(20*time.Second)
	}
	return l
}

// Every outcome in every state in which a leg may end so has its verdict: whoever called and reached
// nobody is owed something, and nobody else.
func TestJudgeEveryEnd(t *testing.T) {
	t.Parallel()
	want := map[acd.Outcome]Verdict{
		acd.Abandoned: Missed, acd.Overflow: Missed, acd.Closed: Missed, acd.Dissuaded: Missed, acd.Failed: Missed,
		acd.Voicemail: Message, acd.Answered: Answered,
		acd.SelfServed: Nothing, acd.Emergency: Nothing, acd.TransferredOut: Nothing, acd.CalledBack: Nothing,
	}
	judged := 0
	for _, o := range acd.Outcomes {
		verdict, known := want[o]
		if !known {
			t.Errorf("nobody has decided what %s leaves owed", o)
		}
		for _, s := range acd.LegStates {
			if !acd.MayEnd(s, o) {
				continue
			}
			judged++
			expected := verdict
			if o == acd.Abandoned && (s == acd.LegArrived || s == acd.LegMenu) {
				expected = Nothing // KPI.md, X and M
			}
			if got := Judge(leg(1, o, s)); got != expected {
				t.Errorf("%s while %s: %q, want %q", o, s, got, expected)
			}
		}
	}
	if judged < 30 {
		t.Errorf("only %d ends were judged", judged)
	}
}

func TestJudgeWhatStandsOut(t *testing.T) {
	t.Parallel()
	again := leg(1, acd.Abandoned, acd.LegMenu)
	again.Enqueued = again.Arrived.Add(time.Second) // key 9 while he waited: he has been in a queue
	seen := leg(1, acd.Overflow, acd.LegArrived)
	seen.Bridged = seen.Arrived.Add(time.Second) // the safety net's group has answered
	cut := leg(1, acd.Failed, acd.LegTalking)
	cut.Agent, cut.Bridged = "a01", cut.Arrived.Add(time.Second)
	ward := leg(1, acd.Answered, acd.LegTalking)
	ward.Agent = ""
	talking := leg(1, acd.Answered, acd.LegTalking)
	talking.State, talking.End = acd.LegTalking, nil
	ringing := talking
	ringing.State, ringing.Bridged = acd.LegOffered, 0
	promised := leg(1, acd.Abandoned, acd.LegRingingOut)
	promised.Agreed = &acd.Agreement{Queue: "rdv"} // a leg of its own calls him back
	told := leg(1, acd.Voicemail, acd.LegVoicemail)
	told.Agreed = promised.Agreed // but what he has said is owed an ear
	chat := leg(1, acd.Abandoned, acd.LegQueued)
	chat.Medium = acd.Chat
	for name, c := range map[string]struct {
		leg  acd.Leg
		want Verdict
	}{
		"left the menu after a queue": {again, Missed}, "answered by the safety net": {seen, Nothing},
		"cut off in conversation": {cut, Missed}, "ended without an agent": {ward, Nothing},
		"talks with an agent": {talking, Answered}, "rings": {ringing, Nothing}, "a chat": {chat, Nothing},
		"is called back anyway": {promised, Nothing}, "is called back, and has left a message": {told, Message},
	} {
		if got := Judge(c.leg); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestNewCountsFromTheFirstWait(t *testing.T) {
	t.Parallel()
	l := leg(1, acd.Abandoned, acd.LegQueued)
	task, err := New(l, acd.TaskMissed, "", week)
	if err != nil || task.Since != l.Enqueued || task.Last != l.End.At || task.Until != l.End.At.Add(week) || task.Queue != "rdv" || task.Outcome != acd.Abandoned || task.Count != 1 {
		t.Errorf("%+v, %v", task, err)
	}
	closed := leg(2, acd.Closed, acd.LegMenu)
	closed.Reason = "rdv.imagerie"
	task, err = New(closed, acd.TaskMissed, "rdv", week)
	if err != nil || task.Since != closed.Arrived || task.Queue != "rdv" {
		t.Errorf("%+v, %v", task, err)
	}
	// A witness may know the end alone.
	bare := acd.Leg{ID: "c/1", State: acd.LegEnded, End: &acd.End{Outcome: acd.Failed, At: noon}}
	if task, err = New(bare, acd.TaskMissed, "", week); err != nil || task.Since != noon {
		t.Errorf("%+v, %v", task, err)
	}
}

// A message is owed an ear with its recording, also when its caller heard the emergency instruction after.
func TestRecordingsAreOwed(t *testing.T) {
	t.Parallel()
	l := leg(1, acd.Emergency, acd.LegVoicemail)
	if got := Judge(l); got != Nothing {
		t.Errorf("%q", got)
	}
	l.Recording = "acc.c1.r1"
	if got := Judge(l); got != Message {
		t.Errorf("%q", got)
	}
	if task, err := New(l, kinds[Message], "rdv", week); err != nil || task.Recording != l.Recording || task.Kind != acd.TaskVoicemail {
		t.Errorf("%+v, %v", task, err)
	}
}

func TestAgainKeepsTheAge(t *testing.T) {
	t.Parallel()
	night, err := New(leg(1, acd.Closed, acd.LegMenu), acd.TaskMissed, "", week) // he gave no reason yet
	if err != nil {
		t.Fatal(err)
	}
	day := leg(60, acd.Abandoned, acd.LegQueued)
	if !Joins(night, day) {
		t.Fatal("a call without a reason is another matter")
	}
	both, err := Again(night, day, "", week)
	if err != nil || both.Since != night.Since || both.Count != 2 || both.Reason != "rdv.imagerie" || both.Queue != "rdv" ||
		both.Last != day.End.At || both.Until != day.End.At.Add(week) || both.Rev != 2 || both.Outcome != acd.Abandoned {
		t.Errorf("%+v, %v", both, err)
	}
	other := day
	other.Reason = "resultats"
	if Joins(both, other) {
		t.Error("another reason is the same request")
	}
	taken, err := both.Take("a01")
	if err != nil || !Joins(taken, day) {
		t.Error("who calls while somebody works on it is counted apart")
	}
	done, err := taken.Close(acd.ResultHandled, noon.Add(2*time.Hour))
	if err != nil || Joins(done, day) {
		t.Error("a handled task takes new calls")
	}
	message := both
	message.Kind = acd.TaskVoicemail
	if Joins(message, day) {
		t.Error("a voicemail takes missed calls")
	}
}

func TestOnlyALaterConversationSettles(t *testing.T) {
	t.Parallel()
	task, err := New(leg(10, acd.Abandoned, acd.LegQueued), acd.TaskMissed, "", week)
	if err != nil {
		t.Fatal(err)
	}
	if Settles(task, leg(5, acd.Answered, acd.LegTalking)) {
		t.Error("a conversation before the missed call settles it")
	}
	if !Settles(task, leg(30, acd.Answered, acd.LegTalking)) {
		t.Error("a later conversation leaves it owed")
	}
	task.Kind = acd.TaskVoicemail
	if Settles(task, leg(30, acd.Answered, acd.LegTalking)) {
		t.Error("nobody has to listen to the message any more")
	}
}
