package ivr

import (
	"strings"

	"accueil/diag"
	"accueil/wording"
)

// fileRebind gives the site's keys 0 and * another meaning in one node, for a written reason.
type fileRebind struct {
	Zero *fileLink `yaml:"0"`
	Star *fileLink `yaml:"*"`
	Nine *fileLink `yaml:"9"` // never; kept to say so clearly
	Why  string    `yaml:"why"`
}

func (c *compiler) rebind(n *node, at string, f *fileRebind) {
	if n.keys == nil {
		n.keys = map[byte]link{}
	}
	if f.Nine != nil {
		c.fail(diag.Join(at, "9"), nil, "key 9 is the emergency instruction everywhere and cannot be rebound")
	}
	if strings.TrimSpace(f.Why) == "" {
		c.fail(at, wording.Say("write why: with the reason"), "rebinding a key of the site needs a reason")
	}
	if f.Zero == nil && f.Star == nil && f.Nine == nil {
		c.fail(at, wording.Say(`write {"0": node, why: "…"}`), "no key is rebound")
	}
	if f.Zero != nil {
		n.keys['0'] = c.link(f.Zero, diag.Join(at, "0"), true)
	}
	if f.Star != nil {
		n.keys['*'] = c.link(f.Star, diag.Join(at, "*"), true)
	}
}
