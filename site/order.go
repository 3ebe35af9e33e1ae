package site

import (
	"maps"
	"slices"
)

// names returns the keys as texts in alphabetical order: findings must not depend on map order.
func names[K ~string, V any](m map[K]V) []string {
	out := make([]string, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, string(k))
	}
	return out
}

// sorted returns the keys in order.
func sorted[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func contains[T comparable](list []T, v T) bool { return slices.Contains(list, v) }
