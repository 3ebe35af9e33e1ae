package ledger

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"accueil/acd"
)

// columns of a task's image, in the order of fields and scanTask.
var columns = []string{
	"id", "rev", "kind", "state", "outcome", "contact", "leg", "entry", "queue", "reason", "lang",
	"since_ms", "last_ms", "asked", "due_ms", "until_ms", "owner_id", "attempts", "ended_ms", "result", "recording",
}

var columnList = strings.Join(columns, ", ")

// fields are the values of columns.
func fields(t acd.Task) ([]any, error) {
	attempts := "[]"
	if len(t.Attempts) > 0 {
		text, err := json.Marshal(t.Attempts)
		if err != nil {
			return nil, fmt.Errorf("write the attempts of task %s: %w", t.ID, err)
		}
		attempts = string(text)
	}
	return []any{
		string(t.ID), t.Rev, string(t.Kind), string(t.State), string(t.Outcome), string(t.Contact), string(t.Leg), string(t.Entry),
		string(t.Queue), string(t.Reason), string(t.Lang), int64(t.Since), int64(t.Last), t.Count, int64(t.Due), int64(t.Until),
		string(t.Owner), attempts, int64(t.Ended), string(t.Result), t.Recording,
	}, nil
}

// scanner is a row or rows.
type scanner interface{ Scan(...any) error }

// errRow says that a row is no task; the values stay untold.
var errRow = errors.New("a row of the database is no task")

// scanTask reads columns, and what more is asked for behind them.
func scanTask(row scanner, more ...any) (acd.Task, error) {
	var t acd.Task
	var attempts string
	err := row.Scan(append([]any{
		&t.ID, &t.Rev, &t.Kind, &t.State, &t.Outcome, &t.Contact, &t.Leg, &t.Entry, &t.Queue, &t.Reason, &t.Lang,
		&t.Since, &t.Last, &t.Count, &t.Due, &t.Until, &t.Owner, &attempts, &t.Ended, &t.Result, &t.Recording,
	}, more...)...)
	if err != nil {
		return acd.Task{}, err
	}
	if err := json.Unmarshal([]byte(attempts), &t.Attempts); err != nil {
		return acd.Task{}, errRow
	}
	if len(t.Attempts) == 0 {
		t.Attempts = nil
	}
	if err := t.Check(); err != nil {
		return acd.Task{}, fmt.Errorf("%w: %w", errRow, err)
	}
	return t, nil
}

// readTask reads one task; acd.ErrNotFound when there is none.
func readTask(q queryer, id acd.TaskID) (acd.Task, error) {
	t, err := scanTask(q.QueryRow(`SELECT `+columnList+` FROM tasks WHERE id = $1`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return t, acd.ErrNotFound{What: "task", ID: string(id)}
	}
	return t, away("read a task", err)
}

// insert adds a task with its sealed fields and the mark of its person.
func (l *Ledger) insert(tx *sql.Tx, t acd.Task, p acd.TaskPersonal, person string) error {
	if err := t.Check(); err != nil {
		return err
	}
	values, err := fields(t)
	if err != nil {
		return err
	}
	values = append(values, blob(mark(l.seals, person)), l.seals.ID(), blob(sealFields(l.seals, t.ID, p)))
	marks := make([]string, len(values))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	_, err = tx.Exec(`INSERT INTO tasks (`+columnList+`, person, key_id, sealed) VALUES (`+strings.Join(marks, ", ")+`)`, values...)
	return away("write a task", err)
}

// blob is a value of bytes; none is NULL, which not every driver makes of an empty slice.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// errRaced says that the task was changed between its reading and its writing.
var errRaced = errors.New("the task was changed meanwhile")

// update writes the next image of a task, one revision higher, if nobody was faster.
func update(tx *sql.Tx, next acd.Task) error {
	if err := next.Check(); err != nil {
		return err
	}
	values, err := fields(next)
	if err != nil {
		return err
	}
	sets := make([]string, 0, len(columns))
	for i, c := range columns[1:] {
		sets = append(sets, fmt.Sprintf("%s = $%d", c, i+2))
	}
	res, err := tx.Exec(fmt.Sprintf(`UPDATE tasks SET %s WHERE id = $1 AND rev = $2 - 1`, strings.Join(sets, ", ")), values...)
	if err != nil {
		return away("write a task", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return away("write a task", err)
	}
	if n != 1 {
		return errRaced
	}
	return nil
}

// sealedRow is what one task keeps sealed, and the mark of its person.
type sealedRow struct {
	id             acd.TaskID
	key            string
	sealed, person []byte
}

// queryer is a transaction, or the pool of readers.
type queryer interface {
	QueryRow(string, ...any) *sql.Row
}

// readSealed reads what a task keeps sealed; acd.ErrNotFound when there is none.
func readSealed(q queryer, id acd.TaskID) (sealedRow, error) {
	r := sealedRow{id: id}
	err := q.QueryRow(`SELECT key_id, sealed, person FROM tasks WHERE id = $1`, string(id)).Scan(&r.key, &r.sealed, &r.person)
	if errors.Is(err, sql.ErrNoRows) {
		return r, acd.ErrNotFound{What: "task", ID: string(id)}
	}
	return r, away("read the fields of a task", err)
}

// unseal reads the sealed fields of a task.
func (l *Ledger) unseal(tx *sql.Tx, id acd.TaskID) (acd.TaskPersonal, error) {
	r, err := readSealed(tx, id)
	if err != nil {
		return acd.TaskPersonal{}, err
	}
	return openFields(l.seals, r.key, id, r.sealed)
}

// reseal writes the sealed fields of a task, and its person's mark, with the key that seals now. It reports
// whether it did: not where others were faster.
func (l *Ledger) reseal(tx *sql.Tx, r sealedRow, p acd.TaskPersonal) (bool, error) {
	person := r.person
	if r.key != l.seals.ID() {
		// Mark and fields go under one key together: by the fields' key alone Reseal finds what is left to do.
		// A mark is of the number; without the number it could be compared with nothing any more.
		person = nil
		if isOf(l.seals, r.person, p.Number) {
			person = mark(l.seals, p.Number)
		}
	}
	res, err := tx.Exec(`UPDATE tasks SET sealed = $2, person = $3, key_id = $4 WHERE id = $1 AND key_id = $5 AND (sealed = $6 OR sealed IS NULL AND $6 IS NULL)`,
		string(r.id), blob(sealFields(l.seals, r.id, p)), blob(person), l.seals.ID(), r.key, blob(r.sealed))
	if err != nil {
		return false, away("seal the fields of a task", err)
	}
	n, err := res.RowsAffected()
	return n == 1, away("seal the fields of a task", err)
}

// samePerson are the marks under which tasks of one task's person are found: one for each key of the file,
// where its fields tell the number, and its own one alone otherwise; none for who is not known.
func (l *Ledger) samePerson(r sealedRow) [][]byte {
	if len(r.person) == 0 {
		return nil
	}
	if p, err := openFields(l.seals, r.key, r.id, r.sealed); err == nil && isOf(l.seals, r.person, p.Number) {
		return l.seals.Marks(p.Number)
	}
	return [][]byte{r.person}
}
