package calls

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"accueil/acd"
)

// Options are what a Controller is built from; all but Registerer and Name are required.
type Options struct {
	Node      acd.NodeID
	Asterisk  string // which Asterisk the node drives
	Telephony Telephony
	Book      Book
	Scenarios Scenarios
	Voice     Voice
	Plan      Plan
	Desk      Desk
	Router    Router
	// Messages puts away what callers say; nil, and no scenario can record anybody.
	Messages Messages
	// Surroundings tell the scenarios of the world; its zero value tells nothing.
	Surroundings Surroundings
	Log          *zap.Logger
	Registerer   prometheus.Registerer
	// Name looks a caller up in the site's directory; nil when there is none.
	Name func(number string) string
	// Owed returns the number that a callback is for, where the contact's own record is gone: empty
	// where he has none. An error says that it is not known now. Nil where nothing is kept so long.
	Owed func(context.Context, acd.Leg) (string, error)
	// Acquaintances tells who has dealt with the contact's caller within a day, by reason; nil when
	// that is not kept. Its context bounds it, and no call waits longer than acquaintWait for it.
	Acquaintances func(context.Context, acd.ContactID, acd.TrunkID) map[acd.ReasonID]acd.AgentID
}

// Controller holds the contacts of one node.
type Controller struct {
	opt     Options
	env     environment
	log     *zap.Logger
	metrics *metrics
	ctx     context.Context
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	soon    chan struct{} // asks for a sweep now

	mu       sync.Mutex
	contacts map[acd.ContactID]*actor
	callers  map[string]*actor       // by the caller's channel
	past     map[string]acd.Instant  // callers' channels of calls that were led, and until when
	features map[string]*featureCall // by the phone's channel
	suspects map[string]bool         // channels and bridges seen once without an owner
	useless  map[string]bool         // bridges that could not be removed when their time was over
	deserted map[acd.LegID]bool      // seen once in a queue without anybody at work
}

// New returns a controller that follows nothing yet: Run folds the log, and Asterisk's events come
// through the methods named after them.
func New(o Options) *Controller {
	ctx, cancel := context.WithCancel(context.Background())
	boot := string(acd.NewContactID(o.Book.Now()))[9:13] + string(acd.NewContactID(o.Book.Now()))[24:28]
	c := &Controller{
		opt: o, log: o.Log, metrics: newMetrics(o.Registerer), ctx: ctx, cancel: cancel,
		env:      environment{book: o.Book, voice: o.Voice, plan: o.Plan, desk: o.Desk, router: o.Router, around: o.Surroundings, boot: boot},
		soon:     make(chan struct{}, 1),
		contacts: map[acd.ContactID]*actor{}, callers: map[string]*actor{}, past: map[string]acd.Instant{},
		features: map[string]*featureCall{}, suspects: map[string]bool{}, useless: map[string]bool{},
	}
	c.env.personal = c.personal
	return c
}

// Stop ends the actors and waits for them. Calls stay as they are in Asterisk, for the next process.
func (c *Controller) Stop() {
	c.cancel()
	c.wg.Wait()
}

// Calls returns how many contacts are being led that have anybody on the line.
func (c *Controller) Calls() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.contacts {
		if len(*a.known.Load()) > 0 {
			n++
		}
	}
	return n
}

// Run follows the log until the feed ends or the context does, and sweeps now and then.
func (c *Controller) Run(ctx context.Context, entries <-chan acd.Entry) {
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-entries:
			if !ok {
				return
			}
			c.follow(e)
		case <-sweep.C:
			c.sweep(ctx)
		case <-c.soon:
			c.sweep(ctx)
		}
	}
}

// follow hands an entry to the contacts it touches.
func (c *Controller) follow(e acd.Entry) {
	for _, l := range e.Legs {
		ev := evLog{Kind: e.Kind, Leg: l}
		if e.Decision != nil {
			ev.Possible = e.Decision.Possible
		}
		switch a := c.contact(l.ID.Contact()); {
		case a != nil:
			a.post(ev)
		case e.Kind == acd.KindClaimed && c.leads(l):
			c.callBack(l, ev)
		}
	}
}

func (c *Controller) sweepSoon() {
	select {
	case c.soon <- struct{}{}:
	default:
	}
}

func (c *Controller) contact(id acd.ContactID) *actor {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.contacts[id]
}

// owner finds the actor that a channel, bridge or playback belongs to.
func (c *Controller) owner(id string) *actor {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a, ok := c.callers[id]; ok {
		return a
	}
	if contact, ok := contactOf(id); ok {
		return c.contacts[contact]
	}
	return nil
}

func (c *Controller) feature(channel string) *featureCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.features[channel]
}

// Arrived: a caller's channel has entered our application. A repeat changes nothing, unless the caller
// was found when we connected, while he was only being offered: then he is ours now.
func (c *Controller) Arrived(ch Channel) {
	if a := c.owner(ch.ID); a != nil {
		a.post(evArrived{})
		return
	}
	if c.ctx.Err() != nil {
		return
	}
	now := c.opt.Book.Now()
	contact := acd.NewContactID(now)
	script, err := c.opt.Scenarios.Start(ch.Entry)
	if err != nil {
		c.log.Error("an entry has no scenario; its caller goes to the safety net",
			zap.String("entry", string(ch.Entry)), zap.Error(err))
		ctx, cancel := context.WithTimeout(c.ctx, actionLimit)
		defer cancel()
		_ = c.opt.Telephony.ToNet(ctx, ch.ID)
		return
	}
	seed := acd.Leg{
		ID: contact.Leg(1), Node: c.opt.Node, Asterisk: c.opt.Asterisk, Channel: ch.ID,
		Entry: ch.Entry, Trunk: ch.Trunk, Lang: script.Lang(),
	}
	personal := c.personal(ch.Number)
	c.opt.Book.Record(acd.KindArrived, func(tx *acd.Tx) error {
		tx.Personal(contact, personal)
		return tx.Arrive(seed)
	})
	m := &machine{env: c.env, contact: contact, leg: seed.ID, entry: ch.Entry, trunk: ch.Trunk,
		script: script, lang: script.Lang(), caller: party{id: ch.ID, up: true}}
	c.remember(m, ch.Number)
	c.start(m, evBegin{})
}

func (c *Controller) start(m *machine, first Event) {
	a := c.newActor(m)
	c.mu.Lock()
	if m.owed && c.contacts[m.contact] != nil {
		c.mu.Unlock()
		return
	}
	c.contacts[m.contact] = a
	if m.caller.alive() {
		c.callers[m.caller.id] = a
	}
	caller, trunk := m.caller.id, m.trunk
	c.mu.Unlock()
	if !m.owed {
		c.acquaint(a, trunk)
	}
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		a.run(c.ctx, first)
		c.forget(a, caller)
		c.takeUp(m.contact, m.leg)
	}()
}

// forget lets go of an actor that has ended.
func (c *Controller) forget(a *actor, caller string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.contacts[a.m.contact] == a {
		delete(c.contacts, a.m.contact)
	}
	if c.callers[caller] == a {
		delete(c.callers, caller)
		c.past[caller] = c.opt.Book.Now()
	}
}

// Answered: a channel that we rang was picked up. One that nobody waits for any more is hung up.
func (c *Controller) Answered(channel string) {
	if a := c.owner(channel); a != nil {
		a.post(evUp{channel})
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, actionLimit)
	defer cancel()
	_ = c.opt.Telephony.Hangup(ctx, channel, HangupElsewhere)
}

// Leaving: the far end of a channel has hung up by itself; Gone follows.
func (c *Controller) Leaving(channel string) {
	if a := c.owner(channel); a != nil {
		a.post(evLeaving{channel})
	}
}

// Gone: a channel has ended. ending says how, for a ring that was not answered; media that its audio
// had stopped.
func (c *Controller) Gone(channel string, ending acd.Ending, media bool) {
	if f := c.feature(channel); f != nil {
		f.gone()
		return
	}
	if a := c.owner(channel); a != nil {
		a.post(evGone{Channel: channel, Ending: ending, Media: media})
	}
}

// TakenByNet: a caller's channel has left our application alive: the safety net has it.
func (c *Controller) TakenByNet(channel string) {
	if f := c.feature(channel); f != nil {
		f.gone()
		return
	}
	if a := c.owner(channel); a != nil {
		a.post(evGone{Channel: channel, Net: true})
	}
}

// Key: a key was pressed on a channel.
func (c *Controller) Key(channel string, digit byte) {
	if f := c.feature(channel); f != nil {
		f.key(digit)
		return
	}
	if a := c.owner(channel); a != nil {
		a.post(evKey{channel, digit})
	}
}

// Played: a playback has ended.
func (c *Controller) Played(playback string, failed bool) {
	if f := c.featureOf(playback); f != nil {
		f.played(playback)
		return
	}
	if a := c.owner(playback); a != nil {
		a.post(evPlayed{playback, failed})
	}
}

// Entered: a channel was seen entering a bridge.
func (c *Controller) Entered(bridge, channel string) {
	if a := c.owner(bridge); a != nil {
		a.post(evEntered{bridge, channel})
	}
}

// Held: a phone has pressed its own hold button, or released it. Asterisk itself plays the music.
func (c *Controller) Held(channel string, on bool) {
	if a := c.owner(channel); a != nil {
		a.post(evHold{channel, on})
	}
}

// Transfer hands a caller in conversation on, as a supervisor or the agent's screen asks.
func (c *Controller) Transfer(ctx context.Context, contact acd.ContactID, r TransferRequest) error {
	a := c.contact(contact)
	if a == nil {
		if _, known := c.opt.Book.Leg(contact.Leg(1)); known {
			return ErrNotTalking // it has ended
		}
		return acd.ErrNotFound{What: "contact", ID: string(contact)}
	}
	if r.Note != "" {
		who, _, err := c.opt.Book.Personal(ctx, contact)
		if err != nil {
			return err
		}
		who.Note = r.Note
		c.opt.Book.Record(acd.KindLegChanged, func(tx *acd.Tx) error {
			tx.Personal(contact, who)
			return nil
		})
	}
	reply := make(chan error, 1)
	a.post(evTransfer{r, reply})
	select {
	case err := <-reply:
		return err
	case <-a.done: // it had ended before it could read the request
		return ErrNotTalking
	case <-ctx.Done():
		return ctx.Err()
	}
}
