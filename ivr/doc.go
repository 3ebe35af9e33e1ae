// Package ivr turns scenario files into menus that talk with a call.
//
// Load reads scenarios/*.yaml against what the site knows and finds every mistake with its place.
// The Program it returns is immutable; Start opens one call's walk through it. A walk is pure: it
// implements acd.Script as a function of its own state, what was heard and the instant, so a menu
// can be walked in a table, in a fuzzer or by Prove, which visits every state with every input. A
// call keeps the program it began with when the files change.
//
// What every walk keeps, whatever the file says:
//
//   - key 9 reads the emergency instruction within one answer, from every state; a place in a queue
//     is taken up again with *.
//   - key 0 leads to a human, * repeats.
//   - two silences (10 s, then 20 s), three keys that mean nothing, or two faults lead to a human.
//   - a queue that refuses leads to its fallback, or to a clear message; never round in circles.
//   - keys typed faster than the speech are kept for the menus that follow.
//
// Speech itself, and the cache of it, is in ivr/prompts.
package ivr
