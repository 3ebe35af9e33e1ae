package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"accueil/acd"
	"accueil/e2e"
	"accueil/phones"
)

// All patients and all agents of the benchmark have one voice each, so that anybody can tell whether
// he hears the other side.
var (
	patientVoice = phones.PatientVoice(1)
	agentVoice   = phones.AgentVoice(1)
)

// straight leads a caller into the queue without a word, and lets him wait in music: what is compared
// is the hand-over, and the others say nothing either.
var straight = map[string]string{
	"principal.yaml": `version: 1
start: file
emergency_message: false
nodes:
  file:
    queue: rdv.consultation
`,
	"attente.yaml": `version: 1
start: musique
nodes:
  musique:
    wait: 60s
    next: musique
`,
}

// Agents of the demonstration's site, and those that the larger parts add.
const (
	demoAgents = 20
	moreAgents = 60
)

// siteEdit changes the demonstration's site: everybody serves every queue, no after-call work, a beep
// as briefing, long queues, and more agents where they are wanted.
func siteEdit(more int) func(string) string {
	return func(y string) string {
		y = strings.NewReplacer(
			`{require: "rdv >= 5"}`, `{require: "fr >= 1"}`,
			`{require: "resultats >= 4"}`, `{require: "fr >= 1"}`,
			"wrapup: 10s", "wrapup: 0s", "wrapup: 20s", "wrapup: 0s",
			"max_waiting: 30", "max_waiting: 1000", "max_waiting: 20", "max_waiting: 1000",
			`pin_file: secrets/pins/demo, skills`, `pin_file: secrets/pins/demo, briefing: beep, skills`,
		).Replace(y)
		var ps, as strings.Builder
		for n := range more {
			fmt.Fprintf(&ps, "  %q: {kind: sip, password_file: secrets/phones/101}\n", extraPhone(n))
			fmt.Fprintf(&as, "  %s: {name: \"Agent %d\", phone: %q, pin_file: secrets/pins/demo, briefing: beep, skills: {fr: 10}}\n", extraAgent(n), n, extraPhone(n))
		}
		y = strings.Replace(y, "\nphones:\n", "\nphones:\n"+ps.String(), 1)
		return strings.Replace(y, "\nagents:\n", "\nagents:\n"+as.String(), 1)
	}
}

func extraPhone(n int) acd.PhoneID { return acd.PhoneID(fmt.Sprint(201 + n)) }
func extraAgent(n int) acd.AgentID { return acd.AgentID(fmt.Sprintf("b%d", 201+n)) }

// desk is one agent at one phone.
type desk struct {
	agent    acd.AgentID
	phone    acd.PhoneID
	password string
}

func desks(more int) []desk {
	var out []desk
	for n := range demoAgents {
		phone := fmt.Sprint(101 + n)
		out = append(out, desk{acd.AgentID(fmt.Sprintf("a%02d", n+1)), acd.PhoneID(phone), "demo-" + phone})
	}
	for n := range more {
		out = append(out, desk{extraAgent(n), extraPhone(n), "demo-101"})
	}
	return out
}

// seat registers a phone for every desk.
func seat(ctx context.Context, h *e2e.Hospital, ds []desk) (ps []*phones.Phone, leave func(), err error) {
	leave = func() {
		for _, p := range ps {
			_ = p.Close()
		}
	}
	for _, d := range ds {
		p, err := phones.New(context.WithoutCancel(ctx), phones.Config{
			LocalIP: e2e.PhonesIP, Server: h.Asterisk.SIPAddr(), User: string(d.phone), Password: d.password, Tone: agentVoice,
		})
		if err != nil {
			return ps, leave, fmt.Errorf("open phone %s: %w", d.phone, err)
		}
		ps = append(ps, p)
		if err := p.Register(ctx, 10*time.Minute); err != nil {
			return ps, leave, fmt.Errorf("register phone %s: %w", d.phone, err)
		}
	}
	return ps, leave, nil
}

// makeReady brings every agent to work, and waits until all are.
func makeReady(ctx context.Context, h *e2e.Hospital, ds []desk) error {
	for _, d := range ds {
		code, text, err := h.Request(ctx, http.MethodPut, "/v1/agents/"+string(d.agent)+"/state", map[string]string{"state": "ready"})
		if err != nil {
			return fmt.Errorf("make agent %s ready: %w", d.agent, err)
		}
		if code/100 != 2 {
			return fmt.Errorf("make agent %s ready: status %d, %s", d.agent, code, text)
		}
	}
	return poll(ctx, "every agent ready", func() (bool, error) {
		_, text, err := h.Request(ctx, http.MethodGet, "/v1/agents", nil)
		if err != nil {
			return false, err
		}
		var list []struct {
			State acd.AgentState `json:"state"`
		}
		if err := json.Unmarshal(text, &list); err != nil {
			return false, fmt.Errorf("read the list of agents: %w", err)
		}
		n := 0
		for _, a := range list {
			if a.State == acd.AgentReady {
				n++
			}
		}
		return n == len(ds), nil
	})
}

// poll asks again until something is so. It is for the start of a measurement, never part of one.
func poll(ctx context.Context, what string, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		ok, err := ask()
		if err != nil {
			return fmt.Errorf("wait for %s: %w", what, err)
		}
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// metric reads one number of the controller's own figures: the line that begins with name and a blank.
func metric(ctx context.Context, h *e2e.Hospital, name string) (float64, error) {
	_, text, err := h.Request(ctx, http.MethodGet, "/metrics", nil)
	if err != nil {
		return 0, fmt.Errorf("read the metrics: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			var v float64
			_, err := fmt.Sscan(rest, &v)
			return v, err
		}
	}
	return 0, fmt.Errorf("the metrics have no %s", name)
}
