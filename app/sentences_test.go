package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"accueil/site"
	"accueil/wording"
)

// Whoever writes a sentence writes its French form too: every constant of type wording.Sentence in the
// program has one, beside its package, with the same arguments; and no form is left over.
func TestEverySentenceIsInFrench(t *testing.T) {
	t.Parallel()
	said := sentencesOf(t)
	for _, form := range ruleForms(reflect.TypeFor[site.Site]()) {
		said[form] = append(said[form], saidAt{"site", "the forms in the tags of package site"})
	}
	if len(said) < 300 {
		t.Fatalf("only %d sentences were found", len(said))
	}
	tables := frenchTables()
	home := map[wording.Sentence]string{}
	for _, pkg := range slices.Sorted(maps.Keys(tables)) {
		for s, form := range tables[pkg] {
			if other, twice := home[s]; twice {
				t.Errorf("%q has forms in %s and in %s", s, other, pkg)
			}
			home[s] = pkg
			if _, used := said[s]; !used {
				t.Errorf("%s/french.go: nothing says %q any more", pkg, s)
			}
			if fault := formFault(string(s), form); fault != "" {
				t.Errorf("%s/french.go: %q: %s in %q", pkg, s, fault, form)
			}
		}
	}
	missing := map[string][]string{}
	for s, places := range said {
		if home[s] == "" && letters.MatchString(verbs.ReplaceAllString(string(s), "")) {
			missing[places[0].pkg] = append(missing[places[0].pkg], fmt.Sprintf("%q: \"\", // %s", s, places[0].at))
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(missing)) {
		slices.Sort(missing[pkg])
		t.Errorf("%s/french.go lacks %d:\n%s", pkg, len(missing[pkg]), strings.Join(missing[pkg], "\n"))
	}
}

// letters tells words from marks: "%d:%d: %s" is the same in every language.
var letters = regexp.MustCompile(`\pL`)

// verbs are those of package fmt: flags, argument index, verb.
var verbs = regexp.MustCompile(`%(?:%|([-+# 0]*(?:\d+)?(?:\.\d+)?)(?:\[(\d+)\])?([a-zA-Z]))`)

// argumentsOf lists the verb of each argument; what is quoted by hand counts as %q.
func argumentsOf(format string) (out map[int]string) {
	out = map[int]string{}
	next := 1
	for _, m := range verbs.FindAllStringSubmatchIndex(format, -1) {
		if m[6] < 0 {
			continue // %%
		}
		at := next
		if m[4] >= 0 {
			_, _ = fmt.Sscan(format[m[4]:m[5]], &at)
		}
		next = at + 1
		verb := format[m[2]:m[3]] + format[m[6]:m[7]]
		if before := format[:m[0]]; verb == "s" && strings.HasSuffix(before, `"`) && strings.HasPrefix(format[m[1]:], `"`) {
			verb = "q"
		}
		out[at] = verb
	}
	return out
}

// formFault says what keeps a form from taking the sentence's arguments, and typography that the
// renderer cannot put right.
func formFault(sentence, form string) string {
	want, got := argumentsOf(sentence), argumentsOf(form)
	switch {
	case form == "":
		return "nothing"
	case !maps.Equal(want, got):
		return fmt.Sprintf("arguments %v instead of %v", got, want)
	case strings.Contains(form, "'") && strings.Contains(form, "’"):
		return "two kinds of apostrophe"
	case unspaced.MatchString(code.ReplaceAllString(form, "")):
		return "no space before high punctuation"
	case strings.HasSuffix(form, ".") && !strings.HasSuffix(sentence, "."):
		return "a full stop"
	}
	return ""
}

var (
	// code is what a form shows as it is to be typed: between braces, brackets or straight quotes, a key
	// with its colon, an address.
	code     = regexp.MustCompile("\\{[^}]*\\}|\\[[^]]*\\]|\"[^\"]*\"|'[^ ][^']*'|https?:[^ ]*|[a-zé_]+:[^ ]*|[a-z_]+:$|-- ?[a-z]|queue\\([^)]*\\)")
	unspaced = regexp.MustCompile(`[^\s\d%][;!?]|[\pL»)]:|«\S|\S»`)
)

// ruleForms are the forms of values in the tags of a type, which the checks tell.
func ruleForms(t reflect.Type) (out []wording.Sentence) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || !strings.HasPrefix(t.PkgPath(), "accueil/site") {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if form := site.RuleOf(f).Form; form != "" {
			out = append(out, wording.Sentence(form))
		}
		out = append(out, ruleForms(f.Type)...)
	}
	return out
}

type saidAt struct{ pkg, at string }

// sentencesOf finds the constants of type wording.Sentence in all packages that say any. The types come
// from the compiler, so nothing that becomes a sentence is missed; a conversion of what is no constant
// is an error, but for the forms of rules, which have their own way here.
func sentencesOf(t *testing.T) map[wording.Sentence][]saidAt {
	t.Helper()
	out := map[wording.Sentence][]saidAt{}
	for _, pkg := range typeChecked(t) {
		for e, tv := range pkg.info.Types {
			named, ok := tv.Type.(*types.Named)
			if !ok || named.Obj().Name() != "Sentence" || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "accueil/wording" {
				continue
			}
			at := pkg.files.Position(e.Pos())
			where := saidAt{pkg.name, fmt.Sprintf("%s:%d", filepath.Base(at.Filename), at.Line)}
			if tv.Value != nil {
				if s := wording.Sentence(constant.StringVal(tv.Value)); s != "" && !pkg.keys[e] {
					out[s] = append(out[s], where)
				}
				continue
			}
			if call, ok := e.(*ast.CallExpr); ok && pkg.info.Types[call.Fun].IsType() && !strings.HasPrefix(where.at, "rules.go") {
				t.Errorf("%s/%s: a sentence is made of what is no constant: no test can find its French form", where.pkg, where.at)
			}
		}
	}
	return out
}

// checkedPackage is one package with the types of its expressions.
type checkedPackage struct {
	name  string
	files *token.FileSet
	info  *types.Info
	keys  map[ast.Expr]bool // of the tables themselves
}

// typeChecked type-checks the packages of this module that import wording, against what the compiler
// exported of all others.
func typeChecked(t *testing.T) (out []checkedPackage) {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export,Dir,GoFiles,Imports,Standard", "accueil/...")
	cmd.Stderr = os.Stderr
	listing, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	type listed struct {
		ImportPath, Export, Dir string
		GoFiles, Imports        []string
		Standard                bool
	}
	exports := map[string]string{}
	var ours []listed
	for dec := json.NewDecoder(listing); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if slices.Contains(p.Imports, "accueil/wording") || p.ImportPath == "accueil/wording" {
			ours = append(ours, p)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, p := range ours {
		set := token.NewFileSet()
		imports := importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		c := checkedPackage{strings.TrimPrefix(p.ImportPath, "accueil/"), set, &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}, map[ast.Expr]bool{}}
		if _, err := (&types.Config{Importer: imports}).Check(p.ImportPath, set, files, c.info); err != nil {
			t.Fatalf("%s: %v", p.ImportPath, err)
		}
		for e, tv := range c.info.Types {
			lit, ok := e.(*ast.CompositeLit)
			if named, is := tv.Type.(*types.Named); !ok || !is || named.Obj().Name() != "Forms" {
				continue
			}
			for _, elt := range lit.Elts {
				if kv, ok := elt.(*ast.KeyValueExpr); ok {
					c.keys[kv.Key] = true
				}
			}
		}
		out = append(out, c)
	}
	return out
}
