package app

import (
	"reflect"
	"testing"

	"accueil/history"
	"accueil/routing/why"
	"accueil/web"
)

// TestTypesOfTheAPIHaveTheirOwnNames: the API's description names a type without its package, and a
// server with two of one name does not start.
func TestTypesOfTheAPIHaveTheirOwnNames(t *testing.T) {
	t.Parallel()
	names := map[string]reflect.Type{}
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			visit(typ.Elem())
		case reflect.Struct:
			if seen[typ] {
				return
			}
			seen[typ] = true
			if other, ok := names[typ.Name()]; ok && typ.Name() != "" {
				t.Errorf("%s and %s have one name", typ, other)
			}
			names[typ.Name()] = typ
			for i := range typ.NumField() {
				visit(typ.Field(i).Type)
			}
		}
	}
	for _, v := range []any{why.Life{}, why.Answer{}, history.Report{}, web.EventView{}, web.ContactView{}, web.QueueView{}, web.AgentView{}, web.EntryView{}} {
		visit(reflect.TypeOf(v))
	}
	if len(names) < 20 {
		t.Errorf("%d types looked at", len(names))
	}
}
