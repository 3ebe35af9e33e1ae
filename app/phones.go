package app

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/asterisk"
)

// unproven is how long a starting Asterisk may call a phone offline that is there: its first look
// at each registered contact comes at a random moment of qualify_frequency (30 s), and waits
// qualify_timeout (3 s) for the answer.
const unproven = 35 * time.Second

// comparePhones tells the desk which phones are registered and which are on a call of their own.
//
// Asterisk keeps registrations over a crash but lists their phones as offline until it has asked
// each of them. Whoever was there before is taken to be there still: a caller reaches his phone
// at once instead of half a minute later, and the offer to a phone that has really gone ends as
// unreachable. What Asterisk says after that time is believed.
func (a *App) comparePhones(ctx context.Context) error {
	endpoints, err := a.lines.tel.ListEndpoints(ctx)
	if err != nil {
		return fmt.Errorf("list phones: %w", err)
	}
	started, err := a.lines.tel.Started(ctx)
	if err != nil {
		return fmt.Errorf("ask when Asterisk started: %w", err)
	}
	wait := time.Until(started.Add(unproven))
	a.phonesAre(endpoints, wait <= 0)
	if wait > 0 {
		a.later(func() { a.lookAgain(min(wait, unproven)) })
	}
	channels, err := a.lines.tel.ListChannels(ctx)
	if err != nil {
		return fmt.Errorf("list channels: %w", err)
	}
	own := map[string]acd.PhoneID{}
	for _, ch := range channels {
		if phone, ok := a.phoneOf(endpointOf(ch.Name)); ok && a.events.ownCall(ch) {
			own[ch.ID] = phone
		}
	}
	a.desk.OwnCalls(own)
	return nil
}

// phonesAre passes on what Asterisk lists. Offline is believed where it is proven.
func (a *App) phonesAre(endpoints []asterisk.Endpoint, proven bool) {
	for _, e := range endpoints {
		phone, ok := a.phoneOf(e.Resource)
		switch online := e.State == "online"; {
		case !ok || e.Technology != "PJSIP":
		case online || proven:
			a.desk.PhoneRegistered(phone, online)
		default:
			a.desk.PhoneUnproven(phone)
		}
	}
}

// lookAgain finds the phones that did not come back with their Asterisk. An Asterisk that has gone
// in the meantime is compared when it returns.
func (a *App) lookAgain(wait time.Duration) {
	select {
	case <-a.ctx.Done():
		return
	case <-time.After(wait):
	}
	started, err := a.lines.tel.Started(a.ctx)
	if err == nil && time.Since(started) < unproven {
		return // a newer one, which has its own second look
	}
	endpoints, err := a.lines.tel.ListEndpoints(a.ctx)
	if err != nil {
		a.log.Info("the phones could not be compared a second time", zap.Error(err))
		return
	}
	a.phonesAre(endpoints, true)
}
