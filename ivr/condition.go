package ivr

import (
	"cmp"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// A condition is a test of what is known of a call, written as
//
//	queue("rdv").waiting > 5 and lang == "fr" and not (caller in ["internal", "professional"])
//
// There are the texts lang, caller and the variables of the scenarios, each with a closed set of
// values, which == != and in compare; and the figures of a queue, which > >= < <= == != compare with
// whole numbers: agents, waiting, and wait in minutes. In a waiting scenario there are position, and
// expected_wait and waited in minutes, of the caller himself. They combine with and, or, not and parentheses.
// What is not known satisfies no comparison, not even behind not: a caller is then led as the
// scenario leads everybody.
type condition func(facts) truth

// truth is what a comparison says: no, not known, yes.
type truth int

const (
	no truth = iota
	maybe
	yes
)

// facts are what a condition looks at.
type facts struct {
	scene acd.Scene
	lang  acd.Lang
	vars  map[string]string
}

// Bounds of a condition.
const (
	maxCondition = 500       // bytes
	maxFigure    = 1_000_000 // of a number in it
)

// wrong is a mistake in a condition, at a byte of its source.
type wrong struct {
	offset              int
	message, suggestion *wording.Text
}

func (w *wrong) Error() string { return w.message.String() }

// grammar is what conditions may name.
type grammar struct {
	texts  map[string][]string // names of texts with their values
	queues []string
	used   map[acd.QueueID]bool // queues whose figures are asked for
	own    bool                 // a figure of the caller's own wait was asked for
}

// ownFigures are those of a waiting caller: his place, his expected wait rounded up to the minute, how
// many whole minutes he has waited.
var ownFigures = map[string]func(acd.Scene) (int, bool){
	"position": func(s acd.Scene) (int, bool) {
		if s.Standing == nil {
			return 0, false
		}
		return s.Standing.Place, true
	},
	"expected_wait": func(s acd.Scene) (int, bool) {
		if s.Standing == nil || s.Standing.Wait < 0 {
			return 0, false
		}
		return acd.Minutes(s.Standing.Wait), true
	},
	"waited": func(s acd.Scene) (int, bool) { return int(s.Waited / time.Minute), true },
}

// figureNames are the figures of a queue.
var figureNames = []string{"agents", "waiting", "wait"}

// parse compiles a condition; an error is a *wrong.
func (g *grammar) parse(src string) (condition, error) {
	if len(src) > maxCondition {
		return nil, &wrong{0, wording.Say("the condition is longer than %d characters", maxCondition), wording.Say("make several nodes")}
	}
	if strings.TrimSpace(src) == "" {
		return nil, &wrong{0, wording.Say("the condition is empty"), nil}
	}
	tree, err := parser.Parse(src)
	if err != nil {
		var at *file.Error
		if errors.As(err, &at) {
			return nil, &wrong{at.From, wording.Say("the condition cannot be read: %s", wording.Expression(at.Message)), nil}
		}
		return nil, &wrong{0, wording.Say("the condition cannot be read"), nil}
	}
	return g.compile(tree.Node)
}

func (g *grammar) fail(n ast.Node, suggestion *wording.Text, format wording.Sentence, args ...any) error {
	return &wrong{n.Location().From, wording.Say(format, args...), suggestion}
}

func (g *grammar) compile(n ast.Node) (condition, error) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			test, err := g.compile(n.Node)
			return func(f facts) truth { return yes - test(f) }, err
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			left, err := g.compile(n.Left)
			if err != nil {
				return nil, err
			}
			right, err := g.compile(n.Right)
			if n.Operator == "or" || n.Operator == "||" {
				return func(f facts) truth { return max(left(f), right(f)) }, err
			}
			return func(f facts) truth { return min(left(f), right(f)) }, err
		case "in", "==", "!=", "<", "<=", ">", ">=":
			return g.compare(n)
		}
		return nil, g.fail(n, nil, "%q has no meaning in a condition", n.Operator)
	case *ast.IdentifierNode:
		if values, ok := g.texts[n.Value]; ok {
			return nil, g.fail(n, wording.Say("write %s == %q", n.Value, first(values)), "%s alone is no condition", n.Value)
		}
		if ownFigures[n.Value] != nil {
			return nil, g.fail(n, wording.Say("write for example %s > 5", n.Value), "%s alone is no condition", n.Value)
		}
		return nil, g.unknown(n)
	}
	return nil, g.fail(n, wording.Say(`write for example lang == "en", or queue("…").waiting > 5`), "a comparison is expected here")
}

func first(values []string) string {
	if len(values) == 0 {
		return "…"
	}
	return values[0]
}

func (g *grammar) unknown(n *ast.IdentifierNode) error {
	return g.fail(n, diag.DidYouMean(n.Value, slices.Concat(slices.Sorted(maps.Keys(g.texts)), slices.Sorted(maps.Keys(ownFigures)), []string{"queue"})), "there is no variable %q", n.Value)
}

// compare compiles one comparison, of a text with texts or of a figure with a number.
func (g *grammar) compare(n *ast.BinaryNode) (condition, error) {
	left, op, right := n.Left, n.Operator, n.Right
	switch left.(type) {
	case *ast.StringNode, *ast.IntegerNode:
		left, right = right, left
		op = cmp.Or(map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op], op)
	}
	if name, ok := left.(*ast.IdentifierNode); ok && ownFigures[name.Value] == nil {
		return g.compareText(n, name, op, right)
	}
	figure, err := g.figure(left)
	if err != nil {
		return nil, err
	}
	number, ok := right.(*ast.IntegerNode)
	if !ok || number.Value > maxFigure {
		return nil, g.fail(right, nil, "a figure is compared with a whole number up to %d", maxFigure)
	}
	test := map[string]func(a, b int) bool{
		"==": func(a, b int) bool { return a == b }, "!=": func(a, b int) bool { return a != b },
		"<": func(a, b int) bool { return a < b }, "<=": func(a, b int) bool { return a <= b },
		">": func(a, b int) bool { return a > b }, ">=": func(a, b int) bool { return a >= b },
	}[op]
	if test == nil {
		return nil, g.fail(n, nil, "%q does not compare a figure with a number", op)
	}
	return func(f facts) truth {
		v, known := figure(f.scene)
		return judge(known, test(v, number.Value))
	}, nil
}

func judge(known, holds bool) truth {
	switch {
	case !known:
		return maybe
	case holds:
		return yes
	}
	return no
}

func (g *grammar) compareText(n *ast.BinaryNode, name *ast.IdentifierNode, op string, right ast.Node) (condition, error) {
	values, ok := g.texts[name.Value]
	if !ok {
		return nil, g.unknown(name)
	}
	var list []ast.Node
	switch r := right.(type) {
	case *ast.StringNode:
		list = []ast.Node{r}
	case *ast.ArrayNode:
		if op == "in" {
			list = r.Nodes
		}
	}
	if _, one := right.(*ast.StringNode); list == nil || op == "in" && one {
		return nil, g.fail(right, wording.Say("write %s == %q, or %s in [%q]", name.Value, first(values), name.Value, first(values)), "%s is compared with a text between quotes", name.Value)
	}
	var wanted []string
	for _, item := range list {
		text, ok := item.(*ast.StringNode)
		if !ok {
			return nil, g.fail(item, wording.Say("put it between quotes"), "%s is compared with texts", name.Value)
		}
		if !slices.Contains(values, text.Value) {
			return nil, g.fail(item, diag.DidYouMean(text.Value, values), "%s is never %q", name.Value, text.Value)
		}
		wanted = append(wanted, text.Value)
	}
	if op != "==" && op != "!=" && op != "in" {
		return nil, g.fail(n, wording.Say("use == or !="), "%q does not compare texts", op)
	}
	return func(f facts) truth {
		v := f.text(name.Value)
		return judge(v != "", slices.Contains(wanted, v) == (op != "!="))
	}, nil
}

func (f facts) text(name string) string {
	switch name {
	case "lang":
		return string(f.lang)
	case "caller":
		return string(cmp.Or(f.scene.Caller, acd.CallerUnknown))
	}
	return f.vars[name]
}

// figure compiles queue("id").name, or a figure of the caller's own wait.
func (g *grammar) figure(n ast.Node) (func(acd.Scene) (int, bool), error) {
	if name, ok := n.(*ast.IdentifierNode); ok && ownFigures[name.Value] != nil {
		g.own = true
		return ownFigures[name.Value], nil
	}
	member, ok := n.(*ast.MemberNode)
	if !ok {
		return nil, g.fail(n, wording.Say(`write for example queue("…").waiting`), "a variable or a figure of a queue is expected here")
	}
	call, ok := member.Node.(*ast.CallNode)
	if !ok || len(call.Arguments) != 1 {
		return nil, g.fail(n, wording.Say(`write for example queue("…").waiting`), "figures belong to a queue")
	}
	callee, ok := call.Callee.(*ast.IdentifierNode)
	if !ok || callee.Value != "queue" {
		return nil, g.fail(call, wording.Say(`write queue("…")`), "figures belong to a queue")
	}
	id, ok := call.Arguments[0].(*ast.StringNode)
	if !ok {
		return nil, g.fail(call.Arguments[0], wording.Say("put it between quotes"), "the id of a queue is expected here")
	}
	if !slices.Contains(g.queues, id.Value) {
		return nil, g.fail(id, diag.DidYouMean(id.Value, g.queues), "there is no queue %q", id.Value)
	}
	name, ok := member.Property.(*ast.StringNode)
	if !ok || !slices.Contains(figureNames, name.Value) {
		what := ""
		if ok {
			what = name.Value
		}
		return nil, g.fail(member.Property, diag.DidYouMean(what, figureNames), "a queue has no figure %q", what)
	}
	queue := acd.QueueID(id.Value)
	g.used[queue] = true
	return func(s acd.Scene) (int, bool) {
		figures, known := s.Queues[queue]
		switch name.Value {
		case "agents":
			return figures.Agents, known
		case "waiting":
			return figures.Waiting, known
		}
		return int((figures.Wait + time.Minute - 1) / time.Minute), known && figures.Wait >= 0
	}, nil
}

// condition compiles the condition at a path; a mistake is told at its place in the line.
func (c *compiler) condition(at, src string, g *grammar) condition {
	test, err := g.parse(src)
	if err == nil {
		return test
	}
	var w *wrong
	if !errors.As(err, &w) {
		c.fail(at, nil, "the condition cannot be read: %v", err)
		return nil
	}
	f := c.doc.Error(at, w.suggestion, "%s", w.message)
	shift := len([]rune(src[:min(max(w.offset, 0), len(src))]))
	if n := c.doc.Lookup(at); n != nil && n.Quoted {
		shift++
	}
	// Where the text stands in the file as it was compiled, the finding points into it.
	if strings.Contains(f.Excerpt, src) && f.Mark == f.Column && f.Mark+shift <= len([]rune(f.Excerpt)) {
		f.Column, f.Mark = f.Column+shift, f.Mark+shift
	}
	c.findings = append(c.findings, f)
	return nil
}

// variables of all scenarios: their names and every value that a node may give them.
type variables map[string][]string

// declare adds a variable that a node sets.
func (c *compiler) declare(at, name string, values ...string) {
	switch {
	case !variableName.MatchString(name):
		c.fail(at, wording.Say("use small letters, digits and _, a letter first"), "%q cannot be the name of a variable", name)
		return
	case slices.Contains(acd.SceneWords(), name):
		c.fail(at, wording.Say("choose another name"), "%q has a meaning of its own", name)
		return
	}
	for _, v := range values {
		if !slices.Contains(c.vars[name], v) {
			c.vars[name] = append(c.vars[name], v)
		}
	}
}

var variableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// grammar is what conditions may name, once every file has been read.
func (l *loader) grammar() *grammar {
	g := &grammar{texts: map[string][]string{"lang": words(l.site.Languages), "caller": words(acd.CallerKinds())},
		queues: words(slices.Sorted(maps.Keys(l.site.Queues))), used: l.program.figures}
	for name, values := range l.vars {
		g.texts[name] = slices.Sorted(slices.Values(values))
	}
	return g
}
