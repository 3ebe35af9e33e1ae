package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// story keeps every entry of the log from its beginning, so that a test can tell afterwards what
// happened in which order, not only how it ended.
type story struct {
	t *testing.T
	h *Hospital

	mu      sync.Mutex
	entries []acd.Entry
	view    *acd.View
	changed chan struct{} // closed at each entry, and replaced
	calls   sync.Mutex    // one arrival at a time
}

// tell opens a hospital and follows its log.
func tell(t *testing.T, o Options) (context.Context, *story) {
	t.Helper()
	ctx, h := hospital(t, o)
	s := &story{t: t, h: h, view: acd.NewView(), changed: make(chan struct{})}
	sub := logOf(ctx, t, h).Subscribe("story")
	s.view.Apply(sub.Image)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for e := range sub.Entries {
			s.mu.Lock()
			s.entries = append(s.entries, e)
			s.view.Apply(e)
			close(s.changed)
			s.changed = make(chan struct{})
			s.mu.Unlock()
		}
	}()
	t.Cleanup(func() { sub.Close(); <-over })
	return ctx, s
}

// in returns the story for a part of the test.
func (s *story) in(t *testing.T) *chapter { return &chapter{story: s, t: t} }

// chapter is a story as one subtest tells it.
type chapter struct {
	*story
	t *testing.T
}

// until waits for the condition, which is looked at after each entry of the log.
func (s *chapter) until(ctx context.Context, what string, ok func(v *acd.View, log []acd.Entry) bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		s.mu.Lock()
		changed, yes := s.changed, ok(s.view, s.entries)
		s.mu.Unlock()
		if yes {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			s.mu.Lock()
			defer s.mu.Unlock()
			s.t.Fatalf("never: %s\nlegs %+v\nagents %+v", what, s.view.Legs(), s.view.Agents())
		}
	}
}

// patient is one caller.
type patient struct {
	*phones.Call
	contact acd.ContactID
}

// patientTone gives each caller of a process a voice of his own.
var patientTone = func() func() float64 {
	var mu sync.Mutex
	n := 0
	return func() float64 {
		mu.Lock()
		defer mu.Unlock()
		n++
		return phones.PatientVoice(n)
	}
}()

// patient places a call through the operator's trunk and waits until the log knows it.
func (s *chapter) patient(ctx context.Context, entry string) patient {
	s.t.Helper()
	return s.caller(ctx, entry, phones.CallOptions{User: "0612345678"})
}

// caller is a patient with a number and a name of his own.
func (s *chapter) caller(ctx context.Context, entry string, o phones.CallOptions) patient {
	s.t.Helper()
	s.calls.Lock()
	defer s.calls.Unlock()
	trunk := must[*phones.Phone](s.t)(s.h.Trunk(ctx))
	o.Tone = patientTone()
	s.mu.Lock()
	from := len(s.entries)
	s.mu.Unlock()
	call := must[*phones.Call](s.t)(trunk.Call(ctx, entry, o))
	p := patient{Call: call}
	s.until(ctx, "the caller arrives", func(_ *acd.View, log []acd.Entry) bool {
		i := slices.IndexFunc(log[from:], func(e acd.Entry) bool { return e.Kind == acd.KindArrived })
		if i < 0 {
			return false
		}
		p.contact = log[from+i].Legs[0].ID.Contact()
		return true
	})
	if err := call.WaitAnswered(ctx); err != nil {
		s.t.Fatal("the caller is not answered:", err)
	}
	return p
}

// queued places a call that goes straight to the queue of the entry and waits until it has its place.
func (s *chapter) queued(ctx context.Context, entry string) patient {
	s.t.Helper()
	p := s.patient(ctx, entry)
	s.until(ctx, "the caller is queued", func(_ *acd.View, log []acd.Entry) bool {
		_, ok := last(log, p.contact, func(e acd.Entry, l acd.Leg) bool { return e.Kind == acd.KindQueued })
		return ok
	})
	return p
}

// last returns the latest entry about the contact that fits.
func last(log []acd.Entry, c acd.ContactID, fits func(acd.Entry, acd.Leg) bool) (acd.Entry, bool) {
	for i := len(log) - 1; i >= 0; i-- {
		for _, l := range log[i].Legs {
			if l.ID.Contact() == c && fits(log[i], l) {
				return log[i], true
			}
		}
	}
	return acd.Entry{}, false
}

// entry returns the latest entry of a kind about the contact.
func (s *chapter) entry(kind acd.Kind, p patient) acd.Entry {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := last(s.entries, p.contact, func(e acd.Entry, _ acd.Leg) bool { return e.Kind == kind })
	if !ok {
		s.t.Fatalf("no entry %s", kind)
	}
	return e
}

// leg returns the contact's latest leg.
func (s *chapter) leg(p patient) acd.Leg {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	legs := s.view.ContactLegs(p.contact)
	if len(legs) == 0 {
		s.t.Fatal("the contact has no leg")
	}
	return legs[len(legs)-1]
}

// reaches waits until the contact's latest leg is in the state.
func (s *chapter) reaches(ctx context.Context, p patient, state acd.LegState) acd.Leg {
	s.t.Helper()
	var l acd.Leg
	s.until(ctx, fmt.Sprintf("the caller is %s", state), func(v *acd.View, _ []acd.Entry) bool {
		legs := v.ContactLegs(p.contact)
		if len(legs) > 0 {
			l = legs[len(legs)-1]
		}
		return l.State == state
	})
	return l
}

// offer is one ring as the log tells it.
type offer struct {
	Agent  acd.AgentID
	Made   acd.Instant
	Ending acd.Ending // "" while it lasts
	Ended  acd.Instant
}

func offersOf(log []acd.Entry, c acd.ContactID) []offer {
	var out []offer
	for _, e := range log {
		for _, l := range e.Legs {
			switch {
			case l.ID.Contact() != c:
			case e.Kind == acd.KindClaimed:
				out = append(out, offer{Agent: l.Agent, Made: e.At})
			case e.Ending != "" && len(out) > 0:
				out[len(out)-1].Ending, out[len(out)-1].Ended = e.Ending, e.At
			}
		}
	}
	return out
}

// offers waits until the contact has had n offers and the first n have ended, and returns them all.
func (s *chapter) offers(ctx context.Context, p patient, n int) []offer {
	s.t.Helper()
	var out []offer
	s.until(ctx, fmt.Sprintf("%d offers ended", n), func(_ *acd.View, log []acd.Entry) bool {
		out = offersOf(log, p.contact)
		return len(out) >= n && out[n-1].Ending != ""
	})
	return out
}

// ends waits for the contact's end and checks that there is exactly one, as told. It returns the
// entry that ended it, which holds the agent as it left him.
func (s *chapter) ends(ctx context.Context, p patient, outcome acd.Outcome, phase acd.LegState, reason string) acd.Entry {
	s.t.Helper()
	s.reaches(ctx, p, acd.LegEnded)
	s.mu.Lock()
	defer s.mu.Unlock()
	var ends []acd.Entry
	for _, e := range s.entries {
		for _, l := range e.Legs {
			if l.ID.Contact() != p.contact {
				continue
			}
			if l.Anomaly || e.Anomaly != "" {
				s.t.Errorf("anomaly %q in entry %s", e.Anomaly, e.Kind)
			}
			if l.End != nil && e.Kind == acd.KindEnded {
				ends = append(ends, e)
			}
		}
	}
	if len(ends) != 1 {
		s.t.Fatalf("%d ends", len(ends))
	}
	l := image(ends[0], p.contact)
	if l.End.Outcome != outcome || l.End.Phase != phase || l.End.Reason != reason {
		s.t.Errorf("ended %s in %s (%q), want %s in %s (%q); its story:\n%s", l.End.Outcome, l.End.Phase, l.End.Reason, outcome, phase, reason, timeline(s.entries, p.contact))
	}
	return ends[0]
}

// timeline tells a contact's life in lines.
func timeline(log []acd.Entry, c acd.ContactID) string {
	var b strings.Builder
	var from acd.Instant
	for _, e := range log {
		for _, l := range e.Legs {
			if l.ID.Contact() == c {
				if from == 0 {
					from = e.At
				}
				fmt.Fprintf(&b, "%6d ms  seq %d  %-14s %-12s rev %d queue %s agent %s %s\n", e.At.Sub(from).Milliseconds(), e.Seq, e.Kind, l.State, l.Rev, l.Queue, l.Agent, e.Ending)
			}
		}
	}
	return b.String()
}

func image(e acd.Entry, c acd.ContactID) acd.Leg {
	for _, l := range e.Legs {
		if l.ID.Contact() == c {
			return l
		}
	}
	return acd.Leg{}
}

// agentIn returns the agent as the entry left him.
func agentIn(t *testing.T, e acd.Entry, id acd.AgentID) acd.Agent {
	t.Helper()
	for _, a := range e.Agents {
		if a.ID == id {
			return a
		}
	}
	t.Fatalf("entry %s of %d says nothing about agent %s", e.Kind, e.Seq, id)
	return acd.Agent{}
}

// freeAtOnce checks that the entry left the agent ready, without after-call work, without a miss and
// with his idle clock untouched.
func freeAtOnce(t *testing.T, e acd.Entry, was acd.Agent) {
	t.Helper()
	unharmed(t, agentIn(t, e, was.ID), was, e.At)
}

// unharmed checks that a caller who left has cost the agent nothing.
func unharmed(t *testing.T, a, was acd.Agent, at acd.Instant) {
	t.Helper()
	if a.State != acd.AgentReady || a.Load != 0 || len(a.Legs) > 0 || a.Misses != was.Misses || a.Excluded > at || a.IdleSince != was.IdleSince {
		t.Errorf("the agent is not free at once: %+v, was %+v", a, was)
	}
}

// agent returns the agent as he is now.
func (s *chapter) agent(id acd.AgentID) acd.Agent {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, _ := s.view.Agent(id)
	return a
}

func (s *chapter) waitAgent(ctx context.Context, id acd.AgentID, state acd.AgentState) acd.Agent {
	s.t.Helper()
	var a acd.Agent
	s.until(ctx, fmt.Sprintf("agent %s is %s", id, state), func(v *acd.View, _ []acd.Entry) bool {
		a, _ = v.Agent(id)
		return a.State == state
	})
	return a
}

// sits makes the usual agent of the phone ready for the length of the chapter; afterwards he is gone
// and so is his phone's temper.
func (s *chapter) sits(ctx context.Context, p *phones.Phone, id acd.AgentID, does phones.Policy) *phones.Phone {
	s.t.Helper()
	p.SetPolicy(does)
	s.ready(ctx, id)
	s.t.Cleanup(func() { // an end here (Fatal) would hide what the test has to say, when it has subtests
		if code, text, err := s.h.Request(ctx, http.MethodPut, statePath(id), map[string]acd.AgentState{"state": acd.AgentOffline}); err != nil || code/100 != 2 {
			s.t.Errorf("%s does not go home: %d %v %s", id, code, err, text)
		}
	})
	return p
}

// ready lets the agent begin, and waits until he has been ready.
func (s *chapter) ready(ctx context.Context, id acd.AgentID) {
	s.t.Helper()
	s.mu.Lock()
	from := len(s.entries)
	s.mu.Unlock()
	s.state(ctx, id, acd.AgentReady)
	// Where a caller waits already he is ready for a millisecond only: the entries tell.
	s.until(ctx, fmt.Sprintf("agent %s has been ready", id), func(v *acd.View, log []acd.Entry) bool {
		a, _ := v.Agent(id)
		return a.State == acd.AgentReady || slices.ContainsFunc(log[from:], func(e acd.Entry) bool {
			return slices.ContainsFunc(e.Agents, func(a acd.Agent) bool { return a.ID == id && a.State == acd.AgentReady })
		})
	})
}

func (s *chapter) state(ctx context.Context, id acd.AgentID, state acd.AgentState) {
	s.t.Helper()
	put(ctx, s.t, s.h, statePath(id), map[string]acd.AgentState{"state": state})
}

func statePath(id acd.AgentID) string { return "/v1/agents/" + string(id) + "/state" }

// hangup ends a call from the phone's side.
func (s *chapter) hangup(ctx context.Context, c *phones.Call) {
	s.t.Helper()
	if err := c.Hangup(ctx); err != nil {
		s.t.Fatal("hang up:", err)
	}
}

// nextCall is the next call that the phone has now and that lives, whatever came before.
func nextCall(ctx context.Context, t *testing.T, p *phones.Phone) *phones.Call {
	t.Helper()
	for {
		c := must[*phones.Call](t)(p.WaitCall(ctx))
		if _, over := c.End(); !over {
			return c
		}
	}
}

// excluded checks how long after an instant the agent is kept from the contact.
func (s *chapter) excluded(p patient, id acd.AgentID, from acd.Instant, want time.Duration) {
	s.t.Helper()
	for _, x := range s.leg(p).Excluded {
		if x.Agent == id {
			if got := x.Until.Sub(from); got != want {
				s.t.Errorf("kept from the contact for %v, want %v", got, want)
			}
			return
		}
	}
	s.t.Errorf("agent %s is not kept from the contact: %+v", id, s.leg(p).Excluded)
}

// meets checks that caller and agent hear each other.
func meets(ctx context.Context, t *testing.T, p patient, at *phones.Call) {
	t.Helper()
	if err := p.Ear().WaitTone(ctx, at.Tone()); err != nil {
		t.Fatal("the caller does not hear the agent:", err)
	}
	if err := at.Ear().WaitTone(ctx, p.Tone()); err != nil {
		t.Fatal("the agent does not hear the caller:", err)
	}
}

// neverSilent checks that the caller has heard something every two seconds (DESIGN §7.2).
func neverSilent(t *testing.T, p patient) {
	t.Helper()
	if n := p.Ear().Hearing().LongestNothing; n > 2*time.Second {
		t.Errorf("the caller heard nothing for %v", n.Round(time.Millisecond))
	}
}

// --- the site file ---------------------------------------------------------------------------------

// edit makes one change of the site file from pairs of old and new text; a text that is not there
// fails the hospital's start, so that no test runs on a site it did not ask for.
func edit(pairs ...string) func(string) string {
	return func(y string) string {
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(y, pairs[i]) {
				return "the demonstration's site file has no " + pairs[i]
			}
			y = strings.ReplaceAll(y, pairs[i], pairs[i+1])
		}
		return y
	}
}

// Entry 3100 leads straight to the queue essai, without a word.
const directScenario = `version: 1
start: file
emergency_message: false
nodes:
  file: {queue: essai}
`

// quick is a site with a queue of its own for tests, essai, that entry 3100 leads to: the shortest
// ring, no after-call work, and whoever has rdv >= 5, of whom a18 is asked first, then a15, a14, a13
// (least surplus). The lines replace or add keys of the queue; further edits are made by with.
func quick(lines ...string) Options {
	keys := []string{"ring: 5s", "wrapup: 0s", "max_wait: 15m", "max_waiting: 30", "when_unstaffed: wait", "waiting: attente", "fallback: {goto: accueil}", `steps: [{require: "rdv >= 5"}]`}
	for _, line := range lines {
		key, _, _ := strings.Cut(line, ":")
		keys = slices.DeleteFunc(keys, func(k string) bool { return strings.HasPrefix(k, key+":") })
		if !strings.HasSuffix(line, ": none") {
			keys = append(keys, line)
		}
	}
	return Options{
		Scenarios: map[string]string{"direct.yaml": directScenario},
		Edit: edit(
			"\nentries:\n", "\nentries:\n  \"3100\": {trunk: operateur, scenario: direct}\n",
			"\nreasons:\n", "\nreasons:\n  essai: {label: {fr: \"essai\", en: \"trial\"}, queue: essai}\n",
			"\nqueues:\n", "\nqueues:\n  essai:\n    "+strings.Join(keys, "\n    ")+"\n",
		),
	}
}

// also adds a queue with an entry, a reason and a scenario of its own, all of that name.
func also(o Options, name, number string, lines ...string) Options {
	scenario := "version: 1\nstart: file\nemergency_message: false\nnodes:\n  file: {queue: " + name + "}\n" +
		"  message:\n    say: {fr: \"Merci, au revoir.\", en: \"Thank you, goodbye.\"}\n"
	add, to := entry(number, name)
	return with(o, map[string]string{name + ".yaml": scenario}, add, to,
		"\nreasons:\n", "\nreasons:\n  "+name+": {label: {fr: \"essai\", en: \"trial\"}, queue: "+name+"}\n",
		"\nqueues:\n", "\nqueues:\n  "+name+":\n    "+strings.Join(lines, "\n    ")+"\n")
}

// with adds edits and scenarios to the options.
func with(o Options, scenarios map[string]string, pairs ...string) Options {
	first, then := o.Edit, edit(pairs...)
	o.Edit = func(y string) string { return then(first(y)) }
	all := map[string]string{}
	maps.Copy(all, o.Scenarios)
	maps.Copy(all, scenarios)
	o.Scenarios = all
	return o
}

// entry is an edit that adds an entry of the operator's trunk.
func entry(number, scenario string) (string, string) {
	return "\nentries:\n", "\nentries:\n  \"" + number + "\": {trunk: operateur, scenario: " + scenario + "}\n"
}
