// Package ledger keeps what is owed in SQL: SQLite in a file by default, PostgreSQL by URL. It is the
// only package that speaks SQL.
//
// # What is authoritative
//
// The database, for tasks: neither a restart of the program nor an emptied Redis touches it. What a
// task was made from is the log; how far the log has been folded (the Cursor) is written in the
// transaction that writes the tasks, so a kill at any moment neither loses nor doubles one.
//
// # Who wins
//
// Every change is a compare-and-set on the task's revision. Of two people who take a task at once one
// is written; the other's change is made again from what the first has left, and refused there by
// acd's table.
//
// # Who may read
//
// Names, numbers and texts are sealed with AES-256-GCM before they reach the driver, with a key that
// is not in the database: a copy of the file, a backup or the memory of the database server tells
// nobody's name. That two tasks are of the same person is known by a keyed hash of the number. Both
// are erased before the task is. Whoever reads a sealed field is noted, before he gets it.
//
// # When it is away
//
// Open fails with a sentence that says what to do; an operation fails with acd.ErrUnavailable. No call
// waits for this package: who folds the log tries again, and the log waits for him.
package ledger
