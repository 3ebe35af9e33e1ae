package wording

// FrenchForms are those of what this package says.
func FrenchForms() Forms {
	return Forms{
		"no such file or directory": "ce fichier ou ce dossier n'existe pas",
		"permission denied":         "accès refusé",
		"operation not permitted":   "opération non autorisée",
		"is a directory":            "c'est un dossier, pas un fichier",
		"not a directory":           "ce n'est pas un dossier",
		"no space left on device":   "il n'y a plus de place sur le disque",
		"read-only file system":     "ce disque est en lecture seule",

		"unexpected %s":                            "%s n'est pas attendu ici",
		"unexpected end":                           "la condition s'arrête trop tôt",
		"the number is too large":                  "le nombre est trop grand",
		"this is not a number":                     "ce n'est pas un nombre",
		"this character has no meaning here":       "ce caractère n'a pas de sens ici",
		"put parentheses around one of the two":    "mettez l'une des deux parties entre parenthèses",
		"this cannot be read: %s":                  "ceci ne peut pas être lu : %s",
		"a quote opens here and nothing closes it": "un guillemet s'ouvre ici et rien ne le ferme",
	}
}
