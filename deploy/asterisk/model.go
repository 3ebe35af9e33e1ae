package asteriskconf

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/site"
)

// model is what the templates read: names resolved, in a fixed order.
type model struct {
	Options
	App       string
	Waiting   string // folder of music
	Soft      string
	NetMusic  string // one sound file, without its ending
	User      string // of ARI
	Password  string
	Reader    string // read-only user; empty without one
	ReaderKey string
	Languages []language
	Trunks    []trunk
	Phones    []phone
	Entries   []entry // of all trunks, for agents' phones
	Internal  []internal
	Outside   trunk
	Emergency []string
	First     string // Dial's argument of the first attempt of the safety net
	Again     string // and of the second, where phones of trunks ring too
	Claim     int    // milliseconds
	Qualify   int    // seconds; 0 never
}

type language struct {
	NetPrompts
	Lang  acd.Lang
	Class string // of musiconhold, in the safety net
}

type trunk struct {
	site.Trunk
	ID       acd.TrunkID
	Context  string
	Secret   string
	Match    []string
	Entries  []entry
	Patterns []string // of its extensions, as dialplan
	Contact  string   // user that the peer sends calls to, when we register
}

type entry struct {
	ID      acd.EntryID
	Trunk   acd.TrunkID
	Context string
	Lang    acd.Lang
}

type phone struct {
	ID      acd.PhoneID
	Context string
	Secret  string
	Caller  bool
}

// internal is a phone that another phone may dial by its id.
type internal struct {
	ID   acd.PhoneID
	Dial string
}

func newModel(s *site.Site, o Options) (*model, error) {
	o, err := o.fill(s)
	if err != nil {
		return nil, err
	}
	m := &model{
		Options: o, App: App(o.Node), User: s.Asterisk.User, Password: s.Asterisk.Password.Reveal(),
		Emergency: s.EmergencyNumbers, Claim: int(o.ClaimTimeout.Milliseconds()), Qualify: max(0, int(o.TrunkQualify/time.Second)),
	}
	m.Waiting, m.Soft = filepath.Join(o.MusicDir, "waiting"), filepath.Join(o.MusicDir, "soft")
	m.NetMusic = filepath.Join(m.Waiting, "waiting")
	if s.Music != "" {
		m.Waiting = filepath.Join(o.MusicDir, SiteMusic)
	}
	if m.Password == "" {
		return nil, fmt.Errorf("the site has no password for ARI")
	}
	if !s.Asterisk.ReaderPassword.Empty() {
		m.Reader, m.ReaderKey = s.Asterisk.User+"-reader", s.Asterisk.ReaderPassword.Reveal()
	}
	for _, l := range s.Languages {
		class := MusicWaiting
		if o.Net[l].Emergency != "" {
			class = NetContext + "-" + string(l)
		}
		m.Languages = append(m.Languages, language{o.Net[l], l, class})
	}
	if err := m.trunks(s); err != nil {
		return nil, err
	}
	m.phones(s)
	return m, m.ringGroup(s)
}

func (m *model) trunks(s *site.Site) error {
	for _, id := range slices.Sorted(maps.Keys(s.Trunks)) {
		t := trunk{Trunk: s.Trunks[id], ID: id, Context: EntryContext(id), Secret: s.Trunks[id].Password.Reveal()}
		if host := m.TrunkHosts[id]; host != "" {
			t.Host = host
		}
		t.Match = t.Trunk.Match
		if len(t.Match) == 0 {
			host, _, _ := strings.Cut(t.Host, ":")
			t.Match = []string{host}
		}
		for _, number := range slices.Sorted(maps.Keys(s.Entries)) {
			if e := s.Entries[number]; e.Trunk == id {
				t.Entries = append(t.Entries, entry{number, id, t.Context, e.Language})
			}
		}
		if t.Kind == site.TrunkRegister {
			t.Contact = t.User
			if len(t.Entries) > 0 {
				t.Contact = string(t.Entries[0].ID)
			}
		}
		for _, e := range t.Extensions {
			patterns, err := dialPatterns(e)
			if err != nil {
				return fmt.Errorf("trunk %s: extensions %q: %w", id, e, err)
			}
			t.Patterns = append(t.Patterns, patterns...)
		}
		m.Entries = append(m.Entries, t.Entries...)
		m.Trunks = append(m.Trunks, t)
		if t.CallbackVia {
			m.Outside = t
		}
	}
	if m.Outside.ID == "" {
		return fmt.Errorf("no trunk leads outside, emergency calls could not leave")
	}
	return nil
}

func (m *model) phones(s *site.Site) {
	for _, id := range slices.Sorted(maps.Keys(s.Phones)) {
		p := s.Phones[id]
		switch p.Kind {
		case site.PhoneSIP:
			m.Phones = append(m.Phones, phone{ID: id, Context: PhonesContext, Secret: p.Password.Reveal()})
		case site.PhoneCaller:
			m.Phones = append(m.Phones, phone{ID: id, Context: EntryContext(p.Trunk), Secret: p.Password.Reveal(), Caller: true})
			continue
		}
		// An emergency number goes out, whatever phone has the same name (DESIGN §8).
		if numeric(string(id)) && !s.IsEmergency(string(id)) {
			m.Internal = append(m.Internal, internal{id, DialString(s, id)})
		}
	}
}

// DialString returns the technology and address that rings the phone, for Dial and for ARI.
func DialString(s *site.Site, id acd.PhoneID) string {
	if p := s.Phones[id]; p.Kind == site.PhoneTrunk {
		return "PJSIP/" + p.Number + "@" + string(p.Trunk)
	}
	return "PJSIP/" + string(id)
}

// ringGroup builds the two attempts of the safety net. Phones behind trunks ring in the second only,
// and must accept with 1: a mobile's voicemail answers at once and would win against every phone.
func (m *model) ringGroup(s *site.Site) error {
	var first, again []string
	for _, id := range s.Fallback.Ring {
		switch s.Phones[id].Kind {
		case site.PhoneSIP:
			first = append(first, DialString(s, id))
		case site.PhoneTrunk:
			again = append(again, DialString(s, id))
		}
	}
	m.First, m.Again = strings.Join(first, "&"), strings.Join(again, "&")
	if m.First == "" && m.Again == "" {
		return fmt.Errorf("no phone of the fallback group can be rung")
	}
	return nil
}

func numeric(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// Codes are the extensions of the desk's feature codes (CONTRACT). Every length stands by itself, so
// that no pattern takes a number of any length.
func (m *model) Codes() []string {
	codes := []string{"*20", "*21", "_*21Z", "*22", "*23"}
	for number := 1; number <= 6; number++ {
		codes = append(codes, "_*20"+strings.Repeat("X", number)) // the PIN is asked for
		codes = append(codes, withPIN("_*20"+strings.Repeat("X", number))...)
	}
	for _, e := range m.Entries {
		number := strings.TrimPrefix(string(e.ID), "+")
		codes = append(codes, "*70"+number)
		codes = append(codes, withPIN("_*70"+number)...)
	}
	return codes
}

// withPIN adds # and a PIN of each length that the site file allows.
func withPIN(code string) []string {
	var out []string
	for digits := 4; digits <= 8; digits++ {
		out = append(out, code+"#"+strings.Repeat("X", digits))
	}
	return out
}
