// Package agents is the side of the people who answer: who sits at which phone, what state they are
// in, what they hear before a caller, and the codes they dial.
//
// People and phones are two things. A phone is known to Asterisk by its registration and its
// channels; a person logs in at a phone and leaves it again. The Desk turns what either does into
// changes of the log: a code dialled, a request over the API, a registration lost, a call of the
// agent's own, the end of after-call work. Parsing of codes and wording of briefings are pure.
package agents
