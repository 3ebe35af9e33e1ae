package why

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"accueil/acd"
	"accueil/routing"
)

// Replayed says how many decisions of a log the engine makes again.
type Replayed struct {
	Entries   int            `json:"entries"`
	Decisions int            `json:"decisions"` // claims in the log
	Remade    int            `json:"remade"`
	Equal     int            `json:"equal"`
	Doubts    map[Doubt]int  `json:"not_remade,omitempty"` // by reason
	Rules     map[string]int `json:"rules"`                // decisions made again, by the hash of their rules
	// First is the first decision, in the order of the log, that came out otherwise.
	First *Difference `json:"first_difference,omitempty"`
}

// Difference is a decision that came out otherwise.
type Difference struct {
	Entry  string        `json:"entry"` // id of the claim's
	Seq    int64         `json:"seq"`
	At     acd.Instant   `json:"at_ms"`
	Leg    acd.LegID     `json:"leg"`
	LastID string        `json:"last_id"`
	Fields []string      `json:"fields"` // what differs
	Log    acd.Decision  `json:"log"`
	Engine *acd.Decision `json:"engine"` // null: it would have chosen nobody
}

// Replay makes every decision of the log again and compares. It is for whole days: it reads the log
// twice and keeps only the claims. progress, which may be nil, is told the entries folded so far.
func Replay(ctx context.Context, log Log, progress func(entries int)) (Replayed, error) {
	r := Replayed{Doubts: map[Doubt]int{}, Rules: map[string]int{}}
	count := func(acd.Entry) {
		if r.Entries++; progress != nil && r.Entries%1000 == 0 {
			progress(r.Entries)
		}
	}
	err := again(ctx, log, func(acd.Decision) bool { return true }, count, func(m remade) error {
		r.Decisions++
		if m.doubt != "" {
			r.Doubts[m.doubt]++
			return nil
		}
		r.Remade++
		r.Rules[m.decision.Rules]++
		d := difference(m)
		if d == nil {
			r.Equal++
		} else if r.First == nil || d.Seq < r.First.Seq {
			r.First = d
		}
		return nil
	})
	if err != nil {
		return Replayed{}, fmt.Errorf("replay: %w", err)
	}
	return r, nil
}

// difference compares everything that a decision says but durations of its making (Possible), and what
// it rests on, which was given.
func difference(m remade) *Difference {
	was, now := m.decision, engineDecision(m.recalled)
	d := &Difference{Entry: m.entry.ID, Seq: m.entry.Seq, At: was.At, Leg: was.Leg, LastID: was.LastID, Log: was, Engine: now}
	if now == nil {
		d.Fields = []string{"choice"}
		return d
	}
	for _, f := range []struct {
		name string
		same bool
	}{
		{"leg", was.Leg == now.Leg}, {"agent", was.Agent == now.Agent}, {"step", was.Step == now.Step}, {"score", was.Score == now.Score},
		{"parts", slices.Equal(was.Parts, now.Parts)},
		{"passed", maps.Equal(was.Passed, now.Passed)},
		{"runners_up", slices.EqualFunc(was.RunnersUp, now.RunnersUp, func(a, b acd.RunnerUp) bool {
			return a.Agent == b.Agent && a.Leg == b.Leg && slices.Equal(a.Parts, b.Parts)
		})},
		{"skipped", slices.Equal(was.Skipped, now.Skipped)},
		{"instant", was.At == now.At},
	} {
		if !f.same {
			d.Fields = append(d.Fields, f.name)
		}
	}
	if len(d.Fields) == 0 {
		return nil
	}
	return d
}

func engineDecision(r routing.Recalled) *acd.Decision {
	if r.Choice == nil {
		return nil
	}
	return &r.Choice.Decision
}

// String tells the difference in words, for administrators.
func (d Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "entry %s (number %d), contact %s, decided at %s knowing the log up to %s:\n", d.Entry, d.Seq, d.Leg.Contact(), d.At.Time().Format("2006-01-02T15:04:05.000Z"), d.LastID)
	fmt.Fprintf(&b, "  the log says     %s\n", said(d.Log))
	if d.Engine == nil {
		b.WriteString("  the engine says  nobody: no contact could go to anyone at that instant\n")
	} else {
		fmt.Fprintf(&b, "  the engine says  %s\n", said(*d.Engine))
	}
	fmt.Fprintf(&b, "  what differs     %s", strings.Join(d.Fields, ", "))
	return b.String()
}

func said(d acd.Decision) string {
	return fmt.Sprintf("leg %s to agent %s through step %d, score %d, %s; passed over: %s; then: %s; steps skipped: %v",
		d.Leg, d.Agent, d.Step, d.Score, partsText(d.Parts), passedText(d.Passed), runnersText(d.RunnersUp), d.Skipped)
}

func partsText(parts []acd.ScorePart) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = fmt.Sprintf("%s %d", p.Name, p.Value)
	}
	return strings.Join(out, ", ")
}

func passedText(passed map[string]int) string {
	var out []string
	for _, why := range slices.Sorted(maps.Keys(passed)) {
		out = append(out, fmt.Sprintf("%s %d", why, passed[why]))
	}
	if out == nil {
		return "nobody"
	}
	return strings.Join(out, ", ")
}

func runnersText(runners []acd.RunnerUp) string {
	var out []string
	for _, r := range runners {
		out = append(out, fmt.Sprintf("%s (%s)", r.Agent, partsText(r.Parts)))
	}
	if out == nil {
		return "nobody"
	}
	return strings.Join(out, ", ")
}
