package site

import (
	"slices"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

func (c *checker) phones() {
	for _, id := range sorted(c.site.Phones) {
		p := c.site.Phones[id]
		path := diag.Join("phones", string(id))
		c.phoneKeys(path, p.Kind)
		refers(c, diag.Join(path, "trunk"), p.Trunk, c.site.Trunks, "there is no trunk %q")
		if _, taken := c.site.Trunks[acd.TrunkID(id)]; taken {
			c.key(path, wording.Say("rename one of them"), "a trunk has the name %q too, Asterisk could not tell them apart", id)
		}
	}
	ring := c.site.Fallback.Ring
	once(c, "fallback.ring", ring)
	for i, id := range ring {
		path := diag.Join("fallback.ring", i)
		if refers(c, path, id, c.site.Phones, "there is no phone %q") && c.site.Phones[id].Kind == PhoneCaller {
			c.fail(path, nil, "%q is a caller's phone", id)
		}
	}
}

// phoneKeys reports keys that the kind of phone needs and lacks, or has and cannot use.
func (c *checker) phoneKeys(path string, kind PhoneKind) {
	var needs []string
	switch kind {
	case PhoneSIP:
		needs = []string{"password_file"}
	case PhoneTrunk:
		needs = []string{"trunk", "number"}
	case PhoneCaller:
		needs = []string{"password_file", "trunk"}
	default:
		return
	}
	for _, key := range []string{"password_file", "trunk", "number"} {
		switch given := c.given(diag.Join(path, key)); {
		case given && !contains(needs, key):
			c.key(diag.Join(path, key), wording.Say("remove it"), "a phone of kind %s has no %s", kind, key)
		case !given && contains(needs, key):
			c.key(path, wording.Say("add it"), "a phone of kind %s needs %s", kind, key)
		}
	}
}

// numbers reports numbers with two meanings when dialled from an agent's phone, or from a trunk.
func (c *checker) numbers() {
	owner := map[string]wording.Sentence{}
	claim := func(path, number string, what wording.Sentence) {
		if before, taken := owner[number]; taken {
			c.key(path, nil, "the number %s is %s already", number, before)
			return
		}
		owner[number] = what
	}
	for i, n := range c.site.EmergencyNumbers {
		if !contains(c.site.EmergencyNumbers[:i], n) {
			claim(diag.Join("emergency_numbers", i), n, "an emergency number")
		}
	}
	for _, id := range sorted(c.site.Entries) {
		claim(diag.Join("entries", string(id)), string(id), "an entry")
	}
	for _, id := range sorted(c.site.Phones) {
		path := diag.Join("phones", string(id))
		if c.site.IsEmergency(string(id)) {
			// The number goes out, always. A demonstration's phones are rung by queues only.
			if !c.site.Demo {
				c.add(c.doc.KeyFinding(path, diag.Warning, nil, wording.Say("the phone cannot be dialled: %s is an emergency number", id)))
			}
			continue
		}
		claim(path, string(id), "a phone")
	}
	for _, id := range sorted(c.site.Trunks) {
		for i, re := range c.site.Trunks[id].Reaches {
			path := diag.Join("trunks", string(id), "extensions", i)
			for _, number := range names(owner) {
				if re.MatchString(number) {
					c.fail(path, nil, "this covers %s, which is %s", number, owner[number])
				}
			}
		}
	}
}

func (c *checker) agents() {
	s := c.site
	numbers := map[string]acd.AgentID{}
	for _, id := range sorted(s.Agents) {
		a := s.Agents[id]
		path := diag.Join("agents", string(id))
		if refers(c, diag.Join(path, "phone"), a.Phone, s.Phones, "there is no phone %q") && s.Phones[a.Phone].Kind == PhoneCaller {
			c.fail(diag.Join(path, "phone"), nil, "%q is a caller's phone", a.Phone)
		}
		for _, skill := range sorted(a.Skills) {
			if !slices.Contains(s.Skills, skill) {
				under := diag.Join(path, "skills", string(skill))
				c.key(under, diag.DidYouMean(string(skill), texts(s.Skills)), "the skill %q is not declared", skill)
			}
		}
		for _, queue := range sorted(a.Advanced.Queues) {
			if !has(s.Queues, queue) {
				under := diag.Join(path, "advanced", "queues", string(queue))
				c.key(under, diag.DidYouMean(string(queue), texts(sorted(s.Queues))), "there is no queue %q", queue)
			}
		}
		c.speaks(diag.Join(path, "language"), a.Language)
		if a.Language == "" && len(s.Languages) > 0 {
			a.Language = s.Languages[0]
		}
		if a.Number == "" {
			a.Number = digits(string(id))
		}
		if other, taken := numbers[a.Number]; taken && a.Number != "" {
			c.key(path, wording.Say("give one of them another with the key number"),
				"agent %q has the number %s too", other, a.Number)
		}
		numbers[a.Number] = id
		s.Agents[id] = a
	}
}

// digits returns the digits of an agent's id, when they can be keyed as his number.
func digits(id string) string {
	var out []byte
	for i := range len(id) {
		if id[i] >= '0' && id[i] <= '9' {
			out = append(out, id[i])
		}
	}
	if len(out) > maxAgentNumber {
		return ""
	}
	return string(out)
}

const maxAgentNumber = 6 // digits

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
