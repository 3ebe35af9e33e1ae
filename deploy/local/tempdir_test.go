package local

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyDeadOwnersFoldersAreSwept(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	living, err := newTempDir()
	if err != nil {
		t.Fatal(err)
	}
	defer living.remove()
	dead, err := newTempDir()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dead.path, "data"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_ = dead.lock.Close() // what the kernel does for a killed process
	beingMade := filepath.Join(os.TempDir(), tempPrefix+"being-made")
	if err := os.Mkdir(beingMade, 0o700); err != nil {
		t.Fatal(err)
	}

	next, err := newTempDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{living.path, beingMade, next.path} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("a folder in use was swept: %v", err)
		}
	}
	if _, err := os.Stat(dead.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of a dead process is still there: %v", err)
	}
	next.remove()
	next.remove()
	if _, err := os.Stat(next.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a removed folder is still there: %v", err)
	}
}
