package ical

import "accueil/wording"

// French is what this package says, in French.
func French() wording.Forms {
	return wording.Forms{
		"the calendar has no event":                        "le calendrier n'a aucun événement",
		"the file has more than %d events":                 "le fichier a plus de %d événements",
		"the events of the file happen more than %d times": "les événements du fichier ont lieu plus de %d fois",
		"shorten it: a rota of some months is enough":      "raccourcissez-le : un tableau de quelques mois suffit",
		"the event has no beginning":                       "l'événement n'a pas de début",
		"the event has no end":                             "l'événement n'a pas de fin",
		"give it an end (DTEND)":                           "donnez-lui une fin (DTEND)",
		"the last event has no end":                        "le dernier événement n'est pas terminé : le fichier semble coupé",
		"export it again":                                  "exportez-le de nouveau",
		"it ends before it begins":                         "la fin précède le début",
		"this is no duration":                              "ce n'est pas une durée",
		"write PT14H, or P1D":                              "écrivez PT14H, ou P1D",
		"this is no time":                                  "ce n'est pas une date et une heure",
		"the time zone %q is not known":                    "le fuseau horaire %q est inconnu",
		"write it with a zone of the IANA database, in UTC, or without a zone": "écrivez l'heure avec un fuseau connu (Europe/Paris), en UTC, ou sans fuseau",
		"a repeated event in UTC begins an hour later in summer":               "un événement répété, écrit en UTC, commence une heure plus tard en été",
		"export it with the zone of the calendar":                              "exportez-le avec le fuseau horaire du calendrier",

		"the rule by which it repeats is not read":                      "la règle de répétition n'est pas prise en charge",
		"repeat it by days, weeks, months or years":                     "répétez-le par jours, semaines, mois ou années",
		"the rule ends at no time":                                      "la fin de la répétition n'est pas une date",
		"it repeats too often, or began too long ago":                   "il se répète trop souvent, ou a commencé il y a trop longtemps",
		"let it begin this year":                                        "faites-le commencer cette année",
		"the rule by which it repeats never happens":                    "la règle de répétition ne tombe sur aucun jour",
		"look at the event in the calendar":                             "regardez cet événement dans le calendrier",
		"a rule of what is left out is not read":                        "une règle d'exclusion n'est pas prise en charge",
		"leave out single days instead (EXDATE)":                        "excluez plutôt des jours un par un (EXDATE)",
		"what is left out there is none of the events that repeat":      "ce qui est exclu ici n'est aucun des événements répétés",
		"one event of a series that changes all later ones is not read": "un événement qui modifie toute la suite de sa série n'est pas pris en charge",
		"change the series, or each of its events":                      "modifiez la série, ou chacun de ses événements",
	}
}
