package why

import (
	"fmt"
	"strings"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// text is a sentence, or a part of one, in the languages of readers.
type text struct{ fr, en string }

// Languages are those that people may be told things in.
var Languages = []acd.Lang{"fr", "en"}

// Narrator tells in one language; French unless it is "en".
type Narrator struct{ Lang acd.Lang }

func (n Narrator) in(t text) string {
	if n.Lang == "en" {
		return t.en
	}
	return t.fr
}

func (n Narrator) say(t text, args ...any) string { return fmt.Sprintf(n.in(t), args...) }

// passedWords say why agents were passed over; a number of agents stands before.
var passedWords = map[routing.Passed]text{
	routing.PassedSkills:      {"sans les compétences demandées", "without the skills asked for"},
	routing.PassedUnknown:     {"absent(s) du fichier du site", "not in the site file"},
	routing.PassedOffline:     {"non connecté(s)", "not logged in"},
	routing.PassedPaused:      {"en pause", "on a pause"},
	routing.PassedUnreachable: {"injoignable(s)", "who cannot be reached"},
	routing.PassedOffered:     {"dont le poste sonnait pour un autre contact", "whose phone rang for another contact"},
	routing.PassedBusy:        {"en conversation", "in a conversation"},
	routing.PassedBusyOwn:     {"en appel personnel", "on a call of their own"},
	routing.PassedWrapup:      {"en travail après appel", "in after-call work"},
	routing.PassedPending:     {"choisi(s) à l'instant pour un autre contact", "chosen a moment before for another contact"},
	routing.PassedNoPhone:     {"sans poste", "at no phone"},
	routing.PassedCapacity:    {"déjà pleinement occupé(s) par d'autres contacts", "fully taken by other contacts"},
	routing.PassedLeaving:     {"sur le point de partir ou de faire une pause", "about to leave or to pause"},
	routing.PassedReserved:    {"réservé(s) pour un contact attribué par un superviseur", "reserved for a contact that a supervisor gave them"},
	routing.PassedQueuePaused: {"sans offre parce que la file est en pause", "offered nothing because the queue is paused"},
	routing.PassedDelayed:     {"qui ne prennent cette file que plus tard", "who take this queue only later"},
	routing.PassedExcluded:    {"laissé(s) tranquille(s) après un refus ou un poste occupé", "left alone after a refusal or a busy phone"},
	routing.PassedStepClosed:  {"dont l'étape n'était pas encore ouverte", "whose step was not open yet"},
	routing.PassedThisContact: {"venant de manquer ou de refuser ce contact", "who had just missed or refused this contact"},
	routing.PassedHeld:        {"écarté(s) parce que le contact était gardé pour un agent", "left out because the contact was kept for one agent"},
	routing.PassedRanked:      {"aussi possible(s), mais après l'agent choisi", "possible too, but after the chosen agent"},
	routing.PassedBehind:      {"possible(s), mais moins ancien(s)", "possible, but later"},
}

// rivalWords say why a contact with a better place was not given to the agent.
var rivalWords = map[routing.Passed]text{
	routing.PassedSkills:      {"demande d'autres compétences", "asks for other skills"},
	routing.PassedPending:     {"déjà en cours d'attribution", "already being given to someone"},
	routing.PassedStepClosed:  {"son étape pour cet agent n'était pas ouverte", "its step for this agent was not open"},
	routing.PassedThisContact: {"l'agent venait de le manquer ou de le refuser", "the agent had just missed or refused it"},
	routing.PassedHeld:        {"gardé pour un autre agent", "kept for another agent"},
	routing.PassedQueuePaused: {"sa file est en pause", "its queue is paused"},
	routing.PassedDelayed:     {"pas encore assez ancien pour cet agent", "not old enough yet for this agent"},
}

var endingWords = map[acd.Ending]text{
	acd.Accepted:    {"L'agent a pris l'appel.", "The agent took the call."},
	acd.Refused:     {"L'agent a refusé, ou raccroché pendant l'annonce.", "The agent refused, or hung up during the briefing."},
	acd.NoAnswer:    {"L'agent n'a pas répondu.", "The agent did not answer."},
	acd.Busy:        {"Le poste de l'agent était occupé.", "The agent's phone was busy."},
	acd.AgentGone:   {"Le poste de l'agent n'était plus là, ou l'agent est parti.", "The agent's phone was gone, or the agent left."},
	acd.CallerGone:  {"L'appelant est parti pendant la sonnerie.", "The caller left while the phone rang."},
	acd.OfferFailed: {"L'appel vers l'agent a échoué de notre fait.", "The call to the agent failed on our side."},
}

var doubtWords = map[Doubt]text{
	DoubtDegraded: {"Décidé pendant une absence de Redis, de mémoire : la liste complète ne peut pas être refaite.", "Decided while Redis was away, from memory: the whole list cannot be made again."},
	DoubtStart:    {"Décidé dans la seconde après un démarrage ou un retour de Redis : la liste complète ne peut pas être refaite.", "Decided within a second of a start or of Redis's return: the whole list cannot be made again."},
	DoubtRules:    {"Les règles de ce moment ne sont plus gardées : la liste complète ne peut pas être refaite.", "The rules of that moment are not kept any more: the whole list cannot be made again."},
	DoubtLog:      {"Le journal ne contient plus tout ce qui était connu : la liste complète ne peut pas être refaite.", "The log no longer holds all that was known: the whole list cannot be made again."},
	DoubtNone:     {"Le journal ne dit pas pourquoi.", "The log does not say why."},
	DoubtUnread:   {"Le journal n'a pas pu être lu : seules les raisons enregistrées sont montrées.", "The log could not be read: only the recorded reasons are shown."},
}

var kindWords = map[acd.Kind]text{
	acd.KindArrived:     {"arrive", "arrives"},
	acd.KindMenu:        {"entend le menu", "hears the menu"},
	acd.KindQueued:      {"entre dans la file", "enters the queue"},
	acd.KindMoved:       {"change de file", "changes queue"},
	acd.KindPoints:      {"reçoit une autre priorité", "is given another priority"},
	acd.KindClaimed:     {"est proposé", "is offered"},
	acd.KindOfferEnded:  {"retourne à sa place", "goes back to its place"},
	acd.KindBriefing:    {"l'agent décroche et entend l'annonce", "the agent picks up and hears the briefing"},
	acd.KindTalking:     {"parle avec l'agent", "talks with the agent"},
	acd.KindHeld:        {"est mis en garde", "is put on hold"},
	acd.KindResumed:     {"est repris", "is resumed"},
	acd.KindTransferred: {"est transféré", "is handed on"},
	acd.KindRingingOut:  {"un autre poste sonne", "another extension rings"},
	acd.KindReturned:    {"revient d'un transfert", "comes back from a transfer"},
	acd.KindMessage:     {"laisse un message", "leaves a message"},
	acd.KindSurvey:      {"reste en ligne pour l'enquête", "stays on the line for the survey"},
	acd.KindSurveyed:    {"répond à l'enquête", "answers the survey"},
	acd.KindLegChanged:  {"change", "changes"},
	acd.KindEnded:       {"fin", "ends"},
	acd.KindAsserted:    {"est noté de nouveau", "is noted again"},
}

var outcomeWords = map[acd.Outcome]text{
	acd.Answered: {"répondu", "answered"}, acd.SelfServed: {"servi par le menu", "served by the menu"},
	acd.Abandoned:  {"l'appelant a raccroché avant de parler à quelqu'un", "the caller hung up before talking to anyone"},
	acd.CalledBack: {"rappel", "callback"}, acd.Voicemail: {"messagerie", "voicemail"}, acd.Overflow: {"débordement", "overflow"},
	acd.TransferredOut: {"transféré hors du centre", "handed on outside"}, acd.Closed: {"fermé", "closed"},
	acd.Dissuaded: {"invité à rappeler plus tard", "told to call later"}, acd.Emergency: {"consigne d'urgence", "emergency instruction"},
	acd.Failed: {"échec", "failed"},
}

// word gives the words of a code; a code without words stands for itself.
func word[K ~string](n Narrator, words map[K]text, code K) string {
	if t, ok := words[code]; ok {
		return n.in(t)
	}
	return string(code)
}

// clock is the time of day of an instant of the API.
func clock(stamp string) string {
	t, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return stamp
	}
	return t.Format("15:04:05")
}

// span is a length in words; the units are alike in both languages.
func span(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d < time.Second:
		return "0 s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
}

func join[T ~string](ids []T) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return strings.Join(out, ", ")
}

// lines collects what is told.
type lines struct {
	Narrator
	strings.Builder
}

func (l *lines) line(indent int, t text, args ...any) {
	l.WriteString(strings.Repeat("  ", indent))
	l.WriteString(l.say(t, args...))
	l.WriteByte('\n')
}
