package calls

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"accueil/acd"
)

// reachedBy is a conversation with a person who was called back: his channel, which we made, the agent's, and
// the bridge of both. edit changes what the channel remembers.
func (s *survivors) reachedBy(edit func(*packed)) (leg acd.LegID, patient, agent string) {
	now := s.Now()
	contact := acd.NewContactID(now.Add(-26 * time.Hour))
	leg = contact.Leg(2)
	patient, agent = "acc."+string(contact)+".xt1", agentChannel(leg, 3)
	p := packed{Phase: "talking", At: now.Add(-30 * time.Second), Leg: acd.Leg{ID: leg, Arrived: now.Add(-25 * time.Hour), AgeFrom: now.Add(-26 * time.Hour),
		Queue: "rdv", FirstQueue: "rdv", Reason: "rdv", Lang: "fr", Offers: 3, Agent: testAgent, Phone: testPhone, Bridged: now.Add(-30 * time.Second),
		Entry: "3000", Trunk: "operateur", Callback: &acd.Callback{Reached: now.Add(-31 * time.Second), Task: "t1"}}}
	if edit != nil {
		edit(&p)
	}
	s.channels = append(s.channels, Channel{ID: patient, Up: true, Ours: true, State: packState(p), Since: now.Add(-40 * time.Second), Number: "0100000000"},
		Channel{ID: agent, Up: true, Ours: true, Since: now.Add(-50 * time.Second)})
	s.bridges = append(s.bridges, Bridge{ID: "acc." + string(contact) + ".bt1", Channels: []string{patient, agent}})
	return leg, patient, agent
}

// Redis is empty and the controller new, while an agent talks with a person whom he called back. Whether the
// node's own fold still has the callback as waiting, as offered, or not at all: the two talk on, it is
// counted once, as no call that came in, and its end leaves nothing behind.
func TestAConversationThatWasCalledBackIsRecovered(t *testing.T) {
	for name, fold := range map[string]func(leg acd.LegID, now acd.Instant) []acd.Leg{
		"nothing is known": func(acd.LegID, acd.Instant) []acd.Leg { return nil },
		"it waits in the fold": func(leg acd.LegID, now acd.Instant) []acd.Leg {
			return []acd.Leg{{ID: leg, Rev: 4, State: acd.LegCallback, Since: now.Add(-time.Hour), Node: "n1", Entry: "3000", Trunk: "operateur", Queue: "rdv", FirstQueue: "rdv",
				Previous: leg.Contact().Leg(1), Arrived: now.Add(-25 * time.Hour), AgeFrom: now.Add(-26 * time.Hour), Offers: 2,
				Callback: &acd.Callback{Until: now.Add(time.Hour), Task: "t1", Attempts: []acd.Attempt{{At: now.Add(-time.Hour), By: "a02", Result: acd.AttemptBusy}}}}}
		},
		"it is offered in the fold": func(leg acd.LegID, now acd.Instant) []acd.Leg {
			return []acd.Leg{{ID: leg, Rev: 5, State: acd.LegBriefing, Since: now.Add(-50 * time.Second), Node: "n1", Entry: "3000", Trunk: "operateur", Queue: "rdv", FirstQueue: "rdv",
				Previous: leg.Contact().Leg(1), Arrived: now.Add(-25 * time.Hour), AgeFrom: now.Add(-26 * time.Hour), Offers: 3, Agent: testAgent, Phone: testPhone,
				Offer: &acd.Offer{ID: "o3", Agent: testAgent, Phone: testPhone}, Callback: &acd.Callback{Until: now.Add(time.Hour), Task: "t1"}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			s := newSurvivors()
			now := s.Now()
			leg, patient, agent := s.reachedBy(nil)
			s.view.Apply(acd.Entry{Legs: fold(leg, now)})
			c := s.controller()
			defer c.Stop()
			r, err := c.Reconcile(t.Context())
			if err != nil || r.Recovered != 1 || r.Adopted != 1 || r.Orphans != 0 || r.Bridges != 0 || r.Arrived != 0 || r.Ended != 0 {
				t.Fatalf("%+v, %v", r, err)
			}
			l, _ := s.view.Leg(leg)
			if l.State != acd.LegTalking || l.Agent != testAgent || l.Channel != patient || l.CallsBack() || l.Initial() || l.Queue != "rdv" || l.Entry != "3000" || l.Trunk != "operateur" ||
				l.Callback.Task != "t1" || l.Callback.Attempts[len(l.Callback.Attempts)-1].Result != acd.AttemptReached || now.Sub(l.WaitsFrom()) < 26*time.Hour {
				t.Errorf("%+v %+v", l, l.Callback)
			}
			if a, _ := s.view.Agent(testAgent); a.State != acd.AgentBusy || len(a.Legs) != 1 {
				t.Errorf("the agent: %+v", a)
			}
			if len(s.hungUp()) > 0 {
				t.Fatalf("%v were hung up", s.hungUp())
			}
			c.Gone(patient, "", false)
			for ended := range s.ends { // each end of a leg is told
				if ended.ID == leg {
					if ended.End.Outcome != acd.Answered {
						t.Errorf("it ended as %+v", ended.End)
					}
					break
				}
			}
			c.Gone(agent, "", false)
		})
	}
}

// Who had only picked up, and whom the agent had not talked with, is let go: he is called again. So is a
// channel whose memory is of another contact.
func TestWhoHadOnlyPickedUpIsCalledAgain(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := newSurvivors()
	now := s.Now()
	leg, _, _ := s.reachedBy(func(p *packed) { p.Phase, p.Leg.Callback, p.Leg.Bridged = "calling", &acd.Callback{}, 0 })
	s.reachedBy(func(p *packed) { p.Leg.ID = acd.NewContactID(now.Add(-time.Hour)).Leg(2) })
	s.view.Apply(acd.Entry{Legs: []acd.Leg{{ID: leg, Rev: 4, State: acd.LegBriefing, Since: now.Add(-time.Hour), Node: "n1", Entry: "3000", Queue: "rdv",
		Previous: leg.Contact().Leg(1), AgeFrom: now.Add(-26 * time.Hour), Offers: 3, Agent: testAgent, Phone: testPhone,
		Offer: &acd.Offer{ID: "o3", Agent: testAgent, Phone: testPhone}, Callback: &acd.Callback{Until: now.Add(time.Hour)}}}})
	c := s.controller()
	defer c.Stop()
	r, err := c.Reconcile(t.Context())
	if err != nil || r.Recovered != 0 || r.Adopted != 0 || r.Orphans != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	if l, _ := s.view.Leg(leg); l.State != acd.LegCallback || l.Agent != "" || len(l.Callback.Attempts) != 0 {
		t.Errorf("%+v %+v", l, l.Callback)
	}
}
