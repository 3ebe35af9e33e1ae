package site

import (
	"regexp"

	"accueil/acd"
)

// TrunkKind says how a trunk and its peer know each other.
type TrunkKind string

// The kinds of trunk.
const (
	TrunkIP       TrunkKind = "ip"       // by address
	TrunkRegister TrunkKind = "register" // we register at the peer with a user and a password
)

// Trunk is the way to another telephone system.
type Trunk struct {
	// Kind: ip (the peer is known by its addresses) or register (we register there).
	Kind TrunkKind `yaml:"kind" schema:"required"`
	// Match lists the addresses, or networks in CIDR form, that calls of this trunk come from.
	Match []string `yaml:"match"`
	// Host is where calls are sent, host or host:port; the first address of match, port 5060, when
	// absent. For kind register it is required.
	Host string `yaml:"host"`
	// User at the peer, for kind register.
	User string `yaml:"user"`
	// PasswordFile holds the password of User.
	PasswordFile string `yaml:"password_file"`
	// Extensions are regular expressions, each for a whole number, of what is reached inside
	// through this trunk: digits, classes like [0-9], {n}, ?, | and groups.
	Extensions []string `yaml:"extensions"`
	// CallbackVia says that calls to the outside go through this trunk: callbacks, mobiles,
	// emergency numbers. One trunk at most.
	CallbackVia bool `yaml:"callback_via"`
	// Number is the caller number shown for calls that we make through this trunk; the peer's choice
	// when absent.
	Number string `yaml:"number" schema:"form=2 to 20 digits\\, + before a country,pattern=^[+]?[0-9]{2\\,20}$"`
	// Callers says who calls through this trunk, where the entry and the directory say nothing; who calls
	// through a trunk with extensions is internal when absent.
	Callers CallerKind `yaml:"callers"`

	// Password is the content of the file.
	Password Secret `yaml:"-"`
	// Reaches are the extensions, compiled and anchored.
	Reaches []*regexp.Regexp `yaml:"-"`
}

// Entry is a number that callers reach.
type Entry struct {
	// Trunk that delivers it.
	Trunk acd.TrunkID `yaml:"trunk" schema:"required"`
	// Scenario that greets the caller: scenarios/<name>.yaml beside the site file.
	Scenario acd.ScenarioID `yaml:"scenario" schema:"required"`
	// Language at the start; the first of languages when absent.
	Language acd.Lang `yaml:"language"`
	// Callers says who calls this number, where the directory says nothing: relay for the number of the
	// deaf and hard of hearing, whose silences are long.
	Callers CallerKind `yaml:"callers"`
	// Hours is the timetable of the entry: outside it callers hear when it opens next, unless the
	// scenario begins with hours and leads them elsewhere. Always open when absent.
	Hours string `yaml:"hours"`
}

func (TrunkKind) choices() []string { return []string{string(TrunkIP), string(TrunkRegister)} }
