package ledger

import (
	"context"
	"database/sql"
	"errors"

	"go.uber.org/zap"

	"accueil/acd"
)

// News is a task that has changed since the log was told of it: as it is now, and who made it so. What
// it was in between is in its story.
type News struct {
	Task acd.Task
	By   string // account, or System
}

// Changed is signalled after changes were committed; one signal may stand for many.
func (l *Ledger) Changed() <-chan struct{} { return l.changed }

func (l *Ledger) signal() {
	select {
	case l.changed <- struct{}{}:
	default: // it is signalled already
	}
}

// Untold returns tasks that have news, those made first before the others, at most so many. They stay
// untold until Told says otherwise, whatever becomes of the process.
func (l *Ledger) Untold(ctx context.Context, most int) ([]News, error) {
	// Who reads a task is noted at its revision too, after the one who made it.
	rows, err := l.read.QueryContext(ctx, `SELECT `+columnList+`, id, rev, COALESCE((SELECT s.who FROM task_steps s
		WHERE s.task = tasks.id AND s.rev = tasks.rev ORDER BY s.at_ms, s.id LIMIT 1), '')
		FROM tasks WHERE told < rev ORDER BY id LIMIT $1`, most)
	if err != nil {
		return nil, away("look for news of tasks", err)
	}
	defer func() { _ = rows.Close() }()
	var out, spoilt []News
	for rows.Next() {
		var n News
		var id acd.TaskID
		var rev int64
		n.Task, err = scanTask(rows, &id, &rev, &n.By)
		switch {
		case errors.Is(err, errRow): // List tells of it
			spoilt = append(spoilt, News{Task: acd.Task{ID: id, Rev: rev}})
		case err != nil:
			return nil, away("look for news of tasks", err)
		default:
			out = append(out, n)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, away("look for news of tasks", err)
	}
	if len(spoilt) > 0 { // what cannot be told must not stand before what can
		if err := l.Told(ctx, spoilt); err != nil {
			l.log.Warn("rows that are no tasks stay among the news", zap.Error(err))
		}
	}
	return out, nil
}

// Told notes that the log was told these images. One that has changed meanwhile is news still.
func (l *Ledger) Told(ctx context.Context, news []News) error {
	return l.quietly(ctx, "note what the log was told", func(tx *sql.Tx) error {
		for _, n := range news {
			if _, err := tx.Exec(`UPDATE tasks SET told = $2 WHERE id = $1 AND told < $2`, string(n.Task.ID), n.Task.Rev); err != nil {
				return away("note what the log was told", err)
			}
		}
		return nil
	})
}
