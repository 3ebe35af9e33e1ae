package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"accueil/app/vault"
	"accueil/history/ledger"
	"accueil/site"
)

// resealed is what sealing anew has done to one kind of things.
type resealed struct {
	What string `json:"what"`
	Done int    `json:"done"`
	Left int    `json:"left"` // cannot be opened: their key is missing, or they are damaged
}

// errUnknownKey asks for a start before what it would lock out of is sealed anew.
var errUnknownKey = errors.New("no program was started with the first key of the file yet, and one that runs could not open what is sealed with it: start serve anew first (on every node), or say --yes when none runs")

// reseal seals anew what old keys have sealed: the fields of tasks, and the recordings. It prints what it
// did to each; what could not be opened makes it fail after all else was done.
func reseal(ctx context.Context, s *site.Site, o MigrateOptions, out io.Writer) error {
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	var list []resealed
	for _, do := range []func(context.Context, *site.Site, MigrateOptions) (resealed, error){resealTasks, resealRecordings} {
		r, err := do(ctx, s, o)
		if err != nil {
			if ctx.Err() != nil {
				err = fmt.Errorf("interrupted: what was done stays done; run it again for the rest: %w", err)
			}
			return migrateError(err)
		}
		list = append(list, r)
	}
	if err := printResealed(list, o, out); err != nil {
		return err
	}
	for _, r := range list {
		if r.Left > 0 {
			return fmt.Errorf("%d %s cannot be opened and were left as they are: accueil doctor names the key that is missing", r.Left, r.What)
		}
	}
	return nil
}

func printResealed(list []resealed, o MigrateOptions, out io.Writer) error {
	if o.JSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	}
	done := "were encrypted anew"
	if o.DryRun {
		done = "are to be encrypted anew"
	}
	for _, r := range list {
		if _, err := fmt.Fprintf(out, "%d %s %s\n", r.Done, r.What, done); err != nil {
			return err
		}
	}
	return nil
}

func resealTasks(ctx context.Context, s *site.Site, o MigrateOptions) (resealed, error) {
	r := resealed{What: "tasks"}
	opt := ledgerOptions(s, o.Log)
	look, err := ledger.Inspect(ctx, opt)
	if err == nil {
		err = look.Key
	}
	if err != nil || !look.Sealed {
		return r, err
	}
	for _, n := range slices.Collect(maps.Values(look.Old)) {
		r.Done += n
	}
	for _, n := range slices.Collect(maps.Values(look.Missing)) {
		r.Left += n
	}
	switch {
	case o.DryRun:
		return r, nil
	case !look.Known && !o.Yes:
		return r, ExitError{ExitRefused, errUnknownKey}
	}
	l, err := ledger.Open(ctx, opt)
	if err != nil {
		return r, err
	}
	got, err := l.Reseal(ctx, func(done, total int) { o.Progress("tasks", done, total) })
	return resealed{r.What, got.Done, got.Left}, errors.Join(err, l.Close())
}

func resealRecordings(ctx context.Context, s *site.Site, o MigrateOptions) (resealed, error) {
	r := resealed{What: "recordings"}
	if _, err := os.Stat(messagesFolder(s)); err != nil {
		return r, nil //nolint:nilerr // nothing was ever said here
	}
	box, err := vault.OpenFolder(messagesFolder(s), s.Voicemail.KeyFile)
	if err != nil {
		return r, err
	}
	if r.Done, err = box.Old(); err != nil || o.DryRun {
		return r, err
	}
	known, err := box.Known()
	switch {
	case err != nil:
		return r, err
	case !known && !o.Yes:
		return r, ExitError{ExitRefused, errUnknownKey}
	}
	got, err := box.Reseal(ctx, func(done, total int) { o.Progress("recordings", done, total) })
	return resealed{r.What, got.Done, got.Left}, err
}
