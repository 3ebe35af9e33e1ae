package ivr_test

import (
	"slices"
	"strings"
	"testing"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr"
)

// Mistakes in messages and surveys are told with their place.
func TestMessageMistakes(t *testing.T) {
	t.Parallel()
	const head = "version: 1\nstart: a\nnodes:\n  a: {queue: accueil}\n"
	const text = `{fr: "Enregistré.", en: "Recorded."}`
	for name, c := range map[string]struct {
		src  string
		want []string
	}{
		"no words":       {"version: 1\nstart: a\nnodes:\n  a: {voicemail: {}}\n", []string{"4:7: nothing tells the caller that he is recorded"}},
		"bounds":         {"version: 1\nstart: a\nnodes:\n  a: {voicemail: {prompt: " + text + ", max: 6m, min: 11s, silence: 1s}}\n", []string{"from 10s to 5m are possible", "from 0s to 10s are possible", "from 2s to 30s are possible"}},
		"reason":         {"version: 1\nstart: a\nnodes:\n  a: {voicemail: {prompt: " + text + ", reason: rendezvous}}\n", []string{`there is no reason "rendezvous"`}},
		"next":           {"version: 1\nstart: a\nnodes:\n  a: {voicemail: {prompt: " + text + ", next: b}}\n", []string{`there is no node "b"`}},
		"version":        {"version: 1\nstart: a\nnodes:\n  a: {voicemail: {prompt: " + text + ", version: \"1 2\"}}\n", []string{`"1 2" cannot be a version`}},
		"a circle":       {"version: 1\nstart: a\nnodes:\n  a: {voicemail: {prompt: " + text + ", next: b}}\n  b:\n    say: " + text + "\n    next: a\n", []string{"goes round for ever"}},
		"nothing asked":  {head + "  s: {survey: {}}\n", []string{"nothing is asked"}},
		"no notice":      {head + "  s: {survey: {comment: {max: 30s}}}\n", []string{"nothing tells the caller that he is recorded"}},
		"two surveys":    {head + "  s: {survey: {csat: " + text + "}}\n  t: {survey: {csat: " + text + "}}\n", []string{`the scenario has two surveys, "s" and "t"`}},
		"led to":         {"version: 1\nstart: a\nnodes:\n  a:\n    say: " + text + "\n    next: s\n  s: {survey: {csat: " + text + "}}\n", []string{`"a" must not lead there`}},
		"begun with":     {"version: 1\nstart: s\nnodes:\n  s: {survey: {csat: " + text + "}}\n", []string{"a call cannot begin with the survey"}},
		"while he waits": {"version: 1\nstart: a\nnodes:\n  a:\n    say: " + text + "\n    next: w\n  w: {wait: 10s, next: v}\n  v: {voicemail: {prompt: " + text + ", next: a}}\n", []string{"voicemail has no place while a caller waits"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := demoSite()
			files := demoFiles(t)
			site.Entries["7000"] = ivr.Entry{Scenario: "essai"}
			if name == "while he waits" {
				site.Queues["rdv"] = ivr.Queue{Waiting: "essai"}
				delete(site.Entries, "7000")
			}
			files["essai.yaml"] = []byte(c.src)
			p, fs := ivr.Load(files, site)
			if p != nil {
				t.Error("accepted")
			}
			for _, want := range c.want {
				if !slices.ContainsFunc(sentences(fs), func(s string) bool { return strings.Contains(s, want) }) {
					t.Errorf("not told: %s\n%s", want, strings.Join(sentences(fs), "\n"))
				}
			}
		})
	}
}

func sentences(fs diag.Findings) (out []string) {
	for _, f := range fs {
		out = append(out, f.String())
	}
	return out
}

// Nobody is stranded who may leave a message or is asked something, and the drawing shows both.
func TestMessagesAreProved(t *testing.T) {
	t.Parallel()
	p := fullProgram(t)
	if fs := p.Prove(); len(fs) > 0 {
		t.Error(fs)
	}
	if !p.Records() {
		t.Error("nothing records")
	}
	g, ok := p.Graph("messages")
	if !ok {
		t.Fatal("no graph")
	}
	verbs := map[string]string{}
	for _, n := range g.Nodes {
		verbs[n.ID] = n.Verb
	}
	if verbs["nuit"] != "voicemail" || verbs["enquete"] != "survey" {
		t.Errorf("%v", verbs)
	}
	for _, lang := range []acd.Lang{"fr", "en"} {
		for _, id := range []string{"messages.nuit", "messages.enquete.csat", "messages.enquete.nps", "messages.enquete.comment", "messages.enquete.thanks"} {
			if text, ok := p.Text(id, lang); !ok || text == "" {
				t.Errorf("no text %s in %s", id, lang)
			}
		}
	}
}
