package why

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"accueil/acd"
	"accueil/routing"
)

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
