package routing

// Closest returns the candidate nearest to word by edit distance, the first of equals, and "" when
// none is near: more than a third of its letters (or more than one) would have to change.
func Closest[T ~string](word string, candidates []T) string {
	best, distance := "", max(1, (len([]rune(word))+1)/3)+1
	for _, c := range candidates {
		if d := editDistance([]rune(word), []rune(string(c))); d < distance {
			best, distance = string(c), d
		}
	}
	return best
}

// editDistance counts the letters to insert, delete, replace or exchange with their neighbour
// (optimal string alignment).
func editDistance(a, b []rune) int {
	older, old := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			row[j+1] = min(old[j+1], row[j], old[j]) + 1
			if a[i] == b[j] {
				row[j+1] = old[j]
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], older[j-1]+1)
			}
		}
		older, old = old, row
	}
	return old[len(b)]
}
