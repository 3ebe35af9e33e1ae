// Package queues keeps the data set of a site in Redis: it is the only package that speaks to Redis.
//
// Every change is an acd.Change, written by one Lua script: images of the entities it touches, places
// in queues, counters, personal fields, and one entry of the site's log. A Book is one node's hand on
// it. It decides (Decide waits for the script's yes), records (Record acts at once and is never
// refused), tells (Subscribe), and answers from memory.
//
// # What is authoritative
//
// Redis, while it answers. A node's view is three folds: base is what Redis is known to hold, shown
// adds this node's own facts that are not confirmed yet, told is what subscribers have heard. A change
// is built on shown and sent with the version of every entity it read or writes. A version is revision
// and operation: two nodes that both went from 4 to 5 made different fives. The script applies all of
// it or answers with what is really there; the change is then built again from that. A fact that keeps
// losing is forced.
//
// # Order
//
// One goroutine sends, one batch at a time. Facts go in the order they were recorded, decisions after
// them. Two decisions about the same entity never share a batch, and a fact about an entity with a
// decision on its way waits for the answer, so that it is built on the truth. A decision may be built on
// a fact that has not been answered: it travels behind it and names its operation as the version it
// needs, so the script takes it only after the fact.
//
// Subscribers hear the log in its order: from the answers of this node's own scripts as long as nothing
// untold lies between, else from XREAD, which passes over what was told. Followers (Follow) see this
// node's view instead: its facts when they are recorded, and the whole view again should one have lost.
//
// # Silence
//
// An answer that does not come means unknown. The same operation, under the same id, is sent again:
// an entity that carries the id was written (AGAIN). When others have moved on since, the log is
// searched for the id. Nothing is ever decided anew on a guess.
//
// # Without Redis
//
// A breaker (PING, and the writer's own failures) gives Redis up for a named cause. Facts then act on
// all three folds, are told as entries without an ID, and are kept in order in the spool: memory, and
// a file that outlives the process. Decisions are granted when no other node could have decided
// otherwise. On return the spool is replayed with force (facts win), what the log holds already being
// known by its operation; then what this node owns and Redis lost is asserted. A Redis that comes back
// empty gets a new gen. See comeback.go for the order of steps.
//
// # Privacy
//
// Images and entries hold ids, codes and instants. acd.Personal goes to its own key with a TTL, and
// never to log, spool, fold, metrics or errors.
package queues
