package history

import (
	"testing"
	"time"

	"accueil/acd"
)

// A day of the largest hospital: what each scrape and each look at the queues costs.
func BenchmarkToday(b *testing.B) {
	d := NewDay(time.UTC)
	m := &maker{at: noon}
	m.add(6000, 30*time.Second, acd.Answered, acd.LegTalking)
	for _, r := range m.rs {
		d.legs[r.Leg] = &folded{rev: 1, record: &r}
	}
	for b.Loop() {
		d.Today(noon)
	}
}
