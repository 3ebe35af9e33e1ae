package rehearsal_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
	"accueil/ivr/rehearsal"
)

const menu = `version: 1
start: accueil
nodes:
  accueil:
    menu:
      prompt: {fr: "Rendez-vous, tapez 1. Maternité, 2. Horaires, 3."}
      options: {"1": rdv, "2": maternite, "3": horaires}
  rdv: {queue: rdv}
  maternite: {transfer: {to: "4003", no_answer: accueil}}
  horaires: {say: {fr: "Ouvert de 8 heures à 18 heures."}, next: fin}
  fin: {hangup: {outcome: self_served, reason: horaires}}
`

func program(t testing.TB) *ivr.Program {
	t.Helper()
	p, findings := ivr.Load(map[string][]byte{"principal.yaml": []byte(menu)}, ivr.Site{
		Languages: []acd.Lang{"fr"},
		Entries:   map[acd.EntryID]ivr.Entry{"3000": {Scenario: "principal"}},
		Reasons: map[acd.ReasonID]ivr.Reason{
			"rdv":     {Queue: "rdv", Label: map[acd.Lang]string{"fr": "rendez-vous"}},
			"accueil": {Queue: "accueil", Label: map[acd.Lang]string{"fr": "accueil"}},
		},
		Queues:    map[acd.QueueID]ivr.Queue{"rdv": {Fallback: ivr.Fallback{Queue: "accueil"}}, "accueil": {}},
		Extension: func(string) bool { return true },
	})
	if p == nil {
		t.Fatal(findings)
	}
	return p
}

var ten = time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)

func begin(t testing.TB, p *ivr.Program, w rehearsal.World) *rehearsal.Call {
	t.Helper()
	script, err := p.Start("3000", "fr")
	if err != nil {
		t.Fatal(err)
	}
	w.Queue = func(r acd.ReasonID) acd.QueueID { return acd.QueueID(r) }
	w.Length = func(_ acd.Lang, ps []acd.Prompt) time.Duration { return time.Duration(len(ps)) * time.Second }
	return rehearsal.Begin(script, w, ten)
}

func texts(p *ivr.Program) func(acd.Lang, []acd.Prompt) string {
	byID := map[string]string{}
	for _, t := range p.Texts() {
		byID[t.ID] = t.Text
	}
	return func(_ acd.Lang, ps []acd.Prompt) string {
		var out []string
		for _, p := range ps {
			out = append(out, byID[p.ID])
		}
		return strings.Join(out, " ")
	}
}

func TestTests(t *testing.T) {
	p := program(t)
	full := func(acd.QueueID) acd.Refusal { return acd.RefusedFull }
	for name, c := range map[string]struct {
		steps   string
		expect  string
		world   rehearsal.World
		failure string // part of it; "" when the test is kept
	}{
		"a queue":                    {`[{hear: "si votre vie"}, {press: "1"}]`, `{queue: rdv, reason: rdv, node: rdv}`, rehearsal.World{}, ""},
		"an agent":                   {`[{press: "1"}, agent]`, `{queue: rdv, outcome: answered}`, rehearsal.World{}, ""},
		"another queue":              {`[{press: "1"}]`, `{queue: accueil}`, rehearsal.World{}, "the queue is rdv, expected accueil"},
		"words that are not said":    {`[{hear: "bonsoir"}]`, `{queue: rdv}`, rehearsal.World{}, `does not hear "bonsoir"; he hears: Si votre vie`},
		"an id":                      {`[{hear: principal.accueil}, {press: "3"}, {hear: principal.horaires}]`, `{outcome: self_served}`, rehearsal.World{}, ""},
		"two silences":               {`[silence, silence]`, `{reason: accueil}`, rehearsal.World{}, ""},
		"one silence":                {`[silence]`, `{reason: accueil}`, rehearsal.World{}, "the reason is none"},
		"an extension":               {`[{press: "2"}]`, `{to: "4003", outcome: transferred_out}`, rehearsal.World{}, ""},
		"one that does not answer":   {`[{press: "2"}]`, `{to: "4003", node: accueil}`, rehearsal.World{Extension: acd.NoAnswer}, ""},
		"full queues":                {`[{press: "1"}, {hear: sys.dissuade_full}]`, `{outcome: dissuaded}`, rehearsal.World{Refuse: full}, ""},
		"too long":                   {`[{press: "1"}, wait, max_wait]`, `{queue: accueil, reason: rdv}`, rehearsal.World{}, ""},
		"closed":                     {`[{hear: sys.closed}]`, `{outcome: closed}`, rehearsal.World{Closed: true}, ""},
		"closing time":               {`[{press: "1"}, closing, {hear: sys.queue_closing}, {hear: sys.closed}]`, `{outcome: closed}`, rehearsal.World{}, ""},
		"closing for nobody":         {`[closing]`, `{outcome: closed}`, rehearsal.World{}, "he waits in none"},
		"a queue that is closed":     {`[{press: "1"}, {hear: sys.closed}]`, `{outcome: closed}`, rehearsal.World{Shut: func(q acd.QueueID, r acd.ReasonID, _ time.Time) bool { return q == "rdv" && r == "rdv" }}, ""},
		"hangs up":                   {`[{press: "1"}, hang_up]`, `{outcome: abandoned}`, rehearsal.World{}, ""},
		"an emergency":               {`[{press: "19"}, hang_up]`, `{outcome: emergency}`, rehearsal.World{}, ""},
		"back to the place":          {`[{press: "19*"}]`, `{queue: rdv}`, rehearsal.World{}, ""},
		"a key after the end":        {`[{press: "3"}, {press: "1"}]`, `{outcome: self_served}`, rehearsal.World{}, "key 1 cannot be pressed: the call has ended (self_served)"},
		"an agent for nobody":        {`[agent]`, `{outcome: answered}`, rehearsal.World{}, "no agent can answer"},
		"a queue that takes nothing": {`[max_wait]`, `{outcome: answered}`, rehearsal.World{}, "he waits in none"},
	} {
		t.Run(name, func(t *testing.T) {
			src := "version: 1\ntests:\n  it:\n    entry: \"3000\"\n    steps: " + c.steps + "\n    expect: " + c.expect + "\n"
			tests, findings := rehearsal.ParseTests("t.yaml", []byte(src), rehearsal.Known{})
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			f := tests.List[0].Run(begin(t, p, c.world), texts(p))
			switch {
			case c.failure == "" && f != nil:
				t.Errorf("line %d: %s, %q", f.Line, f.Message, f.Way)
			case c.failure != "" && (f == nil || !strings.Contains(f.Message.String(), c.failure)):
				t.Errorf("got %+v, want a failure with %q", f, c.failure)
			case f != nil && (f.Line < 5 || f.Line > 6 || len(f.Way) == 0):
				t.Errorf("line %d, way %q", f.Line, f.Way)
			}
		})
	}
}

func TestBrokenTestFiles(t *testing.T) {
	for src, want := range map[string]string{
		"":                                       "empty",
		"tests: {}":                              "version is missing",
		"version: 2\ntests: {a: {}}":             "version 2 is not known",
		"version: 1":                             "no tests",
		"version: 1\ntests: {a: {entry: \"1\"}}": "expects nothing",
		"version: 1\ntests: {a: {expect: {queue: q}}}":                                                 "entry that is called is missing",
		"version: 1\ntests: {a: {entry: \"1\", queues: ful, expect: {queue: q}}}":                      "2:33: there is no state of queues \"ful\"",
		"version: 1\ntests: {a: {entry: \"1\", extension: gone, expect: {queue: q}}}":                  "2:36: there is no ending of an extension \"gone\"",
		"version: 1\ntests: {a: {entry: \"1\", steps: [wiat], expect: {queue: q}}}":                    "\"wiat\" is no step",
		"version: 1\ntests: {a: {entry: \"1\", steps: [{press: \"1x\"}], expect: {queue: q}}}":         "not keys of a telephone",
		"version: 1\ntests: {a: {entry: \"1\", steps: [{}], expect: {queue: q}}}":                      "either hear or press",
		"version: 1\ntests: {a: {entry: \"1\", expect: {qeue: q}}}":                                    "qeue",
		"version: 1\ntests: {a: {entry: \"300\", expect: {queue: q}}}":                                 "did you mean \"3000\"",
		"version: 1\ntests: {a: {entry: \"1\", lang: ft, expect: {queue: q}}}":                         "there is no language \"ft\"",
		"version: 1\ntests: {a: {entry: \"1\", caller: profesional, expect: {queue: q}}}":              "did you mean \"professional\"",
		"version: 1\ntests: {a: {entry: \"1\", lookup: fund, expect: {queue: q}}}":                     "did you mean \"found\"",
		"version: 1\ntests: {a: {entry: \"1\", announce: [crie], expect: {queue: q}}}":                 "there is no announcement \"crie\"",
		"version: 1\ntests: {a: {entry: \"1\", at: lundi, expect: {queue: q}}}":                        "\"lundi\" is no instant",
		"version: 1\ntests: {a: {entry: \"1\", expect: {outcome: anwsered}}}":                          "did you mean \"answered\"",
		"version: 1\ntests: {a: {entry: \"1\", expect: {queue: rdvs}}}":                                "did you mean \"rdv\"",
		"version: 1\ntests: {a: {entry: \"1\", expect: {reason: rdv}}}":                                "there is no reason \"rdv\"",
		"version: 1\ntests: {a: {entry: \"1\", expect: {node: meni}}}":                                 "did you mean \"menu\"",
		"version: 1\ntests: {a: {entry: \"1\", steps: [{hear: a, press: \"1\"}], expect: {queue: q}}}": "make two steps",
	} {
		tests, findings := rehearsal.ParseTests("t.yaml", []byte(src), rehearsal.Known{Entries: []string{"1", "3000"}, Languages: []string{"fr", "en"}, Queues: []string{"q", "rdv"}, Reasons: []string{"rdv.irm"},
			Announcements: []string{"crise"}, Nodes: []string{"menu"}, At: func(s string) error {
				_, err := time.Parse(time.DateOnly, s)
				return err
			}})
		if len(tests.List) > 0 && !strings.Contains(want, "version") {
			t.Errorf("%q: %v is played", src, tests.List)
		}
		if !findings.Failed() || !strings.Contains(findings.Error(), want) {
			t.Errorf("%q: %v, want %q", src, findings, want)
		}
	}
}

// TestEveryCallGoesOn presses anything at any moment: no call may stand still, go round or outlive its
// end, and its clock never goes back.
func TestEveryCallGoesOn(t *testing.T) {
	p := program(t)
	dice := rand.New(rand.NewPCG(4, 1))
	outcomes := map[acd.Outcome]int{}
	for range 3000 {
		w := rehearsal.World{Closed: dice.IntN(10) == 0, Extension: []acd.Ending{acd.Accepted, acd.NoAnswer, acd.Busy}[dice.IntN(3)]}
		if dice.IntN(3) == 0 {
			w.Refuse = func(acd.QueueID) acd.Refusal {
				return []acd.Refusal{"", acd.RefusedFull, acd.RefusedUnstaffed}[dice.IntN(3)]
			}
		}
		c := begin(t, p, w)
		for n := 0; c.Awaits() != rehearsal.Nobody; n++ {
			if n > 300 {
				t.Fatalf("goes on for ever: %+v", c.Events[len(c.Events)-5:])
			}
			switch d := dice.IntN(40); {
			case d < 12:
				c.Press("0123456789*#"[d])
			case d == 12:
				c.Answer()
			case d == 13:
				if dice.IntN(2) == 0 {
					c.Close()
				}
				c.GiveUp()
			case d == 14 || n > 200:
				c.HangUp()
			default:
				c.Pass()
			}
		}
		if !slices.IsSortedFunc(c.Events, func(a, b rehearsal.Event) int { return a.At.Compare(b.At) }) {
			t.Fatalf("the clock went back: %+v", c.Events)
		}
		events := len(c.Events)
		c.Press('1')
		c.Pass()
		c.HangUp()
		if c.Answer() || c.GiveUp() || c.Close() || len(c.Events) != events {
			t.Fatalf("alive after its end: %+v", c.Events)
		}
		outcomes[c.Outcome()]++
	}
	for _, o := range []acd.Outcome{acd.Answered, acd.Abandoned, acd.SelfServed, acd.Closed, acd.Dissuaded, acd.Emergency, acd.TransferredOut} {
		if outcomes[o] == 0 {
			t.Errorf("no call ended %s: %v", o, outcomes)
		}
	}
	if outcomes[acd.Failed] > 0 {
		t.Errorf("%d calls went round", outcomes[acd.Failed])
	}
}
