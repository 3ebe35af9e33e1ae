package app

import (
	"context"
	"errors"
	"time"

	"accueil/acd"
	"accueil/agents"
	"accueil/calls"
	"accueil/queues"
	"accueil/web"
)

// book is the log as calls and desk want it: a fact that could not be built is counted by the log
// itself, so nobody else has to look at the error.
type book struct{ *queues.Book }

func (b book) Record(kind acd.Kind, build func(*acd.Tx) error) { _ = b.Book.Record(kind, build) }

// callsDesk is the agents' desk as a call sees it (calls.Desk).
type callsDesk struct{ desk *agents.Desk }

func (d callsDesk) Briefing(l acd.Leg, a acd.AgentID, now acd.Instant) calls.Briefing {
	return calls.Briefing(d.desk.Briefing(l, a, now))
}

func (d callsDesk) Feature(ctx context.Context, phone acd.PhoneID, code string) calls.FeatureReply {
	return calls.FeatureReply(d.desk.Feature(ctx, phone, code))
}

// webDesk is the agents' desk as the API sees it (web.Desk): its refusals in the API's words.
type webDesk struct{ desk *agents.Desk }

func (d webDesk) SetState(ctx context.Context, a acd.AgentID, s acd.AgentState, reason string, phone acd.PhoneID, by string) error {
	return notFound(d.desk.SetState(ctx, a, s, reason, phone, by), a, phone)
}

func (d webDesk) SetSkills(ctx context.Context, a acd.AgentID, skills map[acd.SkillID]int, shift bool, by string) error {
	return notFound(d.desk.SetSkills(ctx, a, skills, shift, by), a, "")
}

func notFound(err error, a acd.AgentID, phone acd.PhoneID) error {
	switch {
	case errors.Is(err, agents.ErrUnknownAgent):
		return acd.ErrNotFound{What: "agent", ID: string(a)}
	case errors.Is(err, agents.ErrUnknownPhone):
		return acd.ErrNotFound{What: "phone", ID: string(phone)}
	case errors.Is(err, agents.ErrNoPhone):
		return acd.ErrIllegal{What: "agent", ID: string(a), State: string(acd.AgentOffline), Input: "ready without a phone"}
	}
	return err
}

// webCalls is the call control as the API sees it (web.Calls).
type webCalls struct {
	calls *calls.Controller
	book  *queues.Book
}

func (c webCalls) Transfer(ctx context.Context, contact acd.ContactID, t web.TransferRequest) error {
	err := c.calls.Transfer(ctx, contact, calls.TransferRequest{Kind: calls.TransferKind(t.Kind), To: t.To, Note: t.Note, By: t.By})
	switch {
	case errors.Is(err, calls.ErrUnknownTarget):
		return acd.ErrNotFound{What: "extension", ID: t.To} // the body is wrong, not the address
	case errors.Is(err, calls.ErrAbsent):
		return acd.ErrIllegal{What: "agent", ID: t.To, State: string(acd.AgentOffline), Input: "transfer"}
	case errors.Is(err, calls.ErrUnstaffed):
		return acd.ErrIllegal{What: "queue", ID: t.To, State: "unstaffed", Input: "transfer"}
	case errors.Is(err, calls.ErrNotTalking):
		state := acd.LegEnded
		if legs := c.book.ContactLegs(contact); len(legs) > 0 {
			state = legs[len(legs)-1].State
		}
		return acd.ErrIllegal{What: "contact", ID: string(contact), State: string(state), Input: "transfer"}
	}
	return err
}

// Withdraw ends the callback that the contact is owed (web.Calls).
func (c webCalls) Withdraw(ctx context.Context, contact acd.ContactID, by string) error {
	return c.calls.Withdraw(ctx, contact, by)
}

// Push keeps a waiting contact for an agent by name (web.Calls).
func (c webCalls) Push(ctx context.Context, contact acd.ContactID, to acd.AgentID, hold time.Duration, by string) (acd.Instant, error) {
	legs := c.book.ContactLegs(contact)
	if len(legs) == 0 {
		return 0, acd.ErrNotFound{What: "contact", ID: string(contact)}
	}
	leg := legs[len(legs)-1].ID
	e, err := c.book.Decide(ctx, acd.KindPushed, func(tx *acd.Tx) error { return tx.Push(leg, to, hold, by) })
	if err != nil {
		return 0, err
	}
	var until acd.Instant
	for _, l := range e.Legs {
		until = l.HoldUntil
	}
	return until, nil
}

func (c webCalls) SetPoints(ctx context.Context, contact acd.ContactID, points int, by string) error {
	legs := c.book.ContactLegs(contact)
	if len(legs) == 0 {
		return acd.ErrNotFound{What: "contact", ID: string(contact)}
	}
	leg := legs[len(legs)-1].ID
	_, err := c.book.Decide(ctx, acd.KindPoints, func(tx *acd.Tx) error { return tx.SetPoints(leg, points, by) })
	return err
}
