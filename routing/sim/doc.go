// Package sim plays a day of a contact centre in simulated time: who calls, who waits, who is taken by
// whom, who gives up. Who takes whom is decided by routing.Engine itself, the code of the running
// system, fed with what the log would tell it; so that a change of rules can be tried before a patient
// hears it.
//
// A Source draws Days: a Plan from what is expected (arrivals, handling times, patience, shifts), a
// Replay from a file of past calls. Everything that depends on chance is drawn before a day is played
// and never by playing it: two sets of rules under one seed meet the same callers, with the same patience
// and the same length of conversation, and the difference between them is theirs alone.
//
// What is not simulated: the menu (callers enter it and come to a queue some time later), misses and
// refusals of agents, transfers, callbacks, callers who try again.
package sim
