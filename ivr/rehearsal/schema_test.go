package rehearsal

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	"accueil/acd"
)

// TestTheSchemaKnowsTheKeys that the loader does, and the words, no more and no fewer.
func TestTheSchemaKnowsTheKeys(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../deploy/schema/tests.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]struct {
			Enum []string `json:"enum"`
		} `json:"properties"`
		OneOf []struct {
			Enum       []string       `json:"enum"`
			Properties map[string]any `json:"properties"`
		} `json:"oneOf"`
	}
	var schema struct {
		Properties map[string]any    `json:"properties"`
		Defs       map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(src, &schema); err != nil {
		t.Fatal(err)
	}
	keys := func(of reflect.Type) (out []string) {
		for i := range of.NumField() {
			if key := of.Field(i).Tag.Get("yaml"); key != "" {
				out = append(out, key)
			}
		}
		slices.Sort(out)
		return out
	}
	same := func(what string, got, want []string) {
		t.Helper()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, the loader %v", what, got, want)
		}
	}
	test, expect, step := schema.Defs["test"], schema.Defs["expect"], schema.Defs["step"]
	same("file", slices.Collect(maps.Keys(schema.Properties)), keys(reflect.TypeFor[fileTests]()))
	same("test", slices.Collect(maps.Keys(test.Properties)), keys(reflect.TypeFor[fileTest]()))
	same("expect", slices.Collect(maps.Keys(expect.Properties)), keys(reflect.TypeFor[fileExpect]()))
	var written, acts []string
	for _, form := range step.OneOf {
		written, acts = slices.AppendSeq(written, maps.Keys(form.Properties)), append(acts, form.Enum...)
	}
	same("step", written, keys(reflect.TypeFor[fileStep]()))
	same("acts", acts, slices.Clone(Acts))
	same("queues", test.Properties["queues"].Enum, slices.Clone(States))
	same("extension", test.Properties["extension"].Enum, texts(extensionEndings))
	same("caller", test.Properties["caller"].Enum, texts(acd.CallerKinds()))
	same("lookup", test.Properties["lookup"].Enum, texts(lookupOutcomes))
	same("outcome", expect.Properties["outcome"].Enum, texts(acd.Outcomes))
}
