package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"accueil/seal"
)

// What is being written is called .new-<name>+<number> until it has its place; no name holds a plus.
const (
	unfinished = ".new-"
	nameEnd    = "+"
)

// abandoned is the age from which an unfinished file of nobody is removed: its writer has had time to lock it.
const abandoned = time.Minute

// draft is a file that has no place yet. Its lock tells everybody else that somebody is at it: a process
// that was killed holds none.
type draft struct{ *os.File }

// write puts bytes into a file beside the others, on the disk when it returns.
func (f *Folder) write(name string, content ...[]byte) (draft, error) {
	file, err := os.CreateTemp(f.dir, unfinished+name+nameEnd+"*") // mode 0600
	if err != nil {
		return draft{}, err
	}
	tmp := draft{file}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	for _, part := range content {
		if err == nil {
			_, err = file.Write(part)
		}
	}
	if err = errors.Join(err, file.Sync()); err != nil {
		tmp.drop()
		return draft{}, err
	}
	return tmp, nil
}

// drop takes the draft's own name away, which it may have lost already, and lets go of it.
func (d draft) drop() {
	_ = os.Remove(d.Name())
	_ = d.Close()
}

// Clean erases what a killed process has left unfinished in the folder: it may be a whole content, which
// would outlive its erasure.
func (f *Folder) Clean() error { return f.clean("*", abandoned) }

// clean erases what was left unfinished under the name ("*" for every name) and is so old.
func (f *Folder) clean(name string, age time.Duration) error {
	pattern := unfinished + name + nameEnd + "*"
	if name == "*" {
		pattern = unfinished + "*" // of earlier versions too, which did not name them
	}
	left, err := filepath.Glob(filepath.Join(f.dir, pattern))
	for _, path := range left {
		if info, gone := os.Stat(path); gone != nil || time.Since(info.ModTime()) < age {
			continue
		}
		if failed := discard(path); !errors.Is(failed, fs.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// discard erases one unfinished file, unless somebody is at it. One that has its place already is a
// content, and loses its second name only.
func discard(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) {
		return os.Remove(path) // another user's, who tried by hand: it cannot be overwritten
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil
		}
		return err
	}
	mine, err := file.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(path)
	if err != nil || !os.SameFile(mine, there) {
		return err // it has its place by now
	}
	if s, ok := mine.Sys().(*syscall.Stat_t); ok && s.Nlink == 1 {
		if err := overwrite(file, int64(seal.HeadSize)); err != nil {
			return err
		}
	}
	return os.Remove(path)
}
