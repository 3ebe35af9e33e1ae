package app

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"accueil/app/newsite"
	"accueil/diag"
	"accueil/wording"
)

// InitOptions say where a new site is written and where its answers come from.
type InitOptions struct {
	Dir       string
	Answers   string // a YAML file of answers; asked when this and Table are empty
	Table     string // a CSV file of services
	Overwrite bool   // into a folder that is not empty: what is replaced is kept aside
	Lang      string // fr or en: to ask, to tell, and of the comments in the files
	JSON      bool
	Now       time.Time
}

// Init makes the files of a new site, has them checked and their tests played, and puts them into
// place: all of them or none.
func Init(ctx context.Context, o InitOptions, in io.Reader, out, talk io.Writer) error {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return fmt.Errorf("resolve the folder: %w", err)
	}
	there, err := refuseFull(dir, o)
	if err != nil {
		return err
	}
	lang := newsite.Lang(o.Lang)
	answers, err := initAnswers(ctx, o, in, talk)
	if err != nil {
		return err
	}
	made, err := newsite.Build(answers, lang, rand.Reader)
	if err != nil {
		return err
	}
	staged, err := stage(dir, there, made.Files)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(staged) }()
	checked, err := checkStaged(staged, o.Dir, Language(o.Lang))
	if err != nil {
		return err
	}
	if there {
		err = placeInto(dir, staged, asideName(o))
	} else {
		err = os.Rename(staged, dir)
	}
	if err != nil {
		return fmt.Errorf("put the site into place: %w", err)
	}
	if o.JSON {
		return tellJSON(o, made, checked, out)
	}
	return tellMade(o, made, checked, out, talk)
}

// refuseFull protects what is in the folder, before anybody is asked ten questions. there is whether
// the folder exists.
func refuseFull(dir string, o InitOptions) (there bool, err error) {
	list, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, ExitError{ExitUsage, fmt.Errorf("%s cannot be a site's folder: %w", o.Dir, err)}
	case len(list) > 0 && !o.Overwrite:
		return true, ExitError{ExitRefused, errors.New(newsite.Says{
			French:  o.Dir + " n'est pas vide ; avec --yes, les fichiers remplacés sont gardés à côté",
			English: o.Dir + " is not empty; with --yes, the files that are replaced are kept aside",
		}.In(newsite.Lang(o.Lang)))}
	}
	return true, nil
}

// initAnswers reads the answers from files, or asks.
func initAnswers(ctx context.Context, o InitOptions, in io.Reader, talk io.Writer) (newsite.Answers, error) {
	lang := newsite.Lang(o.Lang)
	if o.Answers == "" && o.Table == "" {
		read, stop := linesOf(ctx, in)
		defer stop()
		a, err := newsite.Conversation{Lang: lang, Read: read, Out: talk}.Ask()
		if err != nil {
			return a, ExitError{ExitFailure, errors.New(newsite.Says{
				French: "les réponses s'arrêtent avant la fin : rien n'a été écrit", English: "the answers end too early: nothing was written"}.In(lang))}
		}
		return a, nil
	}
	form := newsite.NewForm()
	for _, f := range []struct {
		path string
		read func(string, []byte, newsite.Lang) diag.Findings
	}{{o.Answers, form.ReadAnswers}, {o.Table, form.ReadTable}} {
		if f.path == "" {
			continue
		}
		src, err := os.ReadFile(f.path)
		if err != nil {
			return newsite.Answers{}, ExitError{ExitConfig, fmt.Errorf("read the answers: %w", err)}
		}
		if found := f.read(f.path, src, lang); found.Failed() {
			return newsite.Answers{}, BuildError{found}
		}
	}
	a, found := form.Answers(lang)
	if found.Failed() {
		return a, BuildError{found}
	}
	return a, nil
}

// linesOf reads lines until the context ends: a person who presses Ctrl-C is not waited for. Nothing can
// interrupt a read from a terminal; the goroutine that is in one then ends with the line, or the process.
func linesOf(ctx context.Context, in io.Reader) (next func() (string, error), stop func()) {
	type read struct {
		line string
		err  error
	}
	wanted, lines := make(chan struct{}), make(chan read, 1)
	go func() {
		r := bufio.NewReader(io.LimitReader(in, diag.MaxBytes))
		for range wanted {
			line, err := r.ReadString('\n')
			if line != "" {
				err = nil
			}
			lines <- read{line, err}
		}
	}()
	next = func() (string, error) {
		select {
		case wanted <- struct{}{}:
		case <-ctx.Done():
			return "", ctx.Err()
		}
		select {
		case l := <-lines:
			return l.line, l.err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return next, func() { close(wanted) }
}

// Modes of what is written: the configuration for its owner and group, secrets for their owner alone.
const (
	siteDirMode    = 0o750
	siteFileMode   = 0o640
	secretDirMode  = 0o700
	secretFileMode = 0o600
)

// stage writes the files into a folder on the same disk as their place, and returns it.
func stage(dir string, there bool, files []newsite.File) (string, error) {
	under := dir
	if !there {
		under = filepath.Dir(dir)
		if err := os.MkdirAll(under, siteDirMode); err != nil {
			return "", fmt.Errorf("make the folder: %w", err)
		}
	}
	staged, err := os.MkdirTemp(under, ".accueil-init-")
	if err != nil {
		return "", fmt.Errorf("make the folder: %w", err)
	}
	err = os.Chmod(staged, siteDirMode)
	for _, f := range files {
		if err == nil {
			err = writeNew(filepath.Join(staged, filepath.FromSlash(f.Path)), f)
		}
	}
	if err != nil {
		_ = os.RemoveAll(staged)
		return "", fmt.Errorf("write the site: %w", err)
	}
	return staged, nil
}

func writeNew(path string, f newsite.File) error {
	dirMode, mode := os.FileMode(siteDirMode), os.FileMode(siteFileMode)
	if f.Private {
		dirMode, mode = secretDirMode, secretFileMode
	}
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err = file.Write(f.Data); err == nil {
		err = file.Sync() // what is renamed into place must be whole after a power cut too
	}
	return errors.Join(err, file.Close())
}

// checkedSite is what check said of a new site.
type checkedSite struct {
	Findings []diag.Told `json:"findings"`
	Tests    int         `json:"tests"`
}

// checkStaged has a site judged as serve and check --tests would. A site that fails is our mistake: it
// is told and not put into place.
func checkStaged(staged, shown string, l *wording.Language) (checkedSite, error) {
	path := filepath.Join(staged, newsite.SiteFile)
	findings, ok := Check(path)
	tests := 0
	if ok {
		more, ran, err := CheckTests(path)
		if err != nil {
			return checkedSite{}, err
		}
		findings, tests = append(findings, more...), ran
	}
	for i := range findings {
		findings[i].File = strings.Replace(findings[i].File, staged, filepath.Clean(shown), 1)
	}
	if findings.Failed() {
		return checkedSite{}, ExitError{ExitFailure, wording.Say("the new site does not pass its own check, nothing was written; please report this with your answers:\n%s", findings)}
	}
	return checkedSite{findings.Sorted().Told(l), tests}, nil
}

func asideName(o InitOptions) string {
	return newsite.Says{French: "avant-", English: "before-"}.In(newsite.Lang(o.Lang)) + o.Now.Format("20060102-150405")
}

// placeInto moves what was staged into a folder that exists. What stands at the same name is moved
// aside first; after a failure everything is as it was before.
func placeInto(dir, staged, aside string) error { return placeBy(os.Rename, dir, staged, aside) }

func placeBy(rename func(from, to string) error, dir, staged, aside string) (err error) {
	entries, err := os.ReadDir(staged)
	if err != nil {
		return err
	}
	var undo []func() error
	defer func() {
		if err == nil {
			return
		}
		for i := len(undo) - 1; i >= 0; i-- {
			err = errors.Join(err, undo[i]())
		}
	}()
	move := func(from, to string) error {
		if err := rename(from, to); err != nil {
			return err
		}
		undo = append(undo, func() error { return rename(to, from) })
		return nil
	}
	keep := filepath.Join(dir, aside)
	kept := false
	for _, e := range entries {
		old := filepath.Join(dir, e.Name())
		if _, err := os.Lstat(old); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return err
		}
		if !kept {
			if err := os.Mkdir(keep, secretDirMode); err != nil {
				return err
			}
			kept = true
			undo = append(undo, func() error { return os.Remove(keep) })
		}
		if err := move(old, filepath.Join(keep, e.Name())); err != nil {
			return err
		}
	}
	for _, last := range []bool{false, true} { // the site file last: without it a folder is no site
		for _, e := range entries {
			if (e.Name() == newsite.SiteFile) == last {
				if err := move(filepath.Join(staged, e.Name()), filepath.Join(dir, e.Name())); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// madeFile is one file as a program reads about it.
type madeFile struct {
	Path  string `json:"path"`
	Bytes int    `json:"bytes"`
	Mode  string `json:"mode"`
}

func tellJSON(o InitOptions, made newsite.Site, checked checkedSite, out io.Writer) error {
	var files []madeFile
	for _, f := range made.Files {
		mode := "0640"
		if f.Private {
			mode = "0600"
		}
		files = append(files, madeFile{f.Path, len(f.Data), mode})
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(map[string]any{
		"dir": o.Dir, "site": filepath.Join(o.Dir, newsite.SiteFile), "files": files, "menu": made.Menu,
		"check": checked, "handover": made.Handover, "to_complete": made.Open,
	})
}

// tellMade tells a person what he has now. The secrets are in this table and nowhere else in what is
// printed.
func tellMade(o InitOptions, made newsite.Site, checked checkedSite, out, talk io.Writer) error {
	w := func(french, english string) string {
		return newsite.Says{French: french, English: english}.In(newsite.Lang(o.Lang))
	}
	fmt.Fprintf(out, "%s\n", made.Menu)
	for _, f := range checked.Findings {
		fmt.Fprintln(out, f)
	}
	fmt.Fprintf(out, "%s.\n\n", CheckWords(filepath.Join(o.Dir, newsite.SiteFile), nil, checked.Tests).In(Language(o.Lang)))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, w("téléphone\tmot de passe\tagent\tnuméro\tcode", "telephone\tpassword\tagent\tnumber\tPIN"))
	for _, d := range made.Handover.Desks {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", d.Phone, d.Password, d.Agent, d.Number, d.PIN)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, token := range made.Handover.Tokens {
		fmt.Fprintf(out, w("jeton %s (%s) : %s\n", "token %s (%s): %s\n"), token.Name, token.Role, token.Token)
	}
	fmt.Fprintln(talk, w("\nCes secrets ne seront plus affichés : remettez à chacun le sien. Les jetons ne sont écrits nulle part ailleurs.",
		"\nThese secrets are not shown again: hand each to its user. The tokens are written nowhere else."))
	fmt.Fprintln(talk, w("À compléter :", "To complete:"))
	for _, line := range made.Open {
		fmt.Fprintln(talk, "  * "+strings.ReplaceAll(line, "`", ""))
	}
	readme := filepath.Join(o.Dir, w("LISEZMOI.md", "README.md"))
	fmt.Fprintf(talk, w("La suite est dans %s.\n", "What comes next is in %s.\n"), readme)
	return nil
}
