package diag

import (
	"strings"
	"unicode/utf8"

	"accueil/wording"
)

// Closest returns the candidate that differs least from word, compared without case, or "" when none
// is near enough to be a slip of the hand: one edit for short words, about a third of the letters
// for longer ones. The earlier candidate wins a tie.
func Closest(word string, candidates []string) string {
	if utf8.RuneCountInString(word) > 100 {
		return ""
	}
	w := []rune(strings.ToLower(word))
	best, bestDistance := "", max(1, (len(w)+1)/3)+1
	for _, c := range candidates {
		r := []rune(strings.ToLower(c))
		if len(r) > 200 || abs(len(r)-len(w)) >= bestDistance {
			continue
		}
		if d := distance(w, r); d < bestDistance && d < max(len(w), len(r)) {
			best, bestDistance = c, d
		}
	}
	return best
}

// DidYouMean returns a suggestion for a misspelt word: the closest candidate, else the whole list
// when it is short, else nil.
func DidYouMean(word string, candidates []string) *wording.Text {
	if c := Closest(word, candidates); c != "" {
		return wording.Say("did you mean %q?", c)
	}
	if len(candidates) == 0 || len(candidates) > 20 {
		return nil
	}
	return Possible(candidates)
}

// Possible returns a suggestion that lists what can be written.
func Possible(candidates []string) *wording.Text {
	return wording.Say("possible: %s", strings.Join(candidates, ", "))
}

// distance is the optimal string alignment distance: insert, delete, replace, swap neighbours.
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
