package ivr

import (
	"maps"
	"slices"

	"accueil/acd"
)

// SystemPrompts lists the ids of the system catalogue, sorted.
func SystemPrompts() []string { return slices.Sorted(maps.Keys(catalogue)) }

// SystemText returns a text of the system catalogue.
func SystemText(id string, lang acd.Lang) (string, bool) {
	text, ok := catalogue[id][lang]
	return text, ok
}

func both(fr, en string) map[acd.Lang]string { return map[acd.Lang]string{"fr": fr, "en": en} }

// catalogue holds what the system says by itself. A site replaces any of it (Site.Texts) or records
// it under the same id. What callers hear is whole sentences; what agents hear is as short as they,
// who hear it a hundred times a day, would want it.
var catalogue = map[string]map[acd.Lang]string{
	// Callers: emergency.
	"sys.emergency": both(
		"Si votre vie ou celle d'un proche est en danger, raccrochez et composez le 15 ou le 112.",
		"If your life or someone else's is in danger, hang up and dial 15 or 112."),
	"sys.emergency_instruction": both(
		"En cas d'urgence vitale, raccrochez maintenant et composez le 15, ou le 112. Les personnes sourdes ou malentendantes peuvent envoyer un message écrit au 114.",
		"If someone's life is in danger, hang up now and dial 15, or 112. If you are deaf or hard of hearing, you can text 114."),
	"sys.star_return": both(
		"Pour revenir, appuyez sur étoile. Pour parler à quelqu'un, appuyez sur zéro.",
		"To go back, press star. To speak to someone, press zero."),

	"sys.star_back": both("Pour revenir, appuyez sur étoile.", "To go back, press star."),

	// Callers: menus.
	"sys.not_understood": both("Je n'ai pas compris votre choix.", "I did not understand your choice."),
	"sys.operator": both(
		"Je vous mets en relation avec un agent du standard.",
		"I am putting you through to an operator."),

	// Callers: what is asked of them.
	"sys.collect_read":    both("Vous avez tapé :", "You have keyed in:"),
	"sys.collect_confirm": both("Si c'est exact, tapez 1. Pour recommencer, tapez 2.", "If this is right, press 1. To start again, press 2."),
	"sys.collect_invalid": both("Ce n'est pas ce que nous attendions.", "This is not what we expected."),
	"sys.consent_keys":    both("Si vous êtes d'accord, tapez 1. Sinon, tapez 2.", "If you agree, press 1. If not, press 2."),
	"sys.info_keys": both(
		"Pour réécouter, appuyez sur étoile. Pour parler à quelqu'un, appuyez sur zéro. Pour terminer, tapez 2.",
		"To listen again, press star. To speak to someone, press zero. To finish, press 2."),
	"sys.info_sms":   both("Pour recevoir cette information par SMS, tapez 1.", "To receive this by text message, press 1."),
	"sys.sms_sent":   both("Le message est parti.", "The message has been sent."),
	"sys.sms_failed": both("Le message n'a pas pu partir.", "The message could not be sent."),

	// Callers: waiting.
	"sys.queue_waiting": both(
		"Merci de rester en ligne, un agent va vous répondre.",
		"Please hold the line, someone will be with you as soon as possible."),
	"sys.still_waiting": both(
		"Le standard ne peut pas prendre votre appel pour l'instant. Vous gardez votre place, merci de patienter.",
		"The operators cannot take your call just now. You keep your place, please hold the line."),

	"sys.queue_closing": both(
		"Le service vient de fermer. Restez en ligne: nous répondons encore aux personnes qui attendent.",
		"The service has just closed. Please hold the line: we are still answering those who are waiting."),
	"sys.waiting_comfort": both(
		"Votre appel n'est pas oublié. Merci de votre patience.",
		"You have not been forgotten. Thank you for your patience."),
	"sys.waiting_place": both(
		"Nous faisons de notre mieux pour vous répondre. Vous gardez votre place tant que vous restez en ligne.",
		"We are doing our best to answer you. You keep your place for as long as you stay on the line."),
	// Figures follow: "quatre", "quatre minutes".
	"sys.position_next": both("Votre appel est le prochain.", "Your call is next."),
	"sys.position":      both("Votre appel est en position", "Your call is number"),
	"sys.wait_about":    both("L'attente est d'environ", "The wait is about"),
	"sys.wait_more":     both("L'attente est de plus de", "The wait is more than"),

	// Callers: endings.
	"sys.dissuade_full": both(
		"De nombreuses personnes attendent déjà, et nous ne pourrions pas vous répondre dans un délai raisonnable. Merci de rappeler un peu plus tard. Au revoir.",
		"Many people are already waiting, and we could not answer you within a reasonable time. Please call again a little later. Goodbye."),
	"sys.dissuade_unstaffed": both(
		"Personne ne peut prendre votre appel en ce moment. Merci de rappeler un peu plus tard. Au revoir.",
		"No one can take your call at the moment. Please call again a little later. Goodbye."),
	"sys.dissuade_max_wait": both(
		"Nous sommes désolés de vous avoir fait attendre si longtemps. Nous ne pouvons pas vous répondre maintenant. Merci de rappeler un peu plus tard. Au revoir.",
		"We are sorry to have kept you waiting so long. We cannot answer you now. Please call again a little later. Goodbye."),
	"sys.closed": both(
		"Notre accueil téléphonique est fermé pour le moment. Merci de rappeler aux heures d'ouverture. Au revoir.",
		"Our telephone service is closed at the moment. Please call again during opening hours. Goodbye."),
	"sys.closed_until": both(
		"Notre accueil téléphonique est fermé pour le moment. Nous vous répondrons {next_opening}. Merci de votre appel. Au revoir.",
		"Our telephone service is closed at the moment. We will be glad to answer you {next_opening}. Thank you for calling. Goodbye."),
	"sys.queue_closed_until": both(
		"Ce service est fermé pour le moment. Il ouvre {next_opening}. Merci de votre appel. Au revoir.",
		"This service is closed at the moment. It opens {next_opening}. Thank you for calling. Goodbye."),
	// The same on a public holiday, a planned closure, an exceptional day that has a name.
	"sys.closed_until_day": both(
		"Notre accueil téléphonique est fermé : {closure}. Nous vous répondrons {next_opening}. Merci de votre appel. Au revoir.",
		"Our telephone service is closed: {closure}. We will be glad to answer you {next_opening}. Thank you for calling. Goodbye."),
	"sys.queue_closed_until_day": both(
		"Ce service est fermé : {closure}. Il ouvre {next_opening}. Merci de votre appel. Au revoir.",
		"This service is closed: {closure}. It opens {next_opening}. Thank you for calling. Goodbye."),
	"sys.closure_unnamed":      both("fermeture exceptionnelle", "an exceptional closure"),
	"sys.closure_hours":        both("en dehors des heures d'ouverture", "outside opening hours"),
	"sys.next_opening_unknown": both("aux heures d'ouverture", "during opening hours"),
	"sys.technical": both(
		"Une difficulté technique nous empêche de prendre votre appel. Merci de nous en excuser et de rappeler dans quelques minutes. Au revoir.",
		"A technical problem prevents us from taking your call. We apologise. Please call again in a few minutes. Goodbye."),

	// Callers: callbacks. What a machine may record names no hospital and no reason.
	"sys.callback_offer": both(
		"Nous pouvons vous rappeler au numéro d'où vous appelez, sans que vous perdiez votre place. Pour accepter, tapez 1. Pour donner un autre numéro, tapez 2. Pour rester en ligne, tapez 3.",
		"We can call you back at the number you are calling from, and you keep your place. To accept, press 1. To give another number, press 2. To stay on the line, press 3."),
	"sys.callback_number": both(
		"Composez le numéro où nous pouvons vous rappeler, puis dièse.",
		"Key in the number where we can call you back, then hash."),
	"sys.callback_invalid": both("Nous ne pouvons pas appeler ce numéro.", "We cannot call this number."),
	"sys.callback_enough": both(
		"Nous sommes désolés, nous ne pouvons plus noter ce numéro aujourd'hui.",
		"We are sorry, we cannot take down this number any more today."),
	"sys.callback_read": both("Nous vous rappellerons au", "We shall call you back at"),
	"sys.callback_taken": both(
		"C'est noté. Votre place est gardée, et nous vous rappellerons dès que votre tour viendra. Vous pouvez raccrocher. Au revoir.",
		"It is noted. Your place is kept, and we shall call you back when your turn comes. You may hang up. Goodbye."),
	"sys.callback_taken_from": both(
		"C'est noté. Votre place est gardée, et nous vous rappellerons quand votre tour viendra, pas avant {next_opening}. Vous pouvez raccrocher. Au revoir.",
		"It is noted. Your place is kept, and we shall call you back when your turn comes, not before {next_opening}. You may hang up. Goodbye."),
	"sys.callback_taken_late": both(
		"C'est noté. Votre place est gardée, et nous vous rappellerons quand votre tour viendra : tout à l'heure ou, sinon, {next_opening}. Vous pouvez raccrocher. Au revoir.",
		"It is noted. Your place is kept, and we shall call you back when your turn comes: later today or, if not, {next_opening}. You may hang up. Goodbye."),
	"sys.callback_not_before": both(
		"Nous ne pourrons pas vous rappeler avant {next_opening}.",
		"We shall not be able to call you back before {next_opening}."),
	"sys.callback_kept": both(
		"Votre demande de rappel est gardée, avec votre place. Nous vous rappellerons. Au revoir.",
		"Your request to be called back is kept, with your place. We shall call you. Goodbye."),
	"sys.callback_pending": both(
		"Vous avez déjà demandé à être rappelé. Pour garder ce rappel, tapez 1. Pour attendre maintenant, à votre place, tapez 2. Pour une autre demande, restez en ligne.",
		"You have already asked to be called back. To keep that callback, press 1. To wait now, at your place, press 2. For anything else, stay on the line."),
	"sys.callback_accept": both(
		"Bonjour. Vous avez demandé à être rappelé. Pour parler à votre correspondant, tapez 1.",
		"Hello. You have asked to be called back. To speak with the person who is calling, press 1."),

	// Callers: transfers.
	"sys.extension_no_answer": both("Le service ne répond pas.", "The ward does not answer."),
	"sys.extension_busy":      both("Le service est déjà en ligne.", "The ward is on another call."),
	"sys.transfer_back": both(
		"Le service n'a pas pu répondre. Nous reprenons votre appel, merci de rester en ligne.",
		"The ward could not answer. We are taking your call back, please hold the line."),
	"sys.apology_media": both(
		"Toutes nos excuses, la communication a été interrompue. Nous reprenons votre appel en priorité, merci de rester en ligne.",
		"We are sorry, the connection was lost. Your call comes first now, please hold the line."),

	// Callers: messages.
	"sys.voicemail_kept": both("Votre message est enregistré.", "Your message has been recorded."),
	"sys.voicemail_again": both(
		"Pour le garder, raccrochez ou tapez 1. Pour le refaire, tapez 2.",
		"To keep it, hang up or press 1. To record it again, press 2."),
	"sys.voicemail_speak": both("Parlez après le signal.", "Please speak after the tone."),
	"sys.voicemail_unheard": both(
		"Nous n'avons rien entendu. Parlez après le signal, puis tapez dièse.",
		"We did not hear anything. Please speak after the tone, then press hash."),
	"sys.voicemail_none": both(
		"Nous n'avons pas entendu de message. Merci de rappeler un peu plus tard. Au revoir.",
		"We did not hear a message. Please call again a little later. Goodbye."),
	"sys.voicemail_thanks": both(
		"Merci, votre message sera écouté et traité. Au revoir.",
		"Thank you. Your message will be listened to and dealt with. Goodbye."),
	"sys.voicemail_fault": both(
		"Nous sommes désolés, nous ne pouvons pas enregistrer votre message.",
		"We are sorry, we cannot record your message."),

	// Callers: after the conversation.
	"sys.survey_thanks": both("Merci de votre réponse. Au revoir.", "Thank you for your answer. Goodbye."),

	// Staff: accepting a call.
	"sys.accept": both(
		"Appel de l'hôpital. Tapez 1 pour le prendre.",
		"Call from the hospital. Press 1 to take it."),
	"sys.accept_transfer": both(
		"Appel transféré par le standard de l'hôpital.",
		"Call transferred by the hospital switchboard."),
	"sys.press_1": both("Tapez 1 pour le prendre.", "Press 1 to take it."),

	// Staff: briefing. Few words: with the reason they fit into the three seconds of a short one.
	"sys.brief_transferred": both("Appel transféré.", "Transferred call."),
	"sys.brief_waiting":     both("Attend depuis", "Has waited for"),
	"sys.brief_identified":  both("Identité vérifiée.", "Identity checked."),
	"sys.brief_callback":    both("Rappel.", "Callback."),
	"sys.language_fr":       both("Parle français.", "Speaks French."),
	"sys.language_en":       both("Parle anglais.", "Speaks English."),
	"sys.return_no_answer":  both("Retour sans réponse.", "Returned, no answer."),
	"sys.return_busy":       both("Retour, occupé.", "Returned, busy."),
	"sys.return_refused":    both("Retour, refusé.", "Returned, declined."),
	"sys.return_failed":     both("Retour, échec.", "Returned, failed."),

	// Staff: calling back.
	"sys.callback_unreached":      both("Personne n'a répondu. Un autre essai suivra.", "Nobody has answered. Another attempt will follow."),
	"sys.callback_undialled":      both("L'appel n'a pas pu être passé.", "The call could not be placed."),
	"sys.callback_unreached_last": both("Personne n'a répondu, et c'était le dernier essai.", "Nobody has answered, and it was the last attempt."),

	// Staff: transferring.
	"sys.transfer_number": both("Numéro du destinataire, puis dièse.", "Number to transfer to, then hash."),
	"sys.transfer_unknown": both(
		"Destinataire inconnu. Composez un autre numéro, puis dièse.",
		"Unknown destination. Dial another number, then hash."),
	"sys.transfer_sent":    both("Appel transféré.", "Call transferred."),
	"sys.transfer_refused": both("Transfert impossible. Vous reprenez l'appel.", "Transfer not possible. You have the caller again."),
	"sys.help_asked":       both("Votre demande d'aide est partie.", "Your request for help has been sent."),

	// Staff: feature codes.
	"sys.ready":           both("Vous êtes prêt.", "You are ready."),
	"sys.paused":          both("Vous êtes en pause.", "You are on a break."),
	"sys.pause_reason":    both("Motif", "Reason"),
	"sys.logged_out":      both("Vous êtes déconnecté. À bientôt.", "You are logged out. See you soon."),
	"sys.wrapup_ended":    both("Fin du post-appel. Vous êtes prêt.", "Wrap-up ended. You are ready."),
	"sys.ask_pin":         both("Votre code secret, puis dièse.", "Your PIN, then hash."),
	"sys.pin_wrong":       both("Numéro d'agent ou code secret inconnu.", "Unknown agent number or PIN."),
	"sys.pin_locked":      both("Trop d'essais. Réessayez dans quelques minutes.", "Too many attempts. Try again in a few minutes."),
	"sys.no_usual_agent":  both("Ce poste n'a pas d'agent habituel. Composez votre numéro d'agent.", "This phone has no usual agent. Dial your agent number."),
	"sys.nobody_here":     both("Personne n'est connecté sur ce poste.", "No one is logged in at this phone."),
	"sys.already_in_use":  both("Ce numéro d'agent est déjà connecté sur un autre poste.", "This agent number is already logged in at another phone."),
	"sys.code_unknown":    both("Ce code n'existe pas.", "There is no such code."),
	"sys.not_allowed":     both("Vous n'avez pas ce droit.", "You are not allowed to do this."),
	"sys.not_now":         both("Ce n'est pas possible pour le moment.", "This is not possible at the moment."),
	"sys.fault":           both("Une difficulté technique empêche cette action. Réessayez dans un instant.", "A technical problem prevents this. Try again in a moment."),
	"sys.entry_closed":    both("La ligne est fermée.", "The line is closed."),
	"sys.entry_opened":    both("La ligne est ouverte.", "The line is open."),
	"sys.caller_gone":     both("L'appelant a raccroché.", "The caller has hung up."),
	"sys.transferred_by":  both("Appel transféré par", "Call transferred by"),
	"sys.supervisor_here": both("Un superviseur vous écoute.", "A supervisor is listening."),
}

// Tones are ids that are sounds instead of speech; they have no text.
var Tones = []string{"sys.beep"}
