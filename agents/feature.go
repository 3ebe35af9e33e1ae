package agents

import (
	"context"
	"errors"
	"fmt"

	"accueil/acd"
)

// FeatureReply is what a phone that dialled a code hears; with Ask, digits ended by # are awaited and
// passed back behind the code.
type FeatureReply struct {
	Lang    acd.Lang
	Prompts []acd.Prompt
	Ask     bool
}

func reply(lang acd.Lang, ids ...string) FeatureReply {
	r := FeatureReply{Lang: lang}
	for _, id := range ids {
		r.Prompts = append(r.Prompts, acd.Prompt{ID: id})
	}
	return r
}

// Feature carries out a code dialled from a phone and says what came of it.
func (d *Desk) Feature(ctx context.Context, phone acd.PhoneID, code string) FeatureReply {
	r := d.roster.Load()
	if _, ok := r.Device(phone); !ok {
		return reply(r.lang, "sys.code_unknown")
	}
	who, seated := d.seated(phone)
	if !seated {
		who.Lang = r.lang
	}
	c := ParseCode(code)
	switch c.Kind {
	case CodeLogin:
		return d.login(ctx, phone, c)
	case CodeClosure:
		return d.closure(ctx, phone, who, seated, c)
	case CodePause, CodeLogout, CodeWrapup:
		if !seated {
			return reply(r.lang, "sys.nobody_here")
		}
	default:
		return reply(who.Lang, "sys.code_unknown")
	}
	var kind acd.Kind
	var build func(*acd.Tx) error
	var said FeatureReply
	switch c.Kind {
	case CodePause:
		kind, said = acd.KindAgentState, reply(who.Lang, "sys.paused")
		if c.Reason > 0 {
			n := c.Reason
			said.Prompts = append(said.Prompts, acd.Prompt{ID: "sys.pause_reason"}, acd.Prompt{Number: &n})
		}
		build = func(tx *acd.Tx) error { return tx.Pause(who.ID, acd.PauseReason(c.Reason)) }
	case CodeLogout:
		kind, said = acd.KindLogout, reply(who.Lang, "sys.logged_out")
		build = func(tx *acd.Tx) error { return tx.Logout(who.ID) }
	case CodeWrapup:
		kind, said = acd.KindWrapupEnded, reply(who.Lang, "sys.wrapup_ended")
		build = func(tx *acd.Tx) error { return tx.EndWrapup(who.ID, false) }
	}
	return d.try(ctx, who.Lang, kind, build, said)
}

// seated returns who sits at the phone.
func (d *Desk) seated(phone acd.PhoneID) (Person, bool) {
	p, ok := d.opt.Book.Phone(phone)
	if !ok || p.Agent == "" {
		return Person{}, false
	}
	return d.roster.Load().Person(p.Agent)
}

// try makes the change and says so, or says why not.
func (d *Desk) try(ctx context.Context, lang acd.Lang, kind acd.Kind, build func(*acd.Tx) error, said FeatureReply) FeatureReply {
	_, err := d.opt.Book.Decide(ctx, kind, build)
	var illegal acd.ErrIllegal
	switch {
	case err == nil:
		return said
	case errors.As(err, &illegal) && illegal.What == "phone":
		return reply(lang, "sys.already_in_use") // whoever sits there is serving
	case errors.As(err, &illegal):
		return reply(lang, "sys.not_now")
	default:
		return reply(lang, "sys.fault")
	}
}

// login seats an agent: the phone's usual one, or the one whose number and PIN were keyed.
func (d *Desk) login(ctx context.Context, phone acd.PhoneID, c Code) FeatureReply {
	r := d.roster.Load()
	if c.Number == "" {
		who, ok := d.seated(phone)
		if !ok {
			var id acd.AgentID
			if id, ok = r.Usual(phone); !ok {
				return reply(r.lang, "sys.no_usual_agent")
			}
			who, _ = r.Person(id)
		}
		return d.seat(ctx, who, phone)
	}
	if d.locked(phone) {
		return reply(r.lang, "sys.pin_locked")
	}
	if c.PIN == "" {
		said := reply(r.lang, "sys.ask_pin")
		said.Ask = true
		return said
	}
	who, ok := r.ByNumber(c.Number)
	if !ok || !who.Is(c.PIN) {
		d.wrongPIN(phone)
		return reply(r.lang, "sys.pin_wrong")
	}
	d.rightPIN(phone)
	return d.seat(ctx, who, phone)
}

func (d *Desk) seat(ctx context.Context, who Person, phone acd.PhoneID) FeatureReply {
	return d.try(ctx, who.Lang, acd.KindLogin, d.seating(who.ID, phone), reply(who.Lang, "sys.ready"))
}

// closure closes an entry exceptionally, or opens it again: supervisors only, with their PIN.
func (d *Desk) closure(ctx context.Context, phone acd.PhoneID, who Person, seated bool, c Code) FeatureReply {
	switch {
	case !seated || !who.Supervisor:
		return reply(who.Lang, "sys.not_allowed")
	case d.locked(phone):
		return reply(who.Lang, "sys.pin_locked")
	case !d.opt.Entries(acd.EntryID(c.Entry)):
		return reply(who.Lang, "sys.code_unknown")
	case c.PIN == "":
		said := reply(who.Lang, "sys.ask_pin")
		said.Ask = true
		return said
	case !who.Is(c.PIN):
		d.wrongPIN(phone)
		return reply(who.Lang, "sys.pin_wrong")
	}
	d.rightPIN(phone)
	now, _ := d.opt.Book.Closure(acd.EntryID(c.Entry))
	closed := now.On(d.opt.Book.Now())
	said := "sys.entry_closed"
	if closed {
		said = "sys.entry_opened"
	}
	if err := d.SetClosed(ctx, acd.EntryID(c.Entry), !closed, 0, string(who.ID)); err != nil {
		return reply(who.Lang, "sys.fault")
	}
	return reply(who.Lang, said)
}

func (d *Desk) locked(phone acd.PhoneID) bool {
	now := d.opt.Book.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tries[phone].until > now
}

func (d *Desk) wrongPIN(phone acd.PhoneID) {
	now := d.opt.Book.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tries[phone]
	if t.n++; t.n >= wrongPINs {
		t = attempts{until: now.Add(lockTime)}
	}
	d.tries[phone] = t
}

func (d *Desk) rightPIN(phone acd.PhoneID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.tries, phone)
}

// String names the kind, for errors and tests.
func (k CodeKind) String() string {
	names := [...]string{"unknown", "login", "pause", "logout", "wrapup", "closure"}
	if k < 0 || int(k) >= len(names) {
		return fmt.Sprintf("CodeKind(%d)", int(k))
	}
	return names[k]
}
