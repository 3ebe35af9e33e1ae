package app

import "accueil/wording"

// french is what this package says, in French.
func french() wording.Forms {
	return wording.Forms{}
}
