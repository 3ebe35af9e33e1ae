// Package schema_test holds the committed JSON Schema to the loader: it is current, takes the
// demonstration and refuses what the loader refuses for its form.
package schema_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"accueil/diag"
)

func TestCurrent(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "run", "../../site/schemagen", "-check",
		"-source", "../../site", "-schema", "site.schema.json", "-docs", "../../docs/site.md").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestDemoAndBroken(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("site.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"../demo/site.yaml", "../../site/testdata/good/site.yaml"} {
		if err := schema.Validate(read(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, name := range []string{
		"unknown-key", "unknown-queue-key", "wrong-type", "number-as-list", "no-version", "other-version", "region-in-small-letters",
		"unknown-language", "bad-site-name", "points-too-high", "level-too-high", "level-zero", "duration-without-unit",
		"duration-negative", "too-many-steps", "no-steps", "trunk-unknown-kind", "agent-without-pin", "agent-number-not-digits",
		"agent-unknown-briefing", "ring-empty", "history-url",
	} {
		if err := schema.Validate(read(t, "../../site/testdata/broken/"+name+".yaml")); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func read(t *testing.T, file string) any {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, found := diag.ParseYAML(file, src)
	if doc == nil {
		t.Fatal(found)
	}
	return plain(doc.Root())
}

// plain is what an editor's own YAML reader makes of a node.
func plain(n *diag.Node) any {
	switch n.Kind {
	case diag.Mapping:
		m := map[string]any{}
		for _, f := range n.Fields {
			m[f.Key] = plain(f.Value)
		}
		return m
	case diag.Sequence:
		list := []any{}
		for _, item := range n.Items {
			list = append(list, plain(item))
		}
		return list
	case diag.Scalar:
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && !n.Quoted && !strings.HasPrefix(n.Value, "0") {
			return i
		}
		if b, err := strconv.ParseBool(n.Value); err == nil && !n.Quoted && len(n.Value) > 3 {
			return b
		}
		return n.Value
	}
	return nil
}
