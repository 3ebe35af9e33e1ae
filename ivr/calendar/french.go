package calendar

import "accueil/wording"

// French is what this package says, in French.
func French() wording.Forms {
	return wording.Forms{
		`write mon, mon-fri, "sat, sun" or every day`:             `écrivez mon, mon-fri, "sat, sun" ou every day (mon à sun : lundi à dimanche)`,
		"%q names no days":                                        "%q ne désigne pas des jours",
		"%s is given twice, also by %q":                           "%s est donné deux fois, aussi par %q",
		`write "08:00-12:00, 13:30-18:00" or "closed"`:            `écrivez "08:00-12:00, 13:30-18:00", ou "closed" pour fermé`,
		"%q is not a span of hours":                               "%q n'est pas une plage horaire",
		"%s passes midnight and lasts more than %d hours":         "%s passe minuit et dure plus de %d heures",
		"write %s if these are the wrong way round":               "écrivez %s si les deux heures sont inversées",
		"%s and %s overlap":                                       "%s et %s se chevauchent",
		"write one span for both":                                 "écrivez une seule plage pour les deux",
		"%s and %s overlap: write one span for both":              "%s et %s se chevauchent : écrivez une seule plage pour les deux",
		"without a calendar nothing says which days are holidays": "sans calendrier, rien ne dit quels jours sont fériés",
		"write calendar: with the name of one that has holidays":  "écrivez calendar: avec le nom d'un calendrier qui a des jours fériés",
		"hours of a holiday cannot pass midnight":                 "les horaires d'un jour férié ne peuvent pas passer minuit",
		`write "00:00-06:00, 20:00-24:00"`:                        `écrivez "00:00-06:00, 20:00-24:00"`,

		`%q is no date, write "2026-12-24"`:                          `%q n'est pas une date, écrivez "2026-12-24"`,
		`%q is no day, write "07-01" for every year or "2026-07-01"`: `%q n'est pas un jour, écrivez "07-01" pour chaque année, ou "2026-07-01"`,
		"no region %q":                            "la région %q est inconnue",
		"the exception ends before it begins":     "l'exception finit avant de commencer",
		"these days are in another exception too": "ces jours sont aussi dans une autre exception",
		"hours of an exception cannot pass midnight: give the next day its own": "les horaires d'une exception ne peuvent pas passer minuit : donnez les siens au jour suivant",
		"the closure ends before it begins":                                     "la fermeture finit avant de commencer",
		"these days are in another closure too":                                 "ces jours sont aussi dans une autre fermeture",
		"the season ends before it begins":                                      "la saison finit avant de commencer",
		"days of this season are in another one too":                            "des jours de cette saison sont aussi dans une autre",
		"give both days a year, or none":                                        "donnez une année aux deux jours, ou à aucun",
		"write %q":                                                              `écrivez "%s"`,
		"write %s":                                                              "écrivez %s",
	}
}
