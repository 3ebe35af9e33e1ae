package ivr_test

import (
	"slices"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
)

const straight = `version: 1
start: file
emergency_message: false
nodes:
  file: {queue: resultats}
  secours:
    say: {fr: "Rappelez.", en: "Call again."}
    next: fin
  fin: {hangup: self_served}
`

// TestEachRefusalHasItsWay: a limit with a way of its own leads there, the others to the fallback; so it
// is in the queue that a supervisor moved the caller to.
func TestEachRefusalHasItsWay(t *testing.T) {
	t.Parallel()
	site := demoSite()
	site.Entries["5"] = ivr.Entry{Scenario: "straight"}
	site.Queues["resultats"] = ivr.Queue{Waiting: "attente", Fallback: ivr.Fallback{Queue: "accueil"}, Overflow: map[acd.Refusal]ivr.Fallback{
		acd.RefusedFull: {Node: "secours"}, acd.RefusedMaxWait: {Number: "4000"}}}
	site.Queues["admission"] = ivr.Queue{Waiting: "attente", Fallback: ivr.Fallback{Number: "4001"}}
	files := demoFiles(t)
	files["straight.yaml"] = []byte(straight)
	p := load(t, files, site)
	refused := func(why acd.Refusal, heard ...acd.Heard) []acd.Ask {
		s, err := p.Start("5", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range append([]acd.Heard{acd.HeardStart{}}, heard...) {
			s.Handle(in, acd.SceneAt(time.Unix(0, 0)))
		}
		return s.Handle(acd.HeardRefused{Why: why}, acd.SceneAt(time.Unix(0, 0)))
	}
	asks := func(got []acd.Ask, want acd.Ask) bool {
		return slices.ContainsFunc(got, func(a acd.Ask) bool { return a == want })
	}
	if got := refused(acd.RefusedRatio); !asks(got, acd.AskQueue{Reason: "resultats", Queue: "accueil"}) {
		t.Errorf("ratio: %+v", got)
	}
	if got := refused(acd.RefusedFull); len(got) == 0 || asks(got, acd.AskQueue{Reason: "resultats", Queue: "accueil"}) {
		t.Errorf("full: %+v", got)
	} else if say, ok := got[0].(acd.AskSay); !ok || len(say.Prompts) == 0 {
		t.Errorf("full leads to no node that speaks: %+v", got)
	}
	transfer := func(got []acd.Ask) string {
		for _, a := range got {
			if a, ok := a.(acd.AskTransfer); ok {
				return a.To
			}
		}
		return ""
	}
	if to := transfer(refused(acd.RefusedMaxWait, acd.HeardQueued{})); to != "4000" {
		t.Errorf("maximum wait: to %q", to)
	}
	if to := transfer(refused(acd.RefusedMaxWait, acd.HeardQueued{}, acd.HeardQueued{Queue: "admission"})); to != "4001" {
		t.Errorf("maximum wait in the queue he was moved to: to %q", to)
	}
}
