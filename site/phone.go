package site

import (
	"time"

	"accueil/acd"
)

// PhoneKind says what a phone is.
type PhoneKind string

// The kinds of phone.
const (
	PhoneSIP    PhoneKind = "sip"    // registers here; user = its id
	PhoneTrunk  PhoneKind = "trunk"  // a PBX extension or a mobile, which must accept a call with 1
	PhoneCaller PhoneKind = "caller" // a demonstration patient who calls as if through a trunk
)

// Phone is a device.
type Phone struct {
	// Kind: sip (registers here with its id as user), trunk (reached through a trunk, must accept
	// each call with 1) or caller (demonstration patient).
	Kind PhoneKind `yaml:"kind" schema:"required"`
	// PasswordFile holds its SIP password (sip, caller).
	PasswordFile string `yaml:"password_file"`
	// Trunk that leads to it (trunk), or that its calls seem to come through (caller).
	Trunk acd.TrunkID `yaml:"trunk"`
	// Number that is dialled on the trunk (trunk).
	Number string `yaml:"number" schema:"form=2 to 20 digits\\, + before a country,pattern=^[+]?[0-9]{2\\,20}$"`

	// Password is the content of the file.
	Password Secret `yaml:"-"`
}

// Briefing says what an agent hears before a connection.
type Briefing string

// The briefings. The zero value means short, until agents have a card on the screen.
const (
	BriefingByCard Briefing = ""
	BriefingFull   Briefing = "full"  // at most 5 s
	BriefingShort  Briefing = "short" // at most 3 s
	BriefingBeep   Briefing = "beep"
)

// Agent is a person who answers.
type Agent struct {
	// Name as colleagues say it. It never leaves screens and exports made for people.
	Name string `yaml:"name" schema:"required"`
	// Number is what the agent keys to log in, *20<number>#<pin>, up to 6 digits; the digits of the
	// id when absent (a13: 13).
	Number string `yaml:"number" schema:"form=1 to 6 digits,pattern=^[0-9]{1\\,6}$"`
	// Phone where the agent usually sits: *20 there needs no number.
	Phone acd.PhoneID `yaml:"phone"`
	// PINFile holds the PIN, 4-8 digits.
	PINFile string `yaml:"pin_file" schema:"required"`
	// Skills and levels, 1-10.
	Skills map[acd.SkillID]int `yaml:"skills" schema:"min=1,max=10"`
	// Language of the spoken confirmations and briefings; the first of languages when absent.
	Language acd.Lang `yaml:"language"`
	// Briefing before a connection: full (5 s at most), short (3 s at most) or beep. When absent:
	// short, until agents have a card on the screen.
	Briefing Briefing `yaml:"briefing"`
	// Supervisor may close and reopen entries (*70) and change others' states.
	Supervisor bool `yaml:"supervisor"`
	// Advanced has the finer controls, which few agents need.
	Advanced AgentAdvanced `yaml:"advanced"`

	// PIN is the content of the file.
	PIN Secret `yaml:"-"`
}

// AgentAdvanced are the finer controls of an agent.
type AgentAdvanced struct {
	// Queues bend how he serves some queues; which ones he serves follows from his skills.
	Queues map[acd.QueueID]Assignment `yaml:"queues"`
}

// Assignment is how an agent serves a queue.
type Assignment struct {
	// Priority is points that callers of the queue have for this agent: he takes them before others,
	// and is taken for them before others.
	Priority int `yaml:"priority" schema:"min=0,max=10"`
	// Delay is how long a caller of the queue must have waited before he is offered to this agent.
	Delay time.Duration `yaml:"delay" schema:"min=0s,max=4h"`
}

func (PhoneKind) choices() []string {
	return []string{string(PhoneSIP), string(PhoneTrunk), string(PhoneCaller)}
}

func (Briefing) choices() []string {
	return []string{string(BriefingFull), string(BriefingShort), string(BriefingBeep)}
}
