package main

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"accueil/site"
)

// The reference stands between these lines of the page.
const (
	begin = "<!-- keys: written by go generate ./site from the field comments -->\n"
	end   = "<!-- end of keys -->\n"
)

// fillPage writes the reference into the page.
func (c comments) fillPage(page []byte) ([]byte, error) {
	before, rest, ok1 := bytes.Cut(page, []byte(begin))
	_, after, ok2 := bytes.Cut(rest, []byte(end))
	if !ok1 || !ok2 {
		return nil, errors.New("the page has no place for the keys")
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(begin)
	if err := c.tables(&b, reflect.TypeFor[site.Site](), ""); err != nil {
		return nil, err
	}
	b.WriteString(end)
	b.Write(after)
	return b.Bytes(), nil
}

// tables writes one table for the struct, then one for each struct in it.
func (c comments) tables(b *bytes.Buffer, t reflect.Type, path string) error {
	title := "The file"
	if path != "" {
		title = "`" + path + "`"
	}
	fmt.Fprintf(b, "\n### %s\n\n| key | value | meaning |\n|---|---|---|\n", title)
	type part struct {
		t    reflect.Type
		path string
	}
	var parts []part
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		words, err := c.of(t, f)
		if err != nil {
			return err
		}
		r := site.RuleOf(f)
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", key, map[bool]string{true: " *"}[r.Required], cell(values(f.Type, r)), cell(words))
		inner, under := f.Type, strings.TrimPrefix(path+"."+key, ".")
		for inner.Kind() == reflect.Map || inner.Kind() == reflect.Slice {
			if inner.Kind() == reflect.Map {
				under += ".<name>"
			} else {
				under += "[]"
			}
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			parts = append(parts, part{inner, under})
		}
	}
	for _, p := range parts {
		if err := c.tables(b, p.t, p.path); err != nil {
			return err
		}
	}
	return nil
}

// values says what may stand behind the key.
func values(t reflect.Type, r site.Rule) string {
	var out []string
	for t.Kind() == reflect.Map || t.Kind() == reflect.Slice {
		out = append(out, map[reflect.Kind]string{reflect.Map: "names with", reflect.Slice: "list of"}[t.Kind()])
		t = t.Elem()
	}
	show := func(n int64) string { return fmt.Sprint(reflect.ValueOf(n).Convert(t).Interface()) }
	switch {
	case t == durationType:
		out = append(out, "time")
	case len(r.Enum) > 0:
		out = append(out, strings.Join(r.Enum, ", "))
	case t.Kind() == reflect.Struct:
		out = append(out, "keys")
	default:
		out = append(out, map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true, false", reflect.Int: "number"}[t.Kind()])
	}
	if r.Min != nil && r.Max != nil {
		out = append(out, show(*r.Min)+" to "+show(*r.Max))
	} else if r.Max != nil {
		out = append(out, "up to "+show(*r.Max))
	}
	if r.Form != "" {
		out = append(out, "("+r.Form+")")
	}
	text := strings.Join(out, " ")
	if r.Default != "" {
		text += "; default " + r.Default
	}
	return text
}

// cell keeps a text from ending its cell, or from being read as HTML.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;").Replace(s)
}
