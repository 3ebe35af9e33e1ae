package app

import (
	"os"
	"path/filepath"
	"testing"
)

// TestHospitals of many kinds, written from the documentation alone: a clinic with a lunch break, a maternity line,
// La Réunion, Alsace and Guyane with their holidays, nights on which the clock changes, a last call, an announcement
// of a crisis, thirty services in a file for each pole. Each is accepted without a word, and its calls go as expected.
func TestHospitals(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("testdata/hospitals/*")
	if err != nil || len(folders) < 12 {
		t.Fatalf("%v %v", folders, err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			for name, secret := range map[string]string{"ari": "motdepasse-ari-0123456789", "phones/101": "telephone-secret-101", "phones/102": "telephone-secret-102", "pins/dupont": "739154"} {
				path := filepath.Join(dir, "secrets", filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(dir, "site.yaml")
			if findings, ok := Check(path); !ok || len(findings) > 0 {
				t.Errorf("%v", findings)
			}
			if findings, ran, err := CheckTests(path); err != nil || ran == 0 || len(findings) > 0 {
				t.Errorf("%d tests: %v %v", ran, err, findings)
			}
		})
	}
}
