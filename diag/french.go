package diag

import "accueil/wording"

// French is what this package says, in French.
func French() wording.Forms {
	return wording.Forms{
		"warning: ": "attention : ",

		// What was meant.
		"did you mean %q?": "vouliez-vous dire %q ?",
		"possible: %s":     "possible : %s",

		// What is expected somewhere.
		"%s is expected here and nothing is given": "il faut ici %s, et rien n'est donné",
		"%s is expected here, this is %s":          "il faut ici %s, et non %s",
		"a group of keys":                          "un groupe de clés",
		"a list":                                   "une liste",
		"a single value":                           "une valeur seule",
		"nothing":                                  "rien",
		"text":                                     "un texte",
		"a number":                                 "un nombre",
		"a whole number":                           "un nombre entier",
		"a time":                                   "une durée",
		"true or false":                            "true ou false",
		"text is expected here, this is %s":        "il faut ici un texte, et non %s",
		"put it between quotes":                    "mettez-le entre guillemets",
		"a number is expected here, this is %q":    "il faut ici un nombre, et non %q",
		"a whole number is expected here, this is %q": "il faut ici un nombre entier, et non %q",
		"true or false is expected here, this is %q":  "il faut ici true ou false, et non %q",
		"the number %d is too large":                  "le nombre %d est trop grand",
		"%q is not a time":                            "%q n'est pas une durée",
		"write 20s, 15m or 1h30m":                     "écrivez 20s, 15m ou 1h30m",

		// Keys.
		"unknown key %q":              "la clé %q est inconnue",
		"a key is empty":              "une clé est vide",
		"a key must be a word":        "une clé est un mot",
		"the key %q is not a number":  "la clé %q n'est pas un nombre",
		"the key %q is written twice": "la clé %q est écrite deux fois",
		"keep one of them":            "gardez-en une seule",

		// The file as a whole.
		"the file is empty":                               "le fichier est vide",
		"the file is UTF-16":                              "le fichier est en UTF-16",
		"save it as UTF-8":                                "enregistrez-le en UTF-8",
		"save the file as UTF-8":                          "enregistrez le fichier en UTF-8",
		"this is not UTF-8 text":                          "ce texte n'est pas en UTF-8",
		"the file has %d bytes, more than the %d allowed": "le fichier fait %d octets, et au plus %d sont permis",
		"a control character (U+%04X) stands here":        "il y a ici un caractère de commande invisible (U+%04X)",
		"delete it":                                       "effacez-le",
		"the file is nested too deeply":                   "le fichier a trop de niveaux les uns dans les autres",
		"more than %d values, aliases followed":           "plus de %d valeurs, en suivant les renvois (*)",
		"the file cannot be read as YAML":                 "le fichier n'est pas du YAML lisible",
		"the file cannot be read as YAML: %s":             "le fichier n'est pas du YAML lisible : %s",

		// Forms of YAML that are not used.
		"a second document begins here":              "un second document commence ici",
		"keep one document in a file":                "gardez un seul document par fichier",
		"tags are not used in this file":             "les étiquettes, qui commencent par un point d'exclamation, ne sont pas utilisées dans ce fichier",
		"remove %s":                                  "retirez %s",
		"no anchor %q was defined before":            "le renvoi à %q ne mène nulle part : rien de ce nom (&) plus haut",
		"the anchor names nothing":                   "la marque & ne désigne rien",
		"only a group of keys can be merged":         "seul un groupe de clés peut être repris par <<",
		"only groups of keys can be merged":          "seuls des groupes de clés peuvent être repris par <<",
		"this form of YAML is not used in this file": "cette forme de YAML n'est pas utilisée dans ce fichier",
		"remove the line":                            "retirez la ligne",

		// Slips of the hand.
		"a colon stands in a text without quotes":                              "deux-points se trouvent dans un texte sans guillemets",
		"a tab stands where only spaces are allowed":                           "une tabulation se trouve là où seules des espaces sont permises",
		"indent with spaces":                                                   "mettez des espaces en début de ligne",
		"close the quote at the end of the text":                               "fermez le guillemet à la fin du texte",
		`after \ this character means nothing in a text between double quotes`: `après \ ce caractère ne veut rien dire dans un texte entre guillemets`,
		`write \\ for the character \ itself, or use single quotes`:            `écrivez \\ pour le caractère \ lui-même, ou mettez le texte entre apostrophes`,
		"the square brackets do not close, or a comma lacks":                   "les crochets ne se ferment pas, ou il manque une virgule",
		"write [a, b, c]": "écrivez [a, b, c]",
		"the braces do not close, or a comma lacks":                                                             "les accolades ne se ferment pas, ou il manque une virgule",
		"write {key: value, key: value}":                                                                        "écrivez {clé: valeur, clé: valeur}",
		"a key and a colon are expected here":                                                                   "il faut ici une clé et deux-points",
		"write key: value, with a space after the colon; put a text with a colon between quotes":                "écrivez clé: valeur, avec une espace après les deux-points ; mettez entre guillemets un texte qui contient deux-points",
		"this does not belong here: the spaces before it, or a colon in a text, make it part of something else": "ceci n'est pas à sa place : il y a trop ou trop peu d'espaces devant, ou un texte avec deux-points n'est pas entre guillemets",
		"align it with the lines of its group; put a text with a colon between quotes":                          "alignez-le avec les lignes de son groupe ; mettez entre guillemets un texte qui contient deux-points",
		"the line is not aligned with the others of its group":                                                  "la ligne n'est pas alignée avec celles de son groupe",
		"give all lines of a group the same number of spaces before them":                                       "mettez le même nombre d'espaces devant toutes les lignes d'un groupe",
		"a text cannot begin with this character":                                                               "un texte ne peut pas commencer par ce caractère",
		"put the text between quotes":                                                                           "mettez le texte entre guillemets",
		"nothing follows the colon":                                                                             "rien ne suit les deux-points",
		"write the value after it":                                                                              "écrivez la valeur à la suite",
		"&, *, ! and | have a meaning of their own here, and this one is not complete":                          "&, *, ! et | ont ici un sens particulier, et celui-ci n'est pas complet",
		"this line cannot be understood: %s":                                                                    "cette ligne n'est pas compréhensible (%s)",
		"compare its spaces, colons and quotes with the lines around it":                                        "comparez ses espaces, ses deux-points et ses guillemets avec ceux des lignes voisines",
	}
}
