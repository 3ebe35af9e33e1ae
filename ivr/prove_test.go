package ivr

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"accueil/acd"
)

func testSite() Site {
	label := map[acd.Lang]string{"fr": "x", "en": "x"}
	return Site{
		Languages: []acd.Lang{"fr", "en"},
		Entries:   map[acd.EntryID]Entry{"1": {Scenario: "main"}},
		Reasons:   map[acd.ReasonID]Reason{"accueil": {Label: label, Queue: "accueil"}, "rdv": {Label: label, Queue: "rdv"}},
		Queues:    map[acd.QueueID]Queue{"accueil": {Fallback: Fallback{Queue: "rdv"}}, "rdv": {Fallback: Fallback{Node: "menu"}}},
		Extension: func(n string) bool { return n == "4003" },
	}
}

const loop = `version: 1
start: menu
nodes:
  menu:
    menu:
      prompt: {fr: a, en: a}
      options: {"1": deaf, "2": call, "3": say, "4": rdv, "8": {goto: menu, language: en}}
  deaf:
    menu:
      prompt: {fr: a, en: a}
      options: {"1": menu}
    barge_in: false
  call:
    transfer: {to: "4003", no_answer: menu}
  say:
    say: {fr: a, en: a}
    next: menu
  rdv:
    queue: rdv
`

// Menus, queues and transfers that lead back to each other in every way still let nobody go round.
func TestProveHoldsInCircles(t *testing.T) {
	t.Parallel()
	p, fs := Load(map[string][]byte{"main.yaml": []byte(loop)}, testSite())
	if p == nil {
		t.Fatal(fs)
	}
	if fs := p.Prove(); len(fs) > 0 {
		t.Error(fs)
	}
}

// A machine that broke its promises would be found: the checks are tried on broken ones.
func TestProveFindsBrokenPromises(t *testing.T) {
	t.Parallel()
	p, fs := Load(map[string][]byte{"main.yaml": []byte(loop)}, testSite())
	if p == nil {
		t.Fatal(fs)
	}
	p.scenarios["main"].nodes["say"].next = link{node: "say"}
	if fs := p.Prove(); len(fs) != 1 || !strings.Contains(fs.String(), `left at "say"`) {
		t.Errorf("a circle of words: %v", fs)
	}
	w := newWalk(p, p.scenarios["main"], nil, "fr")
	w.mode = mode(99)
	if err := newProof(p).keepsPromises(w); err == nil {
		t.Error("a mode that answers nothing was accepted")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(loop))
	for _, name := range []string{"testdata/scenarios/full.yaml", "../deploy/demo/scenarios/principal.yaml", "../deploy/demo/scenarios/attente.yaml"} {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, name := range []string{"testdata/scenarios/verbs.yaml", "testdata/scenarios/identification.yaml"} {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte("version: 1\nstart: a\nnodes: {a: {collect: {prompt: {fr: x, en: y}, length: 4, as: n, given: b, none: b}}, b: {branch: {if: 'n == \"given\"', then: c, else: c}}, c: {queue: rdv}}"))
	f.Add([]byte("version: 1\nstart: a\nnodes: {a: {set: {reason: rdv, variables: {v: x}}, next: b}, b: {branch: {when: [{if: 'v in [\"x\"] and not (queue(\"rdv\").wait > 3)', then: c}], else: a}}, c: {queue: {}}}"))
	f.Add([]byte("version: 1\nstart: a\nnodes: {a: {sub: main, next: b}, b: {consent: {to: sms, prompt: {fr: x, en: y}}, next: return}}"))
	f.Add([]byte("version: 1\nstart: a\nnodes: {a: {goto: a}}"))
	f.Add([]byte("version: 1\nstart: a\nnodes: {a: {hours: {timetable: {mon: '08:00-09:00'}, open: b, closed: c, holiday: c}}, b: {queue: rdv}, c: {say: {fr: 'Ouvre {next_opening}.', en: '{next_opening}'}}}"))
	f.Add([]byte("version: 1\nstart: a\nnodes: {a: {say: {fr: x, en: y}, rebind: {'0': a}}}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		p, fs := Load(map[string][]byte{"main.yaml": src}, testSite())
		if p == nil {
			if !fs.Failed() {
				t.Fatal("no program and no error")
			}
			_ = fs.String()
			return
		}
		// What Load accepts keeps every promise.
		if len(p.scenarios["main"].nodes) > 12 {
			return
		}
		if fs := p.Prove(); len(fs) > 0 {
			t.Fatalf("%v\n%s", fs, src)
		}
	})
}

// A hospital of many queues that all lead back into the menu is proved too: the ways through their
// refusals are not counted out one by one.
func TestProveManyQueues(t *testing.T) {
	t.Parallel()
	site := testSite()
	body := "version: 1\nstart: menu\nnodes:\n  menu:\n    menu:\n      prompt: {fr: a, en: a}\n      options: {\"1\": m0}\n"
	const queues = 8
	for i := range queues {
		q := acd.QueueID(fmt.Sprintf("q%d", i))
		site.Queues[q] = Queue{Fallback: Fallback{Node: "menu"}}
		site.Reasons[acd.ReasonID(q)] = Reason{Label: site.Reasons["rdv"].Label, Queue: q}
		next := ""
		if i < queues-1 {
			next = fmt.Sprintf(", \"2\": m%d", i+1)
		}
		body += fmt.Sprintf("  m%d:\n    menu:\n      prompt: {fr: a, en: a}\n      options: {\"1\": k%d%s}\n  k%d: {queue: q%d}\n", i, i, next, i, i)
	}
	p, fs := Load(map[string][]byte{"main.yaml": []byte(body)}, site)
	if p == nil {
		t.Fatal(fs)
	}
	if fs := p.Prove(); len(fs) > 0 {
		t.Error(fs)
	}
}

// Branches of many cases in a row cost what their different ways cost, not what their cases do: nine of
// four cases once took a minute and a half. What differs in too many ways is refused.
func TestProveBoundsDecisions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cases []string // where they lead, but for the next branch
		want  string
	}{
		"alike":     {[]string{"", "", ""}, ""},
		"different": {[]string{"x", "y", "z"}, "decisions follow each other"},
	} {
		body := "version: 1\nstart: menu\nnodes:\n  z: {queue: rdv}\n  menu: {menu: {prompt: {fr: a, en: a}, options: {\"1\": c0}}}\n"
		const chain = 9
		for i := range chain {
			next := fmt.Sprintf("c%d", i+1)
			if i == chain-1 {
				next = "z"
			}
			var when []string
			for _, to := range c.cases {
				if to != "" {
					to = fmt.Sprintf("%s%d", to, i)
					body += fmt.Sprintf("  %s: {goto: %s}\n", to, next)
				} else {
					to = next
				}
				when = append(when, fmt.Sprintf("{if: 'lang == \"fr\"', then: %s}", to))
			}
			body += fmt.Sprintf("  c%d: {branch: {when: [%s], else: %s}}\n", i, strings.Join(when, ", "), next)
		}
		p, fs := Load(map[string][]byte{"main.yaml": []byte(body)}, testSite())
		if p == nil {
			t.Fatal(fs)
		}
		if got := p.Prove(); got.Failed() != (c.want != "") || !strings.Contains(got.String(), c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
