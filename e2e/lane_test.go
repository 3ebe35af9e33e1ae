package e2e

import (
	"context"
	"fmt"
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
