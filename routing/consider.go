package routing

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"accueil/wording"
)

// Counts are what a condition on a step may look at, as it stands at the instant of a decision.
type Counts struct {
	LoggedIn int // agents at work who satisfy the step and what the contact asks
	Free     int // of those, who could be offered a contact now
	Waiting  int // contacts that wait in the queue, whatever they ask for
}

// countNames are the words of the language, in the order in which they are suggested.
var countNames = []string{"logged_in", "free", "waiting"}

func (c Counts) named(name string) int {
	switch name {
	case "logged_in":
		return c.LoggedIn
	case "free":
		return c.Free
	}
	return c.Waiting
}

// Condition is a test of Counts. The zero Condition always holds.
type Condition struct{ test predicate }

type (
	predicate func(Counts) bool
	quantity  func(Counts) int
)

// Holds reports whether the counts satisfy the condition.
func (c Condition) Holds(now Counts) bool { return c.test == nil || c.test(now) }

// Always reports whether there is nothing to test.
func (c Condition) Always() bool { return c.test == nil }

// maxNumber bounds the numbers of a condition; no hospital counts so far.
const maxNumber = 1_000_000

// ParseCondition reads an expression such as
//
//	waiting > 2 * free and logged_in >= 3
//
// Comparisons (>= > <= < == !=) are between sums of the counts logged_in, free and waiting, of whole
// numbers, and of a count times a number; they combine with and, or, not and parentheses. An empty
// expression and `true` always hold. Errors are *RequirementError.
func ParseCondition(src string) (Condition, error) {
	tree, err := parseExpression(src)
	if err != nil || tree == nil {
		return Condition{}, err
	}
	c := conditions{src}
	test, err := c.compile(tree)
	return Condition{test}, err
}

// conditions compiles the syntax tree of one condition.
type conditions struct{ src string }

func (c conditions) fail(n ast.Node, format wording.Sentence, args ...any) *RequirementError {
	return refuse(c.src, n.Location().From, wording.Say(format, args...))
}

func (c conditions) compile(n ast.Node) (predicate, error) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			test, err := c.compile(n.Node)
			return func(now Counts) bool { return !test(now) }, err
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			left, err := c.compile(n.Left)
			if err != nil {
				return nil, err
			}
			right, err := c.compile(n.Right)
			if n.Operator == "or" || n.Operator == "||" {
				return func(now Counts) bool { return left(now) || right(now) }, err
			}
			return func(now Counts) bool { return left(now) && right(now) }, err
		case ">=", ">", "<=", "<", "==", "!=":
			return c.compare(n)
		}
		return nil, c.fail(n, "%q has no meaning here; compare counts with numbers", n.Operator)
	case *ast.IdentifierNode:
		if _, err := c.quantity(n); err != nil {
			return nil, err
		}
		return nil, c.fail(n, "a count alone is no condition; write %s >= 1", n.Value)
	}
	return nil, c.fail(n, "expected a comparison of counts")
}

func (c conditions) compare(n *ast.BinaryNode) (predicate, error) {
	left, err := c.quantity(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := c.quantity(n.Right)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case ">=":
		return func(now Counts) bool { return left(now) >= right(now) }, nil
	case ">":
		return func(now Counts) bool { return left(now) > right(now) }, nil
	case "<=":
		return func(now Counts) bool { return left(now) <= right(now) }, nil
	case "<":
		return func(now Counts) bool { return left(now) < right(now) }, nil
	case "==":
		return func(now Counts) bool { return left(now) == right(now) }, nil
	}
	return func(now Counts) bool { return left(now) != right(now) }, nil
}

// quantity compiles one side of a comparison.
func (c conditions) quantity(n ast.Node) (quantity, error) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		if n.Value > maxNumber {
			return nil, c.fail(n, "%d is larger than %d", n.Value, maxNumber)
		}
		return func(Counts) int { return n.Value }, nil
	case *ast.IdentifierNode:
		for _, name := range countNames {
			if n.Value == name {
				return func(now Counts) int { return now.named(name) }, nil
			}
		}
		err := c.fail(n, "%q is no count: there are %s", n.Value, strings.Join(countNames, ", "))
		err.Suggestion = Closest(n.Value, countNames)
		return nil, err
	case *ast.UnaryNode:
		if n.Operator == "not" {
			return nil, c.fail(n, "put parentheses around what is negated: not (waiting > 3)")
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "+", "-", "*":
			return c.sum(n)
		}
		return nil, c.fail(n, "%q has no meaning here; use + - *", n.Operator)
	}
	return nil, c.fail(n, "expected a count or a whole number")
}

func (c conditions) sum(n *ast.BinaryNode) (quantity, error) {
	left, err := c.quantity(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := c.quantity(n.Right)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case "+":
		return func(now Counts) int { return left(now) + right(now) }, nil
	case "-":
		return func(now Counts) int { return left(now) - right(now) }, nil
	}
	_, one := n.Left.(*ast.IntegerNode)
	_, other := n.Right.(*ast.IntegerNode)
	if !one && !other {
		return nil, c.fail(n, "a count can be multiplied with a number only")
	}
	return func(now Counts) int { return left(now) * right(now) }, nil
}
