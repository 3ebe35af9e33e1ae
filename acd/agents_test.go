package acd

import (
	"fmt"
	"testing"
	"time"
)

// agentLives are ways to bring a01, who sits at 101, into every state.
var agentLives = []struct {
	name  string
	state AgentState
	do    func(*world)
}{
	{"offline", AgentOffline, func(w *world) { w.fact(KindLogout, func(tx *Tx) error { return tx.Logout("a01") }) }},
	{"ready", AgentReady, func(*world) {}},
	{"offered", AgentOffered, func(w *world) { lives[LegOffered](w) }},
	{"briefing", AgentBusy, func(w *world) { lives[LegBriefing](w) }},
	{"talking", AgentBusy, func(w *world) { lives[LegTalking](w) }},
	{"own call", AgentBusyOwn, func(w *world) { w.fact(KindOwnCall, func(tx *Tx) error { return tx.OwnCall("a01", 1) }) }},
	{"wrapup", AgentWrapup, func(w *world) {
		lives[LegTalking](w)
		w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: Answered}) })
	}},
	{"paused", AgentPaused, func(w *world) { w.fact(KindAgentState, func(tx *Tx) error { return tx.Pause("a01", "pause_1") }) }},
	{"missed", AgentUnreachable, func(w *world) {
		lives[LegOffered](w)
		w.fact(KindOfferEnded, func(tx *Tx) error { return tx.EndOffer("c/1", OfferResult{Ending: NoAnswer, MissLimit: 1}) })
	}},
	{"phone lost", AgentUnreachable, func(w *world) {
		w.fact(KindPhone, func(tx *Tx) error { return tx.PhoneChanged("101", false, "n1", "ast") })
	}},
}

// agentActs are what can happen to him.
var agentActs = []struct {
	name string
	do   func(*Tx) error
}{
	{"ready", func(tx *Tx) error { return tx.Login("a01", "101", "n1") }},
	{"ready again", func(tx *Tx) error { return tx.Ready("a01") }},
	{"elsewhere", func(tx *Tx) error { return tx.Login("a01", "103", "n1") }},
	{"pause", func(tx *Tx) error { return tx.Pause("a01", "pause_2") }},
	{"logout", func(tx *Tx) error { return tx.Logout("a01") }},
	{"replaced", func(tx *Tx) error { return tx.Login("a02", "101", "n1") }},
	{"end wrapup", func(tx *Tx) error { return tx.EndWrapup("a01", false) }},
	{"wrapup due", func(tx *Tx) error { return tx.EndWrapup("a01", true) }},
	{"own begins", func(tx *Tx) error { return tx.OwnCall("a01", 1) }},
	{"own ends", func(tx *Tx) error { return tx.SetOwnCalls("a01", 0) }},
	{"phone gone", func(tx *Tx) error { return tx.PhoneChanged("101", false, "n1", "ast") }},
	{"phone back", func(tx *Tx) error { return tx.PhoneChanged("101", true, "n1", "ast") }},
	{"offer", func(tx *Tx) error {
		for _, move := range []func() error{
			func() error { return tx.Arrive(Leg{ID: "d/1"}) },
			func() error { return tx.StartMenu("d/1") },
			func() error { return tx.Enqueue("d/1", Queueing{Queue: "rdv"}) },
			func() error { return tx.Claim("d/1", Offer{Agent: "a01"}, Decision{}, Lead{}) },
		} {
			if err := move(); err != nil {
				return err
			}
		}
		return nil
	}},
	{"answers", moves[LegAnswered]},
	{"offer over", func(tx *Tx) error { return tx.EndOffer("c/1", OfferResult{Ending: Refused, MissLimit: 1}) }},
	{"missed out", func(tx *Tx) error { return tx.EndOffer("c/1", OfferResult{Ending: NoAnswer, MissLimit: 1}) }},
	{"caller gone", func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: Abandoned}) }},
	{"bridged", moves[LegJoined]},
	{"audio lost", moves[LegMediaLost]},
	{"talk over", func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: Answered}) }},
	{"skills", func(tx *Tx) error { return tx.SetSkills("a01", map[SkillID]int{"fr": 3}, false, "s1") }},
	{"healed", func(tx *Tx) error { return tx.Heal("a01", func(LegID) bool { return false }) }},
}

// agentRows is the life of an agent: everything absent leaves his state as it is or is refused.
// docs/states.md shows these rows in this order.
var agentRows = []struct {
	life string
	act  string
	from AgentState
	on   string
	to   AgentState
}{
	{"offline", "ready", AgentOffline, "he logs in at a phone (`*20`, desk)", AgentReady},
	{"ready", "offer", AgentReady, "a caller is offered to him", AgentOffered},
	{"ready", "pause", AgentReady, "he asks for a pause (`*21`)", AgentPaused},
	{"ready", "logout", AgentReady, "he logs out (`*22`), or another logs in at his phone", AgentOffline},
	{"ready", "own begins", AgentReady, "a call of his own begins", AgentBusyOwn},
	{"ready", "phone gone", AgentReady, "his phone loses its registration", AgentUnreachable},
	{"offered", "answers", AgentOffered, "he picks up: the briefing begins", AgentBusy},
	{"offered", "offer over", AgentOffered, "the offer comes to nothing, or the caller leaves", AgentReady},
	{"offered", "missed out", AgentOffered, "the phone rang out once too often", AgentUnreachable},
	{"briefing", "offer over", AgentBusy, "he hangs up in the briefing, or the caller leaves", AgentReady},
	{"talking", "talk over", AgentBusy, "the conversation ends or is handed on", AgentWrapup},
	{"talking", "audio lost", AgentBusy, "his audio dies", AgentUnreachable},
	{"own call", "own ends", AgentBusyOwn, "his last own call ends", AgentReady},
	{"own call", "pause", AgentBusyOwn, "he asks for a pause", AgentPaused},
	{"own call", "logout", AgentBusyOwn, "he logs out", AgentOffline},
	{"wrapup", "wrapup due", AgentWrapup, "its time is up, or he ends it (`*23`, `*20`)", AgentReady},
	{"wrapup", "pause", AgentWrapup, "he asks for a pause", AgentPaused},
	{"wrapup", "logout", AgentWrapup, "he logs out", AgentOffline},
	{"wrapup", "own begins", AgentWrapup, "a call of his own begins", AgentBusyOwn},
	{"wrapup", "phone gone", AgentWrapup, "his phone loses its registration", AgentUnreachable},
	{"paused", "ready", AgentPaused, "he comes back (`*20`)", AgentReady},
	{"paused", "logout", AgentPaused, "he logs out", AgentOffline},
	{"phone lost", "phone back", AgentUnreachable, "his phone is registered again, where that was the cause", AgentReady},
	{"missed", "ready", AgentUnreachable, "he comes back (`*20`, desk) and his phone is registered", AgentReady},
	{"missed", "pause", AgentUnreachable, "he asks for a pause", AgentPaused},
	{"missed", "logout", AgentUnreachable, "he logs out", AgentOffline},
}

// further rows that the page has put together with one of the above.
var agentSame = map[[2]string]AgentState{
	{"offered", "caller gone"}: AgentReady, {"briefing", "caller gone"}: AgentReady, {"briefing", "missed out"}: AgentUnreachable,
	{"wrapup", "end wrapup"}: AgentReady, {"wrapup", "ready"}: AgentReady, {"wrapup", "ready again"}: AgentReady,
	{"paused", "ready again"}: AgentReady, {"missed", "ready again"}: AgentReady, {"wrapup", "replaced"}: AgentOffline,
	{"ready", "replaced"}: AgentOffline, {"own call", "replaced"}: AgentOffline, {"paused", "replaced"}: AgentOffline,
	{"missed", "replaced"}: AgentOffline, {"phone lost", "replaced"}: AgentOffline,
	{"phone lost", "pause"}: AgentPaused, {"phone lost", "logout"}: AgentOffline,
	{"offline", "elsewhere"}: AgentReady, {"own call", "elsewhere"}: AgentReady, {"wrapup", "elsewhere"}: AgentReady,
	{"paused", "elsewhere"}: AgentReady, {"missed", "elsewhere"}: AgentReady, {"phone lost", "elsewhere"}: AgentReady,
	// The call is over for him whatever is found to be wrong with it; facts that fit no row free him.
	{"offered", "healed"}: AgentReady, {"briefing", "healed"}: AgentReady, {"talking", "healed"}: AgentReady,
	{"offered", "bridged"}: AgentBusy, {"offered", "talk over"}: AgentReady, {"briefing", "talk over"}: AgentReady,
	{"offered", "audio lost"}: AgentReady, {"briefing", "audio lost"}: AgentReady,
	{"talking", "caller gone"}: AgentWrapup, {"talking", "offer over"}: AgentWrapup, {"talking", "missed out"}: AgentWrapup,
}

func TestEveryAgentStateWithEveryAct(t *testing.T) {
	t.Parallel()
	want := map[[2]string]AgentState{}
	for k, s := range agentSame {
		want[k] = s
	}
	for _, r := range agentRows {
		want[[2]string{r.life, r.act}] = r.to
	}
	for _, life := range agentLives {
		for _, act := range agentActs {
			t.Run(life.name+"/"+act.name, func(t *testing.T) {
				w := newWorld(t)
				life.do(w)
				if got := w.agent("a01").State; got != life.state {
					t.Fatalf("brought up as %s, want %s", got, life.state)
				}
				w.pass(time.Minute)
				_, err := w.try(KindAgentState, true, act.do)
				to, moves := want[[2]string{life.name, act.name}]
				if !moves {
					to = life.state
				}
				if got := w.agent("a01").State; got != to {
					t.Errorf("became %s (%v), want %s", got, err, to)
				}
				if moves && err != nil {
					t.Errorf("refused: %v", err)
				}
				if life.name != "healed" && act.name != "healed" { // Heal is told a lie here
					w.check()
				}
			})
		}
	}
	for _, r := range agentRows {
		found := false
		for _, l := range agentLives {
			found = found || l.name == r.life && l.state == r.from
		}
		if !found {
			t.Errorf("row %q starts from %s, which %q is not", r.on, r.from, r.life)
		}
	}
}

// A state asked for while serving comes when the caller has left and the after-call work is done, and
// no offer comes between (KPI.md).
func TestNextStateIsHonoured(t *testing.T) {
	t.Parallel()
	for _, life := range []string{"offered", "briefing", "talking"} {
		for _, ask := range []struct {
			act  string
			want AgentState
		}{{"pause", AgentPaused}, {"logout", AgentOffline}} {
			t.Run(life+"/"+ask.act, func(t *testing.T) {
				w := newWorld(t)
				for _, l := range agentLives {
					if l.name == life {
						l.do(w)
					}
				}
				for _, a := range agentActs {
					if a.name == ask.act {
						w.fact(KindAgentState, a.do)
					}
				}
				if a := w.agent("a01"); a.Next == nil || a.Next.State != ask.want || len(a.Legs) != 1 {
					t.Fatalf("next state %+v with %v", a.Next, a.Legs)
				}
				outcome := Abandoned
				if life == "talking" {
					outcome = Answered
				}
				w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: outcome}) })
				if life == "talking" {
					if a := w.agent("a01"); a.State != AgentWrapup || a.Free(Voice, w.now) {
						t.Fatalf("after the call: %s", a.State)
					}
					w.pass(10 * time.Second)
					w.fact(KindWrapupEnded, func(tx *Tx) error { return tx.EndWrapup("a01", true) })
				}
				a := w.agent("a01")
				if a.State != ask.want || a.Next != nil || a.State == AgentPaused && a.Reason != "pause_2" {
					t.Errorf("%+v", a)
				}
				w.check()
			})
		}
	}
}

// The idle clock restarts with a conversation's end, a login and a return; an offer that came to
// nothing leaves it alone (DESIGN §6).
func TestIdleClock(t *testing.T) {
	t.Parallel()
	restarts := map[[2]string]bool{
		{"offline", "ready"}: true, {"paused", "ready"}: true, {"missed", "ready"}: true, {"phone lost", "phone back"}: true,
		{"talking", "talk over"}: true, {"talking", "audio lost"}: true, {"own call", "own ends"}: true,
		{"ready", "ready"}: false, {"ready", "offer"}: false, {"offered", "offer over"}: false, {"offered", "missed out"}: false,
		{"offered", "caller gone"}: false, {"briefing", "offer over"}: false, {"briefing", "caller gone"}: false,
		{"wrapup", "wrapup due"}: false, {"wrapup", "ready"}: false, {"ready", "pause"}: false, {"ready", "own begins"}: false,
		{"ready", "phone gone"}: false,
	}
	for k, want := range restarts {
		w := newWorld(t)
		for _, l := range agentLives {
			if l.name == k[0] {
				l.do(w)
			}
		}
		before := w.agent("a01").IdleSince
		w.pass(time.Minute)
		for _, a := range agentActs {
			if a.name == k[1] {
				w.fact(KindAgentState, a.do)
			}
		}
		if after := w.agent("a01").IdleSince; (after == w.now) != want || !want && after != before {
			t.Errorf("%v: idle since %d, then %d; restarts should be %t", k, before, after, want)
		}
	}
}

// SCENARIOS A22 and DESIGN §6, Misses.
func TestEndingsOfAnOffer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		result  OfferResult
		state   AgentState
		reason  string
		misses  int
		agent   time.Duration // excluded from everything
		contact time.Duration // excluded from this contact
	}{
		{OfferResult{Ending: NoAnswer, MissLimit: 2}, AgentReady, "", 1, 0, time.Minute},
		{OfferResult{Ending: NoAnswer, MissLimit: 1}, AgentUnreachable, UnreachableMissed, 1, 0, time.Minute},
		{OfferResult{Ending: NoAnswer}, AgentReady, "", 1, 0, time.Minute},
		{OfferResult{Ending: NoAnswer, MissLimit: 1, LastRoutable: true}, AgentReady, "", 1, time.Minute, time.Minute},
		{OfferResult{Ending: NoAnswer, MissLimit: 2, LastRoutable: true}, AgentReady, "", 1, 0, time.Minute},
		{OfferResult{Ending: Busy, MissLimit: 1}, AgentReady, "", 0, time.Minute, time.Minute},
		{OfferResult{Ending: Refused, MissLimit: 1}, AgentReady, "", 0, 10 * time.Second, 10 * time.Second},
		{OfferResult{Ending: AgentGone, MissLimit: 1, Cause: UnreachablePhone}, AgentUnreachable, UnreachablePhone, 0, 0, time.Minute},
		{OfferResult{Ending: OfferFailed, MissLimit: 1, Cause: UnreachableMedia}, AgentUnreachable, UnreachableMedia, 0, 0, time.Minute},
		{OfferResult{Ending: OfferFailed, MissLimit: 1}, AgentReady, "", 0, 0, time.Minute},
		{OfferResult{Ending: CallerGone, MissLimit: 1}, AgentReady, "", 0, 0, 0},
	} {
		w := newWorld(t)
		lives[LegOffered](w)
		score := w.leg("c/1").Score()
		w.pass(15 * time.Second)
		change := w.fact(KindOfferEnded, func(tx *Tx) error { return tx.EndOffer("c/1", c.result) })
		a, l := w.agent("a01"), w.leg("c/1")
		name := fmt.Sprintf("%+v", c.result)
		if a.State != c.state || a.Reason != c.reason || a.Misses != c.misses || len(a.Legs) != 0 {
			t.Errorf("%s: %+v", name, a)
		}
		if l.State != LegQueued || l.Score() != score || l.Offer != nil || l.Agent != "" || change.Entry.Ending != c.result.Ending {
			t.Errorf("%s: %+v", name, l)
		}
		for _, d := range []struct {
			what string
			want time.Duration
			out  func(Instant) bool
		}{
			{"any contact", c.agent, func(at Instant) bool { return a.Excluded > at }},
			{"this contact", c.contact, func(at Instant) bool { return l.ExcludedAgent("a01", at) }},
		} {
			if d.out(w.now) != (d.want > 0) || d.want > 0 && (!d.out(w.now.Add(d.want)-1) || d.out(w.now.Add(d.want))) {
				t.Errorf("%s: not kept from %s for %s", name, d.what, d.want)
			}
		}
		w.check()
	}
	w := newWorld(t)
	lives[LegOffered](w)
	for _, e := range []Ending{Accepted, "", "else"} {
		if _, err := w.try(KindOfferEnded, true, func(tx *Tx) error { return tx.EndOffer("c/1", OfferResult{Ending: e}) }); err == nil {
			t.Errorf("an offer ended as %q", e)
		}
	}
}

// SCENARIOS A18: a second login while logged in is no event.
func TestTwiceIsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, again := range map[string]func(*Tx) error{
		"login":  func(tx *Tx) error { return tx.Login("a01", "101", "n1") },
		"ready":  func(tx *Tx) error { return tx.Ready("a01") },
		"skills": func(tx *Tx) error { return tx.SetSkills("a01", nil, false, "") },
		"own":    func(tx *Tx) error { return tx.SetOwnCalls("a01", 0) },
		"opened": func(tx *Tx) error { tx.Close("3000", false, "s1"); return nil },
	} {
		if c := w.fact(KindAgentState, again); !c.Empty() {
			t.Errorf("%s: %+v", name, c.Before)
		}
	}
	for _, a := range agentActs {
		if a.name == "pause" || a.name == "logout" {
			w.fact(KindAgentState, a.do)
			if c := w.fact(KindAgentState, a.do); !c.Empty() {
				t.Errorf("%s twice: %+v", a.name, c.Before)
			}
		}
	}
}

// A login at a desk where somebody serves is refused and changes nothing; one at a desk that was left
// logs its last user out.
func TestOneDeskOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.talking("c/1", "a01")
	if _, err := w.try(KindLogin, false, func(tx *Tx) error { return tx.Login("a02", "101", "n1") }); err == nil {
		t.Error("a02 sits where a01 is talking")
	}
	if a := w.agent("a01"); a.Next != nil {
		t.Error("the refused login left a trace")
	}
	if _, err := w.try(KindLogin, false, func(tx *Tx) error { return tx.Login("a01", "103", "n1") }); err == nil {
		t.Error("a01 moved while talking")
	}
	w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: Answered}) })
	w.fact(KindLogin, func(tx *Tx) error { return tx.Login("a02", "101", "n1") })
	if a, b := w.agent("a01"), w.agent("a02"); a.State != AgentOffline || b.Phone != "101" || b.State != AgentReady {
		t.Errorf("%s and %s at %s", a.State, b.State, b.Phone)
	}
	if n := w.total[MetricWrapup+"_count"]; n != 1 {
		t.Errorf("after-call work cut short was counted %d times", n)
	}
	w.check()
}
