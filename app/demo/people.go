package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"accueil/acd"
	"accueil/phones"
	"accueil/site"
)

// The simulated services of the hospital's PBX listen here.
const (
	servicesIP   = "127.0.0.4"
	servicesPort = 5070
	patientsIP   = "127.0.0.2"
)

// simulatedAgents are those who work in the demonstration; the others are for newcomers.
const simulatedAgents = 12

// menuKeys are what patients press, about as often as in a real switchboard.
var menuKeys = []struct {
	keys   string
	weight int
}{{"11", 25}, {"12", 15}, {"2", 15}, {"3", 12}, {"0", 28}, {"", 5}}

// people are the simulated agents, patients and services.
type people struct {
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	closers  []func() error
	patients *phones.Phone
}

// bringPeople registers the agents' phones and lets patients call as on a Monday morning.
func (d *Demo) bringPeople(ctx context.Context) error {
	if !d.opt.People {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &people{cancel: cancel}
	d.later(p.leave)
	server := d.asterisk.SIPAddr()
	services, err := phones.NewServices(ctx, phones.ServicesConfig{
		LocalIP: servicesIP, LocalPort: servicesPort, Server: server, Tone: phones.AgentVoice(20), Policies: services(),
	})
	if err != nil {
		return err
	}
	p.closers = append(p.closers, services.Close)
	n := 0
	for _, id := range agentsOf(d.site) {
		if n++; n > simulatedAgents {
			break
		}
		if err := p.seat(ctx, d, id, n, server); err != nil {
			return err
		}
	}
	p.patients, err = phones.New(ctx, phones.Config{LocalIP: patientsIP, Server: server})
	if err != nil {
		return err
	}
	p.closers = append(p.closers, p.patients.Close)
	p.wg.Add(1)
	go func() { defer p.wg.Done(); p.monday(ctx, d) }()
	return nil
}

// agentsOf lists the agents with a SIP phone of their own, in order.
func agentsOf(s *site.Site) []acd.AgentID {
	var out []acd.AgentID
	for id, a := range s.Agents {
		if s.Phones[a.Phone].Kind == site.PhoneSIP {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// seat puts an agent at his phone: he logs in with *20 and works.
func (p *people) seat(ctx context.Context, d *Demo, id acd.AgentID, n int, server string) error {
	a := d.site.Agents[id]
	phone, err := phones.New(ctx, phones.Config{
		LocalIP: "127.0.0.1", Server: server, User: string(a.Phone), Password: d.site.Phones[a.Phone].Password.Reveal(), Tone: phones.AgentVoice(n),
	})
	if err != nil {
		return err
	}
	p.closers = append(p.closers, phone.Close)
	temper := phones.Ordinary
	switch {
	case n == 4:
		temper = phones.Slow
	case n%3 == 0:
		temper = phones.Quick
	}
	agent := &phones.Agent{Phone: phone, Temper: temper.Scaled(d.opt.Pace), Rand: rand.New(rand.NewPCG(1, uint64(n))), Login: "*20", Pause: "*21", Logout: "*22"}
	p.wg.Add(1)
	go func() { defer p.wg.Done(); _ = agent.Work(ctx) }()
	return nil
}

// monday lets patients call: from eight o'clock on, in step with the real clock.
func (p *people) monday(ctx context.Context, d *Demo) {
	rnd := rand.New(rand.NewPCG(8, 45))
	curve := phones.Monday(d.opt.CallsPerDay)
	at := 8 * time.Hour
	clock := time.NewTimer(0)
	defer clock.Stop()
	for n := uint64(0); ; n++ {
		next, ok := curve.Next(at, rnd)
		if !ok {
			return
		}
		clock.Reset(next - at)
		at = next
		select {
		case <-ctx.Done():
			return
		case <-clock.C:
		}
		patient := phones.Patient{
			Phone: p.patients, Entry: entry(rnd), Keys: keys(rnd), Temper: phones.Ordinary.Scaled(d.opt.Pace), Rand: rand.New(rand.NewPCG(n, 2)),
			Options: phones.CallOptions{User: fmt.Sprintf("0600%06d", rnd.IntN(1_000_000))},
		}
		p.wg.Add(1)
		go func() { defer p.wg.Done(); _, _ = patient.Visit(ctx) }()
	}
}

func entry(rnd *rand.Rand) string {
	if rnd.IntN(12) == 0 {
		return "3001"
	}
	return "3000"
}

func keys(rnd *rand.Rand) string {
	sum := 0
	for _, k := range menuKeys {
		sum += k.weight
	}
	n := rnd.IntN(sum)
	for _, k := range menuKeys {
		if n -= k.weight; n < 0 {
			return k.keys
		}
	}
	return ""
}

// services answer like people do: they listen to what the call is about and press 1. Some are busy,
// some do not answer; 4003 never does, so that a newcomer sees a patient come back.
func services() map[string]phones.Policy {
	out := map[string]phones.Policy{}
	for n := phones.FirstService; n <= phones.LastService; n++ {
		ring := time.Duration(2+n%4) * time.Second
		out[fmt.Sprint(n)] = phones.Run(ring, phones.Script{phones.WaitEnergy(), phones.Talk(2 * time.Second), phones.Press("1"), phones.Stay()})
	}
	out["4003"], out["4016"], out["4017"] = phones.NoAnswer(), phones.NoAnswer(), phones.NoAnswer()
	out["4014"], out["4015"] = phones.Busy(), phones.Busy()
	out["4018"] = phones.Decline()
	return out
}

// leave hangs up and waits for everybody.
func (p *people) leave() {
	p.cancel()
	for _, c := range slices.Backward(p.closers) {
		_ = c()
	}
	p.wg.Wait()
}

// explain says where everything is and how to join.
func (d *Demo) explain() {
	http := "http://" + d.app.Addr().String()
	d.say(strings.Join([]string{
		"",
		"The demonstration hospital is open.",
		"  API       %[1]s/v1/queues   (token: %[4]s)",
		"  metrics   %[1]s/metrics",
		"  SIP       %[2]s   (calls from " + patientsIP + " count as the operator's trunk)",
		"  join      register a softphone as 113 with password demo-113, dial *20: you are agent a13.",
		"            Register another as patient-1 with password demo-patient-1 and dial 3000.",
		"            In a call: *1 and 4003# transfers; nobody answers there, so the patient comes back.",
		"  files     %[3]s",
		"Ctrl-C stops everything.",
		"",
	}, "\n"), http, d.site.Listen.SIP, d.opt.Dir, demoToken)
}

// demoToken is the public supervisor's token of the demonstration's token file.
const demoToken = "demo-supervisor"
