package app

import "accueil/wording"

// french is what this package says, in French, and package planning, which stands on it.
func french() wording.Forms {
	return wording.Forms{
		"Checking all files and speaking what is new…":                             "Vérification de tous les fichiers, et synthèse des textes nouveaux…",
		"Nothing has changed: the running version stays. Mend this and try again.": "Rien n'a changé : la version en service reste. Corrigez, puis recommencez.",
		"It is live. Calls in progress end with the menu they began with.":         "C'est en service. Les appels en cours finissent avec le menu où ils ont commencé.",

		// check
		"%s can be used": "%s est utilisable",
		"%s can be used, but calls go another way than expected (calls: %d, differences: %d)": "%s est utilisable, mais des appels ne se passent pas comme prévu (appels : %d, écarts : %d)",
		"%s can be used; 1 call went as expected":                                             "%s est utilisable ; 1 appel d'essai s'est passé comme prévu",
		"%s can be used; %d calls went as expected":                                           "%s est utilisable ; %d appels d'essai se sont passés comme prévu",
		"%s cannot be used (errors: %d, warnings: %d)":                                        "%s n'est pas utilisable (erreurs : %d, avertissements : %d)",
		"there is no site file at %s: name it with --site, or write one (docs/site.md)":       "il n'y a pas de fichier de site à %s : indiquez-le avec --site, ou écrivez-en un (docs/site.md)",
		"the scenario cannot be read: %v":                                                     "le scénario ne peut pas être lu : %v",
		"the article cannot be read: %v":                                                      "l'article ne peut pas être lu : %v",
		"nobody is on call from %s on: the rota ends then":                                    "plus personne n'est de garde à partir du %s : le tableau des gardes s'arrête là",
		"import the next one: accueil import on-call":                                         "importez le suivant : accueil import on-call",
		"%d added, %d changed, %d removed, %d in all":                                         "%d ajoutées, %d modifiées, %d supprimées, %d en tout",
		"%d added, %d removed, %d in all":                                                     "%d ajoutées, %d supprimées, %d en tout",
		"%d of %d entries would go: look at them with --dry-run, then repeat it with --yes":   "%d fiches sur %d disparaîtraient : regardez-les avec --dry-run, puis recommencez avec --yes",
		"now: %s, %s, until %s":                                                               "en ce moment : %s, %s, jusqu'au %s",
		"usually nobody: %s, %s, from %s to %s":                                               "personne d'habitude : %s, %s, de %s à %s",
		"nobody: %s, %s, from %s to %s":                                                       "personne : %s, %s, du %s au %s",
		"and %d more times without anybody":                                                   "et %d autres moments sans personne",
		"the rota goes until %s":                                                              "le tableau des gardes va jusqu'au %s",
		"Nothing changes":                                                                     "Rien ne change",
		"Nothing was written (--dry-run)":                                                     "Rien n'a été écrit (--dry-run)",
		"Written to %s; the one before is %s. A reload puts it in force":                      "Écrit dans %s ; le précédent est %s. Un rechargement le met en service",
		"there is no such file yet":                                                           "ce fichier n'existe pas encore",
		"accueil import writes it":                                                            "accueil import l'écrit",
		"it is for agents alone":                                                              "il est réservé aux agents",
		"it has mistakes":                                                                     "il contient des erreurs",
		"the text %q is recorded in language %q and says the fact %q: a change of the fact is not heard":       "le texte %[1]q est enregistré (langue %[2]q) et dit l'information %[3]q : si elle change, on ne l'entendra pas",
		"record it again after a change, or remove the recording":                                              "enregistrez-le de nouveau après un changement, ou retirez l'enregistrement",
		"the recording of %q in language %q is not heard: the special days that come are said within the text": "l'enregistrement de %q (langue %q) n'est pas diffusé : le texte dit les jours particuliers à venir",
		"record its parts instead: %s": "enregistrez plutôt ses parties : %s",

		// check --tests
		"test %q: %s":        "essai %q : %s",
		"the call's way: %s": "chemin de l'appel : %s",
		"there are no tests/*.yaml beside the site file (docs/scenarios.md says how to write them)": "il n'y a pas de tests/*.yaml à côté du fichier de site (docs/scenarios.md dit comment les écrire)",

		// init
		"the new site does not pass its own check, nothing was written; please report this with your answers:\n%s": "le nouveau site ne passe pas son propre contrôle, rien n'a été écrit ; merci de le signaler avec vos réponses :\n%s",

		// reload
		"the certificate in force stays: %s":                                    "le certificat en service reste : %s",
		"%s has changed: restart the controller for it (calls go on meanwhile)": "%s a changé : redémarrez le service pour en tenir compte (les appels continuent pendant ce temps)",
		"phones, trunks, entries, listen or fallback have changed: write Asterisk's configuration again (accueil asterisk-config DIR) and reload it": "phones, trunks, entries, listen ou fallback ont changé : écrivez de nouveau la configuration d'Asterisk (accueil asterisk-config DOSSIER) et rechargez-la",
		"agent %s: skills changed live by %s stay in force until he logs out":                                                                        "agent %s : les compétences modifiées en direct par %s valent jusqu'à sa déconnexion",
		"agent %s: skills changed live by %s stay in force":                                                                                          "agent %s : les compétences modifiées en direct par %s restent en vigueur",
		"announcement %s: switched on by %s":                                                                                                         "annonce %s : activée par %s",
		"queue %s: paused by %s":                                                                                                                     "file d'attente %s : mise en pause par %s",
		"entry %s: closed exceptionally by %s":                                                                                                       "entrée %s : fermée exceptionnellement par %s",

		// simulate and staff
		"the version of a file of parameters is 1": "la version d'un fichier de paramètres est 1",
		"write version: 1":                         "écrivez version: 1",
		"a distribution is one of constant, exponential, lognormal, gamma, empirical": "une distribution est constant, exponential, lognormal, gamma ou empirical",
		"as in {exponential: {mean: 3m}}":                                             "par exemple {exponential: {mean: 3m}}",
		"this distribution cannot be drawn from: %s":                                  "on ne peut pas tirer de valeurs de cette distribution : %s",
		"the variation of a day's volume is from 0 to 1":                              "la variation du volume d'un jour va de 0 à 1",
		"0.1 for a tenth":                                       "0.1 pour un dixième",
		"no reason is given: nobody would call":                 "aucun motif n'est donné : personne n'appellerait",
		"no shift is given: nobody would answer":                "aucun service (shifts) n'est donné : personne ne répondrait",
		"as in 2027-03-01":                                      "par exemple 2027-03-01",
		"the site has no agent %q":                              "le site n'a pas d'agent %q",
		"nothing says how long conversations about %s last":     "rien ne dit combien durent les conversations pour %s",
		"write handling: for the reason, or for all at the top": "écrivez handling: pour ce motif, ou en tête pour tous",
		"a share of callers is from 0 to 1":                     "une part des appelants va de 0 à 1",
		"0.9 for nine of ten":                                   "0.9 pour neuf sur dix",
		"the shares of the languages make %.3g, not 1":          "les parts des langues font %.3g au lieu de 1",
		"no arrivals are given":                                 "aucun appel n'est donné",
		`as in {"08:00-12:00": 20}`:                             `par exemple {"08:00-12:00": 20}`,
		"%q is no half hour: %s":                                "%q n'est pas une demi-heure : %s",
		`as in "08:00" or "08:00-10:30"`:                        `par exemple "08:00" ou "08:00-10:30"`,
		"%q does not begin and end with half hours":             "%q ne commence pas et ne finit pas à une demi-heure",
		"%g calls in half an hour are not from 0 to %d":         "%g appels en une demi-heure : il faut de 0 à %d",
		"%q overlaps the hours before it":                       "%q chevauche les heures précédentes",
		"this shift names no agent":                             "ce service ne nomme aucun agent",
		"this shift has no hours":                               "ce service n'a pas d'horaires",
		`as in at: ["08:00-12:00"]`:                             `par exemple at: ["08:00-12:00"]`,
		`as in "08:00-12:30"`:                                   `par exemple "08:00-12:30"`,
		"%q are no hours":                                       "%q ne sont pas des horaires",
		"%s works already in a part of these hours":             "%s travaille déjà pendant une partie de ces heures",
		"beside past calls only pickup and shifts are read":     "avec des appels passés, seuls pickup et shifts sont lus",
		"remove it, or leave --trace out":                       "retirez-le, ou n'utilisez pas --trace",
		"the version of a forecast is 1":                        "la version d'une prévision est 1",
		`%q is no instant: write a date and a time of the site, as in "2026-12-24 10:00"`: `%q n'est pas un instant : écrivez une date et une heure du site, par exemple "2026-12-24 10:00"`,
	}
}
