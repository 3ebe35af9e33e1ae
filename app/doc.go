// Package app builds a running contact centre from a site file and takes it down again.
//
// It is the one place that knows every package: it opens the log, connects to Asterisk, loads the
// scenarios and their speech, starts routing, calls, desk and HTTP, and hands each what it declared to
// need. What two packages call differently is translated here and nowhere else (lines.go, events.go,
// plan.go). A started App is a value: the binary runs one, an end-to-end test as many as it likes.
package app
