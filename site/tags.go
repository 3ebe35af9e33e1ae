package site

import (
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Rule is what a field's `schema:"…"` tag says about its value. The loader checks it, and the
// generator of the JSON Schema and of the reference writes it down: one source for the three.
//
// Rules about one value (min, max, pattern, enum) bind each item of a list and each value of a map.
type Rule struct {
	Required           bool
	Min, Max           *int64 // numbers; nanoseconds for times
	MinItems, MaxItems int    // 0 = no bound
	Pattern            string // of a text, anchored
	Keys               string // pattern of a map's keys
	Form               string // what the pattern asks for, in words
	Enum               []string
	Default            string // as written in YAML
}

// chooser is a text of a closed list.
type chooser interface{ choices() []string }

var (
	chooserType  = reflect.TypeFor[chooser]()
	durationType = reflect.TypeFor[time.Duration]()
)

// RuleOf reads the tag. A malformed one is a mistake of the programmer, which any test of the loader
// shows: it panics.
func RuleOf(f reflect.StructField) Rule {
	var r Rule
	t := f.Type
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Implements(chooserType) {
		r.Enum = reflect.Zero(t).Interface().(chooser).choices()
	}
	for _, part := range splitTag(f.Tag.Get("schema")) {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "required":
			r.Required = true
		case "min":
			r.Min = bound(t, value)
		case "max":
			r.Max = bound(t, value)
		case "minItems":
			r.MinItems = int(*bound(reflect.TypeFor[int](), value))
		case "maxItems":
			r.MaxItems = int(*bound(reflect.TypeFor[int](), value))
		case "pattern":
			r.Pattern = value
		case "keys":
			r.Keys = value
		case "form":
			r.Form = value
		case "enum":
			r.Enum = strings.Split(value, "|")
		case "default":
			r.Default = value
		default:
			panic("site: unknown rule " + name + " of " + f.Name)
		}
	}
	return r
}

func bound(t reflect.Type, value string) *int64 {
	if t == durationType {
		d, err := time.ParseDuration(value)
		if err != nil {
			panic("site: " + err.Error())
		}
		n := int64(d)
		return &n
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		panic("site: " + err.Error())
	}
	return &n
}

// splitTag splits at commas that no backslash precedes.
func splitTag(tag string) []string {
	if tag == "" {
		return nil
	}
	const kept = "\x00"
	parts := strings.Split(strings.ReplaceAll(tag, `\,`, kept), ",")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], kept, ",")
	}
	return parts
}

// yamlKey returns the field's key; ok is false for one that the file does not hold.
func yamlKey(f reflect.StructField) (key string, ok bool) {
	key, ok = f.Tag.Lookup("yaml")
	return key, ok && key != "-"
}
