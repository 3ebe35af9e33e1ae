package ivr

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestGraphNamesEveryWay: the drawing of a scenario with every verb says when each way is taken, and
// misses none.
func TestGraphNamesEveryWay(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{}
	for _, name := range []string{"verbs", "identification"} {
		src, err := os.ReadFile("testdata/scenarios/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		files[name+".yaml"] = src
	}
	site := mutationSite()
	for id, e := range site.Entries {
		if e.Scenario != "verbs" {
			delete(site.Entries, id)
		}
	}
	for id, q := range site.Queues {
		q.Waiting = ""
		site.Queues[id] = q
	}
	p, findings := Load(files, site)
	if p == nil {
		t.Fatal(findings)
	}
	g, ok := p.Graph("verbs")
	if !ok {
		t.Fatal("no graph")
	}
	seen := map[string]int{}
	for _, n := range g.Nodes {
		node := p.scenarios["verbs"].nodes[n.ID]
		var to, want []string
		for _, way := range n.Ways {
			if way.To != "" && way.Kind != WayRefused {
				to = append(to, way.To)
			}
			if way.Kind == WayNamed {
				seen[n.Verb+" "+way.Name]++
			}
		}
		for _, l := range node.links() {
			want = append(want, l.node)
		}
		slices.Sort(to)
		slices.Sort(want)
		if !slices.Equal(to, want) {
			t.Errorf("%s (%s) leads to %q, drawn to %q", n.ID, n.Verb, want, to)
		}
		if x, ok := node.act.(pictured); ok {
			all, _ := node.act.ways()
			if _, names := x.picture(); len(names) != len(all) {
				t.Errorf("%s (%s): %d names for %d ways", n.ID, n.Verb, len(names), len(all))
			}
		}
	}
	for _, name := range []string{"collect given", "collect none", "lookup found", "lookup unknown", "lookup failed", "consent yes", "consent no", "if else"} {
		if seen[name] == 0 {
			t.Errorf("no way is named %q: %v", name, seen)
		}
	}
	if !slices.ContainsFunc(g.Nodes, func(n GraphNode) bool {
		return slices.ContainsFunc(n.Ways, func(w GraphWay) bool { return strings.Contains(w.Name, "==") })
	}) {
		t.Error("no condition is written on a way")
	}
}
