package why

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
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

// Life tells a life in plain words.
func (n Narrator) Life(life Life) string {
	l := &lines{Narrator: n}
	l.line(0, text{"Contact %s", "Contact %s"}, life.Contact)
	told := map[string]bool{}
	for _, e := range life.Events {
		if e.Kind == acd.KindLegChanged {
			continue // nothing that concerns who takes it
		}
		l.event(e)
		for _, d := range life.Decisions {
			if d.Entry != "" && d.Entry == e.Entry && !told[d.Entry] {
				told[d.Entry] = true
				l.decision(d)
			}
		}
	}
	for _, d := range life.Decisions { // of a log that could not be read
		if !told[d.Entry] || d.Entry == "" {
			l.line(0, text{"%s  est proposé à l'agent %s", "%s  is offered to agent %s"}, clock(d.At), d.Agent)
			l.decision(d)
		}
	}
	if len(life.Decisions) == 0 && life.Waiting == nil {
		l.line(0, text{"Ce contact n'a été proposé à aucun agent.", "This contact was offered to no agent."})
	}
	if life.Waiting != nil {
		l.waiting(*life.Waiting)
	}
	return l.String()
}

func (l *lines) event(e Event) {
	what := word(l.Narrator, kindWords, e.Kind)
	switch e.Kind {
	case acd.KindArrived:
		what = l.say(text{"%s par %s", "%s at %s"}, what, e.Line)
	case acd.KindQueued, acd.KindMoved:
		what = l.say(text{"%s %s", "%s %s"}, what, e.Queue)
		if e.Reason != "" {
			what += l.say(text{", motif %s", ", reason %s"}, e.Reason)
		}
		if e.Asks != "" {
			what += l.say(text{", demande %s", ", asks for %s"}, e.Asks)
		}
		what += l.points(e.Points)
	case acd.KindPoints:
		what += l.say(text{" : %d point(s)", ": %d points"}, e.Points)
	case acd.KindClaimed:
		what = l.say(text{"%s à l'agent %s", "%s to agent %s"}, what, e.Agent)
	case acd.KindTalking:
		what = l.say(text{"%s %s", "%s %s"}, what, e.Agent)
	case acd.KindEnded:
		what = l.say(text{"%s : %s", "%s: %s"}, what, word(l.Narrator, outcomeWords, e.Outcome))
	}
	if e.By != "" {
		what += l.say(text{" (par %s)", " (by %s)"}, e.By)
	}
	l.line(0, text{"%s  %s", "%s  %s"}, clock(e.At), what)
}

func (l *lines) points(n int) string {
	if n == 0 {
		return ""
	}
	return l.say(text{", priorité %d point(s) (autant de minutes d'avance)", ", priority %d points (as many minutes ahead)"}, n)
}

func (l *lines) decision(d Claim) {
	if d.Doubt != "" {
		l.line(2, text{"%s", "%s"}, word(l.Narrator, doubtWords, d.Doubt))
	} else {
		l.whyContact(d)
	}
	l.whyAgent(d)
	if d.Doubt == "" && !d.Equal {
		l.line(2, text{"Attention : refaite aujourd'hui, cette décision serait autre (accueil replay dit en quoi).", "Beware: made again today, this decision would be another (accueil replay says how)."})
	}
	if d.Ending != "" {
		l.line(2, text{"Suite : %s", "Then: %s"}, word(l.Narrator, endingWords, d.Ending))
	}
}

func (l *lines) whyContact(d Claim) {
	l.line(2, text{"Pourquoi ce contact : il attendait depuis %s%s.", "Why this contact: it had waited %s%s."}, span(d.Waited), l.points(d.Points))
	switch {
	case d.WaitAhead == 0 && d.WaitBehind == 0:
		l.line(3, text{"Personne d'autre n'attendait.", "Nobody else was waiting."})
	case d.WaitAhead == 0:
		l.line(3, text{"Il était le premier de tous ; %d autre(s) attendai(en)t derrière.", "It was the first of all; %d more waited behind."}, d.WaitBehind)
	default:
		l.line(3, text{"%d contact(s) étai(en)t mieux placé(s), mais aucun ne pouvait aller à %s :", "%d contacts had a better place, but none of them could go to %s:"}, d.WaitAhead, d.Agent)
		for _, r := range d.Ahead {
			l.line(4, text{"%s (file %s) : %s", "%s (queue %s): %s"}, r.Leg.Contact(), r.Queue, l.rival(r.Passed))
		}
		if n := d.WaitAhead - len(d.Ahead); n > 0 {
			l.line(4, text{"et %d autre(s), plus loin devant", "and %d more, further ahead"}, n)
		}
	}
	if len(d.Behind) > 0 {
		var next []acd.ContactID
		for _, r := range d.Behind {
			next = append(next, r.Leg.Contact())
		}
		l.line(3, text{"Venaient après pour cet agent : %s.", "Next for this agent: %s."}, join(next))
	}
}

// rival says why a contact with a better place was not given to the agent.
func (l *lines) rival(why routing.Passed) string {
	if _, ok := rivalWords[why]; ok {
		return word(l.Narrator, rivalWords, why)
	}
	return word(l.Narrator, passedWords, why)
}

func (l *lines) whyAgent(d Claim) {
	require := ""
	for _, s := range d.Steps {
		if s.Number == d.Step {
			require = s.Require
		}
	}
	if require == "" && len(d.Steps) > 0 {
		require = l.say(text{"ouverte à tous", "open to everyone"})
	}
	if require != "" {
		require = " (" + require + ")"
	}
	l.line(2, text{"Pourquoi l'agent %s : étape %d%s, %s.", "Why agent %s: step %d%s, %s."}, d.Agent, d.Step, require, l.parts(d.Parts))
	if len(d.RunnersUp) > 0 {
		l.line(3, text{"Venaient ensuite :", "Then came:"})
		for _, r := range d.RunnersUp {
			l.line(4, text{"%s : étape %d, %s", "%s: step %d, %s"}, r.Agent, part(r.Parts, "step"), l.parts(r.Parts))
		}
	}
	l.skipped(d)
	l.passed(d.Passed, d.Candidates)
}

func (l *lines) skipped(d Claim) {
	if len(d.Skipped) == 0 {
		return
	}
	numbers := make([]string, len(d.Skipped))
	for i, s := range d.Skipped {
		numbers[i] = strconv.Itoa(s)
	}
	l.line(3, text{"Étape(s) sautée(s), faute de quelqu'un au travail qui y réponde : %s.", "Steps skipped, since nobody at work satisfies them: %s."}, strings.Join(numbers, ", "))
}

func part(parts []acd.ScorePart, name string) int64 {
	for _, p := range parts {
		if p.Name == name {
			return p.Value
		}
	}
	return 0
}

// partWords are the comparisons that are not told elsewhere, by name.
var partWords = map[string]text{
	"surplus":   {"%d niveau(x) de compétence en trop", "%d levels of skill to spare"},
	"points":    {"%d point(s) de priorité", "%d points of priority"},
	"in_hand":   {"%d contact(s) en main", "%d contacts in hand"},
	"occupancy": {"occupé(e) à %d pour mille", "occupied for %d thousandths"},
	"level":     {"niveau total %d", "levels of %d in all"},
}

// parts tells what an agent is compared by, and when nothing is known of it.
func (l *lines) parts(parts []acd.ScorePart) string {
	return cmp.Or(l.compared(parts), l.in(text{"sans comparaison enregistrée", "no comparison recorded"}))
}

// compared tells what an agent is compared by; "" for nothing.
func (l *lines) compared(parts []acd.ScorePart) string {
	var out []string
	for _, p := range parts {
		t, known := partWords[p.Name]
		switch {
		case p.Name == "step":
		case p.Name == "preferred" && p.Value > 0:
			out = append(out, l.in(text{"demandé de préférence", "preferred"}))
		case p.Name == "preferred", p.Value == 0 && (p.Name == "points" || p.Name == "in_hand"):
		case p.Name == "idle_ms":
			out = append(out, l.say(text{"libre depuis %s", "free for %s"}, span(p.Value)))
		case known:
			out = append(out, l.say(t, p.Value))
		default:
			out = append(out, fmt.Sprintf("%s %d", p.Name, p.Value))
		}
	}
	return strings.Join(out, ", ")
}

// maxNamed bounds the agents named for one reason.
const maxNamed = 12

// passed tells who was passed over, by reason, in the order in which reasons are looked for.
func (l *lines) passed(counts map[string]int, candidates []Candidate) {
	who := map[routing.Passed][]acd.AgentID{}
	for _, c := range candidates {
		who[c.Passed] = append(who[c.Passed], c.Agent)
	}
	if counts == nil {
		counts = map[string]int{}
		for why, ids := range who {
			if why != "" {
				counts[string(why)] = len(ids)
			}
		}
	}
	rest := map[routing.Passed]bool{}
	for why, n := range counts {
		rest[routing.Passed(why)] = n > 0
	}
	order := slices.Clone(routing.PassedReasons)
	for why := range rest { // of a later program: by their codes, after the others
		if !slices.Contains(order, why) {
			order = append(order, why)
		}
	}
	slices.Sort(order[len(routing.PassedReasons):])
	begun := false
	for _, why := range order {
		if !rest[why] {
			continue
		}
		if !begun {
			begun = true
			l.line(3, text{"Écartés :", "Passed over:"})
		}
		names := join(who[why][:min(len(who[why]), maxNamed)])
		if len(who[why]) > maxNamed {
			names += ", …"
		}
		if names != "" {
			names = " (" + names + ")"
		}
		l.line(4, text{"%d %s%s", "%d %s%s"}, counts[string(why)], word(l.Narrator, passedWords, why), names)
	}
}

func (l *lines) waiting(w Waiting) {
	l.line(0, text{"%s  attend dans la file %s depuis %s%s", "%s  waits in queue %s, for %s%s"}, clock(w.At), w.Queue, span(w.Waited), l.points(w.Points))
	switch {
	case w.Pending != "":
		l.line(2, text{"Vient d'être attribué à l'agent %s ; la confirmation arrive.", "Has just been given to agent %s; the confirmation is on its way."}, w.Pending)
	case w.HeldFor != "":
		l.line(2, text{"Gardé pour l'agent %s jusqu'à %s.", "Kept for agent %s until %s."}, w.HeldFor, clock(w.HeldUntil))
	case slices.ContainsFunc(w.Candidates, func(c Candidate) bool { return c.Passed == "" }):
		l.line(2, text{"Quelqu'un peut le prendre : son tour vient à l'instant.", "Somebody can take it: its turn comes now."})
	default:
		l.line(2, text{"Attend qu'un agent qui lui convient se libère.", "Waits for a suitable agent to become free."})
	}
	for _, s := range w.Steps {
		require := s.Require
		if require == "" {
			require = l.in(text{"tout agent", "any agent"})
		}
		state := l.say(text{"s'ouvre à %s", "opens at %s"}, clock(s.Opens))
		switch {
		case s.Skipped:
			state = l.in(text{"sautée, personne au travail n'y répond", "skipped, nobody at work satisfies it"})
		case s.Open:
			state = l.in(text{"ouverte", "open"})
		case s.Closed:
			state = l.in(text{"fermée par une étape suivante", "closed by a later step"})
		case !s.Considered:
			state = l.say(text{"fermée tant que ceci n'est pas vrai : %s", "closed while this does not hold: %s"}, s.Consider)
		}
		l.line(2, text{"Étape %d (%s) : %s ; %d au travail.", "Step %d (%s): %s; %d at work."}, s.Number, require, state, s.Staffed)
	}
	if w.NextStep > 0 {
		l.line(2, text{"Prochaine étape : la %d, à %s.", "Next step: %d, at %s."}, w.NextStep, clock(w.NextAt))
	}
	var could []acd.AgentID
	for _, c := range w.Candidates {
		if c.Step > 0 && c.Passed != routing.PassedOffline {
			could = append(could, c.Agent)
		}
	}
	if could == nil {
		l.line(2, text{"Personne au travail ne pourrait le prendre.", "Nobody at work could take it."})
	} else {
		l.line(2, text{"Pourraient le prendre, une fois libres : %s.", "Could take it, once free: %s."}, join(could))
	}
	l.passed(nil, w.Candidates)
}

// Answer tells what would happen to a call in plain words.
func (n Narrator) Answer(a Answer) string {
	l := &lines{Narrator: n}
	at := a.At
	if t, err := time.Parse(time.RFC3339Nano, a.At); err == nil {
		at = t.Format("2006-01-02 15:04")
	}
	l.line(0, text{"Un appel pour %s, en %s, le %s", "A call for %s, in %s, at %s"}, a.Reason, a.Lang, at)
	for _, e := range a.Entries {
		l.entry(e)
	}
	if len(a.Entries) == 0 {
		l.line(1, text{"Aucun menu ne mène à ce motif : seuls un transfert ou l'API y conduisent.", "No menu leads to this reason: only a transfer or the API does."})
	}
	asks := ""
	if a.Asks != "" {
		asks = l.say(text{", l'agent doit avoir %s", ", the agent must have %s"}, a.Asks)
	}
	l.line(1, text{"File %s%s%s.", "Queue %s%s%s."}, a.Queue, asks, l.points(a.Points))
	if a.Hours != nil {
		l.line(1, text{"Horaires de la file : %s.", "Hours of the queue: %s."}, l.hours(*a.Hours))
	}
	if a.Paused {
		l.line(1, text{"La file est en pause en ce moment : personne n'y est servi.", "The queue is paused at this moment: nobody is served from it."})
	}
	if a.Hold > 0 {
		l.line(1, text{"Gardé au plus %d s pour l'agent qui connaît l'appelant.", "Kept at most %d s for the agent who knows the caller."}, a.Hold)
	}
	for _, s := range a.Steps {
		l.step(s)
	}
	if len(a.Order) > 0 {
		l.line(1, text{"Si tous étaient libres, ordre des appels : %s.", "Were all free, in this order: %s."}, join(a.Order))
	}
	l.passed(nil, a.Others)
	l.limits(a)
	return l.String()
}

func (l *lines) entry(e EntryState) {
	reach := text{"on y parvient à ce motif", "callers can come to this reason"}
	if !e.Reaches {
		reach = text{"on n'y parvient pas à ce motif à cette heure", "callers cannot come to this reason at that time"}
	}
	l.line(1, text{"Entrée %s (scénario %s) : %s.", "Entry %s (scenario %s): %s."}, e.Entry, e.Scenario, l.in(reach))
	for _, h := range e.Hours {
		words := l.hours(h)
		if h.Node == "" {
			l.line(2, text{"horaires de l'entrée : %s", "hours of the entry: %s"}, words)
			continue
		}
		l.line(2, text{"horaires %s : %s, suite en %s", "hours %s: %s, goes on at %s"}, h.Node, words, h.To)
	}
	if e.Closed {
		l.line(2, text{"fermée exceptionnellement en ce moment", "closed exceptionally at this moment"})
	}
}

// hours says whether it is open, on which day, and when it opens next.
func (l *lines) hours(h HoursState) string {
	state := text{"fermé", "closed"}
	if h.Open {
		state = text{"ouvert", "open"}
	}
	words := l.in(state)
	if day := cmp.Or(h.Day[l.Lang], h.Day["fr"]); day != "" {
		words += " (" + day + ")"
	}
	if opens, err := time.Parse(time.RFC3339, h.Opens); err == nil {
		words += l.say(text{", rouvre le %s", ", opens again on %s"}, opens.Format("2006-01-02 15:04"))
	}
	return words
}

func (l *lines) step(s WouldStep) {
	require := s.Require
	if require == "" {
		require = l.in(text{"tout agent", "any agent"})
	}
	when := l.in(text{"tout de suite", "at once"})
	if s.After > 0 {
		when = l.say(text{"après %s (%s)", "after %s (%s)"}, span(1000*s.After), clock(s.Opens))
	}
	l.line(1, text{"Étape %d, %s : %s", "Step %d, %s: %s"}, s.Number, when, require)
	if s.Skipped {
		l.line(2, text{"sautée : personne de présent n'y répond", "skipped: nobody who is there satisfies it"})
		return
	}
	if s.Consider != "" {
		l.line(2, text{"fermée tant que ceci n'est pas vrai : %s", "closed while this does not hold: %s"}, s.Consider)
	}
	if s.Exclusive {
		l.line(2, text{"ferme celles qui la précèdent", "closes those before it"})
	}
	nobody := true
	for _, a := range s.Agents {
		if a.Step == s.Number {
			nobody = false
			l.line(2, text{"%s", "%s"}, strings.TrimSuffix(string(a.Agent)+", "+l.compared(a.Parts), ", "))
		}
	}
	for _, a := range s.Later {
		if a.Step == s.Number {
			nobody = false
			l.line(2, text{"%s, pas avant %s", "%s, not before %s"}, a.Agent, clock(a.From))
		}
	}
	if nobody && s.Considered {
		l.line(2, text{"personne de plus", "nobody more"})
	}
}

func (l *lines) limits(a Answer) {
	l.line(1, text{"Chaque poste sonne %d s.", "Each phone rings for %d s."}, a.Ring)
	if a.MaxWaiting > 0 {
		kept := ""
		if a.Places < a.MaxWaiting {
			kept = l.say(text{" (%d pour un appel transmis par un agent)", " (%d for a call that an agent hands on)"}, a.MaxWaiting)
		}
		l.line(1, text{"Au-delà de %d en attente%s : %s.", "Beyond %d waiting%s: %s."}, a.Places, kept, l.way(a, routing.LimitFull))
	}
	if a.MaxRatio > 0 {
		l.line(1, text{"Au-delà de %d appelants en attente pour 100 agents au travail : %s.", "Beyond %d callers waiting for 100 agents at work: %s."}, a.MaxRatio, l.way(a, routing.LimitRatio))
	}
	if a.MaxWait > 0 {
		l.line(1, text{"Au-delà de %s d'attente : %s.", "Beyond a wait of %s: %s."}, span(1000*a.MaxWait), l.way(a, routing.LimitWait))
	}
	then := text{"l'appelant attend", "the caller waits"}
	switch a.WhenUnstaffed {
	case routing.UnstaffedDissuade:
		then = text{"l'appelant est invité à rappeler plus tard", "the caller is told to call later"}
	case routing.UnstaffedFallback:
		l.line(1, text{"Si personne au travail ne peut le prendre : %s.", "If nobody at work can take it: %s."}, l.way(a, routing.LimitUnstaffed))
		return
	}
	l.line(1, text{"Si personne au travail ne peut le prendre : %s.", "If nobody at work can take it: %s."}, l.in(then))
}

// way says where a caller goes beyond a limit.
func (l *lines) way(a Answer, limit routing.Limit) string {
	switch to := a.Overflow[limit]; {
	case to != "":
		return l.say(text{"débordement vers %s", "overflows to %s"}, to)
	case a.Fallback == "":
		return l.in(text{"un message clair, puis la fin de l'appel", "a clear message, then the call ends"})
	}
	return l.say(text{"repli vers %s", "falls back to %s"}, a.Fallback)
}
