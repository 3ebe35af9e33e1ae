package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"go.uber.org/zap"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"accueil/seal"
)

// Options say where the database is.
type Options struct {
	// URL is sqlite:<absolute file> or postgres://….
	URL string
	// Key is the content of the site's key file (package seal); nil where the site names none.
	Key []byte
	// KeyFile is read, and at the very first start made, when Key is nil.
	KeyFile string
	// Seals says that the program goes on sealing here with the first key, and opens what others seal with
	// it: that is noted (Look.Known). Without it the first key of all is noted alone.
	Seals bool
	Log   *zap.Logger // nil = nowhere
}

// Ledger is an open database. Its methods may be called from several goroutines.
type Ledger struct {
	log   *zap.Logger
	write *sql.DB // of SQLite: one connection, since one at a time may write
	read  *sql.DB
	seals *seal.Sealer
	file  string // of SQLite
	// changed has room for one signal.
	changed chan struct{}
}

// Timings.
const (
	// busyTimeout is how long a writer of SQLite waits for another process (a backup, accueil migrate).
	busyTimeout = 5 * time.Second
	// pgConns bounds the connections to PostgreSQL: a page of the list and the follower at once, and some.
	pgConns = 6
	// pgDial bounds the wait for a connection.
	pgDial = 3 * time.Second
)

// Open connects, brings the schema up to date and finds the key. It fails with ErrDamaged, ErrDiskFull,
// ErrReadOnly, ErrNoKey, ErrWrongKey, NewerError or acd.ErrUnavailable, in a sentence for operators.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	l, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	err = l.locked(ctx, func() error {
		from, to, err := l.migrate(ctx)
		if err == nil && from != to {
			o.Log.Info("the database was brought up to date", zap.Int64("from", from), zap.Int64("to", to))
		}
		if err == nil {
			err = l.unlock(ctx, o)
		}
		return err
	})
	if err == nil {
		err = l.sound(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// connect opens the pools; nothing has been asked of SQLite yet.
func connect(ctx context.Context, o Options) (*Ledger, error) {
	l := &Ledger{log: o.Log, changed: make(chan struct{}, 1)}
	if file, ok := strings.CutPrefix(o.URL, "sqlite:"); ok {
		return l, l.openFile(file)
	}
	conf, err := pgx.ParseConfig(o.URL)
	if err != nil {
		// The library's own words hold the URL, and with it a password.
		return nil, errors.New("the address of the database (site file, history.url) cannot be read: write postgres://user@host:5432/name")
	}
	conf.ConnectTimeout = pgDial
	db := stdlib.OpenDB(*conf)
	db.SetMaxOpenConns(pgConns)
	db.SetMaxIdleConns(2)
	l.write, l.read = db, db
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(away(fmt.Sprintf("reach the database at %s", conf.Host), plain(err)), db.Close())
	}
	return l, nil
}

// plain takes the address out of an error of connecting: it names user and database.
func plain(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		err = next
	}
}

// openFile makes the file, readable by this program's user alone, and opens the pools.
//
// journal_mode WAL: readers never wait for the writer. synchronous FULL: a task that was told as
// handled, or an attempt that was noted, must outlive a power cut, and there are few writes a second.
// secure_delete: what is erased is overwritten.
func (l *Ledger) openFile(file string) error {
	l.file = file
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return fmt.Errorf("make the folder of the database: %w: %w", ErrReadOnly, err)
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the database: %w: %w", ErrReadOnly, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	dsn := func(more ...string) string {
		q := url.Values{"_pragma": append([]string{
			fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)",
		}, more...), "_txlock": {"immediate"}}
		return (&url.URL{Scheme: "file", Path: file, RawQuery: q.Encode()}).String()
	}
	if l.write, err = sql.Open("sqlite", dsn()); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	l.write.SetMaxOpenConns(1)
	if l.read, err = sql.Open("sqlite", dsn("query_only(1)")); err != nil {
		return errors.Join(fmt.Errorf("open the database: %w", err), l.write.Close())
	}
	l.read.SetMaxOpenConns(4)
	return nil
}

// sound has SQLite look at its file: damage is better told at the start than by the first task that
// cannot be read.
func (l *Ledger) sound(ctx context.Context) error {
	if l.file == "" {
		return nil
	}
	var found string
	if err := l.read.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return away("look at "+l.file, err)
	}
	if found != "ok" {
		return fmt.Errorf("look at %s: %w: restore it from the backup, or move it away to begin anew", l.file, ErrDamaged)
	}
	return nil
}

// Close ends the connections; what was acknowledged is written.
func (l *Ledger) Close() error {
	err := l.read.Close()
	if l.write != l.read {
		err = errors.Join(err, l.write.Close())
	}
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// Ping asks whether the database answers.
func (l *Ledger) Ping(ctx context.Context) error {
	var one int
	return away("ask the database", l.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one))
}

// inTx runs do in a transaction of the writer, after which there may be news.
func (l *Ledger) inTx(ctx context.Context, what string, do func(*sql.Tx) error) error {
	err := l.quietly(ctx, what, do)
	if err == nil {
		l.signal()
	}
	return err
}

// quietly runs do in a transaction of the writer.
func (l *Ledger) quietly(ctx context.Context, what string, do func(*sql.Tx) error) error {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return away(what, err)
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback() // the error of do is the one to tell
		return err
	}
	return away(what, tx.Commit())
}
