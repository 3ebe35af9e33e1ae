package rehearsal

import "accueil/wording"

// French is what this package says, in French.
func French() wording.Forms {
	return wording.Forms{
		// The file.
		"the file has no tests": "le fichier ne contient aucun essai",
		`write tests: {name: {entry: "3000", steps: […], expect: {…}}}`: `écrivez tests: {nom: {entry: "3000", steps: […], expect: {…}}}`,
		"the entry that is called is missing":                           "il manque l'entrée qui est appelée",
		`write entry: "3000"`:                                           `écrivez entry: "3000"`,
		"there is no entry %q":                                          "il n'y a pas d'entrée %q",
		"there is no language %q":                                       "il n'y a pas de langue %q",
		"there is no state of queues %q":                                "%q n'est pas un état des files d'attente",
		"there is no ending of an extension %q":                         "%q n'est pas une issue pour l'appel d'un poste",
		"there is no kind of caller %q":                                 "%q n'est pas une sorte d'appelant",
		"there is no answer of a lookup %q":                             "%q n'est pas une réponse d'une recherche",
		"there is no outcome %q":                                        "%q n'est pas une issue d'appel",
		"%q is no instant":                                              "%q n'est pas un instant",
		"position and expected_wait are not below 0":                    "position et expected_wait ne sont pas négatifs",
		"the test expects nothing":                                      "l'essai n'attend aucun résultat",
		"write expect: {queue: …} or {outcome: …}":                      "écrivez expect: {queue: …} ou {outcome: …}",
		`%q is no step: write {hear: …}, {press: "1"} or one of %s`:     `%q n'est pas un pas d'essai : écrivez {hear: …}, {press: "1"} ou l'un de ces mots : %s`,
		"a step is either hear or press":                                "un pas est soit hear, soit press",
		"make two steps":                                                "faites-en deux pas",
		"%q are not keys of a telephone":                                "%q ne sont pas des touches de téléphone",
		"use 0 to 9, * and #":                                           "utilisez 0 à 9, * et #",

		// What a call does.
		"key %c cannot be pressed: the call has ended (%s)":      "la touche %c ne peut plus être appuyée : l'appel est terminé (%s)",
		"%s: the call has ended (%s)":                            "%s : l'appel est terminé (%s)",
		"no agent can answer: the caller waits in no queue":      "aucun agent ne peut répondre : l'appelant n'attend dans aucune file",
		"no queue can give the caller up: he waits in none":      "aucune file ne peut renoncer à l'appelant : il n'attend dans aucune",
		"no queue can close before the caller: he waits in none": "aucune file ne peut fermer devant l'appelant : il n'attend dans aucune",
		"nothing can be said: the caller is not recorded":        "rien ne peut être dit : l'appelant n'est pas enregistré",
		"the caller does not hear %q; he hears nothing":          "l'appelant n'entend pas %q ; il n'entend rien",
		"the caller does not hear %q; he hears: %s":              "l'appelant n'entend pas %q ; il entend : %s",
		"the node is %s, expected %s":                            "l'étape est %s, %s était attendue",
		"the node is none, expected %s":                          "il n'y a pas d'étape, %s était attendue",
		"the language is %s, expected %s":                        "la langue est %s, %s était attendu",
		"the language is none, expected %s":                      "il n'y a pas de langue, %s était attendu",
		"the queue is %s, expected %s":                           "la file est %s, %s était attendue",
		"the queue is none, expected %s":                         "l'appel n'est dans aucune file, %s était attendue",
		"the reason is %s, expected %s":                          "le motif est %s, %s était attendu",
		"the reason is none, expected %s":                        "il n'y a pas de motif, %s était attendu",
		"the extension is %s, expected %s":                       "le poste est %s, %s était attendu",
		"the extension is none, expected %s":                     "aucun poste ne sonne, %s était attendu",
		"the outcome is %s, expected %s":                         "l'issue de l'appel est %s, %s était attendu",
		"the outcome is none, expected %s":                       "l'appel n'est pas terminé, %s était attendu",

		// Its way.
		"key %s":      "touche %s",
		"«%s»":        "« %s »",
		"silence":     "silence",
		"queue %s":    "file %s",
		"refused: %s": "refusé : %s",
		"rings %s":    "sonne au %s",
		"recorded":    "enregistré",
		"speaks":      "parle",
		"ended: %s":   "fin : %s",
	}
}
