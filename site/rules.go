package site

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"time"

	"accueil/diag"
	"accueil/wording"
)

// rules checks every value against the rule of its field: presence, bounds, forms, closed lists.
func (c *checker) rules() {
	c.structure(c.doc.Root(), reflect.ValueOf(c.site).Elem(), "")
}

func (c *checker) structure(n *diag.Node, v reflect.Value, path string) {
	var keys []string
	for f := range fields(v.Type()) {
		key, _ := yamlKey(f)
		keys = append(keys, key)
	}
	for f := range fields(v.Type()) {
		key, _ := yamlKey(f)
		r := RuleOf(f)
		value, under := n.Field(key), diag.Join(path, key)
		if value == nil || value.Kind == diag.Null {
			if r.Required && !misspelt(n, key, keys) {
				c.missing(path, value != nil, key)
			}
			continue
		}
		c.value(value, v.FieldByIndex(f.Index), under, r)
	}
}

// misspelt reports whether a key of the mapping is an unknown one that probably means key: its own
// finding is enough.
func misspelt(n *diag.Node, key string, known []string) bool {
	return slices.ContainsFunc(n.Keys(), func(k string) bool {
		return !slices.Contains(known, k) && diag.Closest(k, known) == key
	})
}

func (c *checker) missing(path string, empty bool, key string) {
	if empty {
		c.fail(diag.Join(path, key), nil, "%q needs a value", key)
		return
	}
	var where any = wording.Sentence("the file")
	if path != "" {
		where = path
	}
	c.key(path, wording.Say("add it"), "%s needs the key %q", where, key)
}

func (c *checker) value(n *diag.Node, v reflect.Value, path string, r Rule) {
	switch v.Kind() {
	case reflect.Struct:
		c.structure(n, v, path)
	case reflect.Map:
		c.count(v.Len(), path, r)
		for _, k := range sortedKeys(v) {
			under := diag.Join(path, k.String())
			if r.Keys != "" && !pattern(r.Keys).MatchString(k.String()) {
				c.key(under, nil, "%q is no name here: %s", k.String(), r.form())
			}
			if value := n.Field(k.String()); value != nil {
				c.value(value, v.MapIndex(k), under, r.each())
			}
		}
	case reflect.Slice:
		c.count(v.Len(), path, r)
		for i := range v.Len() {
			if i < len(n.Items) {
				c.value(n.Items[i], v.Index(i), diag.Join(path, i), r.each())
			}
		}
	case reflect.String:
		c.text(v.String(), path, r)
	case reflect.Int, reflect.Int64:
		c.number(v, path, r)
	}
}

// form says what a value looks like. Forms stand in tags, so a test of their own finds them.
func (r Rule) form() wording.Sentence { return wording.Sentence(r.Form) }

// each is the rule for one item.
func (r Rule) each() Rule {
	r.MinItems, r.MaxItems, r.Keys = 0, 0, ""
	return r
}

func (c *checker) count(n int, path string, r Rule) {
	switch {
	case n < r.MinItems:
		c.fail(path, nil, "at least %d must be given here", r.MinItems)
	case r.MaxItems > 0 && n > r.MaxItems:
		c.fail(path, nil, "at most %d may be given here, these are %d", r.MaxItems, n)
	}
}

func (c *checker) text(s, path string, r Rule) {
	switch {
	case s == "":
		if r.Required || r.Pattern != "" || len(r.Enum) > 0 {
			c.fail(path, nil, "the value is empty")
		}
	case len(r.Enum) > 0 && !slices.Contains(r.Enum, s):
		c.fail(path, diag.DidYouMean(s, r.Enum), "%q is not possible here", s)
	case r.Pattern != "" && !pattern(r.Pattern).MatchString(s):
		c.fail(path, nil, "%q is not possible here: %s", s, r.form())
	}
}

func (c *checker) number(v reflect.Value, path string, r Rule) {
	n := v.Int()
	show := func(n int64) any {
		if v.Type() == durationType {
			return time.Duration(n)
		}
		return n
	}
	switch {
	case r.Min != nil && n < *r.Min:
		c.fail(path, nil, "%v is too small, the least is %v", show(n), show(*r.Min))
	case r.Max != nil && n > *r.Max:
		c.fail(path, nil, "%v is too large, the most is %v", show(n), show(*r.Max))
	}
}

// fields yields the fields that the file holds.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if _, ok := yamlKey(t.Field(i)); ok && !yield(t.Field(i)) {
				return
			}
		}
	}
}

func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	return keys
}

var patterns = map[string]*regexp.Regexp{}

func init() { compilePatterns(reflect.TypeFor[Site]()) }

// compilePatterns compiles the patterns of all rules once, so that loading needs no lock.
func compilePatterns(t reflect.Type) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	for f := range fields(t) {
		r := RuleOf(f)
		for _, p := range []string{r.Pattern, r.Keys} {
			if p != "" {
				patterns[p] = regexp.MustCompile(p)
			}
		}
		compilePatterns(f.Type)
	}
}

func pattern(p string) *regexp.Regexp { return patterns[p] }
