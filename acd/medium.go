package acd

// Medium is the way a contact speaks. It decides how much of an agent the contact takes.
type Medium string

// The media. Voice is the empty text: most legs are calls, and those of older logs all are.
const (
	Voice Medium = ""
	Chat  Medium = "chat"
	Mail  Medium = "mail"
)

// Media lists every medium.
var Media = []Medium{Voice, Chat, Mail}

// Capacity is counted in parts of 100 (DESIGN §6).
const (
	FullCapacity = 100
	VoiceLoad    = 100
	ChatLoad     = 30
	MailLoad     = 20
)

// Load is the part of an agent's capacity that a contact of the medium takes.
func (m Medium) Load() int {
	switch m {
	case Chat:
		return ChatLoad
	case Mail:
		return MailLoad
	}
	return VoiceLoad
}

// Room reports whether the agent's other contacts leave room for one of this medium. Mail makes way
// for voice and for nothing else; voice makes way for nothing.
func (a Agent) Room(m Medium) bool {
	load := a.Load
	if m == Voice {
		load -= a.Mail
	}
	return load+m.Load() <= FullCapacity
}

// Free reports whether the agent may be offered a leg of the medium at now. Chats and mails in hand
// leave an agent ready, as far as there is room; a call does not, and nor does what he wants to do next.
func (a Agent) Free(m Medium, now Instant) bool {
	return a.State == AgentReady && a.Next == nil && a.Room(m) && a.Excluded <= now && a.Phone != ""
}

// take counts a leg that is offered to the agent. Only a call changes his state.
func (a *Agent) take(l Leg, at Instant) {
	a.Legs = append(a.Legs, l.ID)
	a.Load += l.Medium.Load()
	if l.Medium == Mail {
		a.Mail += MailLoad
	}
	if l.Medium == Voice {
		a.enter(AgentOffered, "", at)
	}
}

// drop takes the leg off the agent; false when he did not hold it.
func (a *Agent) drop(l Leg) bool {
	if !a.Holds(l.ID) {
		return false
	}
	a.Legs = without(a.Legs, func(id LegID) bool { return id == l.ID })
	a.Load = max(0, a.Load-l.Medium.Load())
	if l.Medium == Mail {
		a.Mail = max(0, a.Mail-MailLoad)
	}
	if len(a.Legs) == 0 {
		a.Help = 0
	}
	return true
}

// calling reports whether the agent is offered or holds a call.
func (a Agent) calling() bool { return a.State == AgentOffered || a.State == AgentBusy }

// lastText reports whether the end of a chat or mail says what the agent is next: he has nothing else
// in hand, and is ready or wanted to leave once it was done.
func (a Agent) lastText() bool {
	return len(a.Legs) == 0 && (a.State == AgentReady || !a.calling() && a.Next != nil)
}
