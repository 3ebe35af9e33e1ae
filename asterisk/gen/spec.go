package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// resources is the fixed reading order: the output must not depend on a folder
// listing, and a resource that disappears must be noticed.
var resources = []string{
	"applications", "asterisk", "bridges", "channels", "deviceStates", "endpoints",
	"events", "mailboxes", "playbacks", "recordings", "sounds",
}

// spec is the whole description, flattened and sorted.
type spec struct {
	models     []model // every model that is not an event, by name
	events     []model // every event, by name
	operations []operation
	byName     map[string]*model
}

type model struct {
	name   string
	fields []field // by position in the description's sorted keys
}

type field struct {
	name     string // as in JSON
	typ      string // as in the description: string, int, List[string], Channel…
	required bool
}

type operation struct {
	resource string // applications, channels…
	nickname string
	method   string
	path     string
	response string // void, binary, Channel, List[Channel]…
	params   []param
}

type param struct {
	name     string
	in       string // path, query, body
	typ      string
	required bool
	multiple bool
}

// The three types below mirror the file format (Swagger 1.2, as Asterisk uses it).
type fileJSON struct {
	APIs []struct {
		Path       string          `json:"path"`
		Operations []operationJSON `json:"operations"`
	} `json:"apis"`
	Models map[string]modelJSON `json:"models"`
}

type operationJSON struct {
	Method     string `json:"httpMethod"`
	Nickname   string `json:"nickname"`
	Response   string `json:"responseClass"`
	Upgrade    string `json:"upgrade"`
	Parameters []struct {
		Name     string `json:"name"`
		In       string `json:"paramType"`
		Type     string `json:"dataType"`
		Required bool   `json:"required"`
		Multiple bool   `json:"allowMultiple"`
	} `json:"parameters"`
}

type modelJSON struct {
	SubTypes   []string `json:"subTypes"`
	Properties map[string]struct {
		Type     string `json:"type"`
		Required bool   `json:"required"`
	} `json:"properties"`
}

// load reads every resource file of folder.
func load(folder string) (*spec, error) {
	s := &spec{byName: map[string]*model{}}
	isEvent := map[string]bool{}
	var all []model
	for _, resource := range resources {
		file, err := loadFile(filepath.Join(folder, resource+".json"))
		if err != nil {
			return nil, err
		}
		for name, m := range file.Models {
			for _, sub := range m.SubTypes {
				isEvent[sub] = true
			}
			all = append(all, model{name: name, fields: fieldsOf(m)})
		}
		s.operations = append(s.operations, operationsOf(resource, file)...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	for _, m := range all {
		switch {
		case m.name == "Event" || m.name == "Message": // the hand-written EventData
		case isEvent[m.name]:
			s.events = append(s.events, m)
		default:
			s.models = append(s.models, m)
		}
	}
	if len(s.events) == 0 || len(s.operations) == 0 {
		return nil, errors.New("the description holds no events or no operations")
	}
	for i := range s.models {
		s.byName[s.models[i].name] = &s.models[i]
	}
	return s, nil
}

func loadFile(path string) (*fileJSON, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file fileJSON
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &file, nil
}

func fieldsOf(m modelJSON) []field {
	var fields []field
	for name, p := range m.Properties {
		fields = append(fields, field{name: name, typ: p.Type, required: p.Required})
	}
	sort.Slice(fields, func(i, j int) bool { return fields[i].name < fields[j].name })
	return fields
}

func operationsOf(resource string, file *fileJSON) []operation {
	var ops []operation
	for _, api := range file.APIs {
		for _, o := range api.Operations {
			if o.Upgrade != "" { // the websocket: Conn's business
				continue
			}
			op := operation{
				resource: resource, nickname: o.Nickname, method: o.Method,
				path: api.Path, response: o.Response,
			}
			for _, p := range o.Parameters {
				op.params = append(op.params, param{
					name: p.Name, in: p.In, typ: p.Type,
					required: p.Required || p.In == "path", multiple: p.Multiple,
				})
			}
			ops = append(ops, op)
		}
	}
	return ops
}

// listOf splits List[T].
func listOf(typ string) (elem string, ok bool) {
	elem, ok = strings.CutPrefix(typ, "List[")
	if !ok {
		return typ, false
	}
	return strings.TrimSuffix(elem, "]"), true
}
