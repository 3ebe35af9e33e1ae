package schema_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"accueil/deploy/schema"
)

// TestScenarioTests holds the schema of tests to the demonstration's, to the examples of the documentation, and to
// what the loader refuses for its form. That both know the same keys and words is checked in ivr/rehearsal.
func TestScenarioTests(t *testing.T) {
	t.Parallel()
	tests, err := jsonschema.NewCompiler().Compile(schema.Tests)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../demo/tests/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v %v", files, err)
	}
	page, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range regexp.MustCompile("(?s)```yaml\n(version: 1\ntests:.*?)```").FindAllStringSubmatch(string(page), -1) {
		files = append(files, filepath.Join(t.TempDir(), string(rune('a'+i))+".yaml"))
		if err := os.WriteFile(files[len(files)-1], []byte(m[1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 2 {
		t.Fatal("the documentation has no example")
	}
	for _, file := range files {
		if err := tests.Validate(read(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	good := "version: 1\ntests:\n  a: {entry: \"3000\", steps: [{press: 12}, {hear: x}, agent], expect: {outcome: answered}}\n"
	check := func(src string) error {
		file := filepath.Join(t.TempDir(), "a.yaml")
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		return tests.Validate(read(t, file))
	}
	if err := check(good); err != nil {
		t.Errorf("%v", err)
	}
	for _, change := range [][2]string{
		{"version: 1", "version: 2"}, {`entry: "3000", `, ""}, {"expect: {outcome: answered}", "expect: {}"}, {"answered", "anwsered"}, {"agent]", "agnet]"}, {"{hear: x}", "{hear: x, press: 1}"},
		{"{press: 12}", "{press: 1x}"}, {"steps:", "stesp:"}, {"steps:", "queues: ful, steps:"}, {"steps:", "at: lundi, steps:"}, {"steps:", "position: -1, steps:"},
	} {
		if err := check(strings.Replace(good, change[0], change[1], 1)); err == nil {
			t.Errorf("%s is taken", change[1])
		}
	}
}

// TestHint: the path goes from the file up to the folder of the site.
func TestHint(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"site.yaml": "# yaml-language-server: $schema=schema/site.schema.json", "tests/menu.yaml": "# yaml-language-server: $schema=../schema/site.schema.json",
	} {
		if got := schema.Hint(schema.Site, file); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if n := len(schema.Files()); n != 3 {
		t.Errorf("%d schemas", n)
	}
}
