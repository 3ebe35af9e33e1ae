package vault

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// ending is that of every file in a folder: <name>.enc.
const ending = ".enc"

// MaxFile bounds one content, in bytes: ten minutes of telephone sound.
const MaxFile = 10 << 20

// fileName is the form of a name; it can be no path.
var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// The errors of a Folder that callers tell apart; a missing content is fs.ErrNotExist.
var (
	ErrName   = errors.New("not a name of a sealed file")
	ErrExists = errors.New("a content of that name is there already")
	ErrLarge  = errors.New("the content is too large")
)

// Folder keeps sealed contents as files of one folder. It is safe for concurrent use; several processes
// may use one folder.
type Folder struct {
	dir string
	key *Key
}

// OpenFolder opens the folder, which it makes when there is none. What an earlier process left half
// written there is removed.
func OpenFolder(dir string, key *Key) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of sealed files: %w", err)
	}
	f := &Folder{dir, key}
	left, err := filepath.Glob(filepath.Join(dir, ".new-*"))
	if err != nil {
		return nil, err
	}
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Minute {
			_ = os.Remove(path)
		}
	}
	return f, nil
}

func (f *Folder) path(name string) (string, error) {
	if !fileName.MatchString(name) {
		return "", ErrName
	}
	return filepath.Join(f.dir, name+ending), nil
}

// Put seals the content under the name. When it returns nil the content is on the disk and will be there
// after a crash; otherwise nothing of it is. ErrExists leaves the one that is there.
func (f *Folder) Put(name string, content []byte) error {
	path, err := f.path(name)
	switch {
	case err != nil:
		return err
	case len(content) > MaxFile:
		return ErrLarge
	}
	tmp, err := os.CreateTemp(f.dir, ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("seal %s: %w", name, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(f.key.Seal(name, content))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("seal %s: %w", name, err)
	}
	if err := os.Link(tmp.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%w: %s", ErrExists, name)
		}
		return fmt.Errorf("seal %s: %w", name, err)
	}
	return syncDir(f.dir)
}

// Get returns the content; fs.ErrNotExist where there is none, ErrSealed where it cannot be opened.
func (f *Folder) Get(name string) ([]byte, error) {
	path, err := f.path(name)
	if err != nil {
		return nil, err
	}
	sealed, err := readBounded(path, MaxFile+int64(Overhead))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	plain, err := f.key.Unseal(name, sealed)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return plain, nil
}

// Open is Get as a stream, which can be sought in.
func (f *Folder) Open(name string) (io.ReadSeekCloser, error) {
	content, err := f.Get(name)
	if err != nil {
		return nil, err
	}
	return memory{bytes.NewReader(content)}, nil
}

// memory is a content that was decrypted whole: its tag is at its end, so no part of it may be believed
// before all of it was read.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// Delete erases the content for good: its wrapped key is overwritten before the file is removed, so that
// what a disk may still hold of it cannot be opened. When it returns nil there is none of that name,
// whether there was one or not.
func (f *Folder) Delete(name string) error {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	if err := overwrite(path, int64(len(magic)+wrappedSize)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("erase %s: %w", name, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("erase %s: %w", name, err)
	}
	if err := syncDir(f.dir); err != nil {
		return fmt.Errorf("erase %s: %w", name, err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("erase %s: %w", name, cmp.Or(err, fs.ErrExist))
	}
	return nil
}

// Entry is one content, without what it says.
type Entry struct {
	Name  string
	Since time.Time // when it was put there
	Size  int64     // of the plain content, in bytes
}

// List lists the contents, oldest first.
func (f *Folder) List() ([]Entry, error) {
	files, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("list sealed files: %w", err)
	}
	var out []Entry
	for _, file := range files {
		name, ok := strings.CutSuffix(file.Name(), ending)
		if !ok || !fileName.MatchString(name) {
			continue
		}
		info, err := file.Info()
		if err != nil {
			continue // erased meanwhile
		}
		out = append(out, Entry{name, info.ModTime(), max(0, info.Size()-int64(Overhead))})
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Name, b.Name)) })
	return out, nil
}

// Shred overwrites a plain file with noise and removes it. What may not be written to is only removed:
// then shredded is false. A file that is not there is no error.
func Shred(path string) (shredded bool, err error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, err
	case info.Mode().IsRegular():
		shredded = overwrite(path, info.Size()) == nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return shredded, err
	}
	return shredded, syncDir(filepath.Dir(path))
}

// overwrite puts noise in the place of the first bytes of the file, and waits until it is on the disk.
func overwrite(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.CopyN(f, rand.Reader, size)
	return errors.Join(err, f.Sync(), f.Close())
}
