//go:build !race

package routing_test

// slowdown divides the length of random runs; see race_on_test.go.
const slowdown = 1
