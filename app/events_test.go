package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// TestCallEventsAreThoseThatAreRead: Asterisk sends the listed types only, so one that is read and not
// listed would never come, and one that is listed and not read costs both sides for nothing.
func TestCallEventsAreThoseThatAreRead(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "events.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var read []string
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "handle" {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if c, ok := n.(*ast.CaseClause); ok {
				for _, e := range c.List {
					read = append(read, e.(*ast.StarExpr).X.(*ast.SelectorExpr).Sel.Name)
				}
			}
			return true
		})
	}
	listed := slices.Sorted(slices.Values(callEvents))
	if slices.Sort(read); len(read) == 0 || !slices.Equal(read, listed) {
		t.Errorf("read: %v\nlisted: %v", read, listed)
	}
}
