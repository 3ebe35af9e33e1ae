package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"accueil/seal"
)

// unlock finds the keys, and notes the one that seals here from now on, for a program that goes on
// sealing or a database that was never sealed.
func (l *Ledger) unlock(ctx context.Context, o Options) error {
	used, err := l.keysUsed(ctx)
	if err != nil {
		return err
	}
	if l.seals, err = findKeys(o, used, true); err != nil {
		return err
	}
	for id, n := range l.missing(used) {
		o.Log.Error("names and numbers were sealed with a key that is not in the key file: put it back there as a line after the first",
			zap.String("key", id), zap.Int("tasks", n), zap.String("file", keyName(o)))
	}
	if !o.Seals && len(used) > 0 {
		return nil // the first key of all is noted by whoever makes it: nobody runs with another one
	}
	_, err = l.write.ExecContext(ctx, `INSERT INTO sealing_keys (id, since_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		l.seals.ID(), time.Now().UnixMilli())
	return away("keep the name of the key", err)
}

// missing are the keys that tasks need and the file does not hold, with how many.
func (l *Ledger) missing(used map[string]int) map[string]int {
	out := map[string]int{}
	for id, n := range used {
		if n > 0 && !l.seals.Opens(id) {
			out[id] = n
		}
	}
	return out
}

// findKeys reads the keys and compares them with those that have sealed something here. A new one is made
// for a database that was never sealed, and for no other: it would open nothing.
func findKeys(o Options, used map[string]int, create bool) (*seal.Sealer, error) {
	ring, err := loadKeys(o)
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(used) > 0:
		return nil, fmt.Errorf("%w: %s is not there, and names and numbers in the database were sealed with it (%s): restore it from the backup or from another node", ErrNoKey, o.KeyFile, keyIDs(used))
	case errors.Is(err, fs.ErrNotExist) && !create:
		return nil, fmt.Errorf("%w: %s is made at the first start", ErrNoKey, o.KeyFile)
	case errors.Is(err, fs.ErrNotExist):
		if ring, err = seal.Make(o.KeyFile); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoKey, err)
		}
		o.Log.Warn("a key for names and numbers was made: keep a copy of this file apart from the backups of the database; without it nobody can be called back",
			zap.String("file", o.KeyFile))
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNoKey, err)
	}
	s := ring.For(purpose)
	if len(used) > 0 && !slices.ContainsFunc(s.IDs(), func(id string) bool { _, ok := used[id]; return ok }) {
		return nil, fmt.Errorf("%w: names and numbers were sealed with another one (%s), %s holds %s: put that one back, a new one goes on a line before it",
			ErrWrongKey, keyIDs(used), keyName(o), strings.Join(s.IDs(), ", "))
	}
	return s, nil
}

// loadKeys reads the keys; fs.ErrNotExist when there are none.
func loadKeys(o Options) (*seal.Ring, error) {
	if o.Key != nil {
		return seal.Parse(o.Key)
	}
	if o.KeyFile == "" {
		return nil, errors.New("no file is named for it")
	}
	return seal.Load(o.KeyFile)
}

func keyName(o Options) string {
	if o.Key != nil {
		return "history.key_file of the site file"
	}
	return o.KeyFile
}

// keyIDs names keys for operators.
func keyIDs(used map[string]int) string {
	ids := make([]string, 0, len(used))
	for id := range used {
		ids = append(ids, "key "+id)
	}
	slices.Sort(ids)
	return strings.Join(ids, ", ")
}

// keysUsed names the keys that have sealed something here, with how many tasks still need each.
func (l *Ledger) keysUsed(ctx context.Context) (map[string]int, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT id, 0 FROM sealing_keys UNION ALL
		SELECT key_id, COUNT(*) FROM tasks WHERE key_id <> '' AND sealed IS NOT NULL GROUP BY key_id`)
	if err != nil {
		return nil, away("read the names of the keys", err)
	}
	defer func() { _ = rows.Close() }()
	used := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, away("read the names of the keys", err)
		}
		used[id] += n
	}
	return used, away("read the names of the keys", rows.Err())
}
