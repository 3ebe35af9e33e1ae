//go:build race

package routing_test

// slowdown divides the length of random runs: the race detector makes each step that much dearer.
const slowdown = 10
