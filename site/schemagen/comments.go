package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// comments holds the words of fields ("Queue.Ring") and types ("Queue").
type comments map[string]string

// readComments reads the comments of the package's exported structs.
func readComments(folder string) (comments, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no source in %s", folder)
	}
	words := comments{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read the comments: %w", err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.TYPE {
				for _, spec := range d.Specs {
					words.add(spec.(*ast.TypeSpec), d.Doc)
				}
			}
			return true
		})
	}
	return words, nil
}

func (c comments) add(t *ast.TypeSpec, doc *ast.CommentGroup) {
	if t.Doc != nil {
		doc = t.Doc
	}
	c[t.Name.Name] = sentence(doc.Text(), t.Name.Name)
	s, ok := t.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			c[t.Name.Name+"."+name.Name] = sentence(f.Doc.Text(), name.Name)
		}
	}
}

// sentence turns "Ring is how long …" into "How long …": the reader of the file sees the key's name
// already. Other forms stay as they are.
func sentence(doc, name string) string {
	doc = strings.Join(strings.Fields(doc), " ")
	for _, verb := range []string{" is ", " are ", ": "} {
		rest, ok := strings.CutPrefix(doc, name+verb)
		if first, size := utf8.DecodeRuneInString(rest); ok && size > 0 {
			return string(unicode.ToUpper(first)) + rest[size:]
		}
	}
	return doc
}

// of returns the words of a field; one without is a mistake.
func (c comments) of(owner reflect.Type, f reflect.StructField) (string, error) {
	text := c[owner.Name()+"."+f.Name]
	if text == "" {
		return "", fmt.Errorf("%s.%s has no comment", owner.Name(), f.Name)
	}
	return text, nil
}
