package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"accueil/acd"
	"accueil/ivr"
)

func words(lang acd.Lang) Words {
	return Words{Lang: lang,
		Text:   func(id string) string { return "Pour un rendez-vous, tapez 1. Pour le reste, restez en ligne, " + id },
		Reason: func(r acd.ReasonID) string { return string(r) + " en clair" }}
}

// random is a scenario of that many nodes with ways in every direction, also round and to nowhere.
func random(dice *rand.Rand, n int) ivr.Graph {
	g := ivr.Graph{Scenario: "essai", Start: "n0", Emergency: dice.IntN(2) == 0}
	to := func() string { return fmt.Sprintf("n%d", dice.IntN(n)) }
	for i := range n {
		node := ivr.GraphNode{ID: fmt.Sprintf("n%d", i), Verb: "say", Prompt: "essai.n"}
		switch dice.IntN(5) {
		case 0:
			node.Verb = "menu"
			for k := range 1 + dice.IntN(6) {
				node.Ways = append(node.Ways, ivr.GraphWay{Kind: ivr.WayKey, Key: fmt.Sprint(k + 1), To: to()})
			}
		case 1:
			node.Verb, node.Reason, node.Queue, node.Prompt = "queue", "rdv", "rdv", ""
			node.Ways = []ivr.GraphWay{{Kind: ivr.WayRefused, To: to()}, {Kind: ivr.WayRefused, Queue: "accueil"}}
		case 2:
			node.Verb, node.Outcome, node.Prompt = "hangup", acd.SelfServed, ""
		case 3:
			node.Verb, node.Prompt = "hours", ""
			node.Ways = []ivr.GraphWay{{Kind: ivr.WayOpen, To: to()}, {Kind: ivr.WayClosed, To: to()}, {Kind: ivr.WayHoliday, To: to()}}
		default:
			node.Ways = []ivr.GraphWay{{Kind: ivr.WayNext, To: to()}}
		}
		g.Nodes = append(g.Nodes, node)
	}
	return g
}

// TestNothingLiesOnAnything: no box or label covers another, all are inside the picture, every way
// begins under its box and ends on its target, and leads down.
func TestNothingLiesOnAnything(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 7))
	for turn := range 300 {
		g := random(dice, 1+turn%60)
		l := place(g, words("fr"))
		boxes := map[string]rect{}
		var all []rect
		for _, b := range l.boxes {
			boxes[b.id] = b.rect
			all = append(all, b.rect)
		}
		for _, c := range l.chips {
			all = append(all, c.rect)
		}
		if len(l.boxes) != len(g.Nodes)+1 {
			t.Fatalf("turn %d: %d boxes for %d nodes", turn, len(l.boxes), len(g.Nodes))
		}
		for i, a := range all {
			if a.x < 0 || a.y < 0 || a.x+a.w > l.w || a.y+a.h > l.h {
				t.Fatalf("turn %d: %+v is outside %.0f × %.0f", turn, a, l.w, l.h)
			}
			for _, b := range all[i+1:] {
				if a.overlaps(b) {
					t.Fatalf("turn %d: %+v lies on %+v", turn, a, b)
				}
			}
		}
		ways := 1
		for _, n := range g.Nodes {
			for _, w := range n.Ways {
				if w.To != "" {
					ways++
				}
			}
		}
		back := 0
		for _, c := range l.chips {
			if c.back {
				back++
			}
		}
		if len(l.lines)+back != ways {
			t.Fatalf("turn %d: %d lines and %d ways back for %d ways", turn, len(l.lines), back, ways)
		}
		for _, a := range l.lines {
			from, to := boxes[a.from], boxes[a.to]
			first, last := a.points[0], a.points[len(a.points)-1]
			if first.x < from.x || first.x > from.x+from.w || first.y < from.y+from.h || last.x < to.x || last.x > to.x+to.w || last.y != to.y {
				t.Fatalf("turn %d: %+v does not lead from %+v to %+v", turn, a, from, to)
			}
			for i := 1; i < len(a.points); i++ {
				if a.points[i].y < a.points[i-1].y {
					t.Fatalf("turn %d: %+v leads up", turn, a)
				}
			}
		}
	}
}

func TestSameGraphSamePicture(t *testing.T) {
	g := random(rand.New(rand.NewPCG(1, 2)), 40)
	svg, mermaid := SVG(g, words("fr")), Mermaid(g, words("en"))
	for range 10 {
		if !bytes.Equal(svg, SVG(g, words("fr"))) || mermaid != Mermaid(g, words("en")) {
			t.Fatal("two pictures of one scenario differ")
		}
	}
}

// TestHostileTexts: whatever a file holds, the picture is one well-formed document with that text in it.
func TestHostileTexts(t *testing.T) {
	evil := `"><script>alert(1)</script>&nbsp;]]> 'é" | end`
	g := ivr.Graph{Scenario: acd.ScenarioID(evil), Start: "a", Nodes: []ivr.GraphNode{
		{ID: "a", Verb: "menu", Prompt: "x", Ways: []ivr.GraphWay{{Kind: ivr.WayKey, Key: `"<`, To: "b"}}},
		{ID: "b", Verb: "queue", Reason: acd.ReasonID(evil), Queue: acd.QueueID(evil), Ways: []ivr.GraphWay{{Kind: ivr.WayRefused, Number: evil}}},
	}}
	w := words("en")
	w.Text = func(string) string { return evil }
	svg := SVG(g, w)
	dec := xml.NewDecoder(bytes.NewReader(svg))
	text := ""
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if tok.Name.Local == "script" {
				t.Error("a text became an element")
			}
		case xml.CharData:
			text += string(tok)
		}
	}
	if !strings.Contains(text, "<script>alert(1)</script>") {
		t.Errorf("the text is not told: %s", text)
	}
	m := Mermaid(g, w)
	for _, line := range strings.Split(strings.TrimSpace(m), "\n")[1:] {
		if strings.Count(line, `"`)%2 != 0 || strings.Contains(line, "<script") {
			t.Errorf("a text became syntax: %s", line)
		}
	}
}

func TestWrap(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"un":                              "un",
		"un deux trois":                   "un deux|trois",
		"anticonstitution":                "anticonst…",
		"a b c d e f g h i j k l m n o p": "a b c d e|f g h i j…",
	} {
		if got := strings.Join(wrap(text, 10, 2), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestEveryWordInBothLanguages holds the dictionaries beside each other.
func TestEveryWordInBothLanguages(t *testing.T) {
	for key := range dictionary["fr"] {
		if _, ok := dictionary["en"][key]; !ok {
			t.Errorf("%q is missing in English", key)
		}
	}
	verbs, err := filepath.Glob("../verb_*.go")
	if err != nil || len(verbs) < 15 {
		t.Fatalf("%d verbs: %v", len(verbs), err)
	}
	for _, file := range verbs {
		verb := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "verb_"), ".go")
		if verb == "branch" || verb == "sub" { // drawn as what they follow, and as the nodes that are called
			continue
		}
		if _, ok := dictionary["fr"][verb]; !ok {
			t.Errorf("a picture has no word for %q", verb)
		}
	}
	if len(dictionary["fr"]) != len(dictionary["en"]) {
		t.Error("the dictionaries differ in size")
	}
}
