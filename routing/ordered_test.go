package routing

import (
	"math/rand/v2"
	"slices"
	"testing"
)

type number int

func (n number) before(m number) bool { return n < m }

func TestOrderedAgainstASortedSlice(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(1, 1))
	var set ordered[number]
	var plain []number
	for range 20_000 {
		k := number(dice.IntN(300))
		i, found := slices.BinarySearch(plain, k)
		if dice.IntN(2) == 0 {
			set.add(k)
			if !found {
				plain = slices.Insert(plain, i, k)
			}
		} else {
			set.remove(k)
			if found {
				plain = slices.Delete(plain, i, i+1)
			}
		}
		probe := number(dice.IntN(300))
		j, _ := slices.BinarySearch(plain, probe)
		if n := set.seek(probe); (n == nil) != (j == len(plain)) || n != nil && n.key != plain[j] {
			t.Fatalf("seek(%d) = %v in %v", probe, n, plain)
		}
		var walked []number
		for n := set.first(); n != nil; n = n.after() {
			walked = append(walked, n.key)
		}
		if !slices.Equal(walked, plain) || set.size != len(plain) {
			t.Fatalf("holds %v (%d), want %v", walked, set.size, plain)
		}
	}
}

// TestOrderedStaysShallow adds in order, which is how contacts arrive.
func TestOrderedStaysShallow(t *testing.T) {
	t.Parallel()
	var set ordered[number]
	for i := range 100_000 {
		set.add(number(i))
	}
	steps := 0
	links := set.next[:]
	for i := set.height - 1; i >= 0; i-- {
		for links[i] != nil && links[i].key.before(77_777) {
			links = links[i].next
			steps++
		}
	}
	if steps > 100 || set.height < 6 {
		t.Errorf("%d steps to a key among 100,000 over %d levels", steps, set.height)
	}
}
