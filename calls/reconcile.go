package calls

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// sweepEvery is how often the node compares what it leads with what Asterisk has.
const sweepEvery = 15 * time.Second

// Found is what Asterisk has of a contact after an outage.
type Found struct {
	Leg      acd.Leg
	State    packed // what the channel itself remembered
	Agent    string // the channel of the agent that the log says was offered or talking
	AgentUp  bool
	Third    string // the extension's
	ThirdUp  bool
	Bridge   string // ours that holds the caller
	Together bool   // and his partner
}

// Report is what a reconciliation found and did (ARI.md §1.13).
type Report struct {
	Adopted, Ended, Arrived, Recovered, Concluded, Orphans, Bridges int
}

// Reconcile puts log and Asterisk in agreement after a start or a lost connection: events of the
// outage are never replayed, so what is there now is asked, and each difference has one answer.
func (c *Controller) Reconcile(ctx context.Context) (Report, error) {
	var r Report
	channels, err := c.opt.Telephony.Channels(ctx)
	if err != nil {
		return r, fmt.Errorf("list channels: %w", err)
	}
	bridges, err := c.opt.Telephony.Bridges(ctx)
	if err != nil {
		return r, fmt.Errorf("list bridges: %w", err)
	}
	started, err := c.opt.Telephony.Started(ctx)
	if err != nil {
		return r, fmt.Errorf("ask since when Asterisk runs: %w", err)
	}
	byID := make(map[string]Channel, len(channels))
	for _, ch := range channels {
		byID[ch.ID] = ch
	}
	claimed := map[string]bool{}          // channels that some contact has a use for
	adopted := map[acd.ContactID]string{} // the bridge that each goes on with; empty for none
	r.Recovered = c.recoverLost(channels)
	for _, l := range c.ours() {
		ch, there := byID[l.Channel]
		crash := !there && l.Arrived < started.Add(time.Second) // told in whole seconds
		if a := c.contact(l.ID.Contact()); a != nil {
			c.compare(a, byID, claimed, crash)
			continue
		}
		if l.CallsBack() {
			c.giveCallbackBack(l)
			continue
		}
		if !there || !ch.Ours && l.Callback == nil {
			c.closeAfterOutage(l, there, crash)
			r.Ended++
			continue
		}
		f := found(l, ch, byID, bridges)
		claimed[f.Agent], claimed[f.Third] = true, true
		if c.adopt(l, ch, f) {
			r.Adopted++
			adopted[l.ID.Contact()] = f.useful()
		}
	}
	var unled []Channel
	for _, ch := range channels {
		switch {
		case ch.Ours && ch.Entry != "" && c.owner(ch.ID) == nil && c.concluded(ch):
			r.Concluded++
			c.hangupOrphan(ctx, ch.ID, HangupNormal)
		case ch.Ours && ch.Entry != "" && c.owner(ch.ID) == nil:
			unled = append(unled, ch)
		case !claimed[ch.ID] && c.orphan(ch.ID):
			r.Orphans++
			c.hangupOrphan(ctx, ch.ID, HangupElsewhere)
		}
	}
	if r.Arrived, err = c.welcome(ctx, unled); err != nil {
		return r, err
	}
	for _, b := range bridges {
		contact, ok := contactOf(b.ID)
		if kept, taken := adopted[contact]; ok && (taken && b.ID != kept || c.contact(contact) == nil) {
			r.Bridges++
			if err := c.opt.Telephony.DropBridge(ctx, b.ID); ignoreGone(err) != nil {
				c.log.Warn("a bridge without contact could not be removed", zap.Error(err))
			}
		}
	}
	c.healAgents()
	c.count(r)
	return r, nil
}

// welcome leads the callers who came while nobody looked, and returns how many they are. Asterisk lists
// those whom its dialplan still offers like those who are in our application. Only to claim them tells:
// the offer was made to a process that is no more, and would end in the safety net, while we led somebody
// who hears nothing of us.
func (c *Controller) welcome(ctx context.Context, unled []Channel) (arrived int, err error) {
	unled = slices.DeleteFunc(unled, func(ch Channel) bool {
		won, err := c.opt.Telephony.Claim(ctx, ch.ID)
		if err != nil {
			c.log.Warn("an offered caller could not be claimed", zap.Error(err))
		}
		if won {
			arrived++
		}
		return won
	})
	if len(unled) == 0 {
		return arrived, nil
	}
	still, err := c.opt.Telephony.Channels(ctx) // the net may have taken one meanwhile
	if err != nil {
		return arrived, fmt.Errorf("list channels: %w", err)
	}
	for _, ch := range still {
		if ch.Ours && slices.ContainsFunc(unled, func(u Channel) bool { return u.ID == ch.ID }) {
			c.Arrived(ch)
			arrived++
		}
	}
	return arrived, nil
}

func (c *Controller) count(r Report) {
	for what, n := range map[string]int{"adopted": r.Adopted, "ended": r.Ended, "arrived": r.Arrived, "recovered": r.Recovered, "concluded": r.Concluded, "orphan_channels": r.Orphans, "orphan_bridges": r.Bridges} {
		c.metrics.healed.WithLabelValues(what).Add(float64(n))
	}
}

// found gathers what Asterisk has of the leg.
func found(l acd.Leg, ch Channel, byID map[string]Channel, bridges []Bridge) Found {
	f := Found{Leg: l}
	f.State, _ = unpackState(ch.State)
	if a, ok := byID[agentChannel(l.ID, l.Offers)]; ok {
		f.Agent, f.AgentUp = a.ID, a.Up
	}
	if x, ok := byID[l.Out]; ok && l.Out != "" {
		f.Third, f.ThirdUp = x.ID, x.Up
	}
	for _, b := range bridges {
		if _, ours := contactOf(b.ID); ours && slices.Contains(b.Channels, ch.ID) {
			f.Bridge = b.ID
			f.Together = f.Agent != "" && slices.Contains(b.Channels, f.Agent) ||
				f.Third != "" && slices.Contains(b.Channels, f.Third)
		}
	}
	return f
}

// useful is the bridge that the contact goes on with; another one that the earlier process had made
// for it (of a briefing, of a consultation) is made anew when it is needed.
func (f Found) useful() string {
	if f.Together {
		return f.Bridge
	}
	return ""
}

// compare tells an actor which of its channels no longer exist.
func (c *Controller) compare(a *actor, byID map[string]Channel, claimed map[string]bool, crash bool) {
	for _, id := range *a.known.Load() {
		claimed[id] = true
		if _, ok := byID[id]; !ok {
			a.post(evGone{Channel: id, Ending: acd.OfferFailed, Crash: crash})
		}
	}
	a.missed.Store(false)
}

// concluded reports whether the contact that the channel remembers has ended, and only its caller was
// not yet let go when its controller died: between the word to the log and the command to Asterisk. He
// has been served; as a new contact he would be counted twice and ring an agent who has just hung up.
func (c *Controller) concluded(ch Channel) bool {
	p, ok := unpackState(ch.State)
	if !ok {
		return false
	}
	last, known := c.opt.Book.Leg(p.Leg.ID)
	for next, more := last, known; more; next, more = c.opt.Book.Leg(next.ID.Next()) {
		last = next // a leg that followed, which the channel had not been told yet
	}
	return known && !last.Live() && last.Channel == ch.ID
}

// adopt starts an actor for a call that an earlier process led.
func (c *Controller) adopt(l acd.Leg, ch Channel, f Found) bool {
	l.Told = f.State.Leg.Told // the log has it with the end only
	if f.State.Leg.Kept != "" {
		l.Kept = f.State.Leg.Kept // the log has it from when the menu was left
	}
	script, err := c.opt.Scenarios.Resume(l)
	if err != nil {
		c.log.Error("a call found after a restart has no scenario; it goes to the safety net", zap.String("entry", string(l.Entry)), zap.Error(err))
		return false
	}
	m := &machine{env: c.env, contact: l.ID.Contact(), leg: l.ID, entry: l.Entry, trunk: l.Trunk,
		script: script, lang: l.Lang, caller: party{id: ch.ID, up: true}, agentID: l.Agent, told: l.Told, slow: l.Slow}
	c.remember(m, ch.Number)
	if l.Offer != nil {
		m.offer = *l.Offer
	}
	c.start(m, evRestored{f})
	return true
}

// closeAfterOutage ends a leg whose channel has gone, or has been taken by the safety net, while
// nobody led it; crash says that it died with its Asterisk.
func (c *Controller) closeAfterOutage(l acd.Leg, inNet, crash bool) {
	end := acd.End{Outcome: acd.Abandoned, Reason: "ended_during_outage", By: acd.ByCaller}
	switch {
	case crash:
		end = crashed
	case l.State == acd.LegSurvey:
		end.Outcome = acd.Answered
	case inNet:
		end.Outcome, end.Reason, end.By = acd.Overflow, "safety_net", acd.BySystem
	case l.State == acd.LegTalking || l.State == acd.LegHeld:
		end.Outcome = acd.Answered
	}
	if l.State == acd.LegVoicemail && l.Recording != "" && !inNet {
		c.closeMessage(l, end)
		return
	}
	id := l.ID
	c.opt.Book.Record(acd.KindEnded, func(tx *acd.Tx) error {
		if now, err := tx.Leg(id); err != nil || !now.Live() {
			return err
		}
		return c.env.endLeg(tx, id, end)
	})
}

// orphan reports whether the id is of a channel that we made and no contact counts on.
func (c *Controller) orphan(id string) bool {
	contact, ok := contactOf(id)
	if !ok {
		return false
	}
	a := c.contact(contact)
	return a == nil || !slices.Contains(*a.known.Load(), id)
}

func (c *Controller) hangupOrphan(ctx context.Context, id string, why HangupWhy) {
	if err := c.opt.Telephony.Hangup(ctx, id, why); ignoreGone(err) != nil {
		c.log.Warn("a channel without contact could not be hung up", zap.Error(err))
	}
}

// sweep finds what an event that never came has left behind: callers that are gone, channels of ours
// and bridges of ours that nobody counts on (on the second sight, since one may just have been rung),
// agents who hold legs that have ended.
func (c *Controller) sweep(ctx context.Context) {
	c.healAgents()
	c.tendCallbacks()
	c.tendDeserted()
	channels, err := c.opt.Telephony.Channels(ctx)
	if err != nil {
		return // the connection has its own watch
	}
	byID := make(map[string]Channel, len(channels))
	for _, ch := range channels {
		byID[ch.ID] = ch
	}
	c.mu.Lock()
	c.forgetPast(c.opt.Book.Now())
	actors := make([]*actor, 0, len(c.contacts))
	for _, a := range c.contacts {
		actors = append(actors, a)
	}
	c.mu.Unlock()
	seen := map[string]bool{}
	for _, a := range actors {
		for _, id := range *a.known.Load() {
			if _, ok := byID[id]; ok {
				continue
			}
			if c.suspects[id] || a.missed.Load() {
				c.metrics.healed.WithLabelValues("lost_end").Inc()
				a.post(evGone{Channel: id, Ending: acd.OfferFailed})
			}
			seen[id] = true
		}
		a.missed.Store(false)
	}
	for id := range byID {
		if !c.orphan(id) {
			continue
		}
		if c.suspects[id] {
			c.metrics.healed.WithLabelValues("orphan_channels").Inc()
			c.hangupOrphan(ctx, id, HangupElsewhere)
		}
		seen[id] = true
	}
	c.sweepBridges(ctx, seen)
	c.suspects = seen // touched by Run's goroutine only
}

// dropLater has a bridge removed that Asterisk refused to remove.
func (c *Controller) dropLater(bridge string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.useless[bridge] = true
	time.AfterFunc(dropAgain, c.sweepSoon)
}

// dropAgain is how long Asterisk is left alone before it is asked once more to remove a bridge.
const dropAgain = 2 * time.Second

// sweepBridges removes, one after the other, the bridges that could not be removed before, and at the
// second sight those of contacts that nobody leads.
func (c *Controller) sweepBridges(ctx context.Context, seen map[string]bool) {
	bridges, err := c.opt.Telephony.Bridges(ctx)
	if err != nil {
		return
	}
	c.mu.Lock()
	useless := c.useless
	c.useless = map[string]bool{}
	c.mu.Unlock()
	for _, b := range bridges {
		contact, ours := contactOf(b.ID)
		switch {
		case useless[b.ID], ours && c.contact(contact) == nil && c.suspects[b.ID]:
			c.metrics.healed.WithLabelValues("orphan_bridges").Inc()
			if err := c.opt.Telephony.DropBridge(ctx, b.ID); ignoreGone(err) != nil {
				c.dropLater(b.ID)
			}
		case ours && c.contact(contact) == nil:
			seen[b.ID] = true
		}
	}
}

// healAgents frees agents of legs that have ended, or that are nobody's.
func (c *Controller) healAgents() {
	live := map[acd.LegID]bool{}
	for _, l := range c.opt.Book.Legs() {
		live[l.ID] = l.State != acd.LegQueued && l.State != acd.LegMenu && l.State != acd.LegCallback
	}
	for _, a := range c.opt.Book.Agents() {
		stuck := slices.ContainsFunc(a.Legs, func(l acd.LegID) bool { return !live[l] }) ||
			len(a.Legs) == 0 && (a.State == acd.AgentOffered || a.State == acd.AgentBusy)
		if !stuck {
			continue
		}
		c.metrics.healed.WithLabelValues("agents").Inc()
		id := a.ID
		c.opt.Book.Record(acd.KindAgentState, func(tx *acd.Tx) error {
			return tx.Heal(id, func(l acd.LegID) bool {
				leg, err := tx.Leg(l)
				return err == nil && leg.Agent == id && leg.Live()
			})
		})
	}
}
