package ivr

import (
	"time"

	"accueil/diag"
	"accueil/wording"
)

const verbTransfer verb = "transfer"

var _ = register(kind{name: verbTransfer, part: func() part { return new(fileTransfer) }})

// fileTransfer is a number, or its long form.
type fileTransfer struct {
	To       string         `yaml:"to"`
	NoAnswer *fileLink      `yaml:"no_answer"`
	Ring     *time.Duration `yaml:"ring"`
}

// DecodeNode reads either form.
func (f *fileTransfer) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &f.To)
	}
	type long fileTransfer
	return at.Decode(n, (*long)(f))
}

func (f *fileTransfer) compile(c *compiler, n *node, at string, _ *fileNode) {
	n.verb, n.to, n.ring = verbTransfer, f.To, usualRing
	n.failed = c.link(f.NoAnswer, diag.Join(at, "no_answer"), false)
	if f.Ring != nil {
		n.ring = *f.Ring
		if n.ring < minRing || n.ring > maxRing {
			c.fail(diag.Join(at, "ring"), nil, "an extension rings from %s to %s", minRing, maxRing)
		}
	}
	if f.To == "" {
		c.fail(at, wording.Say(`write transfer: {to: "4003", no_answer: node}`), "the number to transfer to is missing")
	} else if c.site.Extension == nil || !c.site.Extension(f.To) {
		c.fail(diag.Join(at, "to"), wording.Say("name an extension of a trunk"), "a scenario may not transfer to %q", f.To)
	} else if c.site.Doubtful != nil && c.site.Doubtful(f.To) {
		c.warn(diag.Join(at, "to"), wording.Say("name an extension of a trunk, or write the whole number"), "%s is no extension of a trunk, and no telephone number either", f.To)
	}
}
