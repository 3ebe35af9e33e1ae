package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"accueil/acd"
)

// Keep says for how long things stay after a task has ended.
type Keep struct {
	Personal time.Duration // whom it was owed to; 0 erases at the end
	Task     time.Duration // the rest of it
	// Recordings is how long what was said is kept at most, from its end, Audit who heard it.
	Recordings, Audit time.Duration
}

// Swept counts what a Sweep did.
type Swept struct{ Expired, Erased, Forgotten int64 }

// sweepBatch bounds one transaction of a sweep, so that nobody waits long behind it.
const sweepBatch = 200

// Sweep ends the tasks whose time has run out, erases whom ended ones were owed to, and drops those
// that ended long ago with all that was noted of them.
func (l *Ledger) Sweep(ctx context.Context, now acd.Instant, k Keep) (Swept, error) {
	var s Swept
	for {
		n, err := l.expire(ctx, now)
		s.Expired += int64(n)
		if err != nil {
			return s, err
		}
		if n < sweepBatch {
			break
		}
	}
	err := l.inTx(ctx, "erase whom tasks were owed to", func(tx *sql.Tx) error {
		res, err := tx.Exec(`UPDATE tasks SET person = NULL, sealed = NULL, key_id = '' WHERE ended_ms > 0 AND ended_ms <= $1 AND (sealed IS NOT NULL OR person IS NOT NULL)`,
			int64(now.Add(-k.Personal)))
		if err != nil {
			return away("erase whom tasks were owed to", err)
		}
		s.Erased, err = res.RowsAffected()
		return away("erase whom tasks were owed to", err)
	})
	if err != nil {
		return s, err
	}
	err = l.quietly(ctx, "drop old answers and entries of the audit", func(tx *sql.Tx) error {
		for _, q := range []struct {
			text   string
			before acd.Instant
		}{
			{`UPDATE surveys SET comment = '' WHERE comment <> '' AND ended_ms <= $1`, now.Add(-k.Recordings)},
			{`DELETE FROM surveys WHERE ended_ms <= $1`, now.Add(-k.Task)},
		} {
			if _, err := tx.Exec(q.text, int64(q.before)); err != nil {
				return away("drop old answers to surveys", err)
			}
		}
		return forgetAudit(tx, now.Add(-k.Audit))
	})
	if err != nil {
		return s, err
	}
	old := int64(now.Add(-k.Task))
	err = l.inTx(ctx, "drop old tasks", func(tx *sql.Tx) error {
		for _, from := range []string{"task_steps", "task_legs"} {
			if _, err := tx.Exec(`DELETE FROM `+from+` WHERE task IN (SELECT id FROM tasks WHERE ended_ms > 0 AND ended_ms <= $1)`, old); err != nil {
				return away("drop old tasks", err)
			}
		}
		res, err := tx.Exec(`DELETE FROM tasks WHERE ended_ms > 0 AND ended_ms <= $1`, old)
		if err != nil {
			return away("drop old tasks", err)
		}
		s.Forgotten, err = res.RowsAffected()
		return away("drop old tasks", err)
	})
	return s, err
}

// expire ends some of the tasks whose time has run out, and returns how many there were.
func (l *Ledger) expire(ctx context.Context, now acd.Instant) (int, error) {
	ids, err := l.expired(ctx, now)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		_, err := l.Change(ctx, id, Deed{By: System, What: "expire", At: now}, func(t acd.Task) (acd.Task, error) {
			if !t.State.Owed() || !t.Until.Reached(now) {
				return t, nil // somebody has handled it, or it was asked for again
			}
			return t.Expire(now)
		})
		var gone acd.ErrNotFound
		if err != nil && !errors.As(err, &gone) {
			return 0, err
		}
	}
	return len(ids), nil
}

// expired lists tasks that are owed beyond their time.
func (l *Ledger) expired(ctx context.Context, now acd.Instant) ([]acd.TaskID, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT id FROM tasks WHERE ended_ms = 0 AND until_ms > 0 AND until_ms <= $1 ORDER BY until_ms LIMIT $2`, int64(now), sweepBatch)
	if err != nil {
		return nil, away("look for expired tasks", err)
	}
	defer func() { _ = rows.Close() }()
	var ids []acd.TaskID
	for rows.Next() {
		var id acd.TaskID
		if err := rows.Scan(&id); err != nil {
			return nil, away("look for expired tasks", err)
		}
		ids = append(ids, id)
	}
	return ids, away("look for expired tasks", rows.Err())
}

// System is who did what nobody asked for.
const System = "system"
