// Package acd holds the words of the trade and the moves they allow: contacts, legs, agents, phones,
// offers, outcomes, and the one log in which every change of them is an entry.
//
// It is the leaf of the project. It imports the standard library only, reads no clock, opens no
// connection and starts no goroutine: every function takes the instant at which it happens. What
// Redis stores, what the routing engine folds and what a supervisor's screen shows are the types of
// this package, so that there is exactly one description of each.
//
// Three ideas carry the package:
//
//   - A Leg or an Agent is an after-image: a plain value with a revision. A View is the fold of such
//     images, and an Entry of the log carries the images that one change produced.
//   - A Tx is one change under construction. It reads images from a View, moves them through the
//     state tables and collects the result as a Change: the data that a store writes as one script
//     and one entry. The same Tx serves a store that is reachable and one that is not.
//   - A decision (a claim, a supervisor's move) is refused when the tables do not allow it. A fact
//     (arrived, answered, hung up) has already happened: it is applied, flagged as an anomaly when
//     it fits no row, and counted.
package acd
