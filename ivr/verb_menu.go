package ivr

import (
	"maps"
	"slices"
	"strings"

	"accueil/diag"
	"accueil/wording"
)

const verbMenu verb = "menu"

var _ = register(kind{name: verbMenu, beside: "barge_in rebind waiver", part: func() part { return new(fileMenu) }})

type fileMenu struct {
	Prompt  *fileText           `yaml:"prompt"`
	Options map[string]fileLink `yaml:"options"`
}

func (m *fileMenu) compile(c *compiler, n *node, at string, _ *fileNode) {
	n.verb, n.keys = verbMenu, map[byte]link{}
	if m.Prompt == nil {
		c.fail(at, wording.Say(`write prompt: {fr: "…", en: "…"}`), "the menu has no prompt")
	} else {
		n.prompt = c.text(diag.Join(at, "prompt"), n.local, m.Prompt)
	}
	if len(m.Options) == 0 {
		c.fail(at, wording.Say(`write options: {"1": node}`), "the menu has no options")
	}
	choices := 0
	for _, key := range slices.Sorted(maps.Keys(m.Options)) {
		under, option := diag.Join(at, "options", key), m.Options[key]
		switch {
		case key == "9":
			c.fail(under, wording.Say("choose another key"), "key 9 is the emergency instruction everywhere")
			continue
		case key == "0" || key == "*":
			c.fail(under, wording.Say("use rebind with a reason (why)"), "key %s is bound by the site", key)
			continue
		case len(key) != 1 || !strings.Contains("12345678#", key):
			c.fail(under, wording.Say("use 1 to 8"), "%q is not a key of a menu", key)
			continue
		}
		n.keys[key[0]] = c.link(&option, under, true)
		if !c.switchesLanguage(option, 3) {
			choices++
		}
	}
	if choices > maxOptions && n.waiver == "" {
		c.warn(at, wording.Say("regroup them, or write waiver: with the reason"), "%d options are more than a caller can keep in mind (%d)", choices, maxOptions)
	}
}

// switchesLanguage reports whether the link only changes the language, at once or, as one key for both
// directions does, after a branch on the present one: no option that a caller must keep in
// mind (DESIGN §8). It follows so many nodes.
func (c *compiler) switchesLanguage(l fileLink, nodes int) bool {
	if l.Language != "" || nodes == 0 {
		return l.Language != ""
	}
	f := c.file.Nodes[l.Goto]
	if to, ok := f.parts[verbGoto].(*fileLink); ok {
		return c.switchesLanguage(*to, nodes-1)
	}
	b, ok := f.parts["branch"].(*fileBranch)
	if !ok || len(b.Language) == 0 || b.Else != nil {
		return false
	}
	for _, to := range b.Language {
		if !c.switchesLanguage(to, nodes-1) {
			return false
		}
	}
	return true
}
