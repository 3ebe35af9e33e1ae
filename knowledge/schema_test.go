package knowledge

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
)

// TestTheSchemaKnowsTheKeys that the loader does, no more and no fewer.
func TestTheSchemaKnowsTheKeys(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../deploy/schema/article.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(src, &schema); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for i := range reflect.TypeFor[fileArticle]().NumField() {
		keys = append(keys, reflect.TypeFor[fileArticle]().Field(i).Tag.Get("yaml"))
	}
	slices.Sort(keys)
	if got := slices.Sorted(maps.Keys(schema.Properties)); !slices.Equal(got, keys) {
		t.Errorf("the schema has %v, the loader %v", got, keys)
	}
	channels := words(Channels())
	slices.Sort(channels)
	if got := slices.Sorted(maps.Keys(schema.Properties["texts"].Properties)); !slices.Equal(got, channels) {
		t.Errorf("the schema has the channels %v", got)
	}
}
