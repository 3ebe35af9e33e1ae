package accueil_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the path of this module, the first element of its imports.
const module = "accueil"

// A layer says what one folder, and every folder below it that has no layer
// of its own, may import from this module. Its own subtree is always allowed.
// .golangci.yml says the same to editors; this test needs nothing installed.
type layer struct {
	folder string
	may    []string // folders of this module, their subtrees included
	only   []string // nil = any library; else the only library prefixes allowed
	why    string
}

// neighbour is what the packages side by side may import.
var neighbour = []string{"acd", "diag", "wording"}

const neighbourWhy = "neighbours do not import each other: declare the small interface you need, app hands over what satisfies it"

var layers = []layer{
	{"acd", nil, []string{}, "acd holds the words of the trade, everything leans on it, so it imports the standard library only"},
	{"sheet", nil, []string{}, "how spreadsheets save tables is the same for every table; what is in one is its reader's matter"},
	{"seal", []string{"wording"}, []string{}, "what makes things unreadable at rest is used by all who keep such things, and knows none of them"},
	{"wording", nil, []string{}, "every check says its sentences with it, the pure ones too, so it imports the standard library only"},
	{"diag", []string{"wording"}, nil, "diag reads files for every loader and knows none of them"},
	{"routing", []string{"acd", "wording"}, []string{"github.com/expr-lang/expr"}, "the routing decision is pure: domain types in, choices out"},
	{"routing/dispatch", []string{"acd", "routing"}, nil, "the loop around the decision declares what it needs from the store and the phones"},
	{"routing/why", []string{"acd", "routing"}, []string{}, "decisions are made again from a log in hand, by the engine alone"},
	{"routing/sim", []string{"acd", "routing"}, nil, "the simulation runs the decision in simulated time, without servers"},
	{"agents", neighbour, nil, neighbourWhy},
	{"asterisk", neighbour, nil, neighbourWhy},
	{"calls", neighbour, nil, neighbourWhy},
	{"channels", neighbour, nil, neighbourWhy},
	{"history", []string{"acd", "diag", "seal", "wording"}, nil, neighbourWhy + "; what it keeps of persons is sealed"},
	{"ivr", neighbour, nil, neighbourWhy},
	{"ivr/calendar", []string{"acd", "wording"}, []string{"github.com/rickar/cal/v2"}, "when a place is open is a pure question, asked by scenarios and by the check of the site file"},
	{"ivr/numerals", []string{"acd"}, []string{}, "numbers in words are the same in a menu and in an answer"},
	{"knowledge", []string{"acd", "diag", "ivr/calendar", "ivr/numerals", "sheet", "wording"}, nil, neighbourWhy + "; answers tell the hours of the timetables and numbers in words"},
	{"phones", neighbour, nil, neighbourWhy},
	{"queues", neighbour, nil, neighbourWhy},
	{"web", neighbour, nil, neighbourWhy},
	{"site", []string{"acd", "diag", "seal", "sheet", "routing", "ivr/calendar", "wording"}, nil, "the site file is checked with the compiler of requirements, the calendar and the reader of keys, and knows no running part"},
	{"deploy", []string{"acd", "diag", "site"}, nil, "what is deployed is written from the site file alone"},
	{"deploy/local", nil, []string{}, "private servers are started for every package's tests, so this imports nothing that a test could be testing"},
	{"app", []string{"."}, nil, "app ties everything together"},
	{"cmd", []string{"app"}, nil, "the command turns flags into a call of app and an error into an exit code"},
	{"e2e", []string{"."}, nil, "whole-system tests start app and may look at any part"},
}

// testsMayImport is what _test.go files of every layer may import besides:
// the means to start real parts and to call them.
var testsMayImport = []string{"deploy/local", "phones", "acd"}

// An owner is the only place that speaks to one outside thing.
type owner struct {
	library string   // import path prefix
	folders []string // that may import it, their subtrees included
	tests   []string // whose tests may import it besides
	why     string
}

var owners = []owner{
	{"github.com/redis/go-redis", []string{"queues"}, []string{"deploy/local", "app", "e2e"},
		"one script is one change of a leg and an agent together, so one package owns every Redis key"},
	{"github.com/alicebob/miniredis", []string{"queues"}, []string{"app", "e2e"},
		"the embedded Redis is started by the package that speaks Redis"},
	{"github.com/blevesearch/bleve", []string{"knowledge"}, nil,
		"one package decides what is found, and what is not shown to whom"},
	{"github.com/teambition/rrule-go", []string{"knowledge/ical"}, nil,
		"what repeats is counted on the wall's clock, in one place that knows zones"},
	{"github.com/coder/websocket", []string{"asterisk", "web"}, []string{"app", "e2e"},
		"only asterisk speaks ARI, only web serves browsers"},
	{"github.com/emiago/sipgo", []string{"phones"}, []string{"e2e"},
		"in production Asterisk alone speaks SIP; the scripted phones are for the demo and tests"},
	{"modernc.org/sqlite", []string{"history/ledger"}, nil,
		"only the ledger speaks SQL, so that one place knows what is sealed"},
	{"github.com/jackc/pgx", []string{"history/ledger"}, nil,
		"only the ledger speaks SQL, so that one place knows what is sealed"},
	{"github.com/pressly/goose", []string{"history/ledger"}, nil,
		"the steps of a schema belong to the package that knows it"},
	{"database/sql", []string{"history/ledger"}, nil,
		"only the ledger speaks SQL, so that one place knows what is sealed"},
	{"github.com/pion", []string{"phones"}, []string{"e2e"},
		"in production Asterisk alone sends media"},
}

// impure lists what the routing decision must not import: same input, same
// decision, whatever the machine, the hour or the network.
var impure = []string{"database", "log", "math/rand", "net", "os", "runtime", "syscall"}

// file is one parsed Go file of the module.
type file struct {
	name    string // slash path from the module's root
	folder  string
	test    bool
	syntax  *ast.File
	imports []string
}

func TestImportsPointDownward(t *testing.T) {
	t.Parallel()
	for _, f := range parseModule(t) {
		if f.folder == "." {
			continue
		}
		l, found := layerOf(f.folder)
		if !found {
			t.Errorf("%s: folder %s has no layer: give it a line in architecture_test.go and in .golangci.yml", f.name, f.folder)
			continue
		}
		for _, imported := range f.imports {
			if target, own := strings.CutPrefix(imported, module+"/"); own {
				if !within(target, l.folder) && !allowed(target, l.may) && (!f.test || !allowed(target, testsMayImport)) {
					t.Errorf("%s imports %s: %s", f.name, imported, l.why)
				}
				continue
			}
			if !f.test && l.only != nil && isLibrary(imported) && !allowed(imported, l.only) {
				t.Errorf("%s imports %s: %s", f.name, imported, l.why)
			}
		}
	}
}

func TestOutsideThingsHaveOneOwner(t *testing.T) {
	t.Parallel()
	for _, f := range parseModule(t) {
		for _, imported := range f.imports {
			for _, o := range owners {
				if !within(imported, o.library) || allowed(f.folder, o.folders) || f.test && allowed(f.folder, o.tests) {
					continue
				}
				t.Errorf("%s imports %s, which belongs to %s: %s", f.name, imported, strings.Join(o.folders, " and "), o.why)
			}
		}
	}
}

func TestRoutingIsPure(t *testing.T) {
	t.Parallel()
	for _, f := range parseModule(t) {
		if f.folder != "routing" || f.test {
			continue
		}
		for _, imported := range f.imports {
			if allowed(imported, impure) {
				t.Errorf("%s imports %s: the decision has no clock, no dice, no network", f.name, imported)
			}
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s starts a goroutine: the decision belongs to its caller's", f.name)
			case *ast.SelectorExpr:
				pkg, ok := n.X.(*ast.Ident)
				if ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "After", "NewTimer", "NewTicker", "Sleep"}, n.Sel.Name) {
					t.Errorf("%s calls time.%s: the instant is passed in", f.name, n.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestTheRulesBite keeps the three tests above from passing because they
// compare nothing.
func TestTheRulesBite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder, imports string
		want            bool
	}{
		{"calls", "acd", true},
		{"calls", "queues", false},
		{"calls", "acdx", false},
		{"routing", "diag", false},
		{"routing/dispatch", "routing", true},
		{"cmd/accueil", "app", true},
		{"cmd/accueil", "app/planning", true},
		{"cmd/accueil", "queues", false},
		{"app", "queues", true},
	} {
		l, found := layerOf(c.folder)
		if !found {
			t.Fatalf("%s has no layer", c.folder)
		}
		if got := allowed(c.imports, l.may); got != c.want {
			t.Errorf("%s may import %s: %v, want %v", c.folder, c.imports, got, c.want)
		}
	}
	seen := map[string]bool{}
	for _, f := range parseModule(t) {
		seen[f.folder] = true
	}
	for _, folder := range []string{".", "acd", "deploy/local"} {
		if !seen[folder] {
			t.Errorf("no file of %s was read", folder)
		}
	}
}

func parseModule(t *testing.T) []file {
	t.Helper()
	files, err := parseOnce()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// parseOnce reads every Go file of the module, whatever its build tags.
var parseOnce = sync.OnceValues(func() ([]file, error) {
	var files []file
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			base := d.Name()
			if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules" || base == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		syntax, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("parse: %w", err)
		}
		slash := filepath.ToSlash(name)
		f := file{name: slash, folder: path.Dir(slash), test: strings.HasSuffix(name, "_test.go"), syntax: syntax}
		for _, spec := range syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: read import: %w", name, err)
			}
			f.imports = append(f.imports, imported)
		}
		files = append(files, f)
		return nil
	})
	return files, err
})

// layerOf finds the layer of the nearest folder upward.
func layerOf(folder string) (layer, bool) {
	for ; folder != "."; folder = path.Dir(folder) {
		for _, l := range layers {
			if l.folder == folder {
				return l, true
			}
		}
	}
	return layer{}, false
}

// within says whether target is folder or below it; "." holds everything.
func within(target, folder string) bool {
	return folder == "." || target == folder || strings.HasPrefix(target, folder+"/")
}

func allowed(target string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return within(target, f) })
}

// isLibrary says whether an import is neither ours nor the standard library's:
// only those have a dot in their first element.
func isLibrary(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".")
}

// TestDecisionsHaveNumbersOfTheirOwn: a decision that two files have is cited in vain.
func TestDecisionsHaveNumbersOfTheirOwn(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("docs/decisions/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	seen := map[string]string{}
	for _, f := range files {
		number, _, _ := strings.Cut(filepath.Base(f), "-")
		if other := seen[number]; other != "" {
			t.Errorf("%s and %s have one number", other, f)
		}
		seen[number] = f
	}
}
