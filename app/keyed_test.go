package app

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"accueil/acd"
	"accueil/site"
)

// A stranger's telephone is rung a few times a day at most, whoever asks for it, and one caller gives a few
// numbers; what many share, and who is behind a shared number, is not counted.
func TestNumbersThatAreKeyedInAreBounded(t *testing.T) {
	t.Parallel()
	rules := site.Callbacks{PerNumber: 3, PerCaller: 5}
	registry := prometheus.NewRegistry()
	k, now := newKeyed(registry), acd.Instant(1_700_000_000_000)
	take := func(what string, who giver, number acd.CallerRef, want bool) {
		t.Helper()
		if got := k.take(who, number, now, rules); got != want {
			t.Errorf("%s: taken %t", what, got)
		}
	}
	for _, who := range []acd.CallerRef{"a", "b", "c"} {
		take("by different callers", giver{ref: who}, "stranger", true)
	}
	take("once more, by anybody", giver{ref: "d"}, "stranger", false)
	take("by who withholds his number", giver{nameless: true}, "stranger", false)
	take("another number", giver{ref: "d"}, "other", true)
	for _, number := range []acd.CallerRef{"1", "2", "3", "4"} {
		take("one caller's numbers", giver{ref: "a"}, number, true)
	}
	take("one too many of one caller", giver{ref: "a"}, "5", false)
	take("which another may give", giver{ref: "e"}, "5", true)
	for range 20 {
		take("a shared number, from behind one", giver{}, "", true)
	}
	for i := range rules.PerCaller * keyedNameless {
		take("somebody without a number", giver{nameless: true}, acd.CallerRef(rune('A'+i)), true)
	}
	take("too many without a number", giver{nameless: true}, "Z9", false)
	take("somebody with one", giver{ref: "f"}, "Z9", true)
	families, err := registry.Gather()
	if err != nil || len(families) != 1 {
		t.Fatal(families, err)
	}
	want := map[string]float64{"taken": 3 + 1 + 4 + 1 + 20 + 50 + 1, "number": 2, "caller": 2}
	for _, m := range families[0].GetMetric() {
		if l := m.GetLabel(); len(l) != 1 || m.GetCounter().GetValue() != want[l[0].GetValue()] {
			t.Errorf("%v, want %v", m, want)
		}
	}
	now = now.Add(keyedFor)
	take("a day later", giver{ref: "a"}, "stranger", true)
	if len(k.at) != 1 || len(k.by) != 1 {
		t.Errorf("of a day ago %d numbers and %d callers are kept", len(k.at)-1, len(k.by)-1)
	}
}
