package local

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// tempPrefix begins the name of every temporary folder of this package.
const tempPrefix = "accueil-local-"

// ownerLock is the file in a temporary folder that its owner keeps locked.
const ownerLock = ".owner"

// tempDir is a folder that lives as long as its server, or, when the process
// is killed before it can remove it, until the next one makes a folder.
type tempDir struct {
	path string
	lock *os.File
}

func newTempDir() (*tempDir, error) {
	sweepTempDirs()
	path, err := os.MkdirTemp("", tempPrefix)
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	// Named only once it is locked, so that a sweep never finds it free.
	unnamed := filepath.Join(path, ownerLock+".new")
	lock, err := os.OpenFile(unnamed, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
	}
	if err == nil {
		err = os.Rename(unnamed, filepath.Join(path, ownerLock))
	}
	if err != nil {
		if lock != nil {
			_ = lock.Close()
		}
		_ = os.RemoveAll(path)
		return nil, fmt.Errorf("lock the temporary folder: %w", err)
	}
	return &tempDir{path: path, lock: lock}, nil
}

// remove may be called twice, and on nil.
func (d *tempDir) remove() {
	if d == nil {
		return
	}
	_ = os.RemoveAll(d.path)
	_ = d.lock.Close()
}

// sweepTempDirs removes what dead processes left: their data may be large and
// is nobody's any more. It is a service to the machine, so it never fails.
func sweepTempDirs() {
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), tempPrefix+"*"))
	for _, path := range folders {
		// No lock file: the folder is being made. Other users' folders are
		// closed to us.
		lock, err := os.OpenFile(filepath.Join(path, ownerLock), os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			_ = os.RemoveAll(path)
		}
		_ = lock.Close()
	}
}
