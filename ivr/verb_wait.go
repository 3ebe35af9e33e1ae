package ivr

import (
	"time"

	"accueil/diag"
)

const verbWait verb = "wait"

var _ = register(kind{name: verbWait, beside: "next", waits: true, only: true, part: func() part { return new(fileWait) }})

// fileWait is a time of music, or {for: 40s, next: node}.
type fileWait struct {
	For time.Duration `yaml:"for"`
}

// DecodeNode reads either form.
func (w *fileWait) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &w.For)
	}
	type long fileWait
	return at.Decode(n, (*long)(w))
}

func (w *fileWait) compile(c *compiler, n *node, at string, f *fileNode) {
	n.verb, n.wait, n.next = verbWait, w.For, c.next(n, f, true)
	if n.wait < minWait || n.wait > maxWait {
		c.fail(at, nil, "a wait lasts from %s to %s", minWait, maxWait)
	}
}
