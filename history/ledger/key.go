package ledger

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"
)

// unlock finds the key, and notes that it seals here.
func (l *Ledger) unlock(ctx context.Context, o Options) error {
	ids, err := l.keyIDs(ctx)
	if err != nil {
		return err
	}
	if l.seals, err = l.key(o, ids, true); err != nil {
		return err
	}
	_, err = l.write.ExecContext(ctx, `INSERT INTO sealing_keys (id, since_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		l.seals.id, time.Now().UnixMilli())
	return away("keep the name of the key", err)
}

// key reads the key and compares it with those that have sealed something here. A new one is made for
// a database that was never sealed, and for no other: it would open nothing.
func (l *Ledger) key(o Options, sealedBy map[string]bool, create bool) (*sealer, error) {
	secret, err := o.Key, error(nil)
	if secret == nil {
		if secret, err = readKey(o.KeyFile); err != nil {
			return nil, err
		}
	}
	switch {
	case secret == nil && len(sealedBy) > 0:
		return nil, fmt.Errorf("%w: %s is not there, and names and numbers in the database were sealed with it: restore it from the backup or from another node", ErrNoKey, o.KeyFile)
	case secret == nil && !create:
		return nil, fmt.Errorf("%w: %s is made at the first start", ErrNoKey, o.KeyFile)
	case secret == nil:
		if secret, err = makeKey(o.KeyFile); err != nil {
			return nil, err
		}
		o.Log.Warn("a key for names and numbers was made: keep a copy of this file apart from the backups of the database; without it nobody can be called back",
			zap.String("file", o.KeyFile))
	}
	s, err := newSealer(secret)
	if err == nil && len(sealedBy) > 0 && !sealedBy[s.id] {
		err = fmt.Errorf("%w: names and numbers were sealed with another one; put that one back as %s", ErrWrongKey, keyName(o))
	}
	return s, err
}

func keyName(o Options) string {
	if o.Key != nil {
		return "history.key_file of the site file"
	}
	return o.KeyFile
}

func (l *Ledger) keyIDs(ctx context.Context) (map[string]bool, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT id FROM sealing_keys`)
	if err != nil {
		return nil, away("read the names of the keys", err)
	}
	defer func() { _ = rows.Close() }()
	ids := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, away("read the names of the keys", err)
		}
		ids[id] = true
	}
	return ids, away("read the names of the keys", rows.Err())
}

// readKey returns the content of the key file; nil when there is none.
func readKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the key of the database: %w", err)
	}
	return bytes.TrimRight(text, "\r\n"), nil
}

// makeKey writes a new key file, readable by this program's user alone, and returns once it would
// outlive a power cut: what is sealed next must not.
func makeKey(path string) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("make a key for the database: %w", err) }
	if path == "" {
		return nil, fmt.Errorf("%w: no file is named for it", ErrNoKey)
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails since Go 1.24: the program stops instead
	secret := []byte(hex.EncodeToString(random))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fail(err)
	}
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fail(err)
	}
	_, err = f.Write(append(secret, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fail(err)
	}
	if err := os.Rename(next, path); err != nil {
		return fail(err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fail(err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fail(err)
	}
	return secret, nil
}
