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

// editDistance is Levenshtein's: letters to insert, delete or replace.
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
