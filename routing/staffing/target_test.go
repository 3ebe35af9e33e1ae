package staffing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/routing/staffing"
)

func TestLeastAgents(t *testing.T) {
	t.Parallel()
	const within = 20 * time.Second
	for _, c := range []struct {
		name   string
		m      staffing.Model
		target staffing.Target
		want   int
	}{
		{"C, 80/20", staffing.ErlangC, staffing.Target{ServiceLevel: .8, Within: within}, 16},
		{"C, 70/20", staffing.ErlangC, staffing.Target{ServiceLevel: .7, Within: within}, 15},
		{"C, stable only", staffing.ErlangC, staffing.Target{Answered: .99}, 13},
		{"C, ASA 24 s", staffing.ErlangC, staffing.Target{ASA: 24 * time.Second}, 16},
		{"C, ASA 25 s", staffing.ErlangC, staffing.Target{ASA: 25 * time.Second}, 15},
		{"A, 86 % answered", staffing.ErlangA, staffing.Target{Answered: .86}, 12},
		{"A, 95 % answered", staffing.ErlangA, staffing.Target{Answered: .95}, 15},
		{"A, occupancy", staffing.ErlangA, staffing.Target{Answered: .5, MaxOccupancy: .5}, 25},
	} {
		o, err := staffing.Least(c.m, twelveAndAHalf, c.target)
		if err != nil || o.Agents != c.want {
			t.Errorf("%s: %+v, %v; want %d agents", c.name, o, err, c.want)
		}
	}
	if o, err := staffing.Least(staffing.ErlangC, staffing.Load{Handling: time.Second}, staffing.Target{ASA: 1}); err != nil || o.Agents != 0 {
		t.Errorf("no callers: %+v, %v", o, err)
	}
	for name, target := range map[string]staffing.Target{
		"nothing": {}, "only a time": {Within: 1}, "certainty": {ServiceLevel: 1}, "negative": {ASA: -1}, "negative time": {Within: -1, ASA: 1},
		"beyond any number": {ServiceLevel: .9, Answered: 1.5},
	} {
		if o, err := staffing.Least(staffing.ErlangC, twelveAndAHalf, target); err == nil {
			t.Errorf("%s: %+v", name, o)
		}
	}
	huge := staffing.Load{Rate: 1000, Handling: time.Hour}
	if o, err := staffing.Least(staffing.ErlangC, huge, staffing.Target{ServiceLevel: .8}); err == nil {
		t.Errorf("3.6 million erlangs: %+v", o)
	}
}

// One agent fewer does not meet what the least number meets.
func TestLeastIsTheLeast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, _ := loads(t)
		target := staffing.Target{
			Answered:     rapid.Float64Range(0.01, .99).Draw(t, "answered"),
			ServiceLevel: rapid.Float64Range(0, .99).Draw(t, "level"), Within: 20 * time.Second,
			ASA: time.Duration(rapid.Int64Range(1, 300).Draw(t, "asa")) * time.Second,
		}
		for _, m := range []staffing.Model{staffing.ErlangC, staffing.ErlangA} {
			o, err := staffing.Least(m, l, target)
			if err != nil {
				t.Fatal(err)
			}
			if !target.Met(o) {
				t.Fatalf("%+v does not meet %+v", o, target)
			}
			if o.Agents > 1 {
				if fewer, err := m(l, o.Agents-1, target.Within); err != nil || target.Met(fewer) {
					t.Fatalf("%d agents are not the least: %+v, %v", o.Agents, fewer, err)
				}
			}
		}
	})
}

func TestScheduled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n         int
		shrinkage float64
		want      int
	}{{7, 0, 7}, {7, .3, 10}, {8, .3, 12}, {0, .3, 0}, {9, .1, 10}} {
		if got := staffing.Scheduled(c.n, c.shrinkage); got != c.want {
			t.Errorf("%d at their phones of %g away: %d, want %d", c.n, c.shrinkage, got, c.want)
		}
	}
}
