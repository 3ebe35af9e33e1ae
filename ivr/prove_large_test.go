package ivr

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
)

// largeSite is a hospital with that many queues, spoken to in three languages. Queues send whom they
// cannot take to each other, to nodes and to the night desk.
func largeSite(queues int) Site {
	site := testSite()
	site.Languages = []acd.Lang{"fr", "en", "es"}
	site.Texts = map[string]map[acd.Lang]string{}
	for id := range catalogue {
		site.Texts[id] = map[acd.Lang]string{"es": "x"}
	}
	label := map[acd.Lang]string{"fr": "x", "en": "x", "es": "x"}
	for id, r := range site.Reasons {
		site.Reasons[id] = Reason{Label: label, Queue: r.Queue}
	}
	for i := range queues {
		q := acd.QueueID(fmt.Sprintf("q%d", i))
		to := []Fallback{{Queue: "accueil"}, {Queue: acd.QueueID(fmt.Sprintf("q%d", (i+1)%queues))}, {Node: "menu"}, {Node: fmt.Sprintf("m%d", i)}, {Number: "4000"}}[i%5]
		site.Queues[q] = Queue{Fallback: to, Waiting: "attente", DissuadeUnstaffed: i%7 == 0}
		site.Reasons[acd.ReasonID(q)] = Reason{Label: label, Queue: q}
	}
	return site
}

// largeFiles is one scenario of about five nodes for each of n services, behind menus of four options,
// and a waiting scenario.
func largeFiles(n, queues int) map[string][]byte {
	const text = "{fr: a, en: a, es: a}"
	var b strings.Builder
	b.WriteString("version: 1\nstart: ouvert\ntimetables: {jour: {mon-fri: \"08:00-18:00\"}}\nnodes:\n" +
		"  ouvert: {hours: {timetable: jour, open: accueil, closed: nuit}}\n" +
		"  nuit: {say: " + text + ", barge_in: false, next: garde}\n  garde: {transfer: {to: \"4003\"}}\n" +
		"  accueil: {say: " + text + ", next: menu}\n" +
		"  menu:\n    menu: {prompt: " + text + ", options: {\"1\": m0, \"2\": m1, \"3\": m2, \"4\": m3, \"7\": {goto: menu, language: es}, \"8\": langue}}\n" +
		"  langue: {branch: {language: {fr: anglais, en: francais, es: francais}}}\n" +
		"  anglais: {goto: {goto: menu, language: en}}\n  francais: {goto: {goto: menu, language: fr}}\n")
	for i := range n {
		// Menus lead on to menus, four each, as a tree; where it ends they lead back.
		more := ""
		for k := range 3 {
			if to := 4 + 3*i + k; to < n {
				more += fmt.Sprintf(", \"%d\": m%d", 2+k, to)
			}
		}
		fmt.Fprintf(&b, "  m%d:\n    menu: {prompt: %s, options: {\"1\": s%d, \"5\": menu%s}}\n    waiver: test\n    barge_in: %t\n", i, text, i, more, i%3 != 0)
		fmt.Fprintf(&b, "  s%d: {say: %s, barge_in: %t, next: h%d}\n", i, text, i%2 == 0, i)
		fmt.Fprintf(&b, "  h%d: {hours: {timetable: jour, open: k%d, closed: t%d}}\n", i, i, i)
		fmt.Fprintf(&b, "  k%d: {queue: {reason: q%d, points: %d}}\n", i, i%queues, i%3)
		fmt.Fprintf(&b, "  t%d: {transfer: {to: \"4003\", no_answer: k%d}}\n", i, i)
	}
	return map[string][]byte{"main.yaml": []byte(b.String()), "attente.yaml": []byte("version: 1\nstart: a\nnodes:\n" +
		"  a: {say: " + text + ", next: b}\n  b: {wait: 40s, next: c}\n  c: {say: " + text + ", next: d}\n  d: {wait: 40s, next: e}\n  e: {wait: 40s, next: a}\n")}
}

func largeProgram(t testing.TB, services, queues int) *Program {
	t.Helper()
	p, fs := Load(largeFiles(services, queues), largeSite(queues))
	if p == nil {
		t.Fatal(fs)
	}
	return p
}

func BenchmarkProve(b *testing.B) {
	for _, c := range []struct{ services, queues int }{{8, 4}, {15, 10}, {30, 20}, {60, 40}, {95, 40}} {
		p := largeProgram(b, c.services, c.queues)
		b.Run(fmt.Sprintf("nodes=%d,queues=%d", len(p.scenarios["main"].nodes), c.queues), func(b *testing.B) {
			for range b.N {
				if fs := p.Prove(); len(fs) > 0 {
					b.Fatal(fs)
				}
			}
			known, err := reach(p)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(known)), "states")
		})
	}
}

// A hospital of 300 nodes and 40 queues is proved, and what that costs grows with its nodes and
// queues, not with their combinations.
func TestProveGrowsWithTheSite(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]int{{8, 10}, {60, 40}} {
		p := largeProgram(t, c[0], c[1])
		known, err := reach(p)
		if err != nil {
			t.Fatal(err)
		}
		size := len(p.scenarios["main"].nodes) + c[1]
		t.Logf("%d nodes and queues: %d states", size, len(known))
		if len(known) > 100*size || len(known) < size {
			t.Errorf("%d states for %d nodes and queues", len(known), size)
		}
	}
}

// reach proves the main scenario and returns what was visited.
func reach(p *Program) (map[state]*mark, error) {
	w := newWalk(p, p.scenarios["main"], nil, "fr")
	w.fates = new(fates)
	proof := newProof(p)
	err := proof.prove(w)
	return proof.known, err
}

// Prove forgets what it says the next answers do not depend on. Calls that forget nothing, and press
// and hear whatever they like, reach no state that it has not seen; and from wherever they are, one
// who then does nothing arrives, played out to the end.
func TestProveSeesWhereverCallsGo(t *testing.T) {
	t.Parallel()
	small, fs := Load(map[string][]byte{"main.yaml": []byte(loop)}, testSite())
	if small == nil {
		t.Fatal(fs)
	}
	for name, p := range map[string]*Program{"small": small, "large": largeProgram(t, 20, 12)} {
		known, err := reach(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []acd.Scene{
			acd.SceneAt(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)), acd.SceneAt(time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC)), // open, closed
		} {
			dice := rand.New(rand.NewPCG(1, 2))
			met := map[state]bool{}
			for range 60 {
				w := newWalk(p, p.scenarios["main"], nil, "fr")
				for range 80 {
					w.Handle(inputs[dice.IntN(len(inputs))], at)
					s := w.state()
					if m := known[s]; m == nil || !m.reached {
						t.Fatalf("%s: a call reaches %+v by %v, which Prove has not seen", name, s, w.Path())
					}
					met[s] = true
					if dice.IntN(5) > 0 {
						continue
					}
					for _, answer := range []func(*walk) acd.Heard{granted, refusedByAll, failing} {
						c := *w
						c.path = slices.Clone(w.path)
						n := 0
						for in := answer(&c); in != nil && n <= 4*patience; in = answer(&c) {
							c.Handle(in, at)
							n++
						}
						if n > 4*patience {
							t.Fatalf("%s: left at %q after %v", name, c.Node(), w.Path())
						}
					}
				}
			}
			if len(met) < 50 {
				t.Errorf("%s: the calls met %d states only", name, len(met))
			}
		}
	}
}

// refusedByAll is the world in which every queue refuses, as often as it is asked.
func refusedByAll(w *walk) acd.Heard {
	if w.mode == queuing || w.mode == moving {
		return acd.HeardRefused{Why: acd.RefusedFull}
	}
	return granted(w)
}
