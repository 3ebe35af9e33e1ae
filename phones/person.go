package phones

import (
	"math/rand/v2"
	"time"
)

// A Temper is how a person uses the telephone. Chances are from 0 to 1; what is
// left out never happens.
type Temper struct {
	React    Spread  // time before acting: answering, pressing a key
	Patience Spread  // patient: how long he waits for a person
	Talk     Spread  // how long the conversation lasts by his will
	Skip     float64 // agent: chance to cut the briefing with a key
	HangUp   float64 // chance to be the one who hangs up when the talk is over
	Miss     float64 // agent: chance to let it ring
	Refuse   float64 // agent: chance to refuse (603)
	Vanish   float64 // chance to be gone in the middle, without a BYE
	PauseFor Spread  // agent: length of a pause
	PauseOdd float64 // agent: chance to take a pause after a conversation
}

// The tempers of the demo. Figures are a hospital switchboard's orders of
// magnitude; Scaled makes a demo quicker.
var (
	Ordinary = Temper{
		React:    Spread{Median: 1800 * time.Millisecond, Sigma: 0.4, Min: 400 * time.Millisecond, Max: 6 * time.Second},
		Patience: Spread{Median: 150 * time.Second, Sigma: 0.8, Min: 8 * time.Second, Max: 15 * time.Minute},
		Talk:     Spread{Median: 90 * time.Second, Sigma: 0.6, Min: 10 * time.Second, Max: 10 * time.Minute},
		Skip:     0.3, HangUp: 0.5, Miss: 0.02, Refuse: 0.01,
		PauseFor: Spread{Median: 5 * time.Minute, Sigma: 0.3}, PauseOdd: 0.05,
	}
	Quick     = Ordinary.with(func(t *Temper) { t.React, t.Talk, t.Skip = t.React.Scaled(0.5), t.Talk.Scaled(0.6), 0.8 })
	Slow      = Ordinary.with(func(t *Temper) { t.React, t.Talk, t.Skip = t.React.Scaled(2.5), t.Talk.Scaled(1.8), 0 })
	Refusing  = Ordinary.with(func(t *Temper) { t.Refuse, t.Miss = 0.3, 0.2 })
	Vanishing = Ordinary.with(func(t *Temper) { t.Vanish = 0.2 })
	Hurried   = Ordinary.with(func(t *Temper) { t.Patience = t.Patience.Scaled(0.15) }) // a patient who leaves soon
)

func (t Temper) with(change func(*Temper)) Temper {
	change(&t)
	return t
}

// Scaled multiplies every duration.
func (t Temper) Scaled(factor float64) Temper {
	return t.with(func(t *Temper) {
		for _, s := range []*Spread{&t.React, &t.Patience, &t.Talk, &t.PauseFor} {
			*s = s.Scaled(factor)
		}
	})
}

// chance is true with the given probability; it always takes one value.
func chance(rnd *rand.Rand, p float64) bool { return rnd.Float64() < p }

// Simulated people know each other by voice: patients speak in the lower half
// of the frequencies of ToneFor, agents and services in the upper.
const voicesOfEach = 25

// PatientVoice is the nth patient's tone in hertz; there are 25, then the first
// again.
func PatientVoice(n int) float64 { return ToneFor(n % voicesOfEach) }

// AgentVoice is the nth agent's or service's tone in hertz; 25 of them.
func AgentVoice(n int) float64 { return ToneFor(voicesOfEach + n%voicesOfEach) }

func voices(of func(int) float64) []float64 {
	all := make([]float64, voicesOfEach)
	for n := range all {
		all[n] = of(n)
	}
	return all
}

var (
	patientVoices = voices(PatientVoice)
	agentVoices   = voices(AgentVoice)
)
