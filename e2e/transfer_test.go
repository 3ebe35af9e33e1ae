package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// A lane is a sender with a queue that only he serves, so that transfers go on beside each other in
// one hospital without meeting.
type lane struct {
	n     int
	keys  string // that lead a patient to him
	queue acd.QueueID
	agent acd.AgentID
	phone *phones.Phone
	ward  string // extension of this lane
	voice float64
}

// A conversation is a patient with the lane's agent, each hearing the other.
type conversation struct {
	*lane
	h       *Hospital
	caller  *phones.Call
	at      *phones.Call // the agent's side
	contact acd.ContactID
	number  string
}

const (
	quickKey = "5" // ends a briefing
	briefly  = 2 * time.Second
)

// lanes opens a hospital with n senders.
func lanes(t *testing.T, n int) (context.Context, *Hospital, []*lane) {
	t.Helper()
	ctx, h := hospital(t, Options{Edit: func(y string) string {
		return strings.NewReplacer("wrapup: 10s", "wrapup: 1s", "wrapup: 20s", "wrapup: 1s", "ring: 15s", "ring: 8s").Replace(y)
	}})
	all := []*lane{
		{keys: "11", queue: "rdv", agent: "a13"},
		{keys: "2", queue: "resultats", agent: "a15"},
		{keys: "3", queue: "admission", agent: "a17"},
		{keys: "0", queue: "accueil", agent: "a14"},
	}[:n]
	skills := map[acd.QueueID]string{"rdv": "rdv", "resultats": "resultats", "admission": "admission", "accueil": "accueil"}
	for i, l := range all {
		l.n, l.ward, l.voice = i+1, fmt.Sprint(4100+i), phones.PatientVoice(i+1)
		put(ctx, t, h, "/v1/agents/"+string(l.agent)+"/skills", map[string]any{"skills": map[string]int{"fr": 10, skills[l.queue]: 9}})
		l.phone = agentAt(ctx, t, h, l.agent, acd.PhoneID("1"+string(l.agent[1:])), l.n)
	}
	return ctx, h, all
}

// sender answers quickly and cuts the briefing.
func sender(ctx context.Context, c *phones.Call) {
	_ = c.Ring()
	if c.Answer() == nil {
		_ = c.Press(ctx, quickKey)
	}
}

// talk brings a new patient to the lane's agent.
func (l *lane) talk(ctx context.Context, t *testing.T, h *Hospital) conversation {
	t.Helper()
	ready(ctx, t, h, l.agent)
	l.phone.SetPolicy(sender)
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	c := conversation{lane: l, h: h, number: fmt.Sprintf("06399812%02d", l.n)}
	c.caller = must[*phones.Call](t)(trunk.Call(ctx, "3000", phones.CallOptions{User: c.number, Tone: l.voice}))
	if err := c.caller.WaitAnswered(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.caller.Press(ctx, l.keys); err != nil {
		t.Fatal(err)
	}
	c.at = must[*phones.Call](t)(l.phone.WaitCall(ctx))
	c.contact = acd.ContactID(c.at.Header("X-Contact-ID"))
	c.both(ctx, t, c.at)
	return c
}

// both waits until the patient and the other side hear each other.
func (c conversation) both(ctx context.Context, t *testing.T, other *phones.Call) {
	t.Helper()
	hears(ctx, t, "the patient", c.caller, other.Tone())
	hears(ctx, t, "the other side", other, c.voice)
}

func hears(ctx context.Context, t *testing.T, who string, c *phones.Call, tone float64) {
	t.Helper()
	if err := c.Ear().WaitTone(ctx, tone); err != nil {
		t.Fatalf("%s does not hear %.0f Hz: %v", who, tone, err)
	}
}

func press(ctx context.Context, t *testing.T, c *phones.Call, keys string) {
	t.Helper()
	if err := c.Press(ctx, keys); err != nil {
		t.Fatal(err)
	}
}

func gone(ctx context.Context, t *testing.T, who string, c *phones.Call) {
	t.Helper()
	if _, err := c.WaitEnded(ctx); err != nil {
		t.Fatalf("%s is still in a call: %v", who, err)
	}
}

func hangup(ctx context.Context, t *testing.T, c *phones.Call) {
	t.Helper()
	if err := c.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
}

// legs waits until the contact has n legs whose last is as wanted, and returns them.
func (c conversation) legs(ctx context.Context, t *testing.T, n int, what string, ok func(acd.Leg) bool) []acd.Leg {
	t.Helper()
	var legs []acd.Leg
	until(ctx, t, c.h, fmt.Sprintf("leg %d of %s %s", n, c.contact, what), func(v *acd.View) bool {
		legs = legs[:0]
		for i := 1; ; i++ {
			l, found := v.Leg(c.contact.Leg(i))
			if !found {
				break
			}
			legs = append(legs, l)
		}
		return len(legs) == n && ok(legs[n-1])
	})
	return legs
}

func (c conversation) state(ctx context.Context, t *testing.T, n int, s acd.LegState) []acd.Leg {
	t.Helper()
	return c.legs(ctx, t, n, string(s), func(l acd.Leg) bool { return l.State == s })
}

// over checks how the contact ended: one outcome a leg.
func (c conversation) over(ctx context.Context, t *testing.T, want ...acd.End) {
	t.Helper()
	legs := c.state(ctx, t, len(want), acd.LegEnded)
	for i, l := range legs {
		if l.End == nil || l.End.Outcome != want[i].Outcome || l.End.By != want[i].By {
			t.Errorf("leg %d ended %+v, want %+v", i+1, l.End, want[i])
		}
		if l.Anomaly {
			t.Errorf("leg %d fitted no row of the table: %+v", i+1, l)
		}
	}
	gone(ctx, t, "the patient", c.caller)
}

// Endings of a leg.
var (
	handedOn   = acd.End{Outcome: acd.Answered, By: acd.ByAgent}
	byCaller   = acd.End{Outcome: acd.Answered, By: acd.ByCaller}
	byAgent    = acd.End{Outcome: acd.Answered, By: acd.ByAgent}
	gaveUp     = acd.End{Outcome: acd.Abandoned, By: acd.ByCaller}
	wardEnded  = acd.End{Outcome: acd.TransferredOut, By: acd.ByThirdParty}
	wardCaller = acd.End{Outcome: acd.TransferredOut, By: acd.ByCaller}
)

// ward makes the lane's extension behave so, and hands out its calls.
func (c conversation) wardDoes(p phones.Policy) <-chan *phones.Call {
	calls := make(chan *phones.Call, 4)
	c.h.Services.Set(c.ward, func(ctx context.Context, call *phones.Call) {
		calls <- call
		p(ctx, call)
	})
	return calls
}

// accepts is a person at the ward: hears what it is about, presses 1.
func accepts(ctx context.Context, c *phones.Call) {
	_ = c.Ring()
	if c.Answer() == nil && c.Ear().WaitEnergy(ctx) == nil {
		_ = c.Press(ctx, "1")
	}
}

func next(ctx context.Context, t *testing.T, who string, calls <-chan *phones.Call) *phones.Call {
	t.Helper()
	select {
	case c := <-calls:
		return c
	case <-ctx.Done():
		t.Fatalf("%s was never rung", who)
		return nil
	}
}

// returned waits until the sender's phone rings again with the patient, and both hear each other. It
// checks that the return is labelled and the age kept.
func (c *conversation) returned(ctx context.Context, t *testing.T, why acd.Ending) {
	t.Helper()
	c.at = must[*phones.Call](t)(c.phone.WaitCall(ctx))
	if got := acd.ContactID(c.at.Header("X-Contact-ID")); got != c.contact {
		t.Fatalf("the sender is rung for %s, want %s", got, c.contact)
	}
	c.both(ctx, t, c.at)
	legs := c.state(ctx, t, 2, acd.LegTalking)
	first, second := legs[0], legs[1]
	if second.Return != why || second.From != c.agent || second.Agent != c.agent {
		t.Errorf("back as %q from %s at %s, want %q and the sender", second.Return, second.From, second.Agent, why)
	}
	if second.WaitsFrom() != first.Enqueued {
		t.Errorf("age counts from %d, the first leg's from %d", second.WaitsFrom(), first.Enqueued)
	}
}

// A transferCase is one way a transfer goes.
type transferCase struct {
	name string
	do   func(ctx context.Context, t *testing.T, c conversation)
}

// runLanes shares the cases out among the lanes; each lane does one after the other.
func runLanes(ctx context.Context, t *testing.T, h *Hospital, all []*lane, cases []transferCase) {
	t.Helper()
	todo := make(chan transferCase, len(cases))
	for _, c := range cases {
		todo <- c
	}
	close(todo)
	var wg sync.WaitGroup
	for _, l := range all {
		wg.Go(func() {
			for c := range todo {
				t.Run(c.name, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(ctx, 2*patience)
					defer cancel()
					talk := l.talk(ctx, t, h)
					defer l.clear()
					c.do(ctx, t, talk)
				})
			}
		})
	}
	wg.Wait()
	nothingLeft(ctx, t, h)
}

// clear hangs up what a failed case has left.
func (l *lane) clear() {
	ctx, cancel := context.WithTimeout(context.Background(), briefly)
	defer cancel()
	for _, c := range l.phone.Calls() {
		_ = c.Hangup(ctx)
	}
}

// key starts a transfer by in-call code.
func (c conversation) key(ctx context.Context, t *testing.T, code, to string) {
	t.Helper()
	press(ctx, t, c.at, code)
	c.state(ctx, t, 1, acd.LegHeld)
	press(ctx, t, c.at, to)
}

// TestTransferByKeys is the switchboard's main gesture from the telephone alone, with every answer a
// ward may give.
func TestTransferByKeys(t *testing.T) {
	t.Parallel()
	ctx, h, all := lanes(t, 4)
	runLanes(ctx, t, h, all, []transferCase{
		{"blind, nobody answers", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.NoAnswer())
			c.key(ctx, t, "*1", c.ward+"#")
			rung := next(ctx, t, "the ward", calls)
			gone(ctx, t, "the sender", c.at)
			if _, number := rung.Caller(); number != c.number {
				t.Errorf("the ward sees %q, want the patient's number", number)
			}
			c.returned(ctx, t, acd.NoAnswer)
			if m := rung.Moments(); m.Ended.Sub(m.Invited) < 19*time.Second {
				t.Errorf("the ward was given %v", m.Ended.Sub(m.Invited))
			}
			hangup(ctx, t, c.caller)
			c.over(ctx, t, handedOn, byCaller)
		}},
		{"blind, answered without a 1", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.AnswerAfter(0)) // a voicemail
			c.key(ctx, t, "*1", c.ward+"#")
			rung := next(ctx, t, "the ward", calls)
			heard := rung.Ear().Watch(c.voice)
			c.returned(ctx, t, acd.NoAnswer)
			if total, _, _ := heard.Heard(); total > time.Second { // speech touches any frequency for a frame
				t.Errorf("the voicemail heard the patient for %v", total)
			}
			hangup(ctx, t, c.at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"blind, busy", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "4014#")
			c.returned(ctx, t, acd.Busy)
			hangup(ctx, t, c.at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"blind, refused", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "4018#")
			c.returned(ctx, t, acd.Refused)
			hangup(ctx, t, c.at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"blind, taken, ward ends", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*1", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			c.both(ctx, t, ward)
			gone(ctx, t, "the sender", c.at)
			waitAgent(ctx, t, c.h, c.agent, acd.AgentReady) // wrap-up has ended, the leg has not
			if legs := c.state(ctx, t, 2, acd.LegTalking); legs[1].Target != c.ward || legs[1].Agent != "" {
				t.Errorf("leg of the ward: %+v", legs[1])
			}
			hangup(ctx, t, ward)
			c.over(ctx, t, handedOn, wardEnded)
		}},
		{"blind, taken, patient ends", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*1", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			c.both(ctx, t, ward)
			hangup(ctx, t, c.caller)
			gone(ctx, t, "the ward", ward)
			c.over(ctx, t, handedOn, wardCaller)
		}},
		{"briefed", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*2", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			hears(ctx, t, "the ward", ward, c.at.Tone())
			hears(ctx, t, "the agent", c.at, ward.Tone())
			alone := c.caller.Ear().Watch(ward.Tone())
			if err := c.caller.Ear().WaitEnergy(ctx); err != nil {
				t.Fatal("the patient hears no music:", err)
			}
			if total, _, _ := alone.Heard(); total > time.Second {
				t.Errorf("the patient hears the consultation for %v", total)
			}
			hangup(ctx, t, c.at)
			c.both(ctx, t, ward)
			hangup(ctx, t, ward)
			c.over(ctx, t, handedOn, wardEnded)
		}},
		{"briefed, agent comes back", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*2", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			hears(ctx, t, "the ward", ward, c.at.Tone())
			press(ctx, t, c.at, "*")
			gone(ctx, t, "the ward", ward)
			c.both(ctx, t, c.at)
			hangup(ctx, t, c.at)
			c.over(ctx, t, byAgent)
		}},
		{"briefed, ward refuses", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*2", "4018#")
			c.state(ctx, t, 1, acd.LegTalking)
			c.both(ctx, t, c.at)
			hangup(ctx, t, c.caller)
			c.over(ctx, t, byCaller)
		}},
		{"briefed, agent leaves while it rings", func(ctx context.Context, t *testing.T, c conversation) {
			answer := make(chan struct{})
			calls := c.wardDoes(func(ctx context.Context, call *phones.Call) {
				_ = call.Ring()
				select {
				case <-answer:
					accepts(ctx, call)
				case <-ctx.Done():
				}
			})
			c.key(ctx, t, "*2", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			hangup(ctx, t, c.at)
			c.state(ctx, t, 2, acd.LegRingingOut)
			close(answer)
			c.both(ctx, t, ward)
			hangup(ctx, t, c.caller)
			gone(ctx, t, "the ward", ward)
			c.over(ctx, t, handedOn, wardCaller)
		}},
		{"briefed, agent leaves, ward does not come", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.RejectAfter(time.Second, 486))
			c.key(ctx, t, "*2", c.ward+"#")
			next(ctx, t, "the ward", calls)
			hangup(ctx, t, c.at)
			c.returned(ctx, t, acd.Busy)
			hangup(ctx, t, c.at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"unknown number, then a good one", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*1", "999#")
			if err := c.at.Ear().WaitEnergy(ctx); err != nil {
				t.Fatal(err)
			}
			press(ctx, t, c.at, c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			c.both(ctx, t, ward)
			hangup(ctx, t, ward)
			c.over(ctx, t, handedOn, wardEnded)
		}},
		{"unknown number twice", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "999#")
			press(ctx, t, c.at, "0639981299#") // outside: never from a phone
			c.state(ctx, t, 1, acd.LegTalking)
			c.both(ctx, t, c.at)
			hangup(ctx, t, c.at)
			c.over(ctx, t, byAgent)
		}},
		{"back with * while keying", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "40*")
			c.state(ctx, t, 1, acd.LegTalking)
			c.both(ctx, t, c.at)
			hangup(ctx, t, c.caller)
			c.over(ctx, t, byCaller)
		}},
		{"agent leaves while keying", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "40")
			hangup(ctx, t, c.at)
			c.over(ctx, t, byAgent)
		}},
		{"help asked", func(ctx context.Context, t *testing.T, c conversation) {
			press(ctx, t, c.at, "*5")
			until(ctx, t, c.h, "a raised hand", func(v *acd.View) bool {
				a, _ := v.Agent(c.agent)
				return !a.Help.Never()
			})
			hangup(ctx, t, c.at)
			c.over(ctx, t, byAgent)
		}},
	})
}

// TestPatientLeavesTransfer: the patient hangs up in every phase of a transfer; everybody else is let
// go and nothing is left.
func TestPatientLeavesTransfer(t *testing.T) {
	t.Parallel()
	ctx, h, all := lanes(t, 4)
	leave := func(ctx context.Context, t *testing.T, c conversation, want ...acd.End) {
		t.Helper()
		hangup(ctx, t, c.caller)
		gone(ctx, t, "the agent", c.at)
		c.over(ctx, t, want...)
	}
	runLanes(ctx, t, h, all, []transferCase{
		{"while the agent keys", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "41")
			leave(ctx, t, c, byCaller)
		}},
		{"while the agent hears that it is on its way", func(ctx context.Context, t *testing.T, c conversation) {
			c.wardDoes(phones.NoAnswer())
			c.key(ctx, t, "*1", c.ward+"#")
			hangup(ctx, t, c.caller)
			legs := c.ending(ctx, t)
			if end := legs[len(legs)-1].End; end.By != acd.ByCaller {
				t.Errorf("ended %+v", end)
			}
		}},
		{"while the ward rings", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.NoAnswer())
			c.key(ctx, t, "*1", c.ward+"#")
			rung := next(ctx, t, "the ward", calls)
			leave(ctx, t, c, handedOn, gaveUp)
			gone(ctx, t, "the ward", rung)
		}},
		{"while the ward is asked for a 1", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.AnswerAfter(0))
			c.key(ctx, t, "*1", c.ward+"#")
			rung := next(ctx, t, "the ward", calls)
			if err := rung.Ear().WaitEnergy(ctx); err != nil {
				t.Fatal(err)
			}
			leave(ctx, t, c, handedOn, gaveUp)
			gone(ctx, t, "the ward", rung)
		}},
		{"while the ward rings for a consultation", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.NoAnswer())
			c.key(ctx, t, "*2", c.ward+"#")
			rung := next(ctx, t, "the ward", calls)
			leave(ctx, t, c, byCaller)
			gone(ctx, t, "the ward", rung)
		}},
		{"in the consultation", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*2", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			hears(ctx, t, "the agent", c.at, ward.Tone())
			leave(ctx, t, c, byCaller)
			gone(ctx, t, "the ward", ward)
		}},
		{"while he rings back", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "4014#")
			c.phone.SetPolicy(phones.NoAnswer())
			gone(ctx, t, "the sender", c.at)
			c.at = must[*phones.Call](t)(c.phone.WaitCall(ctx))
			leave(ctx, t, c, handedOn, gaveUp)
		}},
		{"back in the queue", func(ctx context.Context, t *testing.T, c conversation) {
			press(ctx, t, c.at, "*3")
			c.state(ctx, t, 2, acd.LegQueued)
			leave(ctx, t, c, handedOn, gaveUp)
		}},
	})
}

// ending waits until every leg of the contact has ended.
func (c conversation) ending(ctx context.Context, t *testing.T) []acd.Leg {
	t.Helper()
	var legs []acd.Leg
	until(ctx, t, c.h, "the contact's end", func(v *acd.View) bool {
		legs = legs[:0]
		for i := 1; ; i++ {
			l, found := v.Leg(c.contact.Leg(i))
			if !found {
				return len(legs) > 0
			}
			if l.Live() {
				return false
			}
			legs = append(legs, l)
		}
	})
	return legs
}

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
