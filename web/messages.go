package web

import (
	"net/http"

	"accueil/acd"
)

// The codes of problems: names that programs branch on.
const (
	codeUnauthorized   = "unauthorized"
	codeForbidden      = "forbidden"
	codeNotFound       = "not_found"
	codeNoContact      = "contact_not_found"
	codeNoQueue        = "queue_not_found"
	codeNoAgent        = "agent_not_found"
	codeNoEntry        = "entry_not_found"
	codeNoAnnouncement = "announcement_not_found"
	codeNoArticle      = "article_not_found"
	codeNoTask         = "task_not_found"
	codeNoRecording    = "recording_not_found"
	codeNotYours       = "task_not_yours"
	codePersonTaken    = "person_taken"
	codeMethod         = "method_not_allowed"
	codeBadRequest     = "bad_request"
	codeInvalid        = "invalid"
	codeIllegal        = "not_possible_now"
	codeConflict       = "changed_meanwhile"
	codeFull           = "queue_full"
	codeUnavailable    = "store_unavailable"
	codeTimeout        = "timeout"
	codeBodyTimeout    = "body_timeout"
	codeTooLarge       = "too_large"
	codeMediaType      = "media_type"
	codeNotAcceptable  = "not_acceptable"
	codeTooMany        = "too_many_failures"
	codeStreams        = "too_many_streams"
	codeReload         = "reload_refused"
	codeInternal       = "internal"
)

// text is a sentence in the languages of readers.
type text struct{ fr, en string }

func (t text) in(lang acd.Lang) string {
	if lang == english {
		return t.en
	}
	return t.fr
}

// problemText is what a problem is to HTTP and to a person.
type problemText struct {
	status int
	text
}

var problems = map[string]problemText{
	codeUnauthorized:   {http.StatusUnauthorized, text{"Jeton absent ou inconnu.", "The token is missing or unknown."}},
	codeForbidden:      {http.StatusForbidden, text{"Ce compte n'en a pas le droit.", "This account may not do that."}},
	codeNotFound:       {http.StatusNotFound, text{"Adresse inconnue.", "Nothing is at this address."}},
	codeNoContact:      {http.StatusNotFound, text{"Ce contact n'existe pas ou est terminé depuis longtemps.", "This contact does not exist or ended long ago."}},
	codeNoQueue:        {http.StatusNotFound, text{"Cette file n'existe pas.", "This queue does not exist."}},
	codeNoAgent:        {http.StatusNotFound, text{"Cet agent n'existe pas.", "This agent does not exist."}},
	codeNoEntry:        {http.StatusNotFound, text{"Ce numéro d'entrée n'existe pas.", "This entry does not exist."}},
	codeNoAnnouncement: {http.StatusNotFound, text{"Cette annonce n'existe pas.", "This announcement does not exist."}},
	codeNoArticle:      {http.StatusNotFound, text{"Cet article n'existe pas.", "This article does not exist."}},
	codeNoRecording:    {http.StatusNotFound, text{"Il n'y a pas d'enregistrement, ou il a été effacé.", "There is no recording, or it was erased."}},
	codeNoTask:         {http.StatusNotFound, text{"Cette tâche n'existe pas ou a été effacée.", "This task does not exist, or was erased."}},
	codePersonTaken:    {http.StatusConflict, text{"Un collègue s'occupe déjà d'une autre demande de cette personne.", "A colleague is already dealing with another request of this person."}},
	codeNotYours:       {http.StatusConflict, text{"Un collègue a pris cette tâche.", "A colleague has taken this task."}},
	"number_not_found": {http.StatusUnprocessableEntity, text{
		"Cette personne ne peut pas être rappelée : son numéro n'est pas connu ou ne peut pas être appelé.", "This person cannot be called back: the number is not known or cannot be called."}},
	"phone_not_found": {http.StatusNotFound, text{"Ce poste n'existe pas.", "This phone does not exist."}},
	"extension_not_found": {http.StatusUnprocessableEntity, text{
		"Ce poste ne peut pas être joint par transfert.", "This extension cannot be reached by transfer."}},
	codeMethod:        {http.StatusMethodNotAllowed, text{"Cette méthode n'est pas prévue ici.", "This method is not available here."}},
	codeBadRequest:    {http.StatusBadRequest, text{"La demande est illisible.", "The request cannot be read."}},
	codeInvalid:       {http.StatusUnprocessableEntity, text{"La demande est incorrecte.", "The request is not valid."}},
	codeIllegal:       {http.StatusConflict, text{"Ce n'est pas possible dans l'état présent.", "This is not possible in the present state."}},
	codeConflict:      {http.StatusConflict, text{"L'état a changé entre-temps ; recommencez.", "The state has changed meanwhile; try again."}},
	codeFull:          {http.StatusConflict, text{"La file est pleine.", "The queue is full."}},
	codeUnavailable:   {http.StatusServiceUnavailable, text{"La base de données est absente ; les appels continuent.", "The store is away; calls go on."}},
	codeTimeout:       {http.StatusGatewayTimeout, text{"La réponse a pris trop de temps ; l'effet est inconnu.", "The answer took too long; the effect is unknown."}},
	codeBodyTimeout:   {http.StatusRequestTimeout, text{"La demande arrive trop lentement.", "The request arrives too slowly."}},
	codeTooLarge:      {http.StatusRequestEntityTooLarge, text{"La demande est trop longue.", "The request is too long."}},
	codeMediaType:     {http.StatusUnsupportedMediaType, text{"Le corps doit être du JSON (application/json).", "The body must be JSON (application/json)."}},
	codeNotAcceptable: {http.StatusNotAcceptable, text{"Seul le JSON est proposé.", "Only JSON is offered."}},
	codeTooMany:       {http.StatusTooManyRequests, text{"Trop de jetons refusés ; attendez.", "Too many refused tokens; wait."}},
	codeStreams:       {http.StatusServiceUnavailable, text{"Trop de lecteurs connectés.", "Too many readers are connected."}},
	codeReload:        {http.StatusUnprocessableEntity, text{"La configuration est refusée ; l'ancienne reste en vigueur.", "The configuration is refused; the running one stays."}},
	codeInternal:      {http.StatusInternalServerError, text{"Erreur interne ; elle a été notée.", "Internal error; it has been noted."}},
}

// mistakes are what can be wrong with one field.
var mistakes = map[string]text{
	"unknown":  {"champ inconnu", "unknown field"},
	"required": {"champ obligatoire", "required"},
	"choice":   {"valeur hors de la liste", "not one of the possible values"},
	"range":    {"nombre hors des bornes", "number out of bounds"},
	"length":   {"longueur hors des bornes", "length out of bounds"},
	"format":   {"forme inattendue", "unexpected form"},
	"type":     {"type inattendu", "unexpected type"},
	"invalid":  {"valeur incorrecte", "not valid"},
	"order":    {"la fin précède le début", "the end comes before the beginning"},
	"entry":    {"entrée inconnue du site", "entry unknown to the site"},
	"past":     {"l'instant est passé", "the instant is past"},
	"skill":    {"compétence inconnue du site", "skill unknown to the site"},
	"phone":    {"poste inconnu du site", "phone unknown to the site"},
	"queue":    {"file inconnue du site", "queue unknown to the site"},
	"reason":   {"motif inconnu du site", "reason unknown to the site"},
	"lang":     {"langue inconnue du site", "language unknown to the site"},
	"ready":    {"agent inconnu du site", "agent unknown to the site"},
	"meant":    {" ; vouliez-vous dire « %s » ?", "; did you mean \"%s\"?"},
	"agent":    {"agent inconnu du site", "agent unknown to the site"},
}
