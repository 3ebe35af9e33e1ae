// Package why tells afterwards why a contact went where it went, and proves that it is true.
//
// A decision is a function of five things: what the log said up to an entry (LastID), the facts of the
// deciding node that were folded ahead of it (Ahead), the choices that were on their way (Pending), the
// rules (by hash) and the instant. The entry of a claim names all five. So a stretch of the log that
// begins with an image of everything, together with the rules it names, is enough to make every
// decision in it again: Replay does and compares, Explain does and shows the whole list of candidates.
//
// What cannot be made again is said, never guessed: a decision made while the store was away, one
// whose rules are not kept, and one that rests on an entry which the log has lost.
//
// The package holds ids, codes and instants, as the log does. Sentences for people are in words.go.
package why
