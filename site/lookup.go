package site

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"accueil/acd"
)

// numberPattern is what can be dialled; + begins a number with its country.
var numberPattern = regexp.MustCompile(`^[+]?[0-9]{2,20}$`)

// TrunkFor returns the trunk that a dialled number goes through: the one whose extensions it is,
// else the one that leads outside. ok is false when none does, or the text is no number.
func (s *Site) TrunkFor(number string) (id acd.TrunkID, ok bool) {
	if !numberPattern.MatchString(number) {
		return "", false
	}
	if id, ok := s.ExtensionTrunk(number); ok {
		return id, true
	}
	return s.Outside()
}

// ExtensionTrunk returns the trunk behind which the extension is reached.
func (s *Site) ExtensionTrunk(number string) (acd.TrunkID, bool) {
	for _, id := range sorted(s.Trunks) {
		if slices.ContainsFunc(s.Trunks[id].Reaches, func(re *regexp.Regexp) bool { return re.MatchString(number) }) {
			return id, true
		}
	}
	return "", false
}

// Outside returns the trunk that leads outside.
func (s *Site) Outside() (acd.TrunkID, bool) {
	for _, id := range sorted(s.Trunks) {
		if s.Trunks[id].CallbackVia {
			return id, true
		}
	}
	return "", false
}

// Doubtful reports a number that goes outside and is none that an operator would take: no telephone
// number of the region or with its country, no emergency number and no short service of four digits.
// It is mostly an extension with a digit too few.
func (s *Site) Doubtful(number string) bool {
	if _, inside := s.ExtensionTrunk(number); inside || s.IsEmergency(number) {
		return false
	}
	if french[s.Region] && frenchNumber.MatchString(number) {
		return false
	}
	n, err := phonenumbers.Parse(NormalizeCallerID(number, s.Region), s.Region)
	return err != nil || !phonenumbers.IsValidNumber(n)
}

// frenchNumber are the numbers of the French plan (Arcep), assigned or not: ten digits, at home or with
// the country, and the short ones of services, 3xxx, 10xx, 116xxx and 118xxx.
var frenchNumber = regexp.MustCompile(`^((0|\+33|0033)[1-9][0-9]{8}|3[0-9]{3}|10[0-9]{2}|11[68][0-9]{3})$`)

// AgentByNumber returns the agent who logs in with these digits: his number, his number without
// leading zeros, or the phone where he alone usually sits.
func (s *Site) AgentByNumber(keyed string) (acd.AgentID, bool) {
	for _, same := range []func(Agent) bool{
		func(a Agent) bool { return a.Number == keyed },
		func(a Agent) bool { return sameNumber(a.Number, keyed) },
		func(a Agent) bool { return string(a.Phone) == keyed },
	} {
		var found []acd.AgentID
		for _, id := range sorted(s.Agents) {
			if same(s.Agents[id]) {
				found = append(found, id)
			}
		}
		if keyed != "" && len(found) == 1 {
			return found[0], true
		}
	}
	return "", false
}

func sameNumber(a, b string) bool {
	x, err1 := strconv.Atoi(a)
	y, err2 := strconv.Atoi(b)
	return err1 == nil && err2 == nil && x == y
}

// UsualAgent returns the one agent who usually sits at the phone; ok is false for a shared desk.
func (s *Site) UsualAgent(phone acd.PhoneID) (id acd.AgentID, ok bool) {
	for _, a := range sorted(s.Agents) {
		if s.Agents[a].Phone == phone {
			if ok {
				return "", false
			}
			id, ok = a, true
		}
	}
	return id, ok
}

// IsEmergency reports whether the dialled number must go out untouched.
func (s *Site) IsEmergency(number string) bool {
	return slices.Contains(s.EmergencyNumbers, strings.TrimSpace(number))
}
