package ledger

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"
	"go.uber.org/zap"
)

//go:embed migrations/*.sql
var migrations embed.FS

// lockName is what nodes agree on in PostgreSQL: the first eight bytes of "accueil\0" as a number.
const lockName = 0x6163637565696c00

// lockWait bounds how long one start waits for the migration of another.
const lockWait = 2 * time.Minute

// Migration is a step of the schema that the database has not seen.
type Migration struct {
	Version int64
	Name    string
}

// provider knows the steps of this program.
func (l *Ledger) provider() (*goose.Provider, error) {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("find the migrations: %w", err)
	}
	dialect := goose.DialectPostgres
	if l.file != "" {
		dialect = goose.DialectSQLite3
	}
	p, err := goose.NewProvider(dialect, l.write, steps)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}

// migrate brings the schema to this program's version, in one go from any older one.
func (l *Ledger) migrate(ctx context.Context) (from, to int64, err error) {
	p, err := l.provider()
	if err != nil {
		return 0, 0, err
	}
	from, to, err = versions(ctx, p)
	if err != nil || from == to {
		return from, to, err
	}
	if _, err := p.Up(ctx); err != nil {
		return from, to, away(fmt.Sprintf("bring the database from schema %d to %d", from, to), err)
	}
	return from, to, nil
}

// versions returns the database's version and this program's; NewerError when the first is higher.
func versions(ctx context.Context, p *goose.Provider) (has, known int64, err error) {
	has, known, err = p.GetVersions(ctx)
	if err != nil {
		return 0, 0, away("read the version of the database", err)
	}
	if has > known {
		return has, known, NewerError{Has: has, Known: known}
	}
	return has, known, nil
}

// Pending lists the steps that a start of this program would take, and takes none.
func Pending(ctx context.Context, o Options) ([]Migration, error) {
	if file, ok := strings.CutPrefix(o.URL, "sqlite:"); ok {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return steps() // and no file is made
		}
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	l, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.Close() }()
	p, err := l.provider()
	if err != nil {
		return nil, err
	}
	has, _, err := versions(ctx, p)
	if err != nil {
		return nil, err
	}
	all, err := steps()
	return slices.DeleteFunc(all, func(m Migration) bool { return m.Version <= has }), err
}

// steps lists all migrations of this program, oldest first.
func steps() ([]Migration, error) {
	files, err := fs.ReadDir(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("find the migrations: %w", err)
	}
	var out []Migration
	for _, f := range files {
		version, err := goose.NumericComponent(f.Name())
		if err != nil {
			return nil, fmt.Errorf("find the migrations: %w", err)
		}
		out = append(out, Migration{version, f.Name()})
	}
	return out, nil
}

// locked runs do while no other process migrates the same database.
func (l *Ledger) locked(ctx context.Context, do func() error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	if l.file != "" {
		return l.lockedFile(ctx, do)
	}
	conn, err := l.write.Conn(ctx)
	if err != nil {
		return away("lock the database", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(lockName)); err != nil {
		return away("lock the database", err)
	}
	defer func() {
		_, uerr := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(lockName))
		err = errors.Join(err, away("unlock the database", uerr))
	}()
	return do()
}

// lockedFile locks a file beside the database: SQLite's own locks last for one statement or
// transaction, and a migration is several.
func (l *Ledger) lockedFile(ctx context.Context, do func() error) error {
	f, err := os.OpenFile(l.file+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("lock the database: %w: %w", ErrReadOnly, err)
	}
	defer func() { _ = f.Close() }() // and with it the lock
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return do()
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("lock the database: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("another process has locked the database: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond): // a file lock does not announce itself
		}
	}
}

// Look tells how a database is, and changes nothing but what goose needs to know its version.
type Look struct {
	Pending []Migration
	Sealed  bool  // something was sealed in it
	Key     error // why its key cannot be used; nil when it can, or will be made
	// Known says that a program was started that goes on sealing with the key which seals now
	// (Options.Seals), or that something was sealed with it.
	Known bool
	// Missing counts the tasks whose fields cannot be opened because their key is not in the file, Old those
	// that an old key has sealed; by the key's id.
	Missing, Old map[string]int
}

// Inspect looks at a database as a start would find it.
func Inspect(ctx context.Context, o Options) (Look, error) {
	var out Look
	var err error
	if out.Pending, err = Pending(ctx, o); err != nil {
		return out, err
	}
	all, err := steps()
	if err != nil || len(out.Pending) == len(all) {
		return out, err // nothing is there yet
	}
	l, err := connect(ctx, o)
	if err != nil {
		return out, err
	}
	defer func() { _ = l.Close() }()
	used, err := l.keysUsed(ctx)
	if err != nil {
		return out, err
	}
	if out.Sealed = len(used) > 0; out.Sealed {
		if l.seals, out.Key = findKeys(o, used, false); out.Key == nil {
			_, out.Known = used[l.seals.ID()]
			out.Missing, out.Old = l.missing(used), map[string]int{}
			for id, n := range used {
				if n > 0 && id != l.seals.ID() && l.seals.Opens(id) {
					out.Old[id] = n
				}
			}
		}
	}
	return out, l.sound(ctx)
}
