package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// A Source draws days to be played.
type Source interface {
	// Days draws the days of one seed, for these rules: the reasons' queues and points are theirs, all
	// else depends on the seed alone.
	Days(seed uint64, rules routing.Rules) ([]*Day, error)
}

// Plan is what is expected of one day.
type Plan struct {
	Midnight  acd.Instant // of the day
	Variation float64     // standard deviation of a day's volume over the expected one, from day to day; 0 for none
	Menu      Dist        // from the arrival to the queue
	Pickup    Dist        // from the offer to the conversation
	Flows     []Flow
	Shifts    []Shift
}

// Flow is the callers of one reason.
type Flow struct {
	Reason   acd.ReasonID
	Arrivals []Rate
	Handling Dist
	Patience Dist // without a shape: nobody gives up
	// Asks are requirements of the callers' own and how many of them have each; "" stands for none.
	Asks []Share
}

// Rate is how many callers are expected in a stretch of the day, spread evenly.
type Rate struct {
	From, To time.Duration // since midnight
	Calls    float64
}

// Share is a requirement and the part of callers who have it, from 0 to 1.
type Share struct {
	Asks string
	Part float64
}

// Shift is a stretch of the day during which an agent is at work.
type Shift struct {
	Agent    acd.AgentID
	From, To time.Duration // since midnight
}

// Days draws one day.
func (p Plan) Days(seed uint64, rules routing.Rules) ([]*Day, error) {
	d := &Day{}
	volume := 1.0
	if p.Variation > 0 {
		shape := 1 / (p.Variation * p.Variation)
		volume = gamma(Stream(seed, "volume"), shape) / shape
	}
	for _, f := range p.Flows {
		if _, ok := rules.Reasons[f.Reason]; !ok {
			return nil, fmt.Errorf("simulate: the rules have no reason %q", f.Reason)
		}
		p.draw(d, f, rules.Reasons[f.Reason], volume, seed)
	}
	d.Sort()
	d.employ(p.Midnight, p.Shifts)
	return []*Day{d}, nil
}

func (p Plan) draw(d *Day, f Flow, reason routing.Reason, volume float64, seed uint64) {
	use := func(what string) string { return what + " " + string(f.Reason) }
	arrivals, asks := Stream(seed, use("arrivals")), Stream(seed, use("asks"))
	menu, pickup := Stream(seed, use("menu")), Stream(seed, use("pickup"))
	handling, patience := Stream(seed, use("handling")), Stream(seed, use("patience"))
	for _, r := range f.Arrivals {
		if r.Calls <= 0 {
			continue
		}
		mean := float64(r.To-r.From) / (r.Calls * volume) // between two arrivals
		for at := float64(r.From) + mean*arrivals.ExpFloat64(); at < float64(r.To); at += mean * arrivals.ExpFloat64() {
			c := Contact{
				Reason: f.Reason, Queue: reason.Queue, Points: reason.Points, Arrived: p.Midnight.Add(time.Duration(at)),
				Pickup: p.Pickup.Draw(pickup), Service: f.Handling.Draw(handling), Patience: Patient,
			}
			c.Enqueued = c.Arrived.Add(p.Menu.Draw(menu))
			if f.Patience.Shape != "" {
				c.Patience = f.Patience.Draw(patience)
			}
			part := asks.Float64()
			for _, s := range f.Asks {
				if part -= s.Part; part < 0 {
					c.Asks = s.Asks
					break
				}
			}
			d.Contacts = append(d.Contacts, c)
		}
	}
}

// employ gives the day its agents: each with hours of his own.
func (d *Day) employ(midnight acd.Instant, shifts []Shift) {
	index := map[acd.AgentID]int{}
	for _, s := range shifts {
		i, ok := index[s.Agent]
		if !ok {
			i = len(d.Agents)
			index[s.Agent] = i
			d.Agents = append(d.Agents, Agent{ID: s.Agent, Group: i})
		}
		d.Heads = append(d.Heads, Head{midnight.Add(s.From), i, 1}, Head{midnight.Add(s.To), i, 0})
		d.Until = max(d.Until, midnight.Add(s.To))
	}
	d.Groups = len(d.Agents)
	// Who stops and begins again at the same instant has no break: the end first.
	slices.SortStableFunc(d.Heads, func(a, b Head) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Count, b.Count)) })
}
