package why

import (
	"cmp"
	"strings"
	"time"

	"accueil/routing"
)

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
