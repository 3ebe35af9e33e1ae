package demo

import (
	"fmt"
	"os"
	"path/filepath"
)

// OpenLog opens the file that the demonstration's log goes to, so that its story stays readable.
func OpenLog(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the demonstration's folder: %w", err)
	}
	return os.OpenFile(filepath.Join(dir, "accueil.log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
}
