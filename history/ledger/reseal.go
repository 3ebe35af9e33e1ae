package ledger

import (
	"context"
	"database/sql"

	"accueil/acd"
)

// resealBatch bounds one transaction, so that nobody waits long behind it.
const resealBatch = 100

// Resealed tells what sealing anew has done: of how many tasks it sealed the fields with the present key,
// and how many it left as they were because they cannot be opened.
type Resealed struct{ Done, Left int }

// Reseal seals the fields of every task with the first key of the file, where another one has sealed
// them, and tells how far it is. It may be ended at any moment by its context and begun again. Others may
// go on working meanwhile; all of them must know the first key. A key that nothing needs any more is
// forgotten, so that it can be taken out of the file.
func (l *Ledger) Reseal(ctx context.Context, progress func(done, total int)) (Resealed, error) {
	var out Resealed
	var total int
	if err := l.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM tasks WHERE key_id <> '' AND key_id <> $1`, l.seals.ID()).Scan(&total); err != nil {
		return out, away("count what is to be sealed anew", err)
	}
	seen := 0
	for after := acd.TaskID(""); ; {
		rows, err := l.sealedOtherwise(ctx, after)
		if err != nil {
			return out, err
		}
		if len(rows) == 0 {
			break
		}
		var done, left int
		err = l.quietly(ctx, "seal anew", func(tx *sql.Tx) error {
			done, left = 0, 0
			for _, r := range rows {
				ok, err := l.resealRow(tx, r)
				switch {
				case err != nil:
					return err
				case ok:
					done++
				default:
					left++
				}
			}
			return nil
		})
		if err != nil {
			return out, err
		}
		out.Done, out.Left, seen = out.Done+done, out.Left+left, seen+len(rows)
		progress(seen, max(total, seen))
		after = rows[len(rows)-1].id
	}
	_, err := l.write.ExecContext(ctx, `DELETE FROM sealing_keys WHERE id <> $1 AND id NOT IN (SELECT key_id FROM tasks)`, l.seals.ID())
	return out, away("forget the keys that nothing needs", err)
}

// sealedOtherwise returns the next tasks that another key has sealed.
func (l *Ledger) sealedOtherwise(ctx context.Context, after acd.TaskID) ([]sealedRow, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT id, key_id, sealed, person FROM tasks WHERE key_id <> '' AND key_id <> $1 AND id > $2 ORDER BY id LIMIT $3`,
		l.seals.ID(), string(after), resealBatch)
	if err != nil {
		return nil, away("look for what is to be sealed anew", err)
	}
	defer func() { _ = rows.Close() }()
	var out []sealedRow
	for rows.Next() {
		var r sealedRow
		if err := rows.Scan(&r.id, &r.key, &r.sealed, &r.person); err != nil {
			return nil, away("look for what is to be sealed anew", err)
		}
		out = append(out, r)
	}
	return out, away("look for what is to be sealed anew", rows.Err())
}

// resealRow seals one task anew, and makes the mark of its person anew where that can be done. It reports
// whether it could open the fields. One that was changed meanwhile is left to who changed it.
func (l *Ledger) resealRow(tx *sql.Tx, r sealedRow) (bool, error) {
	p, err := openFields(l.seals, r.key, r.id, r.sealed)
	if err != nil {
		return false, nil //nolint:nilerr // what cannot be opened stays as it is, and is counted
	}
	_, err = l.reseal(tx, r, p)
	return true, err
}

// Missing counts the tasks whose fields cannot be opened because their key is not in the file, by its id.
func (l *Ledger) Missing(ctx context.Context) (map[string]int, error) {
	used, err := l.keysUsed(ctx)
	if err != nil {
		return nil, err
	}
	return l.missing(used), nil
}
