// Package staffing says how many agents an interval needs: Erlang C and Erlang A forward (so many
// agents, what comes of it) and backward (a target, the fewest agents that meet it), and what both
// need to know of past calls (how many, how long, how patient).
//
// Both models suppose one pool in which any agent serves any caller, arrivals by chance at a constant
// rate, handling times and patience of exponential distribution, and a steady state: an interval much
// longer than a conversation. Erlang C supposes besides that nobody ever hangs up. It therefore asks
// for more agents than are needed, and has no answer at all when there is more work than agents;
// Erlang A has one. Where agents differ in their skills neither is right: added up over all reasons
// they give a bound from below, one pool a reason a bound from above; a simulation lies between.
//
// Everything here is pure: no clock, no dice. Sums are kept in terms that neither overflow nor vanish,
// so that thousands of agents cost microseconds and lose no digits.
package staffing
