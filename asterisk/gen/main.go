// Command gen writes the ARI models, events and operations of package asterisk
// from the JSON description that Asterisk installs (folder rest-api).
//
// Names and shapes are taken, the description texts are not: they are GPL.
//
//	go run ./asterisk/gen -from /usr/share/asterisk/rest-api -to asterisk
package main

import (
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
)

func main() {
	from := flag.String("from", defaultSource(), "folder with Asterisk's rest-api JSON")
	to := flag.String("to", ".", "folder of the package to write")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// defaultSource is the private Asterisk root when ACCUEIL_ASTERISK_ROOT names
// one, else the system's.
func defaultSource() string {
	return filepath.Join("/", os.Getenv("ACCUEIL_ASTERISK_ROOT"), "usr/share/asterisk/rest-api")
}

// run reads the description in from and writes the three generated files to to.
func run(from, to string) error {
	api, err := load(from)
	if err != nil {
		return err
	}
	for name, emit := range map[string]func(*spec) (string, error){
		"zz_models.go":     emitModels,
		"zz_events.go":     emitEvents,
		"zz_operations.go": emitOperations,
	} {
		text, err := emit(api)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		source, err := format.Source([]byte(text))
		if err != nil {
			return fmt.Errorf("%s: the generated text is not Go: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(to, name), source, 0o644); err != nil {
			return err
		}
	}
	return nil
}
