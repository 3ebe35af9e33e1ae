package ivr

import (
	"slices"
	"strings"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

var _ = register(kind{name: "sub", beside: "next", part: func() part { return new(fileSub) }})

// Bounds of scenarios that call others.
const (
	maxDepth    = 3    // of calls within calls
	maxExpanded = 2000 // nodes of a scenario with all that it calls
)

// linkReturn is the name under which a called scenario leads back.
const linkReturn = "return"

// fileSub is the name of the scenario to call, or its long form.
type fileSub struct {
	Scenario acd.ScenarioID `yaml:"scenario"`
	Next     *fileLink      `yaml:"next"`
}

// DecodeNode reads either form.
func (f *fileSub) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &f.Scenario)
	}
	type long fileSub
	return at.Decode(n, (*long)(f))
}

// compile puts the called scenario in the place of the node: its nodes get the node's name before
// theirs, and what leads to return leads to next. So a walk needs no memory of who called.
func (f *fileSub) compile(c *compiler, n *node, at string, file *fileNode) {
	called, ok := c.parsed[f.Scenario]
	back := c.next(n, file, f.Next == nil && called.returns) // one that never returns leads nowhere
	if f.Next != nil {
		if file.Next != nil {
			c.fail(at, wording.Say("keep one"), "next is given twice")
		}
		back = c.link(f.Next, diag.Join(at, "next"), true)
	}
	switch {
	case c.unread[f.Scenario]:
		return // what is wrong with it is said there
	case !ok:
		c.fail(at, diag.DidYouMean(string(f.Scenario), words(c.names)), "there is no scenario %q", f.Scenario)
		return
	case slices.Contains(c.stack, f.Scenario):
		c.fail(at, nil, "the scenario calls itself: %s", strings.Join(words(append(slices.Clone(c.stack), f.Scenario)), " → "))
		return
	case len(c.stack) > maxDepth:
		c.fail(at, wording.Say("call fewer within each other"), "scenarios call each other more than %d deep", maxDepth)
		return
	case called.file.Nodes[called.file.Start].parts == nil:
		return // the file has no beginning, which is said there
	case len(c.scenario.nodes)+len(called.file.Nodes) > maxExpanded:
		c.fail(at, nil, "the scenario has more than %d nodes with all that it calls", maxExpanded)
		return
	}
	if !called.returns && !back.none() {
		c.warn(at, wording.Say("lead to return there where it is done, or leave next out"), "the scenario %q never returns", f.Scenario)
	}
	c.called[f.Scenario] = true
	within := compiler{loader: c.loader, doc: called.doc, file: called.file, scenario: c.scenario, prefix: n.id + "/", back: &back, stack: append(slices.Clone(c.stack), f.Scenario)}
	within.compile()
	n.verb, n.next = verbGoto, link{node: within.prefix + called.file.Start}
}
