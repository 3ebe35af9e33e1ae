// Package owed decides what is still owed to a caller when the log has told how his call ended, and
// keeps the tasks that follow from it.
//
// The decision is pure (Judge, New, Again, Settles). The Keeper around it folds the log into a ledger:
// what is told live within milliseconds, what it has not heard (before a start, after an outage of
// database or Redis) from the log itself, from its cursor on. A leg is counted once, whichever way it
// comes and however often: the ledger knows the legs it has counted, and the cursor moves in the
// transaction that writes the tasks.
//
// While the database is away the cursor stays and the log is held back from trimming (KeepFrom). While
// Redis is away, what this node tells of its own calls is folded as it happens; it comes again from the
// log, and changes nothing then. After Redis was emptied the log is another one (gen): it is read from
// its beginning, and the tasks of the old one stay.
//
// What becomes of a task, by the log or by people, is written to the database alone; the log is told
// afterwards (announce). Each image stays marked as news until it was: a kill between the two, or a Redis
// that is away, delays a notice and loses none. It may be told twice; readers keep the highest revision.
//
// Who called is asked of the store of live contacts, which forgets him a day after his call: a database
// that is away for longer loses numbers, and says so.
package owed
