package site

import "accueil/wording"

// French is what this package says, in French.
func French() wording.Forms {
	return wording.Forms{}
}
