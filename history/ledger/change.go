package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"accueil/acd"
)

// Deed says who changes a task, when, and what his request is called.
type Deed struct {
	By   string // account, or "system"
	What string // code of the deed: "take", "attempt", …
	At   acd.Instant
	// Request names the request, so that a repeat of it has no second effect; "" for one that is not
	// repeated. Two requests of one name by one account are one request.
	Request string
	// Note is added to the task's text, sealed; "" adds nothing.
	Note string
}

// request is what is kept of the name of a request: whatever it says is not.
func (d Deed) request() sql.NullString {
	if d.Request == "" {
		return sql.NullString{}
	}
	h := sha256.Sum256([]byte(d.By + "\x00" + d.Request))
	return sql.NullString{String: hex.EncodeToString(h[:16]), Valid: true}
}

// races bounds how often a change is made again because others were faster.
const races = 10

// Open keeps a new task. Of a request that was carried out before, it returns the task as it is now.
func (l *Ledger) Open(ctx context.Context, t acd.Task, p acd.TaskPersonal, person string, d Deed) (acd.Task, error) {
	return l.once(ctx, "open a task", d, func(tx *sql.Tx) (acd.Task, error) {
		if err := l.insert(tx, t, p, person); err != nil {
			return t, err
		}
		return t, step(tx, t, d, string(t.Kind))
	})
}

// Change moves a task and notes who did it. move is given the task as it is and returns the next image;
// it may be asked again. One that returns the image unchanged changes nothing. Errors of move are
// returned as they are; acd.ErrNotFound for a task that does not exist (any more), acd.ErrPersonTaken for
// one that is to be given to somebody while a colleague has another of the same person.
func (l *Ledger) Change(ctx context.Context, id acd.TaskID, d Deed, move func(acd.Task) (acd.Task, error)) (acd.Task, error) {
	return l.once(ctx, "change a task", d, func(tx *sql.Tx) (acd.Task, error) {
		t, err := readTask(tx, id)
		if err != nil {
			return t, err
		}
		next, err := move(t)
		if err != nil || next.Rev == t.Rev {
			return t, err
		}
		if next.State == acd.TaskTaken && next.Owner != t.Owner {
			if err := l.alone(tx, next); err != nil {
				return t, err
			}
		}
		if err := update(tx, next); err != nil {
			return t, err
		}
		if d.Note != "" {
			if err := l.note(tx, id, d.Note); err != nil {
				return t, err
			}
		}
		return next, step(tx, next, d, detail(next))
	})
}

// aloneLock is what nodes agree on in PostgreSQL so that one at a time gives a task away: one lock for all
// persons, since during a rotation not all nodes know a person by the same mark.
const aloneLock = auditLock + 1

// alone refuses a task whose person somebody else than its new owner deals with: nobody is called by two
// people at once.
func (l *Ledger) alone(tx *sql.Tx, t acd.Task) error {
	r, err := readSealed(tx, t.ID)
	if err != nil || len(r.person) == 0 {
		return err
	}
	if l.file == "" { // of two nodes that give two tasks of one person away, the second sees what the first did
		if _, err := tx.Exec(`SELECT pg_advisory_xact_lock($1)`, int64(aloneLock)); err != nil {
			return away("look who deals with a person", err)
		}
		// Others may have sealed it anew meanwhile.
		if r, err = readSealed(tx, t.ID); err != nil {
			return err
		}
	}
	var w where
	w.among("person", l.samePerson(r))
	var other acd.ErrPersonTaken
	query := `SELECT id, owner_id FROM tasks` + w.String() + ` AND id <> ` + w.add(string(t.ID)) + ` AND state = ` + w.add(string(acd.TaskTaken)) +
		` AND owner_id <> ` + w.add(string(t.Owner)) + ` ORDER BY id LIMIT 1`
	err = tx.QueryRow(query, w.args...).Scan(&other.Task, &other.Agent)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return away("look who deals with a person", err)
	}
	return other
}

// once carries out what is asked once, whatever is repeated and whoever is faster.
func (l *Ledger) once(ctx context.Context, what string, d Deed, do func(*sql.Tx) (acd.Task, error)) (acd.Task, error) {
	for range races {
		var out acd.Task
		err := l.inTx(ctx, what, func(tx *sql.Tx) (err error) {
			if out, err = repeated(tx, d); err == nil && out.ID == "" {
				out, err = do(tx)
			}
			return err
		})
		if raced(err) {
			continue
		}
		if err != nil && d.Request != "" {
			// The same request may have been carried out meanwhile, and be what this one stumbled over.
			var done acd.Task
			again := l.inTx(ctx, what, func(tx *sql.Tx) (err error) { done, err = repeated(tx, d); return err })
			if again == nil && done.ID != "" {
				return done, nil
			}
		}
		return out, err
	}
	return acd.Task{}, fmt.Errorf("%s: %w", what, acd.ErrStale)
}

// raced reports whether a change lost against another and is to be made again.
func raced(err error) bool { return errors.Is(err, errRaced) || lost(err) }

// repeated returns the task of a request that was carried out before; none for a new request.
func repeated(tx *sql.Tx, d Deed) (acd.Task, error) {
	name := d.request()
	if !name.Valid {
		return acd.Task{}, nil
	}
	var id acd.TaskID
	err := tx.QueryRow(`SELECT task FROM task_steps WHERE request = $1`, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return acd.Task{}, nil
	}
	if err != nil {
		return acd.Task{}, away("look for a repeated request", err)
	}
	return readTask(tx, id)
}

// step notes who did what.
func step(tx *sql.Tx, t acd.Task, d Deed, detail string) error {
	_, err := tx.Exec(`INSERT INTO task_steps (id, task, rev, at_ms, who, what, detail, request) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		acd.NewOpID(d.At), string(t.ID), t.Rev, int64(d.At), d.By, d.What, detail, d.request())
	return away("note who did it", err)
}

// detail is the code that says most of what a change led to.
func detail(t acd.Task) string {
	switch n := len(t.Attempts); {
	case !t.State.Owed():
		return string(t.Result)
	case t.State == acd.TaskTaken:
		return string(t.Owner)
	case n > 0:
		return string(t.Attempts[n-1].Result)
	}
	return ""
}

// maxText bounds a task's text with all that was noted on it, in bytes.
const maxText = 8 << 10

// note adds a line to the sealed text.
func (l *Ledger) note(tx *sql.Tx, id acd.TaskID, text string) error {
	r, err := readSealed(tx, id)
	if err != nil {
		return err
	}
	p, err := openFields(l.seals, r.key, id, r.sealed)
	if err != nil {
		return err
	}
	if p.Text != "" {
		p.Text += "\n"
	}
	p.Text += text
	if n := len(p.Text) - maxText; n > 0 {
		p.Text = p.Text[n:] // the latest is what the next reader needs
	}
	ok, err := l.reseal(tx, r, p)
	if err == nil && !ok {
		err = errRaced
	}
	return err
}
