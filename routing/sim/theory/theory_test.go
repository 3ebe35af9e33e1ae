package theory_test

import (
	"math"
	"os"
	"strconv"
	"testing"

	"accueil/routing/sim/theory"
)

// size is how much is played: little in the ordinary suite, the published sizes with ACCUEIL_SOAK=1, as
// many times the ordinary one with a higher number.
func size(quick, full int) int {
	n, err := strconv.Atoi(os.Getenv("ACCUEIL_SOAK"))
	switch {
	case err != nil || n < 1:
		return quick
	case n == 1:
		return full
	}
	return min(n*quick, full)
}

// TestTheory plays queues of which the exact figures are known.
func TestTheory(t *testing.T) {
	t.Parallel()
	for _, s := range theory.Singles {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			checks, err := s.Run(size(4, 200), size(6_000, 10_000))
			if err != nil {
				t.Fatal(err)
			}
			judge(t, checks)
		})
	}
}

// TestSimpleMSK plays the published example with the published number of days in the soak. The few days
// of the ordinary suite cannot land in intervals made of 1,000: there our own interval must reach them.
func TestSimpleMSK(t *testing.T) {
	t.Parallel()
	days := size(12, 1000)
	checks, err := theory.SimpleMSK(days)
	if err != nil {
		t.Fatal(err)
	}
	if days < 1000 {
		for i, c := range checks {
			checks[i].Low, checks[i].High = c.Low-c.Ours.Half, c.High+c.Ours.Half
		}
	}
	judge(t, checks)
}

func judge(t *testing.T, checks []theory.Check) {
	t.Helper()
	if len(checks) == 0 {
		t.Fatal("nothing was checked")
	}
	for _, c := range checks {
		t.Logf("%s: %s: %.5f ± %.5f (exact %.5f, published %.3f to %.3f)", c.Case, c.Figure, c.Ours.Mean, c.Ours.Half, c.Exact, c.Low, c.High)
		if !c.Holds() {
			t.Errorf("%s: %s is %.5f ± %.5f, must be %.5f or from %.5f to %.5f", c.Case, c.Figure, c.Ours.Mean, c.Ours.Half, c.Exact, c.Low, c.High)
		}
	}
}

// TestErlangC compares the formula with the values of KPI.md: 12.5 erlangs offered.
func TestErlangC(t *testing.T) {
	t.Parallel()
	for agents, want := range map[int]float64{15: 0.4013, 16: 0.2641} {
		if got := theory.ErlangC(agents, 12.5); math.Abs(got-want) > 0.00005 {
			t.Errorf("%d agents: %.4f, want %.4f", agents, got, want)
		}
	}
}
