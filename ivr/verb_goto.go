package ivr

import (
	"accueil/acd"
	"accueil/diag"
)

const verbGoto verb = "goto"

var _ = register(kind{name: verbGoto, waits: true, part: func() part { return new(fileLink) }})

func (l *fileLink) compile(c *compiler, n *node, at string, _ *fileNode) {
	n.next = c.link(l, at, true)
}

// fileLink is the name of a node, or {goto: node, language: en}.
type fileLink struct {
	Goto     string   `yaml:"goto"`
	Language acd.Lang `yaml:"language"`
	path     string
}

// DecodeNode reads either form.
func (l *fileLink) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	l.path = at.Path
	if n.Kind == diag.Scalar {
		return at.Decode(n, &l.Goto)
	}
	type long fileLink
	fs := at.Decode(n, (*long)(l))
	if l.Goto != "" {
		l.path = diag.Join(at.Path, "goto")
	} else if len(fs) == 0 {
		fs = append(fs, at.Error(nil, "goto is missing"))
	}
	return fs
}
