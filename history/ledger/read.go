package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// Query chooses tasks. Empty fields choose all.
type Query struct {
	Kinds   []acd.TaskKind
	States  []acd.TaskState
	Queues  []acd.QueueID // "" for those of no queue
	Reasons []acd.ReasonID
	Owners  []acd.AgentID
	// For adds, to those of Queues, what this agent has taken.
	For acd.AgentID
	// Ready chooses what may be attempted now: open, and due by that instant. Zero chooses whatever is due when.
	Ready acd.Instant
	// Points put the more urgent first, by their reason, and the oldest first among those of equal points; nil
	// puts the oldest first.
	Points map[acd.ReasonID]int
	// After is the last task of the page before.
	After Mark
	// Limit bounds the page; 100 when zero.
	Limit int
}

// Mark is a place in the order of tasks: by points where the query has them, oldest first, by id where two
// are of one age.
type Mark struct {
	Points int
	Since  acd.Instant
	ID     acd.TaskID
}

const defaultLimit = 100

// List returns the tasks that a query chooses, oldest first. Whom they are owed to is not in it.
func (l *Ledger) List(ctx context.Context, q Query) ([]acd.Task, error) {
	w := chosen(q)
	order := "since_ms, id"
	urgency := w.urgency(q.Points)
	if urgency != "" {
		order = urgency + " DESC, " + order
	}
	if q.After.ID != "" {
		since, id := w.add(int64(q.After.Since)), w.add(string(q.After.ID))
		after := fmt.Sprintf("(since_ms > %s OR since_ms = %s AND id > %s)", since, since, id) // both dialects bind AND first
		if urgency != "" {
			points := w.add(q.After.Points)
			after = fmt.Sprintf("(%s < %s OR %s = %s AND %s)", urgency, points, urgency, points, after)
		}
		w.terms = append(w.terms, after)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	rows, err := l.read.QueryContext(ctx, `SELECT `+columnList+` FROM tasks`+w.String()+
		` ORDER BY `+order+` LIMIT `+w.add(limit), w.args...)
	if err != nil {
		return nil, away("list tasks", err)
	}
	defer func() { _ = rows.Close() }()
	return l.tasks(rows)
}

// tasks reads the tasks of a list.
func (l *Ledger) tasks(rows *sql.Rows) ([]acd.Task, error) {
	var out []acd.Task
	for rows.Next() {
		t, err := scanTask(rows)
		if errors.Is(err, errRow) {
			l.log.Error("a row of the database is no task and was left out", zap.Error(err))
			continue
		}
		if err != nil {
			return nil, away("list tasks", err)
		}
		out = append(out, t)
	}
	return out, away("list tasks", rows.Err())
}

// Count counts the tasks that a query chooses, on all of its pages.
func (l *Ledger) Count(ctx context.Context, q Query) (int, error) {
	w := chosen(q)
	var n int
	return n, away("count tasks", l.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM tasks`+w.String(), w.args...).Scan(&n))
}

// Others returns what else is owed to the person of a task, oldest first; nothing for one who is not known.
func (l *Ledger) Others(ctx context.Context, id acd.TaskID) ([]acd.Task, error) {
	r, err := readSealed(within{ctx, l.read}, id)
	var none acd.ErrNotFound
	if errors.As(err, &none) || err == nil && len(r.person) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var w where
	w.among("person", l.samePerson(r))
	query := `SELECT ` + columnList + ` FROM tasks` + w.String() + ` AND id <> ` + w.add(string(id)) + ` AND ended_ms = 0 ORDER BY since_ms, id`
	rows, err := l.read.QueryContext(ctx, query, w.args...)
	if err != nil {
		return nil, away("look what else is owed to a person", err)
	}
	defer func() { _ = rows.Close() }()
	return l.tasks(rows)
}

// within is the pool of readers, for as long as the context lasts (queryer).
type within struct {
	ctx context.Context //nolint:containedctx // of one query
	db  *sql.DB
}

func (w within) QueryRow(query string, args ...any) *sql.Row {
	return w.db.QueryRowContext(w.ctx, query, args...)
}

// chosen are the conditions of a query, its place apart.
func chosen(q Query) where {
	w := where{}
	w.in("kind", texts(q.Kinds))
	w.in("state", texts(q.States))
	w.in("queue", texts(q.Queues))
	if n := len(w.terms) - 1; q.For != "" && len(q.Queues) > 0 {
		w.terms[n] = fmt.Sprintf("(%s OR owner_id = %s)", w.terms[n], w.add(string(q.For)))
	}
	w.in("reason", texts(q.Reasons))
	w.in("owner_id", texts(q.Owners))
	if !q.Ready.Never() {
		w.terms = append(w.terms, "state = "+w.add(string(acd.TaskOpen)), "due_ms <= "+w.add(int64(q.Ready)))
	}
	return w
}

// where gathers the conditions of a query and their values.
type where struct {
	terms []string
	args  []any
}

// add returns the name of a value in the text.
func (w *where) add(value any) string {
	w.args = append(w.args, value)
	return fmt.Sprintf("$%d", len(w.args))
}

// urgency is the points of a task's reason; "" without points.
func (w *where) urgency(points map[acd.ReasonID]int) string {
	if points == nil {
		return ""
	}
	b := strings.Builder{}
	for _, r := range slices.Sorted(maps.Keys(points)) {
		if n := points[r]; n != 0 {
			fmt.Fprintf(&b, " WHEN %s THEN %d", w.add(string(r)), n)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "(CASE reason" + b.String() + " ELSE 0 END)"
}

func (w *where) in(column string, values []string) {
	if len(values) == 0 {
		return
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = w.add(v)
	}
	w.terms = append(w.terms, column+" IN ("+strings.Join(names, ", ")+")")
}

// among adds that a column is one of these values, of which there is at least one.
func (w *where) among(column string, values [][]byte) {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = w.add(v)
	}
	w.terms = append(w.terms, column+" IN ("+strings.Join(names, ", ")+")")
}

func (w *where) String() string {
	if len(w.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.terms, " AND ")
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// Task returns one task; acd.ErrNotFound when there is none.
func (l *Ledger) Task(ctx context.Context, id acd.TaskID) (acd.Task, error) {
	t, err := scanTask(l.read.QueryRowContext(ctx, `SELECT `+columnList+` FROM tasks WHERE id = $1`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return t, acd.ErrNotFound{What: "task", ID: string(id)}
	}
	return t, away("read a task", err)
}

// Counted returns the task that a leg was counted in; acd.ErrNotFound when it was in none.
func (l *Ledger) Counted(ctx context.Context, leg acd.LegID) (acd.TaskID, error) {
	var id acd.TaskID
	err := l.read.QueryRowContext(ctx, `SELECT task FROM task_legs WHERE leg = $1`, string(leg)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", acd.ErrNotFound{What: "task", ID: string(leg)}
	}
	return id, away("look in which task a leg was counted", err)
}

// sameReading is how long further readings by the same account are the one that was noted: a screen that
// shows a task reads it again and again.
const sameReading = time.Minute

// Reveal returns whom a task is owed to, once it is written who reads it. Nothing is noted of a task
// that holds nothing (any more).
func (l *Ledger) Reveal(ctx context.Context, id acd.TaskID, d Deed) (acd.TaskPersonal, error) {
	var p acd.TaskPersonal
	look := func(tx *sql.Tx) (err error) {
		if p, err = l.unseal(tx, id); err != nil || p == (acd.TaskPersonal{}) {
			return err
		}
		var noted int
		err = tx.QueryRow(`SELECT COUNT(*) FROM task_steps WHERE task = $1 AND who = $2 AND what = $3 AND at_ms > $4 AND at_ms <= $5`,
			string(id), d.By, d.What, int64(d.At.Add(-sameReading)), int64(d.At)).Scan(&noted)
		if err != nil || noted > 0 {
			return away("note who reads", err)
		}
		t, err := readTask(tx, id)
		if err != nil {
			return err
		}
		if d.What == AuditRead {
			if _, err := l.appendAudit(tx, Heard{At: d.At, Who: d.By, What: AuditRead, Task: id, Contact: t.Contact}); err != nil {
				return err
			}
		}
		return step(tx, t, d, "")
	}
	var err error
	for range races {
		if err = l.quietly(ctx, "read the fields of a task", look); !raced(err) {
			break
		}
	}
	if err != nil {
		return acd.TaskPersonal{}, err
	}
	return p, nil
}

// Step is what somebody did to a task, or that he read whom it is owed to.
type Step struct {
	At     acd.Instant
	By     string
	What   string
	Detail string // a code: result, owner
	Rev    int64  // of the task, after it
}

// maxSteps bounds a story: a page of it is what a person reads.
const maxSteps = 500

// Story returns who did what to a task, oldest first.
func (l *Ledger) Story(ctx context.Context, id acd.TaskID) ([]Step, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT at_ms, who, what, detail, rev FROM task_steps WHERE task = $1 ORDER BY at_ms, id LIMIT $2`, string(id), maxSteps)
	if err != nil {
		return nil, away("read who did what", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Step
	for rows.Next() {
		var s Step
		if err := rows.Scan(&s.At, &s.By, &s.What, &s.Detail, &s.Rev); err != nil {
			return nil, away("read who did what", err)
		}
		out = append(out, s)
	}
	return out, away("read who did what", rows.Err())
}

// Group counts tasks of one kind, state and queue.
type Group struct {
	Kind   acd.TaskKind
	State  acd.TaskState
	Queue  acd.QueueID
	N      int
	Oldest acd.Instant // from where the oldest counts
}

// Groups counts all tasks.
func (l *Ledger) Groups(ctx context.Context) ([]Group, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT kind, state, queue, COUNT(*), MIN(since_ms) FROM tasks GROUP BY kind, state, queue ORDER BY kind, state, queue`)
	if err != nil {
		return nil, away("count the tasks", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Group
	for rows.Next() {
		var g Group
		if err := rows.Scan(&g.Kind, &g.State, &g.Queue, &g.N, &g.Oldest); err != nil {
			return nil, away("count the tasks", err)
		}
		out = append(out, g)
	}
	return out, away("count the tasks", rows.Err())
}
