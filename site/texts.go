package site

import (
	"slices"
	"strings"

	"accueil/diag"
	"accueil/wording"
)

// maxText bounds a text of the site's own, as of a scenario, in characters.
const maxText = 1200

// emergencyTexts are what callers hear of emergencies; a site's own words must lead them to help too.
var emergencyTexts = []string{"sys.emergency", "sys.emergency_instruction"}

// texts checks the site's words for what the system says. Which ids there are is known to the scenarios'
// loader.
func (c *checker) texts() {
	for _, id := range sorted(c.site.Texts) {
		path := diag.Join("texts", id)
		c.spoken(path, c.site.Texts[id], maxText, "nobody listens so long")
		if !slices.Contains(emergencyTexts, id) {
			continue
		}
		for _, lang := range sorted(c.site.Texts[id]) {
			if text := c.site.Texts[id][lang]; !slices.ContainsFunc(c.site.EmergencyNumbers, func(n string) bool { return strings.Contains(text, n) }) {
				c.fail(diag.Join(path, string(lang)), wording.Say("say which number to dial: 15 or 112"), "the emergency text names no emergency number")
			}
		}
	}
}
