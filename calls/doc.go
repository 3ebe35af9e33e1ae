// Package calls leads the life of a voice contact: from the caller's arrival in Asterisk to the last
// leg's record, in every ending.
//
// Each contact has one machine and one actor. The machine is pure: it takes an Event (a key, a
// channel gone, a claim read from the log, a deadline) and an instant, and returns Actions (play,
// ring, bridge, record). It holds every compensation: what is undone when a step fails, and when a
// step that was asked for is not confirmed in time. The actor is the thin shell: one goroutine, one
// bounded mailbox, actions executed in order with deadlines, errors handed back as events.
//
// The Controller routes: channels to actors, entries of the log to actors, requests of supervisors
// to actors; and after a reconnect or a restart it compares what Asterisk has with what the log says
// and puts the difference right (reconcile.go).
//
// Asterisk is the truth for what exists (channels, bridges), the log for contacts and agents. A 2xx
// of Asterisk means "queued": joining is over when both channels have been seen entering the bridge.
//
// The package speaks neither ARI nor Redis nor menus: seams.go declares what it needs of them.
package calls
