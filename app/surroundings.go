package app

import (
	"context"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/app/lookup"
	"accueil/app/outward"
	"accueil/calls"
	"accueil/site"
)

// surroundings tell scenarios of the world, and ask it their questions (calls.Surroundings).
func (a *App) surroundings() calls.Surroundings {
	out := outward.New()
	a.undo = append(a.undo, out.Close)
	client := lookup.New(out)
	return calls.Surroundings{
		Kind: func(entry acd.EntryID, trunk acd.TrunkID, number string) acd.CallerKind {
			c := a.live.Load()
			return c.site.CallerKind(c.directory, entry, trunk, number)
		},
		Figures: a.figures,
		Announced: func(entry acd.EntryID) []acd.AnnouncementID {
			return acd.Announced(a.book.Closures(), entry, a.book.Now())
		},
		Past: func(trunk acd.TrunkID, number string) calls.Past {
			return a.past.of(a.callerRef(trunk, number), a.book.Now())
		},
		Keyed: func(trunk acd.TrunkID, number string) func(string) bool {
			return func(digits string) bool { return a.mayKey(trunk, number, digits) }
		},
		Standing: func(l acd.Leg) *acd.Standing { return a.dispatcher.Standing(l) },
		SMS: func(ctx context.Context, contact acd.ContactID, id string, lang acd.Lang) error {
			return a.text(ctx, out, contact, id, lang)
		},
		Lookup: func(ctx context.Context, q calls.LookupRequest) acd.HeardLookup { return a.lookUp(ctx, client, q) },
	}
}

// figures are those of the queues that the scenarios ask for.
func (a *App) figures(lang acd.Lang) map[acd.QueueID]acd.Figures {
	c := a.live.Load()
	wanted := c.program.Figures()
	if len(wanted) == 0 {
		return nil
	}
	asks := Asks(c.site, lang)
	last := map[acd.QueueID]acd.Leg{} // who came last
	for _, l := range a.book.Legs() {
		if old, ok := last[l.Queue]; l.State == acd.LegQueued && (!ok || old.Enqueued < l.Enqueued) {
			last[l.Queue] = l
		}
	}
	out := make(map[acd.QueueID]acd.Figures, len(wanted))
	for _, q := range wanted {
		f := acd.Figures{Agents: a.dispatcher.Staffing(q, asks).Staffed, Waiting: a.book.Waiting(q), Wait: acd.UnknownWait}
		switch l, waits := last[q]; {
		case waits: // as long, at least, as who came last still waits
			if e, ok := a.dispatcher.Estimate(l.ID); ok {
				f.Wait = e.Wait
			}
		case f.Agents > 0:
			f.Wait = 0
		}
		out[q] = f
	}
	return out
}

// lookUp asks the directory, or the service that the site file names.
func (a *App) lookUp(ctx context.Context, client *lookup.Client, q calls.LookupRequest) acd.HeardLookup {
	failed := acd.HeardLookup{Outcome: acd.LookupError}
	c := a.live.Load()
	l, ok := c.site.Lookups[q.Lookup]
	if !ok {
		return failed // a reload has taken it away
	}
	who, ok, err := a.book.Personal(ctx, q.Contact)
	if err != nil || !ok {
		a.log.Info("a lookup found no number to ask for", zap.String("contact_id", string(q.Contact)), zap.String("lookup", string(q.Lookup)), zap.Error(err))
		if l.URL == "" || len(q.Keyed) == 0 {
			return failed
		}
	}
	number := site.NormalizeCallerID(who.Number, c.site.Region)
	if l.URL == "" {
		if _, known := c.directory.Name(number); known {
			return acd.HeardLookup{Outcome: acd.LookupFound}
		}
		return acd.HeardLookup{Outcome: acd.LookupUnknown}
	}
	service := lookup.Service{Name: q.Lookup, URL: l.URL, Token: l.Token.Reveal(), Timeout: min(l.Timeout, maxLookup), Answers: l.Answers}
	heard, err := client.Ask(ctx, service, lookup.Question{Number: number, Keyed: q.Keyed})
	if err != nil {
		a.log.Warn("a lookup failed", zap.String("contact_id", string(q.Contact)), zap.Error(err))
	}
	return heard
}

// maxLookup bounds a question to a service, whatever the site file says.
const maxLookup = 5 * time.Second
