package history

import (
	"testing"
	"time"

	"accueil/acd"
)

// A callback counts as answered when the two talk, not when the person has picked up (KPI.md, rule 4); and
// who left a message and is called back later is no overflow that the other side answered.
func TestWhatWasCalledBack(t *testing.T) {
	t.Parallel()
	for name, outcome := range map[string]acd.Outcome{"K": acd.CalledBack, "O": acd.Voicemail} {
		for _, talked := range []bool{false, true} {
			d := NewDay(time.UTC)
			one := acd.Leg{ID: "c/1", Rev: 1, State: acd.LegEnded, Entry: "3000", Queue: "rdv", FirstQueue: "rdv", Arrived: noon, Enqueued: noon,
				Dequeued: noon.Add(time.Minute), End: &acd.End{At: noon.Add(time.Minute), Outcome: outcome, Phase: acd.LegQueued}}
			two := acd.Leg{ID: "c/2", Rev: 1, State: acd.LegBriefing, Entry: "3000", Queue: "rdv", FirstQueue: "rdv", Previous: "c/1", Arrived: one.End.At,
				Callback: &acd.Callback{Reached: noon.Add(time.Hour)}}
			if talked {
				two.State, two.Bridged = acd.LegTalking, noon.Add(time.Hour)
			}
			d.Apply(acd.Entry{At: noon.Add(time.Hour), Legs: []acd.Leg{one, two}})
			records := d.Records(noon, noon.Add(2*time.Hour))
			if len(records) != 1 {
				t.Fatalf("%s: %d records", name, len(records))
			}
			var c Counts
			c.letter(records[0], 10*time.Second)
			kr := 0
			if name == "K" && talked {
				kr = 1
			}
			if c.K+c.O != 1 || c.Kr != kr || c.Oa != 0 {
				t.Errorf("%s, talked %t: K %d, Kr %d, O %d, Oa %d", name, talked, c.K, c.Kr, c.O, c.Oa)
			}
		}
	}
}
