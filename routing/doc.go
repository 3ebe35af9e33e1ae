// Package routing decides which waiting contact goes to which agent. It is pure: no clock, no
// goroutine, no store, no chance. The same log and the same instant give the same decision, on the
// lead as in a replay a month later. The loop that feeds it is routing/dispatch.
//
// # What is decided
//
// A contact waits in a queue. The queue has steps, each a Requirement on skills that opens at an age
// of the contact; a step that nobody at work could satisfy hands its opening to the next one at once,
// an exclusive one closes those before it, and one that considers counts is closed while its condition
// is false. The contact's own requirement (its language) is added to every step.
//
// Contacts are ordered by score: the instant from which they wait, less a minute for each of their
// points, from 0 to 10. Points are the contact's own and those that a policy adds for its age, for the
// step through which an agent would take it, and for the agent's priority; the sum is clamped, so a
// contact is never in front of one that came ten minutes earlier. So the score belongs to a pair of
// contact and agent, and the decision is the pair of the lowest score over all queues: nobody waits
// behind a contact that cannot be served. Between agents for the same contact, the one who handled
// this caller last comes first; then more points, the earlier step, the order of the queue (least
// surplus of skill and longest idle, unless it says otherwise), the id.
//
// # How it stays cheap
//
// The unit of the index is the class: a queue together with what its contacts ask for themselves and
// the medium they speak. Within a class every contact sees the same requirements; they differ by age
// and by their own points only. So each class keeps
//
//   - its contacts in one ordered list for each number of points of their own. With equal points the
//     order by score is the order by age. What a contact sees, and the points that its age adds, change
//     at a few ages only, the turns of the class: between two of them all see the same, and when the
//     oldest may not be served, nobody behind it may. Only the heads of these stretches are looked at,
//     found by a seek. Where age only ever helps (no exclusive step, no points for being young), the
//     head of the whole list is enough.
//   - its free agents in groups by the steps they satisfy, their priority and their delay. For a
//     stretch of contacts, each group has one step and one number of points; within it an ordered set
//     has the best agent first.
//
// Agents with equal skills share a profile, which knows the classes it fits, so a requirement is
// matched once for each class and profile and never in a decision. A decision looks at each class
// once and costs the logarithm of contacts and agents, times what rules make of them: stretches and
// groups. Contacts with an exclusion, or whose preferred agent is free, are stepped over one by one;
// contacts held for a preferred agent stand apart, in a list of that agent's.
//
// # Choices in flight
//
// A choice is a wish until the log tells it happened. Until then its leg and its agent are pending:
// neither is chosen again, until an entry shows either of them moved, Retry says that the claim was
// refused, or PendingFor has passed.
package routing
