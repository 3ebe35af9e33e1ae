package agents

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// Book is what the desk needs of the log.
type Book interface {
	Now() acd.Instant
	Agent(acd.AgentID) (acd.Agent, bool)
	Agents() []acd.Agent
	Phone(acd.PhoneID) (acd.Phone, bool)
	Closure(acd.EntryID) (acd.Closure, bool)
	Decide(ctx context.Context, kind acd.Kind, build func(*acd.Tx) error) (acd.Entry, error)
	Record(kind acd.Kind, build func(*acd.Tx) error)
}

// Lines is what the desk asks Asterisk about phones.
type Lines interface {
	// Registered reports whether the phone can be reached now.
	Registered(ctx context.Context, phone acd.PhoneID) (bool, error)
}

// Options are what a Desk is built from.
type Options struct {
	Node     acd.NodeID
	Asterisk string
	Book     Book
	Lines    Lines
	Roster   *Roster
	// Entries tells which entries exist, for *70.
	Entries func(acd.EntryID) bool
	// Length tells how long a briefing's phrases take; nil takes all for short.
	Length Length
	Log    *zap.Logger
}

// Desk keeps the agents' states. Its methods may be called from anywhere; Run does its timers.
type Desk struct {
	opt    Options
	roster atomic.Pointer[Roster]

	// mu guards what follows; it is never held while the book is asked, which calls back.
	mu    sync.Mutex
	own   map[acd.PhoneID]map[string]bool // channels of the agents' own calls
	tries map[acd.PhoneID]attempts        // wrong PINs
}

type attempts struct {
	n     int
	until acd.Instant
}

// A phone that was given wrongPINs wrong PINs is not asked again for lockTime.
const (
	wrongPINs = 3
	lockTime  = time.Minute
)

// The refusals of a desk.
var (
	ErrUnknownAgent = errors.New("no such agent")
	ErrUnknownPhone = errors.New("no such phone")
	ErrNoPhone      = errors.New("the agent has no usual phone: name one")
)

// New returns a desk.
func New(o Options) *Desk {
	if o.Length == nil {
		o.Length = func(acd.Lang, []acd.Prompt) time.Duration { return 0 }
	}
	d := &Desk{opt: o, own: map[acd.PhoneID]map[string]bool{}, tries: map[acd.PhoneID]attempts{}}
	d.roster.Store(o.Roster)
	return d
}

// SetRoster replaces people and phones, after a reload.
func (d *Desk) SetRoster(r *Roster) { d.roster.Store(r) }

// Briefing says what the agent hears before this leg.
func (d *Desk) Briefing(l acd.Leg, agent acd.AgentID, now acd.Instant) Briefing {
	r := d.roster.Load()
	p, ok := r.Person(agent)
	if !ok {
		p = Person{Lang: r.lang, Briefing: BriefingShort}
	}
	return Brief(p.Briefing, p.Lang, l, now, d.opt.Length)
}

// seating logs the agent in at the phone; calls of his own that are up there keep him from callers.
func (d *Desk) seating(agent acd.AgentID, phone acd.PhoneID) func(*acd.Tx) error {
	return func(tx *acd.Tx) error {
		if err := tx.Login(agent, phone, d.opt.Node); err != nil {
			return err
		}
		return tx.SetOwnCalls(agent, d.ownCount(phone))
	}
}

// SetState makes an agent ready, paused or offline, as the API or a supervisor asks. Phone is where
// he sits; empty means where he sits already, or his usual one.
func (d *Desk) SetState(ctx context.Context, agent acd.AgentID, state acd.AgentState, reason string, phone acd.PhoneID, by string) error {
	r := d.roster.Load()
	p, ok := r.Person(agent)
	if !ok {
		return ErrUnknownAgent
	}
	now, _ := d.opt.Book.Agent(agent)
	if phone == "" {
		if phone = now.Phone; phone == "" {
			phone = p.Phone
		}
	}
	kind := acd.KindAgentState
	var build func(*acd.Tx) error
	switch state {
	case acd.AgentReady:
		if phone == "" {
			return ErrNoPhone
		}
		if _, ok := r.Device(phone); !ok {
			return ErrUnknownPhone
		}
		if now.State == "" || now.State == acd.AgentOffline {
			kind = acd.KindLogin
		}
		build = d.seating(agent, phone)
	case acd.AgentPaused:
		build = func(tx *acd.Tx) error { return tx.Pause(agent, reason) }
	case acd.AgentOffline:
		kind = acd.KindLogout
		build = func(tx *acd.Tx) error { return tx.Logout(agent) }
	default:
		return acd.ErrIllegal{What: "agent", ID: string(agent), State: string(now.State), Input: string(state)}
	}
	_, err := d.opt.Book.Decide(ctx, kind, func(tx *acd.Tx) error { tx.SetBy(by); return build(tx) })
	return err
}

// SetSkills overrides an agent's skills until they are set to nil or, for a shift, until he logs out.
func (d *Desk) SetSkills(ctx context.Context, agent acd.AgentID, skills map[acd.SkillID]int, shift bool, by string) error {
	if _, ok := d.roster.Load().Person(agent); !ok {
		return ErrUnknownAgent
	}
	_, err := d.opt.Book.Decide(ctx, acd.KindAgentSkills, func(tx *acd.Tx) error { return tx.SetSkills(agent, skills, shift, by) })
	return err
}

// SetClosed closes an entry exceptionally, until an instant or, where it is zero, until it is opened
// again; or opens it.
func (d *Desk) SetClosed(ctx context.Context, entry acd.EntryID, closed bool, until acd.Instant, by string) error {
	_, err := d.opt.Book.Decide(ctx, acd.KindEntryClosure, func(tx *acd.Tx) error {
		if closed && !until.Never() {
			tx.CloseUntil(entry, until, by)
		} else {
			tx.Close(entry, closed, by)
		}
		return nil
	})
	return err
}

// SetAnnouncement switches an announcement on, at the entries given or at all, until an instant or, when
// that is zero, until it is switched off; or off.
func (d *Desk) SetAnnouncement(ctx context.Context, id acd.AnnouncementID, on bool, entries []acd.EntryID, until acd.Instant, by string) error {
	_, err := d.opt.Book.Decide(ctx, acd.KindAnnouncement, func(tx *acd.Tx) error { tx.Announce(id, on, entries, until, by); return nil })
	return err
}

// SetPaused pauses a queue, for a reason (a code, or none), or lets it run again.
func (d *Desk) SetPaused(ctx context.Context, queue acd.QueueID, paused bool, reason, by string) error {
	_, err := d.opt.Book.Decide(ctx, acd.KindQueuePause, func(tx *acd.Tx) error { tx.PauseQueue(queue, paused, reason, by); return nil })
	return err
}
