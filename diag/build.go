package diag

import (
	"math"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"accueil/wording"
)

// builder turns the parser's tree into ours: positions kept, aliases followed, merges applied.
type builder struct {
	doc      *Doc
	anchors  map[string]*Node
	findings Findings
	fatal    bool
}

func (b *builder) add(t *token.Token, message, suggestion *wording.Text) {
	line, column := place(t)
	b.findings = append(b.findings, b.doc.at(line, column, "", Error, message, suggestion))
}

func (b *builder) stop(t *token.Token, message, suggestion *wording.Text) *Node {
	b.add(t, message, suggestion)
	b.fatal = true
	line, column := place(t)
	return &Node{Line: line, Column: column, size: 1}
}

func place(t *token.Token) (line, column int) {
	if t == nil || t.Position == nil {
		return 1, 1
	}
	return max(t.Position.Line, 1), max(t.Position.Column, 1)
}

func (b *builder) node(n ast.Node, depth int) *Node {
	if b.fatal || n == nil {
		return &Node{Line: 1, Column: 1, size: 1}
	}
	if depth > MaxDepth {
		return b.stop(n.GetToken(), wording.Say("the file is nested too deeply"), nil)
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return b.mapping(n.GetToken(), n.Values, depth)
	case *ast.MappingValueNode:
		return b.mapping(n.Key.GetToken(), []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out := b.new(Sequence, n.GetToken())
		for _, v := range n.Values {
			item := b.node(v, depth+1)
			out.Items = append(out.Items, item)
			out.grow(item)
		}
		return b.bounded(out, n.GetToken())
	case *ast.AnchorNode:
		name := n.Name.GetToken().Value
		if n.Value == nil {
			return b.stop(n.GetToken(), wording.Say("the anchor names nothing"), nil)
		}
		out := b.node(n.Value, depth+1)
		b.anchors[name] = out
		return out
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		out, ok := b.anchors[name]
		if !ok {
			return b.stop(n.GetToken(), wording.Say("no anchor %q was defined before", name), nil)
		}
		return out
	case *ast.TagNode:
		if s, ok := n.Value.(ast.ScalarNode); ok && n.Start.Value == "!!str" {
			out := b.node(s, depth+1)
			if out.Kind == Scalar {
				out.Quoted = true
			}
			return out
		}
		return b.stop(n.GetToken(), wording.Say("tags are not used in this file"), wording.Say("remove %s", n.Start.Value))
	case *ast.LiteralNode:
		out := b.new(Scalar, n.Start)
		out.Value, out.Quoted = n.Value.Value, true
		return out
	case *ast.NullNode:
		return b.new(Null, n.Token)
	case *ast.StringNode:
		out := b.new(Scalar, n.Token)
		out.Value = n.Value
		out.Quoted = n.Token.Type == token.SingleQuoteType || n.Token.Type == token.DoubleQuoteType
		return out
	case ast.ScalarNode:
		out := b.new(Scalar, n.GetToken())
		out.Value = n.GetToken().Value
		return out
	default:
		return b.stop(n.GetToken(), wording.Say("this form of YAML is not used in this file"), nil)
	}
}

func (b *builder) new(k Kind, t *token.Token) *Node {
	line, column := place(t)
	return &Node{Kind: k, Line: line, Column: column, size: 1}
}

func (b *builder) mapping(t *token.Token, values []*ast.MappingValueNode, depth int) *Node {
	out := b.new(Mapping, t)
	var merged []*Node
	for _, v := range values {
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			merged = append(merged, b.merge(v, depth)...)
			continue
		}
		key, ok := b.key(v.Key)
		if !ok {
			continue
		}
		line, column := place(v.Key.GetToken())
		value := b.node(v.Value, depth+1)
		if out.hasField(key) {
			b.add(v.Key.GetToken(), wording.Say("the key %q is written twice", key), wording.Say("keep one of them"))
			continue
		}
		out.Fields = append(out.Fields, Field{Key: key, Line: line, Column: column, Value: value})
		out.grow(value)
	}
	// The mapping's own keys win over merged ones, an earlier merge over a later one.
	for _, m := range merged {
		for _, f := range m.Fields {
			if !out.hasField(f.Key) {
				out.Fields = append(out.Fields, f)
				out.grow(f.Value)
			}
		}
	}
	if len(out.Fields) > 0 && out.Fields[0].Line > 0 && !strings.HasPrefix(tokenText(t), "{") {
		out.Line, out.Column = out.Fields[0].Line, out.Fields[0].Column
	}
	return b.bounded(out, t)
}

func tokenText(t *token.Token) string {
	if t == nil {
		return ""
	}
	return t.Value
}

func (b *builder) merge(v *ast.MappingValueNode, depth int) []*Node {
	m := b.node(v.Value, depth+1)
	switch {
	case m.Kind == Mapping:
		return []*Node{m}
	case m.Kind == Sequence:
		for _, item := range m.Items {
			if item.Kind != Mapping {
				b.add(v.Key.GetToken(), wording.Say("only groups of keys can be merged"), nil)
				return nil
			}
		}
		return m.Items
	default:
		b.add(v.Key.GetToken(), wording.Say("only a group of keys can be merged"), nil)
		return nil
	}
}

func (b *builder) key(k ast.MapKeyNode) (string, bool) {
	switch k := k.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return k.GetToken().Value, true
	}
	b.add(k.GetToken(), wording.Say("a key must be a word"), nil)
	return "", false
}

func (n *Node) grow(child *Node) {
	if n.size > math.MaxInt32 {
		return
	}
	n.size += child.size
}

// bounded refuses a tree that aliases blow up: it is small in the file and huge when followed.
func (b *builder) bounded(n *Node, t *token.Token) *Node {
	if n.size > MaxNodes && !b.fatal {
		return b.stop(t, wording.Say("more than %d values, aliases followed", MaxNodes), nil)
	}
	return n
}
