package routing

import "accueil/wording"

// French is what this package says, in French.
func French() wording.Forms {
	return wording.Forms{
		"%d:%d: %s (did you mean %q?)": "%d:%d: %s (vouliez-vous dire %q ?)",

		// Requirements.
		"nobody can satisfy this: levels go from 1 to %d, and who lacks a skill satisfies no condition on it, not even behind not": "personne ne remplit cette condition : les niveaux vont de 1 à %d, et qui n'a pas une compétence ne remplit aucune condition sur elle, pas même après not",
		"longer than %d bytes": "plus de %d octets",
		"not valid UTF-8":      "ce texte n'est pas en UTF-8",
		"%q has no meaning here; compare a skill with a number":    "%q n'a pas de sens ici ; comparez une compétence à un nombre",
		"a skill alone is no condition; write %s >= 1":             "une compétence seule n'est pas une condition ; écrivez %s >= 1",
		"expected a comparison of a skill with a number":           "il faut ici la comparaison d'une compétence à un nombre",
		"expected a skill on one side of the comparison":           "il faut une compétence d'un côté de la comparaison",
		"expected a list [7, 8] or a range 3..7":                   "il faut une liste [7, 8] ou un intervalle 3..7",
		"expected a whole number":                                  "il faut un nombre entier",
		"skill %q is not declared":                                 "la compétence %q n'est pas déclarée",
		"too many alternatives: more than %d":                      "trop de possibilités : plus de %d",
		"put parentheses around what is negated: not (skill >= 1)": "mettez entre parenthèses ce qui suit not, par exemple not (imagerie >= 1)",

		// Conditions on counts.
		"%q has no meaning here; compare counts with numbers":       "%q n'a pas de sens ici ; comparez des effectifs à des nombres",
		"%q has no meaning here; use + - *":                         "%q n'a pas de sens ici ; utilisez + - *",
		"a count alone is no condition; write %s >= 1":              "un effectif seul n'est pas une condition ; écrivez %s >= 1",
		"a count can be multiplied with a number only":              "un effectif ne peut être multiplié que par un nombre",
		"expected a comparison of counts":                           "il faut ici une comparaison d'effectifs",
		"expected a count or a whole number":                        "il faut ici un effectif ou un nombre entier",
		"%q is no count: there are %s":                              "%q n'est pas un effectif ; il y a %s",
		"%d is larger than %d":                                      "%d est plus grand que %d",
		"put parentheses around what is negated: not (waiting > 3)": "mettez entre parenthèses ce qui suit not, par exemple not (waiting > 3)",
	}
}
