package seal

import "accueil/wording"

// French is what this package says, in French.
func French() wording.Forms {
	return wording.Forms{
		"not a file of keys":                                "ce n'est pas un fichier de clés",
		"%s: a line is too long":                            "%s : une ligne est trop longue",
		"%s: it holds no key":                               "%s : il ne contient aucune clé",
		"%s: line %d has %d characters, a key has %d to %d": "%s : la ligne %d a %d caractères, une clé en a de %d à %d",
		"%s: line %d begins with hex: and has not %d hexadecimal digits after it":                                            "%s : la ligne %d commence par hex: et n'a pas ensuite %d chiffres hexadécimaux",
		"%s: line %d holds other than plain characters; a key of %d random bytes is written there as hex: and its %d digits": "%s : la ligne %d contient autre chose que des caractères simples ; une clé de %d octets aléatoires s'y écrit hex: puis ses %d chiffres",
		"%s: line %d is a key that is there already":                                                                         "%s : la clé de la ligne %d est déjà plus haut",
		"%s: there are more than %d keys":                                                                                    "%s : il y a plus de %d clés",
	}
}
