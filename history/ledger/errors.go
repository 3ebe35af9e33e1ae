package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"accueil/acd"
)

// Why a database cannot be used. Each is wrapped in a sentence that says what to do.
var (
	ErrDamaged  = errors.New("the database is damaged")
	ErrDiskFull = errors.New("the disk of the database is full")
	ErrReadOnly = errors.New("the database cannot be written")
	ErrNoKey    = errors.New("the key of the database is missing")
	ErrWrongKey = errors.New("the key is not that of the database")
)

// NewerError says that a later version of the program has changed the database.
type NewerError struct {
	Has, Known int64 // versions of the schema
}

func (e NewerError) Error() string {
	return fmt.Sprintf("the database has schema %d, this program knows %d: run the version of the program that was here last, or restore the backup made before it", e.Has, e.Known)
}

// away words an error of the driver: what was attempted and why it failed, never a value. Every one is
// an acd.ErrUnavailable, but for those of this package and of the caller's own context.
func away(what string, err error) error {
	var newer NewerError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, acd.ErrUnavailable), errors.As(err, &newer):
		return fmt.Errorf("%s: %w", what, err)
	}
	if why := cause(err); why != nil {
		return fmt.Errorf("%s: %w: %w: %w", what, acd.ErrUnavailable, why, err)
	}
	return fmt.Errorf("%s: %w: %w", what, acd.ErrUnavailable, err)
}

// cause is the state of the database that an error of a driver tells; nil for none that has a name.
func cause(err error) error {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff { // the extended code has the plain one in its low byte
		case sqlitelib.SQLITE_CORRUPT, sqlitelib.SQLITE_NOTADB:
			return ErrDamaged
		case sqlitelib.SQLITE_FULL:
			return ErrDiskFull
		case sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_PERM, sqlitelib.SQLITE_CANTOPEN:
			return ErrReadOnly
		}
		return nil
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code { // PostgreSQL, Appendix A
		case "53100":
			return ErrDiskFull
		case "XX001", "XX002":
			return ErrDamaged
		case "25006", "42501":
			return ErrReadOnly
		}
	}
	return nil
}
