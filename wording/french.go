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
	}
}
