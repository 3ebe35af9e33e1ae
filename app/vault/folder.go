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
	"sync"
	"syscall"
	"time"

	"accueil/seal"
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
	// ErrLocked says that the key of the folder cannot be used; the error around it says why.
	ErrLocked = errors.New("the sealed files are locked")
)

// purpose names what the keys are derived for; another one opens nothing of this.
const purpose = "recordings 1"

// Folder keeps sealed contents as files of one folder. It is safe for concurrent use; several processes
// may use one folder.
type Folder struct {
	dir, keyFile string

	mu    sync.Mutex
	seals *seal.Sealer // nil while locked
}

// OpenFolder opens the folder, which it makes when there is none, and cleans it (Clean). Whether its key
// can be used is told by Unlock.
func OpenFolder(dir, keyFile string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of sealed files: %w", err)
	}
	f := &Folder{dir: dir, keyFile: keyFile}
	return f, f.Clean()
}

// Unlock reads the key file, and makes one for a folder that has no contents. ErrLocked with the reason
// where the key cannot be used. Once unlocked, a folder stays so.
func (f *Folder) Unlock() error {
	s, err := f.sealer(true)
	if err != nil {
		return err
	}
	note, err := os.OpenFile(f.inUse(s.ID()), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("note that the key is in use: %w", err)
	}
	return note.Close()
}

// mark begins the name of a file that says that a program was started with a key first in its file.
const mark = ".in-use-"

// inUse is that file of a key.
func (f *Folder) inUse(id string) string { return filepath.Join(f.dir, mark+id) }

// forget removes the marks of all keys but the one that seals: the others seal nothing any more.
func (f *Folder) forget(id string) error {
	marks, err := filepath.Glob(f.inUse("*"))
	for _, path := range marks {
		if path == f.inUse(id) {
			continue
		}
		if gone := os.Remove(path); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// Known reports whether the program that uses this folder has been started with the key that seals now: it
// can open what is sealed anew. A folder without contents needs no such start.
func (f *Folder) Known() (bool, error) {
	list, err := f.List()
	if err != nil || len(list) == 0 {
		return true, err
	}
	s, err := f.sealer(false)
	if err != nil {
		return false, err
	}
	_, err = os.Stat(f.inUse(s.ID()))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (f *Folder) sealer(create bool) (*seal.Sealer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seals != nil {
		return f.seals, nil
	}
	ring, err := seal.Load(f.keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		list, lerr := f.List()
		switch {
		case lerr != nil:
			err = lerr
		case len(list) > 0:
			err = fmt.Errorf("%s is not there, and %d recordings were sealed with it: put it back from the backup of secrets", f.keyFile, len(list))
		case create:
			ring, err = seal.Make(f.keyFile)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLocked, err)
	}
	f.seals = ring.For(purpose)
	return f.seals, nil
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
	seals, err := f.sealer(true)
	if err != nil {
		return fmt.Errorf("seal %s: %w", name, err)
	}
	tmp, err := f.write(name, seals.Envelope(name, content))
	if err != nil {
		return fmt.Errorf("seal %s: %w", name, err)
	}
	defer tmp.drop()
	if err := os.Link(tmp.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%w: %s", ErrExists, name)
		}
		return fmt.Errorf("seal %s: %w", name, err)
	}
	return syncDir(f.dir)
}

// Get returns the content; fs.ErrNotExist where there is none, seal.UnknownKeyError where it was sealed
// with a key that is not in the file, seal.ErrDamaged where it cannot be opened.
func (f *Folder) Get(name string) ([]byte, error) {
	path, err := f.path(name)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	defer func() { _ = file.Close() }()
	seals, err := f.sealer(false)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	plain, err := unsealed(file, name, seals)
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
// what a disk may still hold of it cannot be opened, and so is what a killed process has left of it
// unfinished. When it returns nil there is none of that name, whether there was one or not.
func (f *Folder) Delete(name string) error {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	err = locked(path, func(file *os.File) error {
		if err := overwrite(file, int64(seal.HeadSize)); err != nil {
			return err
		}
		return os.Remove(path)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("erase %s: %w", name, err)
	}
	if err := errors.Join(f.clean(name, 0), syncDir(f.dir)); err != nil {
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
		out = append(out, Entry{name, info.ModTime(), max(0, info.Size()-int64(seal.EnvelopeOverhead))})
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
		if file, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			shredded = overwrite(file, info.Size()) == nil
			_ = file.Close()
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return shredded, err
	}
	return shredded, syncDir(filepath.Dir(path))
}

// overwrite puts noise in the place of the first bytes of the file, and waits until it is on the disk.
func overwrite(file *os.File, size int64) error {
	_, err := io.Copy(io.NewOffsetWriter(file, 0), io.LimitReader(rand.Reader, size))
	return errors.Join(err, file.Sync())
}

// locked runs do with the file while no other process erases it or seals it anew.
func locked(path string, do func(*os.File) error) error {
	for {
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		again, err := lockedFile(path, file, do)
		if err := errors.Join(err, file.Close()); err != nil || !again {
			return err
		}
	}
}

// lockedFile reports that the file has another place's name by now: somebody was faster.
func lockedFile(path string, file *os.File, do func(*os.File) error) (again bool, err error) {
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return false, err
	}
	mine, err := file.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	if !os.SameFile(mine, there) {
		return true, nil
	}
	return false, do(file)
}

// syncDir makes a change of names in the folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// unsealed reads the content that was in the file. One that was sealed anew or erased while it was read looks damaged:
// it is read once more, while nobody is at it.
func unsealed(file *os.File, name string, seals *seal.Sealer) (plain []byte, err error) {
	read := func(file *os.File) error {
		sealed, err := readBounded(file, MaxFile+int64(seal.EnvelopeOverhead))
		if err == nil {
			plain, err = seals.Unenvelope(name, sealed)
		}
		return err
	}
	if err = read(file); errors.Is(err, seal.ErrDamaged) {
		err = locked(file.Name(), read)
	}
	return plain, err
}

// readBounded reads a file of at most so many bytes.
func readBounded(f *os.File, most int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(content)) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", filepath.Base(f.Name()), most)
	}
	return content, err
}
