package web

import (
	"context"
	"fmt"

	"accueil/acd"
)

// CardView is what an agent reads while his phone rings: why, since when, how they came. Nothing in it
// identifies the caller.
type CardView struct {
	Contact acd.ContactID       `json:"contact"`
	Leg     acd.LegID           `json:"leg"`
	State   acd.LegState        `json:"state"`
	Entry   acd.EntryID         `json:"entry"`
	Queue   acd.QueueID         `json:"queue,omitempty"`
	Reason  acd.ReasonID        `json:"reason,omitempty"`
	Label   map[acd.Lang]string `json:"label,omitempty" doc:"The reason in words, by language."`
	Wait    int64               `json:"wait_ms"`
	Lang    acd.Lang            `json:"language,omitempty" doc:"That the caller speaks."`
	Path    []string            `json:"menu_path,omitempty"`
	Flagged bool                `json:"emergency_flag,omitempty"`

	// Of a contact that was handed on.
	Return      acd.Ending          `json:"return,omitempty" doc:"Why a transfer came back."`
	ReturnLabel map[acd.Lang]string `json:"return_label,omitempty"`
	Target      string              `json:"target,omitempty" doc:"The extension that is rung."`
	TargetLabel string              `json:"target_label,omitempty"`
	Sender      acd.AgentID         `json:"sender,omitempty"`
	SenderName  string              `json:"sender_name,omitempty"`
}

// FullCardView is the card with who calls.
type FullCardView struct {
	CardView
	Caller *CallerView `json:"caller,omitempty" doc:"Absent when the number is withheld and nothing else is known."`
}

// CallerView identifies a person. It leaves this package through one route.
type CallerView struct {
	Name   string `json:"name,omitempty" doc:"From the site's directory."`
	Number string `json:"number,omitempty"`
	Note   string `json:"note,omitempty" doc:"From the agent who handed the caller on."`
}

// returns are the reasons for a return in words, as the briefing says them.
var returns = map[acd.Ending]text{
	acd.NoAnswer:    {"retour de transfert : pas de réponse", "returned: no answer"},
	acd.Busy:        {"retour de transfert : occupé", "returned: busy"},
	acd.Refused:     {"retour de transfert : refusé", "returned: refused"},
	acd.AgentGone:   {"retour de transfert : poste absent", "returned: phone is gone"},
	acd.OfferFailed: {"retour de transfert : échec", "returned: failed"},
}

// cardOf is the card of a leg, without the sender's name and without the caller.
func cardOf(l acd.Leg, plan *Plan, now acd.Instant) CardView {
	c := CardView{
		Contact: l.ID.Contact(), Leg: l.ID, State: l.State, Entry: l.Entry, Queue: l.Queue, Reason: l.Reason,
		Label: plan.Reasons[l.Reason].Label, Wait: l.Wait(now).Milliseconds(), Lang: l.Lang, Path: l.Path, Flagged: l.Flagged,
		Return: l.Return, Sender: l.From, Target: l.Target, TargetLabel: plan.Services[l.Target],
	}
	if t, ok := returns[l.Return]; ok {
		c.ReturnLabel = map[acd.Lang]string{french: t.fr, english: t.en}
	}
	return c
}

func (s *Server) card(ctx context.Context, in *named) (*page[FullCardView], error) {
	legs, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	// An agent who once had the contact may see that it exists, not who it is.
	if who := readerOf(ctx).account; who.Role == RoleAgent && !has(legs, who.Agent, s.Board) {
		return nil, errCode{code: codeForbidden}
	}
	plan, last := s.Plan(), legs[len(legs)-1]
	now := s.Board.Now()
	if last.End != nil {
		now = last.End.At
	}
	v := FullCardView{CardView: cardOf(last, plan, now)}
	v.SenderName = plan.Agents[v.Sender].Name
	p, known, err := s.Board.Personal(ctx, v.Contact)
	if err != nil {
		return nil, fmt.Errorf("read who calls: %w", err)
	}
	if known && p != (acd.Personal{}) {
		v.Caller = &CallerView{Name: p.Name, Number: p.Number, Note: p.Note}
	}
	return &page[FullCardView]{v}, nil
}
