package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/app/vault"
	"accueil/history/ledger"
)

// MigrateOptions say what to do with the database.
type MigrateOptions struct {
	DryRun bool // list what would be done
	JSON   bool
	Log    *zap.Logger
	// Reseal seals anew what old keys have sealed; Yes also when no program was started with the new key yet.
	Reseal, Yes bool
	// Progress tells how far that is; nil tells nobody.
	Progress func(step string, done, total int)
}

// Migrate brings the database of a site to this program's version, as a start does, and lists the steps
// on out. One that cannot be reached is exit code 4, one that is refused 5.
func Migrate(ctx context.Context, path string, o MigrateOptions, out io.Writer) error {
	s, err := loadSite(path)
	if err != nil {
		return err
	}
	if o.Reseal {
		return reseal(ctx, s, o, out)
	}
	opt := ledgerOptions(s, o.Log)
	steps, err := ledger.Pending(ctx, opt)
	if err == nil && !o.DryRun {
		var l *ledger.Ledger
		if l, err = ledger.Open(ctx, opt); err == nil {
			err = l.Close()
		}
	}
	if err != nil {
		return migrateError(err)
	}
	if o.JSON {
		type step struct {
			Version int64  `json:"version"`
			Name    string `json:"name"`
		}
		list := make([]step, 0, len(steps))
		for _, m := range steps {
			list = append(list, step(m))
		}
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	}
	for _, m := range steps {
		if _, err := fmt.Fprintln(out, m.Name); err != nil {
			return err
		}
	}
	return nil
}

// migrateError gives the error of a database its exit code.
func migrateError(err error) error {
	var newer ledger.NewerError
	switch {
	case errors.As(err, &newer), errors.Is(err, ledger.ErrNoKey), errors.Is(err, ledger.ErrWrongKey), errors.Is(err, vault.ErrLocked):
		return ExitError{ExitRefused, err}
	case errors.Is(err, acd.ErrUnavailable), errors.Is(err, ledger.ErrReadOnly), errors.Is(err, ledger.ErrDamaged):
		return ExitError{ExitDependency, err}
	}
	return err
}
