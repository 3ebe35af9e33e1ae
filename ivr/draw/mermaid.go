package draw

import (
	"fmt"
	"strings"

	"accueil/ivr"
)

// Mermaid writes the graph as a Mermaid flowchart.
func Mermaid(g ivr.Graph, w Words) string {
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	name := map[string]string{}
	for i, n := range g.Nodes {
		name[n.ID] = fmt.Sprintf("n%d", i)
		open, end := "[", "]"
		switch n.Verb {
		case "menu", "hours", "language":
			open, end = "{{", "}}"
		case "queue":
			open, end = "[(", ")]"
		case "hangup":
			open, end = "([", "])"
		}
		text := strings.Join(append([]string{n.ID + " · " + w.word(n.Verb)}, w.lines(n)...), "<br/>")
		fmt.Fprintf(&b, "  n%d%s\"%s\"%s\n", i, open, mermaidText(text), end)
	}
	start := w.word("start")
	if g.Emergency {
		start += "<br/>" + w.word("emergency")
	}
	fmt.Fprintf(&b, "  start([\"%s\"]) --> %s\n", mermaidText(start), name[g.Start])
	for _, n := range g.Nodes {
		for _, way := range n.Ways {
			to, ok := name[way.To]
			if !ok {
				continue
			}
			if l := w.label(way); l != "" {
				fmt.Fprintf(&b, "  %s -->|\"%s\"| %s\n", name[n.ID], mermaidText(l), to)
			} else {
				fmt.Fprintf(&b, "  %s --> %s\n", name[n.ID], to)
			}
		}
	}
	return b.String()
}

// mermaidText keeps a text from being read as syntax. Line breaks of ours stay.
func mermaidText(s string) string {
	s = strings.NewReplacer("&", "#amp;", `"`, "#quot;", "<br/>", "\x00", "<", "#lt;", ">", "#gt;", "`", "#96;").Replace(s)
	return strings.ReplaceAll(s, "\x00", "<br/>")
}
