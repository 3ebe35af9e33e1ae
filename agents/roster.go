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

// NewRoster indexes people and phones. Two people of one number are an error; two with the same usual
// phone are not (a shared desk): that phone has then no usual agent.
func NewRoster(people []Person, devices []Device, lang acd.Lang) (*Roster, error) {
	r := &Roster{people: map[acd.AgentID]Person{}, devices: map[acd.PhoneID]Device{},
		usual: map[acd.PhoneID]acd.AgentID{}, numbers: map[string]acd.AgentID{}, lang: lang}
	shared := map[acd.PhoneID]bool{}
	for _, p := range people {
		r.people[p.ID] = p
		if p.Number != "" {
			if other, taken := r.numbers[p.Number]; taken {
				return nil, fmt.Errorf("agents %s and %s have the same number", other, p.ID)
			}
			r.numbers[p.Number] = p.ID
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
	for phone, id := range r.usual {
		if _, taken := r.numbers[string(phone)]; !taken {
			r.numbers[string(phone)] = id
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
	if id, ok := r.numbers[n]; ok {
		return r.people[id], true
	}
	short := strings.TrimLeft(n, "0")
	for number, id := range r.numbers {
		if short != "" && strings.TrimLeft(number, "0") == short {
			return r.people[id], true
		}
	}
	return Person{}, false
}

// Is reports whether pin is the person's, in time that does not depend on it.
func (p Person) Is(pin string) bool {
	return p.PIN != "" && subtle.ConstantTimeCompare([]byte(p.PIN), []byte(pin)) == 1
}
