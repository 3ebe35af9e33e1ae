package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	asteriskconf "accueil/deploy/asterisk"
)

// AsteriskConfigOptions say where and how Asterisk's side is written.
type AsteriskConfigOptions struct {
	Dir          string
	IncludesOnly bool // for an Asterisk with a configuration of its own
	Overwrite    bool
	NoBroadcast  bool // for an Asterisk without StasisBroadcast (before 22.10)
	Progress     func(step string, done, total int)
}

// configMode keeps the passwords in the files from other users; Asterisk's group may read.
const configMode = 0o640

// AsteriskConfig writes the configuration of the site's Asterisk into a folder and tells on out what
// it did. The prompts of the safety net are made first, since it must speak without us.
func AsteriskConfig(ctx context.Context, path string, o AsteriskConfigOptions, out io.Writer) error {
	s, err := loadSite(path)
	if err != nil {
		return err
	}
	music := filepath.Join(s.DataDir, "music")
	net, err := PrepareSound(ctx, s, music, systemSounds(), o.Progress)
	if err != nil {
		return err
	}
	files, err := asteriskconf.Render(s, asteriskconf.Options{MusicDir: music, Net: net, NoBroadcast: o.NoBroadcast})
	if err != nil {
		return err
	}
	if o.IncludesOnly {
		maps.DeleteFunc(files, func(name string, _ []byte) bool { return !strings.HasPrefix(name, "accueil_") })
	}
	if err := refuseForeign(files, o); err != nil {
		return err
	}
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := replaceFile(filepath.Join(o.Dir, name), files[name]); err != nil {
			return err
		}
		fmt.Fprintln(out, filepath.Join(o.Dir, name))
	}
	if o.IncludesOnly {
		fmt.Fprintln(out, "\nAdd these lines to Asterisk's own files:")
		for _, i := range asteriskconf.Includes() {
			fmt.Fprintf(out, "  %-20s %s\n", i.File, i.Line)
		}
	}
	return nil
}

// refuseForeign protects what somebody else has written: a file of the same name that we did not
// write, or that was changed since.
func refuseForeign(files map[string][]byte, o AsteriskConfigOptions) error {
	if o.Overwrite {
		return nil
	}
	var foreign []string
	for name, text := range files {
		old, err := os.ReadFile(filepath.Join(o.Dir, name))
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			return fmt.Errorf("read the present configuration: %w", err)
		case !bytes.Equal(old, text) && !bytes.HasPrefix(old, []byte("; Written by Accueil")):
			foreign = append(foreign, name)
		}
	}
	if len(foreign) == 0 {
		return nil
	}
	slices.Sort(foreign)
	return ExitError{ExitRefused, fmt.Errorf("%s: %s not written by Accueil; keep it with --includes, or replace it with --yes", o.Dir, strings.Join(foreign, ", "))}
}

// replaceFile writes beside and renames, so that a reload never reads half a file.
func replaceFile(path string, text []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, text, configMode); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return nil
}
