package app

// tryWords are what is said about a rehearsed call, in the reader's language.
var tryWords = map[string]map[string]string{
	"fr": {
		"lang": "fr", "pressed": "→ touche %s", "silent": "→ silence (%s)", "music": "♪ musique (%s)", "language": "langue : %s",
		"asked": "file %s demandée (%s)", "queued": "place accordée : l'appelant attend", "refused": "la file refuse : %s",
		"left": "la place est gardée", "emergency": "urgence notée", "rings": "le %s sonne", "unheeded": "le %s ne répond pas",
		"extension": "le %s répond", "agent": "un agent répond", "ended": "fin de l'appel : %s%s",
		"why_full": "complète", "why_unstaffed": "personne au travail", "why_max_wait": "attente trop longue", "why_closed": "fermé",
		"records": "● enregistrement (%s au plus)", "spoke": "→ l'appelant parle", "scored": "enquête : %s %d",
		"ask_message": "enregistrement (s : parler ; Entrée : se taire ; h : raccrocher ; ou une touche) ",
		"ask_key":     "touche ? (Entrée : silence ; h : raccrocher) ",
		"ask_queue":   "en attente (a : un agent répond ; m : attente trop longue ; c : fermeture ; Entrée : attendre ; h : raccrocher ; ou une touche) ",
		"nothing":     "« %s » ne fait rien ici",
	},
	"en": {
		"lang": "en", "pressed": "→ key %s", "silent": "→ silence (%s)", "music": "♪ music (%s)", "language": "language: %s",
		"asked": "queue %s is asked for a place (%s)", "queued": "a place is given: the caller waits", "refused": "the queue refuses: %s",
		"left": "the place is kept", "emergency": "emergency noted", "rings": "%s rings", "unheeded": "%s does not answer",
		"extension": "%s answers", "agent": "an agent answers", "ended": "the call ends: %s%s",
		"why_full": "full", "why_unstaffed": "nobody at work", "why_max_wait": "waited too long", "why_closed": "closed",
		"records": "● recording (%s at most)", "spoke": "→ the caller speaks", "scored": "survey: %s %d",
		"ask_message": "recording (s: speak, Enter: say nothing, h: hang up, or a key) ",
		"ask_key":     "key? (Enter: silence, h: hang up) ",
		"ask_queue":   "waiting (a: an agent answers, m: waited too long, c: closing time, Enter: wait on, h: hang up, or a key) ",
		"nothing":     "%q does nothing here",
	},
}
