package ivr

import (
	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

const verbSay verb = "say"

var _ = register(kind{name: verbSay, beside: "next barge_in rebind", waits: true, part: func() part { return new(fileText) }})

func (t *fileText) compile(c *compiler, n *node, at string, f *fileNode) {
	n.verb, n.prompt, n.next = verbSay, c.text(at, n.local, t), c.next(n, f, false)
}

// fileText is {fr: "…", en: "…"} or {file: id}.
type fileText struct {
	Texts map[acd.Lang]string
	File  string
	bad   bool // in a form that has been complained of
}

// DecodeNode reads either form.
func (t *fileText) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind != diag.Mapping {
		t.bad = true
		return diag.Findings{at.Error(wording.Say(`write {fr: "…", en: "…"} or {file: id}`), "a text in each language is expected here")}
	}
	if n.Field("file") != nil {
		var file struct {
			File string `yaml:"file"`
		}
		fs := at.Decode(n, &file)
		t.File = file.File
		return fs
	}
	return at.Decode(n, &t.Texts)
}
