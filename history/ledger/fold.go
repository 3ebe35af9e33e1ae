package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"accueil/acd"
)

// Cursor is how far the log has been folded: data set, entry, and when that entry was written.
type Cursor struct {
	Gen   string
	Entry string // id of the log's stream; "" before the first
	Seq   int64
	At    acd.Instant
}

// cursorName is the reader of the log that makes tasks.
const cursorName = "tasks"

// Cursor returns how far the log has been folded; the zero Cursor when it never was.
func (l *Ledger) Cursor(ctx context.Context) (Cursor, error) {
	var c Cursor
	err := l.read.QueryRowContext(ctx, `SELECT gen, entry, seq, at_ms FROM cursors WHERE name = $1`, cursorName).Scan(&c.Gen, &c.Entry, &c.Seq, &c.At)
	if errors.Is(err, sql.ErrNoRows) {
		return Cursor{}, nil
	}
	return c, away("read how far the log was folded", err)
}

// Batch is one transaction of the fold: tasks that are made or moved by the log, and the cursor.
type Batch struct {
	l  *Ledger
	tx *sql.Tx
}

// Fold runs do in one transaction and writes the cursor in it; nil leaves the cursor where it is. do may
// run again when others were faster, so it must begin anew each time.
func (l *Ledger) Fold(ctx context.Context, to *Cursor, do func(*Batch) error) error {
	for range races {
		err := l.inTx(ctx, "fold the log", func(tx *sql.Tx) error {
			if err := do(&Batch{l, tx}); err != nil {
				return err
			}
			return advance(tx, to)
		})
		if !raced(err) {
			return err
		}
	}
	return fmt.Errorf("fold the log: %w", acd.ErrStale)
}

// lost reports whether PostgreSQL ended one of two transactions that stood in each other's way, or two
// made the same row at once.
func lost(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "23505")
}

func advance(tx *sql.Tx, to *Cursor) error {
	if to == nil {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO cursors (name, gen, entry, seq, at_ms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (name) DO UPDATE SET gen = excluded.gen, entry = excluded.entry, seq = excluded.seq, at_ms = excluded.at_ms`,
		cursorName, to.Gen, to.Entry, to.Seq, int64(to.At))
	return away("write how far the log was folded", err)
}

// Counted returns the task that a leg was counted in; "" when it was in none.
func (b *Batch) Counted(leg acd.LegID) (acd.TaskID, error) {
	var id acd.TaskID
	err := b.tx.QueryRow(`SELECT task FROM task_legs WHERE leg = $1`, string(leg)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, away("look whether a leg was counted", err)
}

// Task returns one task; acd.ErrNotFound when there is none.
func (b *Batch) Task(id acd.TaskID) (acd.Task, error) { return readTask(b.tx, id) }

// OwedTo returns what is owed to a person, oldest first; nothing for the person "", who is not known.
func (b *Batch) OwedTo(person string) ([]acd.Task, error) {
	marks := b.l.seals.Marks(person) // under an old key too, as long as it is in the file
	if len(marks) == 0 {
		return nil, nil
	}
	var w where
	w.among("person", marks)
	rows, err := b.tx.Query(`SELECT `+columnList+` FROM tasks`+w.String()+` AND ended_ms = 0 ORDER BY since_ms, id`, w.args...)
	if err != nil {
		return nil, away("look what is owed to a caller", err)
	}
	defer func() { _ = rows.Close() }()
	var out []acd.Task
	for rows.Next() {
		t, err := scanTask(rows)
		if errors.Is(err, errRow) {
			continue // List tells of it
		}
		if err != nil {
			return nil, away("look what is owed to a caller", err)
		}
		out = append(out, t)
	}
	return out, away("look what is owed to a caller", rows.Err())
}

// Add keeps a new task, made from a leg.
func (b *Batch) Add(t acd.Task, p acd.TaskPersonal, person string, d Deed) error {
	if err := b.l.insert(b.tx, t, p, person); err != nil {
		return err
	}
	if err := step(b.tx, t, d, string(t.Outcome)); err != nil {
		return err
	}
	return b.Count(t.Leg, t.ID, d.At)
}

// Move writes the next image of a task.
func (b *Batch) Move(next acd.Task, d Deed) error {
	if err := update(b.tx, next); err != nil {
		return err
	}
	return step(b.tx, next, d, detail(next))
}

// Count notes that a leg is counted in a task.
func (b *Batch) Count(leg acd.LegID, id acd.TaskID, at acd.Instant) error {
	if leg == "" {
		return nil
	}
	_, err := b.tx.Exec(`INSERT INTO task_legs (leg, task, at_ms) VALUES ($1, $2, $3)`, string(leg), string(id), int64(at))
	return away("note that a leg was counted", err)
}
