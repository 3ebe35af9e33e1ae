package app

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"accueil/deploy/schema"
)

// ExportSchemas writes the JSON Schemas of the files of a site into a folder, which is made when there is none, and
// names them on out.
func ExportSchemas(dir string, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	files := schema.Files()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, name)
		if err := writeWhole(path, files[name], 0o644); err != nil {
			return err
		}
		fmt.Fprintln(out, path)
	}
	return nil
}
