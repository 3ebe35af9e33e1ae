package ivr

import "testing"

// TestBuiltInWaitingScenario: it is as flawless as what a site must write, and whatever its nodes are,
// each is met.
func TestBuiltInWaitingScenario(t *testing.T) {
	t.Parallel()
	l := loader{site: &Site{}, program: &Program{}}
	*l.site = testSite()
	l.program.scenarios = nil
	l.builtIn()
	g := graph{loader: &l, s: l.program.waiting, doc: l.program.waiting.nodes[l.program.waiting.start].doc}
	g.waiting()
	g.unreachable()
	if len(l.findings) > 0 {
		t.Error(l.findings)
	}
	if len(l.program.waiting.nodes) < 5 {
		t.Errorf("%d nodes", len(l.program.waiting.nodes))
	}
}
