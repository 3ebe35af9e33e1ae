package schema_test

import (
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestArticles holds the schema of articles to the demonstration's, and to what its loader refuses for its
// form. That both know the same keys is checked in knowledge.
func TestArticles(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("article.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../demo/articles/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%v %v", files, err)
	}
	for _, file := range files {
		if err := schema.Validate(read(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for name, change := range map[string]func(map[string]any){
			"another version":   func(a map[string]any) { a["version"] = int64(2) },
			"no title":          func(a map[string]any) { delete(a, "title") },
			"no reason":         func(a map[string]any) { a["reasons"] = []any{} },
			"no owner":          func(a map[string]any) { delete(a, "owner") },
			"no approval":       func(a map[string]any) { delete(a, "approved_by") },
			"no last day":       func(a map[string]any) { a["valid_until"] = "soon" },
			"an unknown key":    func(a map[string]any) { a["author"] = "x" },
			"no letter":         func(a map[string]any) { delete(a["texts"].(map[string]any), "letter") },
			"another channel":   func(a map[string]any) { a["texts"].(map[string]any)["fax"] = a["texts"].(map[string]any)["sms"] },
			"another language":  func(a map[string]any) { a["title"].(map[string]any)["de"] = "x" },
			"internal with SMS": func(a map[string]any) { a["internal"] = true },
			"a text alone":      func(a map[string]any) { a["texts"].(map[string]any)["sms"] = "x" },
		} {
			article := read(t, file).(map[string]any)
			change(article)
			if schema.Validate(article) == nil {
				t.Errorf("%s, %s: taken", file, name)
			}
		}
		internal := read(t, file).(map[string]any)
		internal["internal"] = true
		internal["texts"] = map[string]any{"agent": internal["texts"].(map[string]any)["agent"]}
		if err := schema.Validate(internal); err != nil {
			t.Errorf("%s, internal: %v", file, err)
		}
	}
}
