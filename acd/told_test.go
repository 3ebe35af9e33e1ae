package acd_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

func TestMinutesRoundUp(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]int{0: 1, time.Second: 1, time.Minute: 1, time.Minute + 1: 2, 225 * time.Second: 4, 240 * time.Second: 4} {
		if got := acd.Minutes(wait); got != want {
			t.Errorf("%s: %d minutes, want %d", wait, got, want)
		}
	}
}

func TestARiseOfTheWaitIsToldOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ minutes, told []int }{
		{[]int{4, 3, 3, 1}, []int{4, 3, 3, 1}},
		{[]int{4, 6, 7, 6, 5, 6, 2, 3}, []int{4, 6, 0, 6, 5, 0, 2, 0}},
		{[]int{4, 2, 3, 4, 3}, []int{4, 2, 3, 0, 3}},
	} {
		var told acd.Told
		for i, m := range c.minutes {
			if say := told.Wait(m); say != (c.told[i] > 0) {
				t.Errorf("%v: %d is told: %t", c.minutes[:i+1], m, say)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var told acd.Told
		last, rises := 0, 0
		for _, m := range rapid.SliceOf(rapid.IntRange(1, 30)).Draw(t, "minutes") {
			if !told.Wait(m) {
				continue
			}
			if last > 0 && m > last {
				rises++
			}
			last = m
		}
		if rises > 1 || told.Minutes != last {
			t.Fatalf("%d rises were told; %+v after %d", rises, told, last)
		}
	})
}

func TestAWorsePlaceIsNotTold(t *testing.T) {
	t.Parallel()
	var told acd.Told
	for _, c := range []struct {
		place int
		say   bool
	}{{4, true}, {4, true}, {5, false}, {3, true}, {4, false}, {1, true}, {2, false}} {
		if say := told.Stands(c.place); say != c.say {
			t.Errorf("place %d is told: %t", c.place, say)
		}
	}
}
