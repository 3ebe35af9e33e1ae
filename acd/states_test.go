package acd

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// lives are ways to bring a leg into every state that the Tx can reach, on a view where a01 sits at
// 101 and a02 at 102, both free.
var lives = map[LegState]func(*world){
	LegArrived: func(w *world) { w.arrive("c/1") },
	LegMenu:    func(w *world) { w.menu("c/1") },
	LegQueued:  func(w *world) { w.queued("c/1") },
	LegOffered: func(w *world) { w.queued("c/1"); w.claim("c/1", "a01") },
	LegBriefing: func(w *world) {
		w.queued("c/1")
		w.claim("c/1", "a01")
		w.fact(KindBriefing, func(tx *Tx) error { return tx.AgentAnswers("c/1") })
	},
	LegTalking: func(w *world) { w.talking("c/1", "a01") },
	LegHeld: func(w *world) {
		w.talking("c/1", "a01")
		w.fact(KindHeld, func(tx *Tx) error { return tx.Hold("c/1") })
	},
	LegRingingOut: func(w *world) {
		w.menu("c/1")
		w.fact(KindRingingOut, func(tx *Tx) error { return tx.RingOut("c/1", "4003") })
	},
	LegEnded: func(w *world) {
		w.menu("c/1")
		w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: Abandoned}) })
	},
	// No Tx method leads there yet: the image is laid in.
	LegCallback: func(w *world) { w.lay(LegCallback) },
	LegVoicemail: func(w *world) {
		w.queued("c/1")
		w.fact(KindMessage, func(tx *Tx) error { return tx.ToMessage("c/1", Message{Recording: "m1"}) })
	},
	LegSurvey: func(w *world) {
		w.talking("c/1", "a01")
		w.fact(KindSurvey, func(tx *Tx) error { return tx.StartSurvey("c/1") })
	},
}

// moves are the Tx methods, by the input that they stand for.
var moves = map[LegInput]func(*Tx) error{
	LegStarts:    func(tx *Tx) error { return tx.StartMenu("c/1") },
	LegChooses:   func(tx *Tx) error { return tx.Enqueue("c/1", Queueing{Queue: "imagerie", Reason: "r"}) },
	LegClaimed:   func(tx *Tx) error { return tx.Claim("c/1", Offer{ID: "o2", Agent: "a02"}, Decision{}, Lead{}) },
	LegAnswered:  func(tx *Tx) error { return tx.AgentAnswers("c/1") },
	LegOfferEnds: func(tx *Tx) error { return tx.EndOffer("c/1", OfferResult{Ending: NoAnswer}) },
	LegJoined:    func(tx *Tx) error { return tx.Join("c/1") },
	LegHolds:     func(tx *Tx) error { return tx.Hold("c/1") },
	LegResumes:   func(tx *Tx) error { return tx.Resume("c/1") },
	LegToMenu:    func(tx *Tx) error { return tx.BackToMenu("c/1") },
	LegRingsOut:  func(tx *Tx) error { return tx.RingOut("c/1", "4003") },
	LegMediaLost: func(tx *Tx) error { return tx.AgentLost("c/1", UnreachableMedia) },
	LegToMessage: func(tx *Tx) error { return tx.ToMessage("c/1", Message{Recording: "m2"}) },
	LegToSurvey:  func(tx *Tx) error { return tx.StartSurvey("c/1") },
	LegEnds:      func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: Failed}) },
}

// Every state with every input, asked as a decision and told as a fact.
func TestEveryLegStateWithEveryInput(t *testing.T) {
	t.Parallel()
	for _, s := range LegStates {
		for _, in := range LegInputs {
			move, ok := moves[in]
			if !ok {
				continue // a callback has no Tx method yet
			}
			for _, fact := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/fact=%t", s, in, fact), func(t *testing.T) { walkRow(t, s, in, move, fact) })
			}
		}
	}
}

func walkRow(t *testing.T, s LegState, in LegInput, move func(*Tx) error, fact bool) {
	w := newWorld(t)
	lives[s](w)
	before, _ := w.view.Leg("c/1")
	if before.State != s {
		t.Fatalf("brought up as %s, want %s", before.State, s)
	}
	w.pass(1)
	tx := Begin(w.view, KindLegChanged, w.now, "n1", fact)
	err := move(tx)
	c := tx.Change()
	want, legal := NextLegState(s, in)
	if in == LegMediaLost && before.Queue == "" {
		legal = false
	}
	refused := !legal && (!fact || s == LegEnded || in == LegClaimed ||
		before.Queue == "" && (in == LegOfferEnds || in == LegAnswered || in == LegMediaLost))
	if refused {
		var illegal ErrIllegal
		if err == nil || !asIllegal(err, &illegal) {
			t.Fatalf("got %v, want ErrIllegal", err)
		}
		if illegal.What != "leg" || illegal.State == "" || illegal.Input == "" {
			t.Errorf("the refusal names neither state nor input: %+v", illegal)
		}
		return
	}
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	w.apply(c)
	after, _ := w.view.Leg("c/1")
	switch {
	case legal && after.State != want, !legal && after.State != in.target():
		t.Errorf("became %s, want %s", after.State, want)
	case after.Rev != before.Rev+1:
		t.Errorf("revision %d after %d", after.Rev, before.Rev)
	}
	if anomaly := c.Entry.Anomaly != ""; anomaly == legal || after.Anomaly == legal {
		t.Errorf("legal %t, entry says %q, leg says %t", legal, c.Entry.Anomaly, after.Anomaly)
	}
	if from := c.From["c/1"]; fact && from != nil || !fact && !slices.Equal(from, LegStatesFor(in)) {
		t.Errorf("allowed from-states %v, want %v for a decision and none for a fact", from, LegStatesFor(in))
	}
	if c.Before[LegKey("c/1")] != before.Rev {
		t.Errorf("before %d, want %d", c.Before[LegKey("c/1")], before.Rev)
	}
	w.check()
}

// A leg ends in every state with every outcome.
func TestEveryLegStateWithEveryOutcome(t *testing.T) {
	t.Parallel()
	for _, s := range LegStates {
		for _, o := range Outcomes {
			w := newWorld(t)
			lives[s](w)
			decision := Begin(w.view, KindEnded, w.now, "n1", false)
			if err := decision.EndLeg("c/1", End{Outcome: o}); (err == nil) != MayEnd(s, o) {
				t.Errorf("decision to end as %s while %s: %v", o, s, err)
			}
			if s == LegEnded {
				continue
			}
			c := w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: o}) })
			l, _ := w.view.Leg("c/1")
			if l.State != LegEnded || l.End == nil || l.End.Outcome != o || l.End.Phase != s || l.End.At != w.now {
				t.Errorf("%s as %s: %+v %+v", s, o, l.State, l.End)
			}
			if (c.Entry.Anomaly == "") != MayEnd(s, o) {
				t.Errorf("%s as %s: anomaly %q", s, o, c.Entry.Anomaly)
			}
			w.check()
		}
	}
}

// An input that leads to two states would leave a fact without a row undecided.
func TestAnInputLeadsToOneState(t *testing.T) {
	t.Parallel()
	for _, in := range LegInputs {
		for _, s := range LegStatesFor(in) {
			if n, _ := NextLegState(s, in); n != in.target() {
				t.Errorf("%s leads from %s to %s, elsewhere to %s", in, s, n, in.target())
			}
		}
	}
	for s, row := range legTable {
		for in := range row {
			if !slices.Contains(LegStates, s) || !slices.Contains(LegInputs, in) {
				t.Errorf("the table knows %s, %s; the lists do not", s, in)
			}
		}
	}
}

// docs/states.md says exactly what the tables say.
func TestStatesDocument(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/states.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	var table, diagram, endings []string
	for _, s := range LegStates {
		for _, in := range LegInputs {
			if n, ok := legTable[s][in]; ok {
				table = append(table, fmt.Sprintf("| `%s` | `%s` | `%s` |", s, in, n))
				diagram = append(diagram, fmt.Sprintf("    %s --> %s: %s", s, n, in))
			}
		}
		if len(outcomesIn[s]) > 0 {
			var names []string
			for _, o := range outcomesIn[s] {
				names = append(names, string(o))
			}
			endings = append(endings, fmt.Sprintf("| `%s` | %s |", s, strings.Join(names, ", ")))
		}
	}
	for name, want := range map[string][]string{"legs": table, "diagram": diagram, "outcomes": endings} {
		got := section(t, text, name)
		for i := range max(len(got), len(want)) {
			g, w := "(nothing)", "(nothing)"
			if i < len(got) {
				g = got[i]
			}
			if i < len(want) {
				w = want[i]
			}
			// A row may go on with words behind the columns that are checked.
			if !strings.HasPrefix(g, w) {
				t.Errorf("docs/states.md, %s, line %d:\n got %s\nwant %s", name, i+1, g, w)
			}
		}
	}
	for _, s := range LegStates {
		if !strings.Contains(text, "| `"+string(s)+"` |") {
			t.Errorf("docs/states.md does not explain %s", s)
		}
	}
	rows := section(t, text, "agents")
	for i, r := range agentRows {
		if want := fmt.Sprintf("| `%s` | %s | `%s` |", r.from, r.on, r.to); i >= len(rows) || rows[i] != want {
			t.Errorf("docs/states.md, agents, line %d: want %s", i+1, want)
		}
	}
	if len(rows) != len(agentRows) {
		t.Errorf("docs/states.md has %d rows of agents, the test walks %d", len(rows), len(agentRows))
	}
}

// section returns the lines between <!-- name --> and <!-- /name -->, without a table's head and
// without fences.
func section(t *testing.T, text, name string) []string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "<!-- "+name+" -->\n")
	body, _, closed := strings.Cut(rest, "<!-- /"+name+" -->")
	if !ok || !closed {
		t.Fatalf("docs/states.md has no section %s", name)
	}
	var out []string
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "| `"), strings.HasPrefix(line, "    ") && strings.Contains(line, "-->") && !strings.Contains(line, "[*]"):
			out = append(out, line)
		}
	}
	return out
}
