// Package routing decides which waiting contact goes to which agent. It is pure: no clock, no
// goroutine, no store, no chance. The same log and the same instant give the same decision, on the
// lead as in a replay a month later. The loop that feeds it is routing/dispatch.
//
// # What is decided
//
// A contact waits in a queue. The queue has steps, each a Requirement on skills that opens at an age
// of the contact; a step that nobody at work could satisfy hands its opening to the next one at once.
// The contact's own requirement (its language) is added to every step. Among all contacts that some
// free agent may serve now, over all queues, the one with the lowest score is taken first: nobody
// waits behind a contact that cannot be served. It goes to the agent who handled this caller last
// when he is free, else to the earliest open step, least surplus of skill, longest idle, lowest id.
//
// # How it stays cheap
//
// The unit of the index is the class: a queue together with what its contacts ask for themselves.
// Within a class every contact sees the same requirements; they differ by age only. So each class
// keeps
//
//   - its contacts in one ordered list for each number of points. With equal points the order by
//     score is the order by age, and steps open by age: when the head of a list may not be served
//     through a step, nobody behind it may. Only heads are looked at.
//   - its free agents in one ordered set by (earliest step that fits, surplus, idle since, id). Open
//     steps are always the first m of a queue, so the set's minimum is the best agent for every
//     contact whose m reaches that step.
//
// Agents with equal skills share a profile, which knows the classes it fits, so a requirement is
// matched once for each class and profile and never in a decision. A decision looks at each class
// once and costs the logarithm of contacts and agents. Contacts with an exclusion are stepped over
// one by one; contacts held for a preferred agent stand apart, in a list of that agent's.
//
// # Choices in flight
//
// A choice is a wish until the log tells it happened. Until then its leg and its agent are pending:
// neither is chosen again, until an entry shows either of them moved, Retry says that the claim was
// refused, or PendingFor has passed.
package routing
