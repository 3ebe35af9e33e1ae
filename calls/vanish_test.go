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
		"heard all along":            {[]look{{700 * ms, 35, true}, {740 * ms, 37, true}}, joining},
		"counted once":               {[]look{{700 * ms, 35, true}}, briefing},
		"never heard":                {[]look{{700 * ms, 0, true}, {4 * time.Second, 0, true}}, briefing},
		"heard late":                 {[]look{{700 * ms, 0, true}, {9 * time.Second, 1, true}, {9040 * ms, 3, true}}, joining},
		"stopped, not long ago":      {[]look{{700 * ms, 15, true}, {740 * ms, 15, true}, {3 * time.Second, 15, true}}, briefing},
		"comfort noise":              {[]look{{700 * ms, 15, true}, {740 * ms, 15, true}, {3 * time.Second, 16, true}}, joining},
		"vanished":                   {[]look{{700 * ms, 15, true}, {740 * ms, 15, true}, {3700 * ms, 15, true}}, inQueue},
		"vanished, still being told": {[]look{{300 * ms, 15, false}, {4 * time.Second, 15, false}}, briefing},
	} {
		w := &world{now: 1_000_000, view: acd.NewView(), channels: map[string]bool{}, bridges: map[string][]string{}, playing: map[string]string{}, ended: map[acd.LegID]int{}}
		leg := acd.ContactID("c1").Leg(1)
		begin := w.now
		w.view.Apply(acd.Entry{Legs: []acd.Leg{{ID: leg, Rev: 1, State: acd.LegBriefing, Since: w.now, Channel: "caller", Agent: testAgent, Queue: "rdv"}}})
		w.m = &machine{env: environment{book: w, voice: w, plan: w, desk: w, router: w, boot: "t"}, contact: "c1", leg: leg, phase: briefing, script: &testScript{queued: true},
			lang: "fr", agentID: testAgent, bridge: "b", caller: party{id: "caller", up: true, music: MusicWaiting}, agent: party{id: "phone", up: true, plays: []string{"p"}}}
		w.m.now = begin
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
