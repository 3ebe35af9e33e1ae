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
func readTask(q interface {
	QueryRow(string, ...any) *sql.Row
}, id acd.TaskID) (acd.Task, error) {
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

// reseal writes the sealed fields of a task anew.
func (l *Ledger) reseal(tx *sql.Tx, id acd.TaskID, p acd.TaskPersonal) error {
	_, err := tx.Exec(`UPDATE tasks SET sealed = $2, key_id = $3 WHERE id = $1`, string(id), blob(sealFields(l.seals, id, p)), l.seals.ID())
	return away("seal the fields of a task", err)
}

// unseal reads the sealed fields of a task.
func (l *Ledger) unseal(tx *sql.Tx, id acd.TaskID) (acd.TaskPersonal, error) {
	var key string
	var sealed []byte
	err := tx.QueryRow(`SELECT key_id, sealed FROM tasks WHERE id = $1`, string(id)).Scan(&key, &sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return acd.TaskPersonal{}, acd.ErrNotFound{What: "task", ID: string(id)}
	case err != nil:
		return acd.TaskPersonal{}, away("read the fields of a task", err)
	}
	return openFields(l.seals, key, id, sealed)
}
