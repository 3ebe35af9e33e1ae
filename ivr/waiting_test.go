package ivr_test

import (
	"strings"
	"testing"

	"accueil/acd"
	"accueil/ivr"
)

// waitsIn loads the demo with queue rdv waiting in the scenario.
func waitsIn(t *testing.T, scenario string, edit func(*ivr.Site)) (*ivr.Program, string) {
	t.Helper()
	site, files := demoSite(), demoFiles(t)
	site.Queues["rdv"] = ivr.Queue{Waiting: "s", Fallback: ivr.Fallback{Queue: "accueil"}}
	if edit != nil {
		edit(&site)
	}
	files["s.yaml"] = []byte("version: 1\nstart: a\nnodes:\n  a: {say: {fr: x, en: x}, next: b}\n  w: {wait: 40s, next: a}\n  b: " + scenario + "\n")
	p, found := ivr.Load(files, site)
	return p, found.String()
}

// TestWaitingMistakes: what is wrong in what waiting callers are told and offered is told with its place.
func TestWaitingMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		node string
		want []string
	}{
		"nothing told":  {`{tell: {}, next: w}`, []string{`nothing is told`}},
		"told":          {`{tell: [position, expected_wiat], next: w}`, []string{`6:24: "expected_wiat" is nothing that a waiting caller can be told`, `did you mean "expected_wait"?`}},
		"told one":      {`{tell: positon, next: w}`, []string{`6:13: "positon" is nothing`, `did you mean "position"?`}},
		"told long":     {`{tell: {what: [position, place]}, next: w}`, []string{`6:31: "place" is nothing`}},
		"unknown":       {`{tell: {what: position, unknown: nowhere}, next: w}`, []string{`there is no node "nowhere"`}},
		"no next":       {`{tell: position}`, []string{`next is missing`}},
		"no wait":       {`{tell: position, next: a}`, []string{`a → b → a goes round without a wait`}},
		"empty offer":   {`{offer: {}, next: w}`, []string{`the offer leads nowhere`, `the text is missing in language "fr"`}},
		"key":           {`{offer: {say: {fr: x, en: x}, press: "9", to: menu}, next: w}`, []string{`6:43: "9" cannot be the key of an offer`}},
		"keys":          {`{offer: {say: {fr: x, en: x}, press: "12", to: menu}, next: w}`, []string{`"12" cannot be the key of an offer`}},
		"to":            {`{offer: {say: {fr: x, en: x}, to: menus}, next: w}`, []string{`6:40: no scenario that callers begin with has a node "menus"`, `did you mean "menu"?`}},
		"to elsewhere":  {`{offer: {say: {fr: x, en: x}, to: rdv-imagerie}, next: w}`, []string{`warning: queue "rdv" offers its waiting callers the node "rdv-imagerie" by key 1, which this scenario lacks`}},
		"too long":      {`{offer: {say: {fr: x, en: x}, to: menu, after: 5h, expected_wait: 10m}, next: w}`, []string{`6:53: this goes up to 4h`}},
		"figure alone":  {`{branch: {if: 'position', then: w, else: w}}`, []string{`position alone is no condition`}},
		"figure":        {`{branch: {if: 'expected_wait > "5"', then: w, else: w}}`, []string{`a figure is compared with a whole number`}},
		"no figure":     {`{branch: {if: 'waitd > 5', then: w, else: w}}`, []string{`there is no variable "waitd"`, `did you mean "waited"?`}},
		"a verb":        {`{menu: {prompt: {fr: x, en: x}, options: {"1": w}}}`, []string{`menu has no place while a caller waits`}},
		"another voice": {`{tell: position, next: {goto: w, language: en}}`, []string{`the language cannot change while a caller waits`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, found := waitsIn(t, c.node, nil)
			for _, want := range c.want {
				if !strings.Contains(found, want) {
					t.Errorf("not found: %s\nin\n%s", want, found)
				}
			}
		})
	}
	const bad = `{branch: {if: 'waited > 5', then: a, else: a}}`
	site, files := demoSite(), demoFiles(t)
	files["principal.yaml"] = []byte("version: 1\nstart: b\nnodes:\n  a: {queue: accueil}\n  c: {tell: position, next: a}\n  b: " + bad + "\n")
	_, found := ivr.Load(files, site)
	for _, want := range []string{`position, expected_wait and waited are known while a caller waits, not here`, `tell belongs to the waiting scenario of a queue`} {
		if !strings.Contains(found.String(), want) {
			t.Errorf("not found: %s\nin\n%s", want, found)
		}
	}
}

// TestInformationIsTold: what a reason has to tell is either told by the waiting scenario of its queue, or
// check says that it never is; and it is among what is to be spoken.
func TestInformationIsTold(t *testing.T) {
	t.Parallel()
	informed := func(s *ivr.Site) {
		r := s.Reasons["rdv.imagerie"]
		r.WaitingInfo = map[acd.Lang]string{"fr": "Votre ordonnance.", "en": "Your prescription."}
		s.Reasons["rdv.imagerie"] = r
	}
	const never = `warning: reason "rdv.imagerie" has waiting_info, and the waiting scenario "s" of its queue never tells it`
	if _, found := waitsIn(t, `{goto: w}`, informed); !strings.Contains(found, never) {
		t.Error(found)
	}
	p, found := waitsIn(t, `{tell: information, next: w}`, informed)
	if p == nil || strings.Contains(found, "waiting_info") {
		t.Fatal(found)
	}
	if text, ok := p.Text("waiting_info.rdv.imagerie", "en"); !ok || text != "Your prescription." {
		t.Errorf("to be spoken: %q", text)
	}
	if fs := p.Prove(); len(fs) > 0 {
		t.Error(fs)
	}
}

// TestOffersAreDrawn: the way that a queue's offer opens is in the picture of the menu.
func TestOffersAreDrawn(t *testing.T) {
	t.Parallel()
	p, found := waitsIn(t, `{offer: {say: {fr: x, en: x}, to: menu, press: "3"}, next: w}`, nil)
	if p == nil {
		t.Fatal(found)
	}
	g, _ := p.Graph("principal")
	seen := false
	for _, n := range g.Nodes {
		for _, way := range n.Ways {
			seen = seen || n.ID == "rdv-consultation" && way == (ivr.GraphWay{Kind: ivr.WayKey, Key: "3", To: "menu"})
		}
	}
	if !seen {
		t.Errorf("%+v", g.Nodes)
	}
	if waiting, _ := p.Graph("s"); len(waiting.Nodes) != 3 {
		t.Errorf("%+v", waiting)
	}
}
