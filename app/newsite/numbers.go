package newsite

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"accueil/site"
)

// Entry is a number that callers reach, as the trunk delivers it, and the language it greets in; the
// first of the site's when empty.
type Entry struct{ Number, Language string }

// Trunk is the operator's: known by addresses, or registered at as User@Host.
type Trunk struct {
	Addresses  []string
	Host, User string
}

// Registers reports whether we register there.
func (t Trunk) Registers() bool { return t.User != "" }

// PBX is the hospital's own: its address and the numbers behind it.
type PBX struct {
	Address  string
	Patterns []string // as a person writes them: 4xxx
}

// Present reports whether there is one.
func (p PBX) Present() bool { return p.Address != "" }

// Reaches reports whether the PBX has the number.
func (p PBX) Reaches(number string) bool {
	return slices.ContainsFunc(p.Patterns, func(pattern string) bool {
		if len(pattern) != len(number) {
			return false
		}
		for i := range len(pattern) {
			if pattern[i] != 'x' && pattern[i] != number[i] {
				return false
			}
		}
		return true
	})
}

// expression is a pattern as the site file writes it: 4[0-9]{3}.
func expression(pattern string) string {
	return regexp.MustCompile("x+").ReplaceAllStringFunc(pattern, func(run string) string {
		if len(run) == 1 {
			return "[0-9]"
		}
		return "[0-9]{" + itoa(len(run)) + "}"
	})
}

var (
	idForm      = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
	entryForm   = regexp.MustCompile(`^[+]?[0-9]{2,20}$`)
	numberForm  = regexp.MustCompile(`^[0-9]{2,20}$`)
	patternForm = regexp.MustCompile(`^[0-9][0-9x]{1,9}$`)
	userForm    = regexp.MustCompile(`^[A-Za-z0-9._+-]{1,64}$`)
	hostForm    = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+(:[0-9]{2,5})?$`)
)

// shortened is a number of the French plan without the 0 that it begins with: a spreadsheet takes it off.
var shortened = regexp.MustCompile(`^[1-9][0-9]{8}$`)

func lostZero(number string) error {
	return say("vouliez-vous dire 0%s ? un tableur a sans doute retiré le 0 de %s", "did you mean 0%s? a spreadsheet has probably taken the 0 off %s", number, number)
}

// digitsOf takes out what people write between the digits of a number.
func digitsOf(text string) string {
	return strings.NewReplacer(" ", "", ".", "", "-", "", "\u00a0", "", "\u202f", "", "/", "", "(", "", ")", "").Replace(text)
}

// list cuts an answer that names several things.
func list(text string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// none reports whether an answer says that there is no such thing.
func none(text string) bool {
	return slices.Contains([]string{"", "-", "non", "no", "aucun", "aucune", "none", "rien", "sans"}, strings.ToLower(fold(strings.TrimSpace(text))))
}

func emergency(number string) bool { return slices.Contains(site.DefaultEmergencyNumbers, number) }

func parseAddress(text string) (string, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.IsUnspecified() || a.Zone() != "" {
		return "", say("%q n'est pas une adresse comme 10.0.0.5", "%q is not an address such as 10.0.0.5", text)
	}
	return a.String(), nil
}

func parseTrunk(text string) (Trunk, error) {
	text = strings.TrimSpace(text)
	if user, host, ok := strings.Cut(text, "@"); ok {
		switch {
		case !userForm.MatchString(user):
			return Trunk{}, say("%q n'est pas un nom d'utilisateur SIP", "%q is not the name of a SIP user", user)
		case !hostForm.MatchString(host):
			if _, err := netip.ParseAddr(host); err != nil {
				return Trunk{}, say("%q n'est pas le nom d'une machine, comme sip.operateur.fr", "%q is not the name of a machine, such as sip.operator.fr", host)
			}
		}
		return Trunk{Host: host, User: user}, nil
	}
	var t Trunk
	for _, part := range list(text) {
		a, err := parseAddress(part)
		if err != nil {
			return Trunk{}, say("%q n'est ni une adresse comme 198.51.100.10 ni un compte comme 0140000000@sip.operateur.fr",
				"%q is neither an address such as 198.51.100.10 nor an account such as 0140000000@sip.operator.fr", part)
		}
		if slices.Contains(t.Addresses, a) {
			return Trunk{}, say("%s est écrit deux fois", "%s is written twice", a)
		}
		t.Addresses = append(t.Addresses, a)
	}
	if len(t.Addresses) == 0 {
		return Trunk{}, say("il faut une adresse", "an address is needed")
	}
	return t, nil
}

func parsePBX(text string) (PBX, error) {
	if none(text) {
		return PBX{}, nil
	}
	address, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	a, err := parseAddress(strings.TrimRight(address, ",;"))
	if err != nil {
		return PBX{}, err
	}
	p := PBX{Address: a}
	for _, part := range list(strings.ToLower(strings.Join(strings.Fields(rest), ","))) {
		switch {
		case !patternForm.MatchString(part):
			return PBX{}, say("%q ne décrit pas des numéros : des chiffres, puis un x pour chaque chiffre quelconque, comme 4xxx",
				"%q does not describe numbers: digits, then an x for each digit that may be any, such as 4xxx", part)
		case slices.Contains(p.Patterns, part):
			return PBX{}, say("%s est écrit deux fois", "%s is written twice", part)
		}
		p.Patterns = append(p.Patterns, part)
	}
	if len(p.Patterns) == 0 {
		return PBX{}, say("il manque les numéros derrière l'autocommutateur, par exemple : 10.0.0.5 4xxx", "the numbers behind the PBX are missing, for example: 10.0.0.5 4xxx")
	}
	return p, nil
}
