package diag

import (
	"slices"

	"accueil/wording"
)

// Kind is the shape of a Node.
type Kind int

// The shapes.
const (
	Null Kind = iota
	Scalar
	Mapping
	Sequence
)

// Sentence names the shape for a person.
func (k Kind) Sentence() wording.Sentence {
	return [...]wording.Sentence{"nothing", "a single value", "a group of keys", "a list"}[k]
}

// Node is one value of a document with its position. An alias leads to the anchor's own node.
type Node struct {
	Kind Kind
	// Value is the text of a scalar as written, quotes and escapes resolved; numbers keep their
	// leading zeros.
	Value string
	// Quoted tells text from what merely looks like a number or true, false.
	Quoted       bool
	Line, Column int
	Fields       []Field // of a mapping, in the order written
	Items        []*Node // of a sequence

	size int // nodes below and including this one, aliases followed
}

// Field is one key of a mapping.
type Field struct {
	Key          string
	Line, Column int
	Value        *Node
}

// Field returns the value of the key, nil when there is none or the node is not a mapping.
func (n *Node) Field(key string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return n.Fields[i].Value
		}
	}
	return nil
}

// Keys returns the mapping's keys in the order written.
func (n *Node) Keys() []string {
	if n == nil {
		return nil
	}
	keys := make([]string, 0, len(n.Fields))
	for _, f := range n.Fields {
		keys = append(keys, f.Key)
	}
	return keys
}

func (n *Node) hasField(key string) bool {
	return slices.ContainsFunc(n.Fields, func(f Field) bool { return f.Key == key })
}
