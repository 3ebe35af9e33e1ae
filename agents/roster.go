package agents

import (
	"crypto/subtle"
	"fmt"
	"strings"

	"accueil/acd"
)

// BriefingMode is how much an agent hears before a caller (DESIGN §4.6).
type BriefingMode string

// The modes: at most 5 s, at most 3 s, and a beep.
const (
	BriefingFull  BriefingMode = "full"
	BriefingShort BriefingMode = "short"
	BriefingBeep  BriefingMode = "beep"
)

// Person is an agent as the site file describes him.
type Person struct {
	ID         acd.AgentID
	Number     string // as typed in *20<number>#<pin>
	PIN        string
	Phone      acd.PhoneID // his usual one
	Lang       acd.Lang    // in which he is spoken to
	Briefing   BriefingMode
	Supervisor bool // may close an entry by *70
}

// Device is a phone as the site file describes it.
type Device struct {
	ID acd.PhoneID
	// Registers is false for phones behind a trunk, which Asterisk cannot watch.
	Registers bool
}

// Roster is the site's people and phones; it does not change (a reload makes a new one).
type Roster struct {
	people  map[acd.AgentID]Person
	devices map[acd.PhoneID]Device
	usual   map[acd.PhoneID]acd.AgentID
	numbers map[string]acd.AgentID
	lang    acd.Lang // of phones where nobody sits
}

// NewRoster indexes people and phones. Two people of one number are an error (leading zeros make no
// difference); two with the same usual phone are not (a shared desk): that phone has then no usual
// agent.
func NewRoster(people []Person, devices []Device, lang acd.Lang) (*Roster, error) {
	r := &Roster{people: map[acd.AgentID]Person{}, devices: map[acd.PhoneID]Device{},
		usual: map[acd.PhoneID]acd.AgentID{}, numbers: map[string]acd.AgentID{}, lang: lang}
	shared := map[acd.PhoneID]bool{}
	for _, p := range people {
		r.people[p.ID] = p
		if p.Number != "" {
			if other, taken := r.numbers[plain(p.Number)]; taken {
				return nil, fmt.Errorf("agents %s and %s have the same number", other, p.ID)
			}
			r.numbers[plain(p.Number)] = p.ID
		}
		if p.Phone == "" {
			continue
		}
		if _, taken := r.usual[p.Phone]; taken {
			shared[p.Phone] = true
		}
		r.usual[p.Phone] = p.ID
	}
	for id := range shared {
		delete(r.usual, id)
	}
	// The number of an agent's own phone names him too, where it names nobody else.
	owners := map[string][]acd.AgentID{}
	for phone, id := range r.usual {
		owners[plain(string(phone))] = append(owners[plain(string(phone))], id)
	}
	for number, ids := range owners {
		if _, taken := r.numbers[number]; !taken && len(ids) == 1 {
			r.numbers[number] = ids[0]
		}
	}
	for _, d := range devices {
		r.devices[d.ID] = d
	}
	return r, nil
}

// Person returns an agent.
func (r *Roster) Person(id acd.AgentID) (Person, bool) { p, ok := r.people[id]; return p, ok }

// Device returns a phone.
func (r *Roster) Device(id acd.PhoneID) (Device, bool) { d, ok := r.devices[id]; return d, ok }

// Usual returns whom a phone belongs to, when that is one person.
func (r *Roster) Usual(p acd.PhoneID) (acd.AgentID, bool) { a, ok := r.usual[p]; return a, ok }

// ByNumber returns the agent of a number; leading zeros do not matter ("1" is agent 01).
func (r *Roster) ByNumber(n string) (Person, bool) {
	id, ok := r.numbers[plain(n)]
	return r.people[id], ok && n != ""
}

// plain drops leading zeros; "0" stands for a number of zeros only.
func plain(n string) string {
	if p := strings.TrimLeft(n, "0"); p != "" || n == "" {
		return p
	}
	return "0"
}

// Is reports whether pin is the person's, in time that does not depend on it.
func (p Person) Is(pin string) bool {
	return p.PIN != "" && subtle.ConstantTimeCompare([]byte(p.PIN), []byte(pin)) == 1
}
