package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"accueil/acd"
)

// Transcribed adds what was said in the recording of a task to its sealed text. A task that has no such
// recording, or whose personal fields are erased, gets nothing: acd.ErrNotFound.
func (l *Ledger) Transcribed(ctx context.Context, recording, text string, at acd.Instant) error {
	write := func(tx *sql.Tx) error {
		var id acd.TaskID
		err := tx.QueryRow(`SELECT id FROM tasks WHERE recording = $1 AND (sealed IS NOT NULL OR ended_ms = 0)`, recording).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return acd.ErrNotFound{What: "task of recording", ID: recording}
		}
		if err != nil {
			return away("look for the task of a recording", err)
		}
		if err := l.note(tx, id, text); err != nil {
			return err
		}
		t, err := readTask(tx, id)
		if err != nil {
			return err
		}
		return step(tx, t, Deed{By: System, What: "transcript", At: at}, "")
	}
	for range races {
		if err := l.inTx(ctx, "write down a recording", write); !raced(err) {
			return err
		}
	}
	return fmt.Errorf("write down a recording: %w", acd.ErrStale)
}

// Erasable lists the recordings of tasks that ended at that instant or before and whose personal fields
// are erased: what was said goes with them.
func (l *Ledger) Erasable(ctx context.Context, ended acd.Instant) ([]string, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT recording FROM tasks WHERE recording <> '' AND sealed IS NULL AND ended_ms > 0 AND ended_ms <= $1`, int64(ended))
	if err != nil {
		return nil, away("look for recordings to erase", err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, away("look for recordings to erase", err)
		}
		out = append(out, id)
	}
	return out, away("look for recordings to erase", rows.Err())
}
