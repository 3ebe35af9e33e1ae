package routing

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"accueil/acd"
	"accueil/wording"
)

// Bounds of an expression: beyond them a requirement is not something a supervisor can read.
const (
	MaxRequirementLen = 2000 // bytes of source
	MaxConjuncts      = 64   // of the disjunctive normal form
)

// RequirementError says what is wrong in an expression, and where.
type RequirementError struct {
	Source     string
	Offset     int // of the first byte at fault, from 0
	Line       int // from 1
	Column     int // in characters, from 1
	Message    *wording.Text
	Suggestion string // the declared skill (or count) that was probably meant; empty when none is close
}

func (e *RequirementError) Error() string { return e.In(nil) }

// In tells what is wrong in a language.
func (e *RequirementError) In(l *wording.Language) string {
	if e.Suggestion != "" {
		return wording.Say("%d:%d: %s (did you mean %q?)", e.Line, e.Column, e.Message, e.Suggestion).In(l)
	}
	return wording.Say("%d:%d: %s", e.Line, e.Column, e.Message).In(l)
}

// ParseRequirement reads an expression such as
//
//	cardio >= 7 and (fr >= 5 or en in 3..7) and not (cardio >= 9)
//
// Comparisons (>= > <= < == !=) are between a declared skill and an integer, in either order; `in`
// takes a list or a range; they combine with and, or, not and parentheses. An empty expression and
// `true` are satisfied by everyone. Who lacks a skill satisfies no comparison with it, not even behind
// not. Errors are *RequirementError.
func ParseRequirement(src string, declared []acd.SkillID) (Requirement, error) {
	tree, err := parseExpression(src)
	if err != nil || tree == nil {
		return Requirement{}, err
	}
	c := compiler{src: src, declared: declared}
	cs, err := c.compile(tree, false)
	if err != nil {
		return Requirement{}, err
	}
	r := normalise(cs)
	if r.never {
		return Requirement{}, refuse(src, 0, wording.Say(
			"nobody can satisfy this: levels go from 1 to %d, and who lacks a skill satisfies no condition on it, not even behind not", MaxLevel))
	}
	return r, nil
}

// parseExpression returns the syntax tree of an expression, and nil for one that is always true: empty,
// or `true`.
func parseExpression(src string) (ast.Node, error) {
	if len(src) > MaxRequirementLen {
		return nil, refuse(src, 0, wording.Say("longer than %d bytes", MaxRequirementLen))
	}
	if strings.TrimSpace(src) == "" {
		return nil, nil
	}
	if !utf8.ValidString(src) {
		return nil, refuse(src, 0, wording.Say("not valid UTF-8"))
	}
	tree, err := parser.Parse(src)
	if err != nil {
		var at *file.Error
		if errors.As(err, &at) {
			return nil, refuse(src, at.From, wording.Expression(at.Message))
		}
		return nil, refuse(src, 0, wording.Of(err))
	}
	if b, ok := tree.Node.(*ast.BoolNode); ok && b.Value {
		return nil, nil
	}
	return tree.Node, nil
}

// compiler turns the syntax tree into conjuncts. Negation travels down to the comparisons.
type compiler struct {
	src      string
	declared []acd.SkillID
}

func (c compiler) fail(n ast.Node, format wording.Sentence, args ...any) error {
	return refuse(c.src, n.Location().From, wording.Say(format, args...))
}

// compile returns the conjuncts of n, or of its negation; an empty list can never be satisfied.
func (c compiler) compile(n ast.Node, negated bool) ([]conjunct, error) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return c.compile(n.Node, !negated)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			return c.combine(n, negated, negated)
		case "or", "||":
			return c.combine(n, negated, !negated)
		case "in":
			return c.member(n, negated)
		case ">=", ">", "<=", "<", "==", "!=":
			return c.compare(n, negated)
		}
		return nil, c.fail(n, "%q has no meaning here; compare a skill with a number", n.Operator)
	case *ast.IdentifierNode:
		if err := c.known(n); err != nil {
			return nil, err
		}
		return nil, c.fail(n, "a skill alone is no condition; write %s >= 1", n.Value)
	}
	return nil, c.fail(n, "expected a comparison of a skill with a number")
}

// combine joins both sides; a negated `and` is an `or` of negations and the other way round.
func (c compiler) combine(n *ast.BinaryNode, negated, union bool) ([]conjunct, error) {
	left, err := c.compile(n.Left, negated)
	if err != nil {
		return nil, err
	}
	right, err := c.compile(n.Right, negated)
	if err != nil {
		return nil, err
	}
	var out []conjunct
	if union {
		out = append(slices.Clone(left), right...)
	} else {
		for _, x := range left {
			for _, y := range right {
				if both, ok := meet(x, y); ok {
					out = append(out, both)
				}
			}
		}
	}
	if out = normalise(out).anyOf; len(out) > MaxConjuncts {
		return nil, c.fail(n, "too many alternatives: more than %d", MaxConjuncts)
	}
	return out, nil
}

func (c compiler) compare(n *ast.BinaryNode, negated bool) ([]conjunct, error) {
	left, op, right := n.Left, n.Operator, n.Right
	if _, number := left.(*ast.IntegerNode); number {
		left, op, right = right, mirrored[op], left
	}
	skill, err := c.skill(left)
	if err != nil {
		return nil, err
	}
	v, err := c.integer(right)
	if err != nil {
		return nil, err
	}
	var admit levels
	switch op {
	case ">=":
		admit = between(v, MaxLevel)
	case ">":
		admit = between(v, MaxLevel) &^ between(v, v)
	case "<=":
		admit = between(1, v)
	case "<":
		admit = between(1, v) &^ between(v, v)
	case "==":
		admit = between(v, v)
	case "!=":
		admit = everyLevel &^ between(v, v)
	}
	return admits(skill, admit, negated), nil
}

// mirrored is the operator that says the same with its sides exchanged.
var mirrored = map[string]string{">=": "<=", ">": "<", "<=": ">=", "<": ">", "==": "==", "!=": "!="}

func (c compiler) member(n *ast.BinaryNode, negated bool) ([]conjunct, error) {
	skill, err := c.skill(n.Left)
	if err != nil {
		return nil, err
	}
	var admit levels
	switch set := n.Right.(type) {
	case *ast.ArrayNode:
		for _, e := range set.Nodes {
			v, err := c.integer(e)
			if err != nil {
				return nil, err
			}
			admit |= between(v, v)
		}
	case *ast.BinaryNode:
		if set.Operator != ".." {
			return nil, c.fail(set, "expected a list [7, 8] or a range 3..7")
		}
		lo, err := c.integer(set.Left)
		if err != nil {
			return nil, err
		}
		hi, err := c.integer(set.Right)
		if err != nil {
			return nil, err
		}
		admit = between(lo, hi)
	default:
		return nil, c.fail(set, "expected a list [7, 8] or a range 3..7")
	}
	return admits(skill, admit, negated), nil
}

// admits is one condition on a skill. Its negation admits the other levels, of those who have the
// skill: lacking it satisfies neither.
func admits(skill acd.SkillID, admit levels, negated bool) []conjunct {
	if negated {
		admit = everyLevel &^ admit
	}
	if admit == 0 {
		return nil
	}
	return []conjunct{{{skill, admit}}}
}

func (c compiler) skill(n ast.Node) (acd.SkillID, error) {
	id, ok := n.(*ast.IdentifierNode)
	if !ok {
		if u, ok := n.(*ast.UnaryNode); ok && u.Operator == "not" {
			return "", c.fail(n, "put parentheses around what is negated: not (skill >= 1)")
		}
		return "", c.fail(n, "expected a skill on one side of the comparison")
	}
	return acd.SkillID(id.Value), c.known(id)
}

func (c compiler) known(n *ast.IdentifierNode) error {
	if slices.Contains(c.declared, acd.SkillID(n.Value)) {
		return nil
	}
	err := refuse(c.src, n.Location().From, wording.Say("skill %q is not declared", n.Value))
	err.Suggestion = Closest(n.Value, c.declared)
	return err
}

// integer reads a whole number, perhaps with a sign.
func (c compiler) integer(n ast.Node) (int, error) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return n.Value, nil
	case *ast.UnaryNode:
		if v, ok := n.Node.(*ast.IntegerNode); ok {
			switch n.Operator {
			case "-":
				return -v.Value, nil
			case "+":
				return v.Value, nil
			}
		}
	}
	return 0, c.fail(n, "expected a whole number")
}

// refuse builds the error for the character at runes (counted from 0).
func refuse(src string, runes int, message *wording.Text) *RequirementError {
	e := &RequirementError{Source: src, Line: 1, Column: 1, Message: message}
	for i, r := range src {
		e.Offset = i
		if runes == 0 {
			return e
		}
		runes--
		e.Column++
		if r == '\n' {
			e.Line, e.Column = e.Line+1, 1
		}
	}
	e.Offset = len(src)
	return e
}
