package calls

import (
	"testing"
	"time"

	"accueil/acd"
)

// TestWhoVanishesInTheBriefing: looks at the agent's packets decide when his caller leaves the music.
func TestWhoVanishesInTheBriefing(t *testing.T) {
	type look struct {
		after   time.Duration
		packets int
		over    bool // the briefing is spoken by then
	}
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		looks []look
		want  phase
	}{
		"heard all along":             {[]look{{300 * ms, 15, false}, {600 * ms, 30, false}, {700 * ms, 35, true}}, joining},
		"a key, at once":              {[]look{{50 * ms, 2, true}}, joining},
		"a key, between two packets":  {[]look{{300 * ms, 15, false}, {310 * ms, 15, true}}, joining},
		"never heard":                 {[]look{{300 * ms, 0, false}, {4 * time.Second, 0, true}}, briefing},
		"heard late":                  {[]look{{300 * ms, 0, false}, {4 * time.Second, 0, true}, {9 * time.Second, 1, true}}, joining},
		"stopped, not long ago":       {[]look{{300 * ms, 15, false}, {time.Second, 15, true}}, briefing},
		"comfort noise":               {[]look{{300 * ms, 15, false}, {2 * time.Second, 15, true}, {2500 * ms, 16, true}}, joining},
		"vanished":                    {[]look{{300 * ms, 15, false}, {2 * time.Second, 15, true}, {3300 * ms, 15, true}}, inQueue},
		"vanished, long briefing":     {[]look{{300 * ms, 15, false}, {4 * time.Second, 15, true}}, inQueue},
		"vanished, still being told":  {[]look{{300 * ms, 15, false}, {4 * time.Second, 15, false}}, briefing},
		"gaps are no end, if it goes": {[]look{{300 * ms, 15, false}, {4 * time.Second, 16, true}}, joining},
	} {
		w := &world{now: 1_000_000, view: acd.NewView(), channels: map[string]bool{}, bridges: map[string][]string{}, playing: map[string]string{}, ended: map[acd.LegID]int{}}
		leg := acd.ContactID("c1").Leg(1)
		begin := w.now
		w.view.Apply(acd.Entry{Legs: []acd.Leg{{ID: leg, Rev: 1, State: acd.LegBriefing, Since: w.now, Channel: "caller", Agent: testAgent, Queue: "rdv"}}})
		w.m = &machine{env: environment{book: w, voice: w, plan: w, desk: w, router: w, boot: "t"}, contact: "c1", leg: leg, phase: briefing, script: &testScript{queued: true},
			lang: "fr", agentID: testAgent, bridge: "b", caller: party{id: "caller", up: true, music: MusicWaiting}, agent: party{id: "phone", up: true, plays: []string{"p"}}}
		w.m.now = begin
		w.m.packets, w.m.flowed = 0, begin
		for _, l := range test.looks {
			if l.over {
				w.m.agent.plays = nil
			}
			w.m.handle(evHeard{"phone", l.packets}, begin.Add(l.after))
		}
		if w.m.phase != test.want {
			t.Errorf("%s: %s, want %s", name, w.m.phase, test.want)
		}
	}
}
