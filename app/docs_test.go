package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"accueil/ivr/rehearsal"
)

// TestDocumentedTests: the examples of docs/scenarios.md hold on the demonstration, and show every step.
func TestDocumentedTests(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	dir, path := hospitalFolder(t)
	if err := os.RemoveAll(filepath.Join(dir, "tests")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "tests"), 0o750); err != nil {
		t.Fatal(err)
	}
	all := ""
	for i, m := range regexp.MustCompile("(?s)```yaml\n(version: 1\ntests:.*?)```").FindAllStringSubmatch(string(page), -1) {
		fileIn(t, filepath.Join(dir, "tests"), string(rune('a'+i))+".yaml", m[1])
		all += m[1]
	}
	for _, act := range rehearsal.Acts {
		if !regexp.MustCompile(`(?m)[-,\[] ?`+act+`\b`).MatchString(all) || !strings.Contains(string(page), "| `"+act+"` |") {
			t.Errorf("the step %s has no example, or no line of its own", act)
		}
	}
	findings, ran, err := CheckTests(path)
	if err != nil || len(findings) > 0 || ran < 8 {
		t.Errorf("%d tests: %v %v", ran, err, findings)
	}
}
