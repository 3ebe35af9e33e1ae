package ivr

import (
	"slices"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

const verbHangup verb = "hangup"

var _ = register(kind{name: verbHangup, part: func() part { return new(fileHangup) }})

// fileHangup is an outcome, or nothing for self_served.
type fileHangup struct {
	Outcome acd.Outcome `yaml:"outcome"`
	Reason  string      `yaml:"reason"`
}

// DecodeNode reads either form.
func (f *fileHangup) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &f.Outcome)
	}
	type long fileHangup
	return at.Decode(n, (*long)(f))
}

// endings are the outcomes that a scenario may choose.
var endings = []acd.Outcome{acd.SelfServed, acd.Closed, acd.Dissuaded}

func (f *fileHangup) compile(c *compiler, n *node, at string, _ *fileNode) {
	n.verb, n.end = verbHangup, acd.AskHangup{Outcome: f.Outcome, Reason: f.Reason}
	if f.Outcome == "" {
		n.end.Outcome = acd.SelfServed
	} else if !slices.Contains(endings, f.Outcome) {
		c.fail(at, diag.DidYouMean(string(f.Outcome), words(endings)), "a scenario cannot end a call as %q", f.Outcome)
	}
	if f.Reason != "" && !nodeName.MatchString(f.Reason) {
		c.fail(diag.Join(at, "reason"), wording.Say("use letters, digits, - and _"), "%q is not a code", f.Reason)
	}
}
