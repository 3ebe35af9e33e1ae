package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"accueil/site"
)

// object is a schema with its keys in the order written here, so that the file reads well.
type object struct {
	Schema      string             `json:"$schema,omitempty"`
	ID          string             `json:"$id,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        any                `json:"type,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Minimum     *int64             `json:"minimum,omitempty"`
	Maximum     *int64             `json:"maximum,omitempty"`
	MinItems    int                `json:"minItems,omitempty"`
	MaxItems    int                `json:"maxItems,omitempty"`
	MinProps    int                `json:"minProperties,omitempty"`
	Items       *object            `json:"items,omitempty"`
	Properties  map[string]*object `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Names       *object            `json:"propertyNames,omitempty"`
	Additional  any                `json:"additionalProperties,omitempty"` // false or *object
}

// durationPattern is what Go's time.ParseDuration takes, without signs.
const durationPattern = `^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$`

var durationType = reflect.TypeFor[time.Duration]()

func (c comments) schema() ([]byte, error) {
	root, err := c.structure(reflect.TypeFor[site.Site]())
	if err != nil {
		return nil, err
	}
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "Accueil site file"
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	return b.Bytes(), nil
}

func (c comments) structure(t reflect.Type) (*object, error) {
	o := &object{Type: "object", Properties: map[string]*object{}, Additional: false}
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		r := site.RuleOf(f)
		p, err := c.value(f.Type, r)
		if err != nil {
			return nil, err
		}
		if p.Description, err = c.of(t, f); err != nil {
			return nil, err
		}
		if r.Default != "" {
			p.Description += " Default: " + r.Default + "."
		}
		o.Properties[key] = p
		if r.Required {
			o.Required = append(o.Required, key)
		}
	}
	return o, nil
}

func (c comments) value(t reflect.Type, r site.Rule) (*object, error) {
	each := r
	each.MinItems, each.MaxItems, each.Keys = 0, 0, ""
	switch {
	case t == durationType:
		return &object{Type: "string", Pattern: durationPattern}, nil
	case t.Kind() == reflect.Struct:
		return c.structure(t)
	case t.Kind() == reflect.Map:
		items, err := c.value(t.Elem(), each)
		if err != nil {
			return nil, err
		}
		o := &object{Type: "object", Additional: items, MinProps: r.MinItems}
		if r.Keys != "" {
			o.Names = &object{Pattern: r.Keys}
		}
		return o, nil
	case t.Kind() == reflect.Slice:
		items, err := c.value(t.Elem(), each)
		return &object{Type: "array", Items: items, MinItems: r.MinItems, MaxItems: r.MaxItems}, err
	case t.Kind() == reflect.String:
		// Numbers are taken where text is asked for: phone numbers without quotes.
		o := &object{Type: []string{"string", "integer"}, Enum: r.Enum, Pattern: r.Pattern}
		if len(r.Enum) > 0 {
			o.Type = "string"
		}
		return o, nil
	case t.Kind() == reflect.Bool:
		return &object{Type: "boolean"}, nil
	case t.Kind() == reflect.Int:
		return &object{Type: "integer", Minimum: r.Min, Maximum: r.Max}, nil
	}
	return nil, fmt.Errorf("no schema for %s", t)
}
