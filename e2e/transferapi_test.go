package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// ask asks for a transfer over the API.
func (c conversation) ask(ctx context.Context, t *testing.T, kind, to, note string) (int, string) {
	t.Helper()
	body := map[string]string{"kind": kind, "to": to}
	if note != "" {
		body["note"] = note
	}
	code, text, err := c.h.Request(ctx, http.MethodPost, "/v1/contacts/"+string(c.contact)+"/transfer", body)
	if err != nil {
		t.Fatal(err)
	}
	return code, string(text)
}

// apiHospital is one with the sender a13 and, ready but without the sender's queue, the receiver a14.
func apiHospital(t *testing.T) (context.Context, *Hospital, *lane, *phones.Phone) {
	t.Helper()
	ctx, h, all := lanes(t, 1)
	put(ctx, t, h, "/v1/agents/a14/skills", map[string]any{"skills": map[string]int{"fr": 10, "accueil": 9}})
	receiver := agentAt(ctx, t, h, "a14", "114", 9)
	receiver.SetPolicy(phones.AnswerAfter(0))
	return ctx, h, all[0], receiver
}

// TestTransferByAPI asks for every kind from a screen, with a note, and for what cannot be.
func TestTransferByAPI(t *testing.T) {
	t.Parallel()
	ctx, h, l, receiver := apiHospital(t)
	card := func(ctx context.Context, t *testing.T, c conversation) (v struct {
		Reason, Target, Sender string
		Wait                   int64    `json:"wait_ms"`
		Path                   []string `json:"menu_path"`
		Caller                 struct{ Name, Number, Note string }
	}) {
		t.Helper()
		get(ctx, t, h, "/v1/contacts/"+string(c.contact)+"/card", &v)
		return v
	}
	runLanes(ctx, t, h, []*lane{l}, []transferCase{
		{"to a queue, with a note", func(ctx context.Context, t *testing.T, c conversation) {
			if code, text := c.ask(ctx, t, "queue", "accueil", "mot pour la suite"); code != http.StatusAccepted {
				t.Fatal(code, text)
			}
			at := must[*phones.Call](t)(receiver.WaitCall(ctx))
			if got := card(ctx, t, c); got.Caller.Note != "mot pour la suite" || got.Caller.Number == "" || got.Sender != string(c.agent) || got.Reason != "rdv.consultation" || len(got.Path) == 0 {
				t.Errorf("the receiver's card: %+v", got)
			}
			briefing := at.Ear().Watch(c.voice)
			if err := at.Ear().WaitEnergy(ctx); err != nil {
				t.Fatal("the receiver is not briefed:", err)
			}
			if total, _, _ := briefing.Heard(); total > 60*time.Millisecond {
				t.Error("the patient was connected before the briefing")
			}
			gone(ctx, t, "the sender", c.at)
			c.both(ctx, t, at)
			legs := c.state(ctx, t, 2, acd.LegTalking)
			if legs[1].Queue != "accueil" || legs[1].Agent != "a14" || legs[1].WaitsFrom() != legs[0].Enqueued || legs[1].Return != "" {
				t.Errorf("second leg: %+v", legs[1])
			}
			hangup(ctx, t, at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"blind to an extension", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			if code, text := c.ask(ctx, t, "blind", c.ward, ""); code != http.StatusAccepted {
				t.Fatal(code, text)
			}
			ward := next(ctx, t, "the ward", calls)
			c.both(ctx, t, ward)
			if _, number := ward.Caller(); number != c.number {
				t.Errorf("the ward sees %q, want the patient's number", number)
			}
			hangup(ctx, t, ward)
			c.over(ctx, t, handedOn, wardEnded)
		}},
		{"extension that is busy", func(ctx context.Context, t *testing.T, c conversation) {
			if code, text := c.ask(ctx, t, "extension", "4014", ""); code != http.StatusAccepted {
				t.Fatal(code, text)
			}
			c.returned(ctx, t, acd.Busy)
			hangup(ctx, t, c.caller)
			c.over(ctx, t, handedOn, byCaller)
		}},
		{"briefed", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			if code, text := c.ask(ctx, t, "briefed", c.ward, ""); code != http.StatusAccepted {
				t.Fatal(code, text)
			}
			ward := next(ctx, t, "the ward", calls)
			hears(ctx, t, "the ward", ward, c.at.Tone())
			if code, _ := c.ask(ctx, t, "blind", c.ward, ""); code != http.StatusConflict {
				t.Errorf("a second transfer meanwhile: %d, want 409", code)
			}
			hangup(ctx, t, c.at)
			c.both(ctx, t, ward)
			hangup(ctx, t, c.caller)
			gone(ctx, t, "the ward", ward)
			c.over(ctx, t, handedOn, wardCaller)
			if code, _ := c.ask(ctx, t, "blind", c.ward, ""); code != http.StatusConflict {
				t.Errorf("after the end: %d, want 409", code)
			}
		}},
		{"what cannot be", func(ctx context.Context, t *testing.T, c conversation) {
			for _, wrong := range []struct {
				kind, to string
				code     int
			}{
				{"blind", "999", http.StatusUnprocessableEntity},
				{"blind", "0639981299", http.StatusUnprocessableEntity}, // never outside
				{"extension", "nowhere", http.StatusUnprocessableEntity},
				{"queue", "nowhere", http.StatusUnprocessableEntity},
				{"sideways", c.ward, http.StatusUnprocessableEntity},
				{"blind", "", http.StatusUnprocessableEntity},
				{"blind", "4100\r\nX: y", http.StatusUnprocessableEntity},
				{"blind", strings.Repeat("4", 65), http.StatusUnprocessableEntity},
			} {
				if code, text := c.ask(ctx, t, wrong.kind, wrong.to, ""); code != wrong.code {
					t.Errorf("%s to %q: %d, want %d (%s)", wrong.kind, wrong.to, code, wrong.code, text)
				}
			}
			if code, _ := c.ask(ctx, t, "blind", c.ward, strings.Repeat("x", 501)); code != http.StatusUnprocessableEntity {
				t.Errorf("a note of 501 bytes: %d", code)
			}
			code, _, err := h.Request(ctx, http.MethodPost, "/v1/contacts/none/transfer", map[string]string{"kind": "blind", "to": c.ward})
			if err != nil || code != http.StatusNotFound {
				t.Errorf("an unknown contact: %d %v", code, err)
			}
			c.both(ctx, t, c.at) // and the two talk on
			hangup(ctx, t, c.at)
			c.over(ctx, t, byAgent)
		}},
	})
}

// TestTransferToPeople: to one agent by id or number, to whoever serves a queue, and what happens when
// the one who was named or the sender is not free.
func TestTransferToPeople(t *testing.T) {
	t.Parallel()
	ctx, h, l, receiver := apiHospital(t)
	// taken checks that the receiver was rung, briefed and connected, with the age kept.
	taken := func(ctx context.Context, t *testing.T, c conversation) *phones.Call {
		t.Helper()
		at := must[*phones.Call](t)(receiver.WaitCall(ctx))
		if got := acd.ContactID(at.Header("X-Contact-ID")); got != c.contact {
			t.Fatalf("the receiver is rung for %s, want %s", got, c.contact)
		}
		if err := at.Ear().WaitEnergy(ctx); err != nil {
			t.Fatal("the receiver is not briefed:", err)
		}
		c.both(ctx, t, at)
		legs := c.state(ctx, t, 2, acd.LegTalking)
		if legs[1].Agent != "a14" || legs[1].From != c.agent || legs[1].WaitsFrom() != legs[0].Enqueued {
			t.Errorf("second leg: %+v", legs[1])
		}
		return at
	}
	again := func(ctx context.Context, t *testing.T) {
		t.Helper()
		receiver.SetPolicy(phones.AnswerAfter(0))
		ready(ctx, t, h, "a14")
	}
	runLanes(ctx, t, h, []*lane{l}, []transferCase{
		{"an agent by id, without the queue's skill", func(ctx context.Context, t *testing.T, c conversation) {
			if code, text := c.ask(ctx, t, "blind", "a14", ""); code != http.StatusAccepted {
				t.Fatal(code, text)
			}
			hangup(ctx, t, taken(ctx, t, c))
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"an agent by the number of his phone", func(ctx context.Context, t *testing.T, c conversation) {
			again(ctx, t)
			c.key(ctx, t, "*1", "114#")
			hangup(ctx, t, taken(ctx, t, c))
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"an agent by his number, briefed", func(ctx context.Context, t *testing.T, c conversation) {
			again(ctx, t)
			c.key(ctx, t, "*2", "14#")
			at := taken(ctx, t, c)
			hangup(ctx, t, c.caller)
			gone(ctx, t, "the receiver", at)
			c.over(ctx, t, handedOn, byCaller)
		}},
		{"an agent who refuses", func(ctx context.Context, t *testing.T, c conversation) {
			again(ctx, t)
			receiver.SetPolicy(phones.Decline())
			if code, text := c.ask(ctx, t, "blind", "a14", ""); code != http.StatusAccepted {
				t.Fatal(code, text)
			}
			must[*phones.Call](t)(receiver.WaitCall(ctx))
			c.returned(ctx, t, acd.Refused)
			hangup(ctx, t, c.at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"an agent who does not become free", func(ctx context.Context, t *testing.T, c conversation) {
			put(ctx, t, h, "/v1/agents/a14/state", map[string]string{"state": "paused"})
			c.key(ctx, t, "*1", "114#")
			c.returned(ctx, t, acd.NoAnswer)
			hangup(ctx, t, c.at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"an agent who is not at work", func(ctx context.Context, t *testing.T, c conversation) {
			for _, to := range []string{"a15", string(c.agent)} {
				if code, text := c.ask(ctx, t, "blind", to, ""); code != http.StatusConflict {
					t.Errorf("to %s: %d %s, want 409", to, code, text)
				}
			}
			c.key(ctx, t, "*1", "115#")
			c.state(ctx, t, 1, acd.LegTalking)
			c.both(ctx, t, c.at)
			hangup(ctx, t, c.at)
			c.over(ctx, t, byAgent)
		}},
		{"back to the queue, another takes him", func(ctx context.Context, t *testing.T, c conversation) {
			put(ctx, t, h, "/v1/agents/a14/skills", map[string]any{"skills": map[string]int{"fr": 10, "rdv": 9}})
			again(ctx, t)
			dial(ctx, t, c.phone, "*21", "") // the sender takes a break afterwards
			press(ctx, t, c.at, "*3")
			hangup(ctx, t, taken(ctx, t, c))
			c.over(ctx, t, handedOn, byAgent)
			put(ctx, t, h, "/v1/agents/a14/state", map[string]string{"state": "paused"}) // he could take the next one
		}},
		{"the sender is away, so the head of the queue", func(ctx context.Context, t *testing.T, c conversation) {
			put(ctx, t, h, "/v1/agents/a14/state", map[string]string{"state": "paused"})
			dial(ctx, t, c.phone, "*21", "")
			c.key(ctx, t, "*1", "4014#")
			legs := c.legs(ctx, t, 2, "back in the queue", func(l acd.Leg) bool { return l.State == acd.LegQueued })
			back := legs[1].Enqueued
			// Another patient with nine minutes' head start waits too.
			trunk := must[*phones.Phone](t)(h.Trunk(ctx))
			other := must[*phones.Call](t)(trunk.Dial(ctx, "3000", phones.CallOptions{User: "0639981277"}))
			press(ctx, t, other, c.keys)
			var second acd.Leg
			until(ctx, t, h, "the other patient queued", func(v *acd.View) bool {
				for _, l := range v.Image().Legs {
					if l.State == acd.LegQueued && l.ID.Contact() != c.contact {
						second = l
						return true
					}
				}
				return false
			})
			put(ctx, t, h, "/v1/contacts/"+string(second.ID.Contact())+"/points", map[string]int{"points": 9})
			again(ctx, t) // free before the sender's 15 s are over: the other patient is his, not the returned one
			at := must[*phones.Call](t)(receiver.WaitCall(ctx))
			if got := acd.ContactID(at.Header("X-Contact-ID")); got == c.contact {
				if held := legs[1].HoldUntil.Sub(back); held < 15*time.Second {
					t.Errorf("kept for the sender for %v only", held)
				}
			} else {
				hangup(ctx, t, other)
				gone(ctx, t, "the receiver", at)
				// Not waiting to see him ready: where the hold is over by now he is rung in the same instant.
				put(ctx, t, h, "/v1/agents/a14/state", map[string]string{"state": "ready"})
				at = must[*phones.Call](t)(receiver.WaitCall(ctx))
			}
			if got := acd.ContactID(at.Header("X-Contact-ID")); got != c.contact {
				t.Fatalf("the receiver is rung for %s, want the patient who came back", got)
			}
			c.both(ctx, t, at)
			legs = c.state(ctx, t, 2, acd.LegTalking)
			if legs[1].Bridged.Sub(back) < 15*time.Second || legs[1].Return != acd.Busy || legs[1].Agent != "a14" || legs[1].Points != acd.MaxPoints {
				t.Errorf("taken %v after the return: %+v", legs[1].Bridged.Sub(back), legs[1])
			}
			hangup(ctx, t, other)
			hangup(ctx, t, at)
			c.over(ctx, t, handedOn, byAgent)
		}},
	})
}
