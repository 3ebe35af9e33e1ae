package routing

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"accueil/acd"
)

// MaxLevel is the highest level of a skill; 1 is the lowest. An agent at level 0 lacks the skill.
const MaxLevel = 10

// levels is a set of skill levels; bit n stands for level n, 1 to MaxLevel.
type levels uint16

const everyLevel levels = (1<<MaxLevel - 1) << 1

func (s levels) has(level int) bool { return level >= 1 && level <= MaxLevel && s&(1<<level) != 0 }
func (s levels) lowest() int        { return bits.TrailingZeros16(uint16(s)) }
func (s levels) highest() int       { return 15 - bits.LeadingZeros16(uint16(s)) }

// between returns the levels from lo to hi, both included and cut to 1..MaxLevel.
func between(lo, hi int) levels {
	var s levels
	for l := max(lo, 1); l <= min(hi, MaxLevel); l++ {
		s |= 1 << l
	}
	return s
}

// term admits some levels of one skill.
type term struct {
	skill acd.SkillID
	admit levels // never empty
}

// conjunct is satisfied by an agent who satisfies all its terms; ordered by skill, each skill once.
type conjunct []term

// Requirement is a condition on an agent's skills in disjunctive normal form: he satisfies it when
// he satisfies one of its conjuncts. The zero Requirement is satisfied by everyone.
type Requirement struct {
	anyOf []conjunct // ordered and distinct; nil for everyone
	never bool       // an intersection that came out empty
}

// Always reports whether everyone satisfies r.
func (r Requirement) Always() bool { return !r.never && len(r.anyOf) == 0 }

// Never reports whether nobody can satisfy r. Parsing refuses such a requirement; And may yield one.
func (r Requirement) Never() bool { return r.never }

// Match reports whether an agent with these skills satisfies r, and with what surplus: the sum over
// all his skills of his level less the bound that the satisfied conjunct puts on it (the lowest level
// it admits; 0 for a skill it does not name), the minimum over the conjuncts he satisfies. A condition
// on a skill that he lacks is false whatever its operator.
func (r Requirement) Match(skills map[acd.SkillID]int) (surplus int, ok bool) {
	if r.never {
		return 0, false
	}
	total := 0
	for _, level := range skills { // a sum: the order of the map does not show
		total += min(max(level, 0), MaxLevel)
	}
	if len(r.anyOf) == 0 {
		return total, true
	}
	best := -1
	for _, c := range r.anyOf {
		if bound, fits := c.match(skills); fits {
			// A satisfied conjunct names skills of his at levels he has, so no part is negative.
			if s := total - bound; best < 0 || s < best {
				best = s
			}
		}
	}
	return max(best, 0), best >= 0
}

// Level is the sum of an agent's levels in the skills that the satisfied conjunct names, the highest
// of those he satisfies; 0 when he satisfies none, or the requirement names no skill.
func (r Requirement) Level(skills map[acd.SkillID]int) int {
	best := 0
	for _, c := range r.anyOf {
		if _, fits := c.match(skills); fits {
			sum := 0
			for _, t := range c {
				sum += min(skills[t.skill], MaxLevel)
			}
			best = max(best, sum)
		}
	}
	return best
}

// match reports whether the skills satisfy c and the sum of its bounds.
func (c conjunct) match(skills map[acd.SkillID]int) (bound int, ok bool) {
	for _, t := range c {
		if !t.admit.has(min(skills[t.skill], MaxLevel)) {
			return 0, false
		}
		bound += t.admit.lowest()
	}
	return bound, true
}

// And returns the requirement of satisfying both a and b.
func And(a, b Requirement) Requirement {
	switch {
	case a.never || b.never:
		return Requirement{never: true}
	case a.Always():
		return b
	case b.Always():
		return a
	}
	var out []conjunct
	for _, x := range a.anyOf {
		for _, y := range b.anyOf {
			if c, ok := meet(x, y); ok {
				out = append(out, c)
			}
		}
	}
	return normalise(out)
}

// meet returns the conjunct of both x and y, and false when some skill is left without a level.
func meet(x, y conjunct) (conjunct, bool) {
	out := make(conjunct, 0, len(x)+len(y))
	for len(x) > 0 || len(y) > 0 {
		switch {
		case len(y) == 0 || len(x) > 0 && x[0].skill < y[0].skill:
			out, x = append(out, x[0]), x[1:]
		case len(x) == 0 || y[0].skill < x[0].skill:
			out, y = append(out, y[0]), y[1:]
		default:
			admit := x[0].admit & y[0].admit
			if admit == 0 {
				return nil, false
			}
			out = append(out, term{x[0].skill, admit})
			x, y = x[1:], y[1:]
		}
	}
	return out, true
}

// normalise orders the conjuncts and drops repeats. It keeps a conjunct that another one implies:
// dropping it would change the surplus of those who satisfy both.
func normalise(cs []conjunct) Requirement {
	if len(cs) == 0 {
		return Requirement{never: true}
	}
	slices.SortFunc(cs, compareConjuncts)
	return Requirement{anyOf: slices.CompactFunc(cs, func(a, b conjunct) bool { return compareConjuncts(a, b) == 0 })}
}

func compareConjuncts(a, b conjunct) int {
	return slices.CompareFunc(a, b, func(x, y term) int {
		return cmp.Or(cmp.Compare(x.skill, y.skill), cmp.Compare(x.admit, y.admit))
	})
}

// String returns the canonical form: equal requirements print alike, and parsing it gives r again.
// It is "" for everyone and "never" for nobody (which does not parse).
func (r Requirement) String() string {
	if r.never {
		return "never"
	}
	var b strings.Builder
	for i, c := range r.anyOf {
		if i > 0 {
			b.WriteString(" or ")
		}
		for j, t := range c {
			if j > 0 {
				b.WriteString(" and ")
			}
			b.WriteString(t.String())
		}
	}
	return b.String()
}

func (t term) String() string {
	lo, hi := t.admit.lowest(), t.admit.highest()
	skill := string(t.skill)
	switch {
	case t.admit != between(lo, hi):
		var list []string
		for l := lo; l <= hi; l++ {
			if t.admit.has(l) {
				list = append(list, strconv.Itoa(l))
			}
		}
		return skill + " in [" + strings.Join(list, ", ") + "]"
	case lo == hi:
		return skill + " == " + strconv.Itoa(lo)
	case hi == MaxLevel:
		return skill + " >= " + strconv.Itoa(lo)
	case lo == 1:
		return skill + " <= " + strconv.Itoa(hi)
	}
	return skill + " in " + strconv.Itoa(lo) + ".." + strconv.Itoa(hi)
}
