package main

import (
	"fmt"
	"strings"
)

func emitOperations(s *spec) (string, error) {
	var b strings.Builder
	b.WriteString(header)
	b.WriteString("\nimport \"context\"\n")
	seen := map[string]bool{}
	for _, o := range s.operations {
		name := o.goName()
		if seen[name] {
			return "", fmt.Errorf("two operations would be named %s", name)
		}
		seen[name] = true
		if err := s.emitOperation(&b, o, name); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
	}
	return b.String(), nil
}

// bodyTypes gives the Go type of each body parameter; the description only
// says "containers" or "object".
var bodyTypes = map[string]string{
	"variables": "Vars",
	"fields":    "[]ConfigTuple",
	"filter":    "EventFilter",
}

func (s *spec) emitOperation(b *strings.Builder, o operation, name string) error {
	var path, rest []param
	for _, p := range o.params {
		if p.in == "path" {
			path = append(path, p)
		} else {
			rest = append(rest, p)
		}
	}
	if len(rest) > 0 {
		if err := s.emitParams(b, o, name, rest); err != nil {
			return err
		}
	}
	return s.emitMethod(b, o, name, path, len(rest) > 0)
}

// emitParams writes the struct of what does not stand in the path, and how it
// travels: in the JSON body of POST and PUT, so that no variable or caller id
// stands in a URL, else in the query.
func (s *spec) emitParams(b *strings.Builder, o operation, name string, params []param) error {
	fmt.Fprintf(b, "\n// %sParams are the parameters of [REST.%s].\ntype %sParams struct {\n", name, name, name)
	for _, p := range params {
		typ, err := s.paramType(p)
		if err != nil {
			return err
		}
		note := ""
		if p.required {
			note = " // required"
		}
		fmt.Fprintf(b, "%s %s%s\n", goName(p.name), typ, note)
	}
	b.WriteString("}\n")
	fmt.Fprintf(b, "\nfunc (p %sParams) fill(a *arguments) {\n", name)
	for _, p := range params {
		if p.in == "body" && p.typ == "object" {
			fmt.Fprintf(b, "a.body(p.%s)\n", goName(p.name))
			continue
		}
		typ, _ := s.paramType(p)
		fmt.Fprintf(b, "a.%s(%q, p.%s)\n", setter(typ, p.required), p.name, goName(p.name))
	}
	b.WriteString("}\n")
	return nil
}

func setter(typ string, required bool) string {
	switch typ {
	case "string":
		if required {
			return "text"
		}
		return "optionalText"
	case "[]string":
		return "list"
	case "int":
		return "number"
	case "*int":
		return "optionalNumber"
	case "*bool":
		return "optionalFlag"
	}
	return "object"
}

func (s *spec) paramType(p param) (string, error) {
	if p.in == "body" {
		typ, ok := bodyTypes[p.name]
		if !ok {
			return "", fmt.Errorf("body parameter %q has no known type", p.name)
		}
		return typ, nil
	}
	typ, err := s.goType(p.typ)
	if err != nil {
		return "", err
	}
	if p.multiple {
		return "[]" + typ, nil
	}
	if !p.required && typ != "string" {
		return "*" + typ, nil
	}
	return typ, nil
}

func (s *spec) emitMethod(b *strings.Builder, o operation, name string, path []param, hasParams bool) error {
	args, expr := "ctx context.Context", fmt.Sprintf("%q", o.path)
	for _, p := range path {
		args += ", " + argName(p.name) + " string"
		expr = strings.Replace(expr, "{"+p.name+"}", `" + segment(`+argName(p.name)+`) + "`, 1)
	}
	expr = strings.TrimSuffix(expr, ` + ""`)
	fill := "nil"
	if hasParams {
		args += ", params " + name + "Params"
		fill = "params.fill"
	}
	result, out, ret := "error", "nil", "return c.do(ctx, request)"
	switch elem, list := listOf(o.response); {
	case o.response == "void":
	case o.response == "binary":
		result, out = "([]byte, error)", "&out"
		ret = "var out []byte\nerr := c.do(ctx, request)\nreturn out, err"
	default:
		typ, err := s.goType(elem)
		if err != nil {
			return err
		}
		if list {
			typ = "[]" + typ
		}
		result, out = "("+typ+", error)", "&out"
		ret = "var out " + typ + "\nerr := c.do(ctx, request)\nreturn out, err"
	}
	ret = strings.Replace(ret, "request", fmt.Sprintf("operation{%q, %q, %s, %s, %s}", name, o.method, expr, fill, out), 1)
	fmt.Fprintf(b, "\n// %s is %s %s.\nfunc (c *REST) %s(%s) %s {\n%s\n}\n", name, o.method, o.path, name, args, result, ret)
	return nil
}
