package why

import (
	"slices"

	"accueil/acd"
	"accueil/routing"
)

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
