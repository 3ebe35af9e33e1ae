package e2e

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// dial dials a feature code, waits until its spoken answer has been heard, and for the end of the
// call. keys are pressed once something is heard (a PIN that is asked for).
func dial(ctx context.Context, t *testing.T, p *phones.Phone, code, keys string) {
	t.Helper()
	dialAs(ctx, t, p, code, keys, phones.CallOptions{})
}

func dialAs(ctx context.Context, t *testing.T, p *phones.Phone, code, keys string, o phones.CallOptions) {
	t.Helper()
	c, err := p.Dial(ctx, code, o)
	if err != nil {
		t.Fatalf("dial %s: %v", code, err)
	}
	if err := c.Ear().WaitEnergy(ctx); err != nil {
		t.Fatalf("%s is not answered by voice: %v", code, err)
	}
	if keys != "" {
		if err := c.Press(ctx, keys); err != nil {
			t.Fatal(err)
		}
		c.Ear().Reset()
		if err := c.Ear().WaitEnergy(ctx); err != nil {
			t.Fatalf("%s: the keyed PIN is not answered by voice: %v", code, err)
		}
	}
	end, err := c.WaitEnded(ctx)
	if err != nil || end.By != phones.Theirs {
		t.Fatalf("%s ended %+v %v", code, end, err)
	}
}

// agentIs reads what the log holds of an agent now.
func agentIs(h *Hospital, id acd.AgentID) acd.Agent {
	a, _ := h.App.Book().Agent(id)
	return a
}

// TestFeatureCodes dials every code of CONTRACT from real phones and compares the log.
func TestFeatureCodes(t *testing.T) {
	t.Parallel()
	ctx, h := hospital(t, Options{})
	own := must[*phones.Phone](t)(h.Phone(ctx, "113", 1))
	other := must[*phones.Phone](t)(h.Phone(ctx, "114", 2))

	t.Run("nobody is logged in", func(t *testing.T) {
		for _, code := range []string{"*21", "*213", "*22", "*23", "*703000"} {
			dial(ctx, t, own, code, "")
		}
		if a := agentIs(h, "a13"); a.State != acd.AgentOffline && a.State != "" {
			t.Errorf("a13 is %s", a.State)
		}
		if c, ok := h.App.Book().Closure("3000"); ok && c.Closed {
			t.Error("an entry was closed by nobody")
		}
	})
	t.Run("*20 is the phone's usual agent", func(t *testing.T) {
		dial(ctx, t, own, "*20", "")
		waitAgent(ctx, t, h, "a13", acd.AgentReady)
	})
	t.Run("known by the phone, whoever it says to be", func(t *testing.T) {
		// A From that is not the phone's own is refused; what else says who calls is not looked at.
		var refused *phones.StatusError
		if c, err := other.Dial(ctx, "*21", phones.CallOptions{RawFrom: `"113" <sip:113@127.0.0.1>`}); err == nil {
			_ = c.Hangup(ctx)
			t.Error("a forged From was answered")
		} else if !errors.As(err, &refused) {
			t.Error(err)
		}
		dialAs(ctx, t, other, "*21", "", phones.CallOptions{DisplayName: "113", Headers: map[string]string{
			"P-Asserted-Identity": "<sip:113@127.0.0.1>", "Remote-Party-ID": "<sip:113@127.0.0.1>;party=calling",
		}})
		if a := agentIs(h, "a13"); a.State != acd.AgentReady {
			t.Errorf("a forged From made a13 %s", a.State)
		}
	})
	t.Run("*21 and *21n pause, *20 ends it", func(t *testing.T) {
		dial(ctx, t, own, "*21", "")
		waitAgent(ctx, t, h, "a13", acd.AgentPaused)
		if a := agentIs(h, "a13"); a.Reason != "" {
			t.Errorf("reason %q", a.Reason)
		}
		dial(ctx, t, own, "*213", "")
		if a := agentIs(h, "a13"); a.State != acd.AgentPaused || a.Reason != acd.PauseReason(3) {
			t.Errorf("%s %q", a.State, a.Reason)
		}
		dial(ctx, t, own, "*20", "")
		waitAgent(ctx, t, h, "a13", acd.AgentReady)
	})
	t.Run("another agent takes the desk", func(t *testing.T) {
		dial(ctx, t, own, "*2016#0000", "")
		waitAgent(ctx, t, h, "a16", acd.AgentReady)
		if a := agentIs(h, "a13"); a.State != acd.AgentOffline {
			t.Errorf("who sat there before is %s", a.State)
		}
		if a := agentIs(h, "a16"); a.Phone != "113" {
			t.Errorf("a16 sits at %q", a.Phone)
		}
	})
	t.Run("the number of his phone names him too", func(t *testing.T) {
		dial(ctx, t, own, "*20113#0000", "")
		waitAgent(ctx, t, h, "a13", acd.AgentReady)
	})
	t.Run("the PIN is asked for", func(t *testing.T) {
		dial(ctx, t, other, "*2014", "0000#")
		waitAgent(ctx, t, h, "a14", acd.AgentReady)
	})
	t.Run("*22 logs out", func(t *testing.T) {
		dial(ctx, t, other, "*22", "")
		waitAgent(ctx, t, h, "a14", acd.AgentOffline)
	})
	t.Run("three wrong PINs lock the phone", func(t *testing.T) {
		dial(ctx, t, other, "*2014#1111", "")
		dial(ctx, t, other, "*2014", "2222#")
		dial(ctx, t, other, "*2014#3333", "")
		dial(ctx, t, other, "*2014#0000", "")
		if a := agentIs(h, "a14"); a.State != acd.AgentOffline {
			t.Errorf("after three wrong PINs the right one made a14 %s", a.State)
		}
		dial(ctx, t, own, "*2014#0000", "") // another phone is not locked
		waitAgent(ctx, t, h, "a14", acd.AgentReady)
		dial(ctx, t, own, "*22", "")
	})
	t.Run("codes that do not exist", func(t *testing.T) {
		for _, code := range []string{"*24", "*99", "*210", "*20abc", "*7999"} {
			var refused *phones.StatusError
			if c, err := own.Dial(ctx, code, phones.CallOptions{}); err == nil {
				_ = c.Hangup(ctx)
				t.Errorf("%s was answered", code)
			} else if !errors.As(err, &refused) {
				t.Errorf("%s: %v", code, err)
			}
		}
	})
	t.Run("*70 closes and reopens, for a supervisor", func(t *testing.T) {
		boss := must[*phones.Phone](t)(h.Phone(ctx, "112", 3))
		closed := func() bool { c, ok := h.App.Book().Closure("3000"); return ok && c.Closed }
		dial(ctx, t, own, "*20", "")
		dial(ctx, t, own, "*703000#0000", "")
		if closed() {
			t.Fatal("an agent who is no supervisor has closed the entry")
		}
		dial(ctx, t, boss, "*703000#0000", "")
		if closed() {
			t.Fatal("closed from a phone where nobody sits")
		}
		dial(ctx, t, boss, "*20", "")
		dial(ctx, t, boss, "*703000#1234", "")
		if closed() {
			t.Fatal("closed with a wrong PIN")
		}
		dial(ctx, t, boss, "*703000", "0000#")
		if !closed() {
			t.Fatal("not closed by the supervisor")
		}
		trunk := must[*phones.Phone](t)(h.Trunk(ctx))
		call := must[*phones.Call](t)(trunk.Dial(ctx, "3000", phones.CallOptions{}))
		if err := call.Ear().WaitEnergy(ctx); err != nil {
			t.Fatal("a caller hears nothing of the closure:", err)
		}
		if _, err := call.WaitEnded(ctx); err != nil {
			t.Fatal(err)
		}
		if legs := ended(ctx, t, h, 1); legs[0].End.Outcome != acd.Closed {
			t.Errorf("ended %+v", legs[0].End)
		}
		dial(ctx, t, boss, "*703000#0000", "")
		if closed() {
			t.Fatal("not reopened")
		}
	})
	nothingLeft(ctx, t, h)
}

// TestFeatureCodesAroundCalls: states asked for during a call, the end of after-call work, and calls
// of the agent's own.
func TestFeatureCodesAroundCalls(t *testing.T) {
	t.Parallel()
	ctx, h := hospital(t, Options{Edit: func(y string) string { return strings.ReplaceAll(y, "wrapup: 10s", "wrapup: 60s") }})
	l := &lane{n: 1, keys: "11", queue: "rdv", agent: "a13", voice: phones.PatientVoice(1)}
	l.phone = agentAt(ctx, t, h, "a13", "113", 1)
	second := must[*phones.Phone](t)(h.Phone(ctx, "115", 2))

	t.Run("*23 ends the after-call work", func(t *testing.T) {
		c := l.talk(ctx, t, h)
		hangup(ctx, t, c.at)
		waitAgent(ctx, t, h, "a13", acd.AgentWrapup)
		dial(ctx, t, l.phone, "*23", "")
		waitAgent(ctx, t, h, "a13", acd.AgentReady)
		c.over(ctx, t, byAgent)
	})
	t.Run("*23 without after-call work", func(t *testing.T) {
		dial(ctx, t, l.phone, "*23", "")
		if a := agentIs(h, "a13"); a.State != acd.AgentReady {
			t.Errorf("a13 is %s", a.State)
		}
	})
	for _, next := range []struct {
		code string
		want acd.AgentState
	}{{"*212", acd.AgentPaused}, {"*22", acd.AgentOffline}} {
		t.Run(next.code+" during a call is the next state", func(t *testing.T) {
			c := l.talk(ctx, t, h)
			dial(ctx, t, l.phone, next.code, "")
			if a := agentIs(h, "a13"); a.State != acd.AgentBusy || a.Next == nil || a.Next.State != next.want {
				t.Fatalf("during the call: %+v", a)
			}
			c.both(ctx, t, c.at) // the code is a call of its own; this one goes on
			hangup(ctx, t, c.at)
			waitAgent(ctx, t, h, "a13", acd.AgentWrapup)
			dial(ctx, t, l.phone, "*23", "")
			waitAgent(ctx, t, h, "a13", next.want)
			c.over(ctx, t, byAgent)
		})
	}
	for _, own := range []struct {
		name string
		dial func(t *testing.T) *phones.Call
	}{
		{"to another phone", func(t *testing.T) *phones.Call {
			second.SetPolicy(phones.AnswerAfter(0))
			return must[*phones.Call](t)(l.phone.Dial(ctx, "115", phones.CallOptions{}))
		}},
		{"to a ward", func(t *testing.T) *phones.Call {
			return must[*phones.Call](t)(l.phone.Dial(ctx, "4001", phones.CallOptions{}))
		}},
		{"from a colleague", func(t *testing.T) *phones.Call {
			l.phone.SetPolicy(phones.AnswerAfter(0))
			return must[*phones.Call](t)(second.Dial(ctx, "113", phones.CallOptions{}))
		}},
	} {
		t.Run("a call of his own, "+own.name, func(t *testing.T) {
			ready(ctx, t, h, "a13")
			mine := own.dial(t)
			waitAgent(ctx, t, h, "a13", acd.AgentBusyOwn)
			l.phone.SetPolicy(sender)
			trunk := must[*phones.Phone](t)(h.Trunk(ctx))
			call := must[*phones.Call](t)(trunk.Dial(ctx, "3000", phones.CallOptions{User: "0639981201", Tone: l.voice}))
			press(ctx, t, call, l.keys)
			var waiting acd.Leg
			until(ctx, t, h, "a waiting patient", func(v *acd.View) bool {
				for _, leg := range v.Image().Legs {
					if leg.State == acd.LegQueued {
						waiting = leg
						return true
					}
				}
				return false
			})
			if err := call.Ear().WaitEnergy(ctx); err != nil {
				t.Fatal(err)
			}
			if now, _ := h.App.Book().Leg(waiting.ID); now.State != acd.LegQueued || now.Offers != 0 {
				t.Errorf("offered during the agent's own call: %+v", now)
			}
			hangup(ctx, t, mine)
			until(ctx, t, h, "an offer after the agent's own call", func(v *acd.View) bool {
				leg, _ := v.Leg(waiting.ID)
				return leg.State == acd.LegTalking && leg.Agent == "a13"
			})
			hears(ctx, t, "the patient", call, l.phone.Tone())
			hangup(ctx, t, call)
			waitAgent(ctx, t, h, "a13", acd.AgentWrapup)
		})
	}
	nothingLeft(ctx, t, h)
}

// TestAgentBehindTrunk: an agent on a mobile or on the hospital's PBX must press 1; his voicemail
// swallows nobody.
func TestAgentBehindTrunk(t *testing.T) {
	t.Parallel()
	ctx, h := hospital(t, Options{Edit: func(y string) string {
		return strings.NewReplacer(
			`  "patient-1":`, "  mobile: {kind: trunk, trunk: autocom, number: \"4200\"}\n  \"patient-1\":",
			`phone: "113"`, "phone: mobile", "misses_before_unreachable: 2", "misses_before_unreachable: 5",
		).Replace(y)
	}})
	l := &lane{n: 1, keys: "11", queue: "rdv", agent: "a13", ward: "4200", voice: phones.PatientVoice(1)}
	ready(ctx, t, h, "a13")
	c := conversation{lane: l, h: h}
	calls := c.wardDoes(phones.AnswerAfter(0)) // a voicemail
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	c.caller = must[*phones.Call](t)(trunk.Dial(ctx, "3000", phones.CallOptions{User: "0639981201", Tone: l.voice}))
	press(ctx, t, c.caller, "11")
	mail := next(ctx, t, "the mobile", calls)
	c.contact = acd.ContactID(mail.Header("X-Contact-ID"))
	patient := mail.Ear().Watch(l.voice)
	gone(ctx, t, "the voicemail", mail)
	if total, _, _ := patient.Heard(); total > time.Second {
		t.Errorf("the voicemail heard the patient for %v", total)
	}
	until(ctx, t, h, "a miss", func(v *acd.View) bool {
		leg, _ := v.Leg(c.contact.Leg(1))
		a, _ := v.Agent("a13")
		return leg.State == acd.LegQueued && leg.Offers == 1 && a.Misses == 1
	})
	// A colleague at a desk phone takes the same patient, without pressing anything.
	desk := agentAt(ctx, t, h, "a16", "116", 2)
	desk.SetPolicy(phones.AnswerAfter(0))
	at := must[*phones.Call](t)(desk.WaitCall(ctx))
	if got := acd.ContactID(at.Header("X-Contact-ID")); got != c.contact {
		t.Fatalf("another contact: %s", got)
	}
	c.both(ctx, t, at)
	put(ctx, t, h, "/v1/agents/a16/state", map[string]string{"state": "offline"})
	hangup(ctx, t, at)
	c.over(ctx, t, byAgent)

	// And a person presses 1.
	calls = c.wardDoes(accepts)
	ready(ctx, t, h, "a13")
	c.caller = must[*phones.Call](t)(trunk.Dial(ctx, "3000", phones.CallOptions{User: "0639981201", Tone: l.voice}))
	press(ctx, t, c.caller, "11")
	person := next(ctx, t, "the mobile", calls)
	c.contact = acd.ContactID(person.Header("X-Contact-ID"))
	c.both(ctx, t, person)
	hangup(ctx, t, person)
	c.over(ctx, t, byAgent)
	nothingLeft(ctx, t, h)
}
