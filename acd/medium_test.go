package acd

import (
	"testing"
	"time"
)

func TestRoomByMedium(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		chats     int
		mails     int
		voice     bool
		room      []Medium
		noRoomFor []Medium
	}{
		{name: "nothing", room: Media},
		{name: "a call", voice: true, noRoomFor: Media},
		{name: "a mail makes way for a call", mails: 1, room: Media},
		{name: "so do five", mails: 5, room: []Medium{Voice}, noRoomFor: []Medium{Chat, Mail}},
		{name: "a chat does not", chats: 1, room: []Medium{Chat, Mail}, noRoomFor: []Medium{Voice}},
		{name: "three chats", chats: 3, noRoomFor: Media},
		{name: "two chats and a mail", chats: 2, mails: 1, room: []Medium{Mail}, noRoomFor: []Medium{Voice, Chat}},
	} {
		a := Agent{State: AgentReady, Phone: "p"}
		for range c.chats {
			a.take(Leg{ID: "c", Medium: Chat}, 1)
		}
		for range c.mails {
			a.take(Leg{ID: "m", Medium: Mail}, 1)
		}
		if c.voice {
			a.take(Leg{ID: "v"}, 1)
		}
		for _, m := range c.room {
			if !a.Room(m) {
				t.Errorf("%s: no room for %q", c.name, m)
			}
		}
		for _, m := range c.noRoomFor {
			if a.Room(m) || a.Free(m, 1) {
				t.Errorf("%s: room for %q", c.name, m)
			}
		}
	}
}

// text makes a waiting leg of a written channel.
func (w *world) text(id LegID, m Medium) {
	w.fact(KindArrived, func(tx *Tx) error { return tx.Arrive(Leg{ID: id, Medium: m, Node: "n1", Entry: "chat"}) })
	w.fact(KindMenu, func(tx *Tx) error { return tx.StartMenu(id) })
	w.fact(KindQueued, func(tx *Tx) error { return tx.Enqueue(id, Queueing{Queue: "q"}) })
}

func TestACallInterruptsMailAndGivesItBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fact(KindLogin, func(tx *Tx) error { return tx.Login("a01", "p01", "n1") })
	w.text("m1/1", Mail)
	w.claim("m1/1", "a01")
	w.fact(KindBriefing, func(tx *Tx) error { return tx.AgentAnswers("m1/1") })
	w.fact(KindTalking, func(tx *Tx) error { return tx.Join("m1/1") })
	if a := w.agent("a01"); a.State != AgentReady || a.Load != MailLoad || a.Mail != MailLoad || !a.Free(Voice, w.now) {
		t.Fatalf("with a mail: %+v", a)
	}
	w.queued("v1/1")
	w.claim("v1/1", "a01")
	if a := w.agent("a01"); a.State != AgentOffered || a.Load != MailLoad+VoiceLoad || a.Free(Chat, w.now) {
		t.Fatalf("with a call beside it: %+v", a)
	}
	w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("v1/1", End{Outcome: Abandoned}) })
	if a := w.agent("a01"); a.State != AgentReady || a.Load != MailLoad || !a.Holds("m1/1") {
		t.Fatalf("after the call: %+v", a)
	}
	w.fact(KindLogout, func(tx *Tx) error { return tx.Logout("a01") })
	if a := w.agent("a01"); a.State != AgentReady || a.Free(Chat, w.now) {
		t.Fatalf("wants to leave: %+v", a)
	}
	w.pass(time.Second)
	w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("m1/1", End{Outcome: Answered}) })
	if a := w.agent("a01"); a.State != AgentOffline || a.Load != 0 || a.Mail != 0 {
		t.Fatalf("after the mail: %+v", a)
	}
}
