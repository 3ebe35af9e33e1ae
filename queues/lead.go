package queues

import (
	"context"
	"encoding/json"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// leadState is what this node knows of the lead; guarded by Book.mu.
type leadState struct {
	known acd.Lead
	token int64     // ours, 0 while another leads
	trust time.Time // until when we believe to lead, on this machine's monotonic clock
}

// distrust is how much earlier than Redis the holder stops trusting its lease: a claim on its way
// when the lease ends is refused by the script, not raced.
const distrust = 4 // a quarter of the lease

func (l *leadState) heard(n acd.Lead) {
	if n.Rev > l.known.Rev {
		l.known = n
	}
}

// Lead returns who dispatches, and whether this node does at this moment. While Redis is away every
// node leads itself: its claims concern its own agents only (see Decide).
func (b *Book) Lead() (acd.Lead, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.up {
		l := b.lead.known
		l.Holder, l.Deadline = b.opts.Node, b.clock.now().Add(b.opts.Lease)
		return l, !b.closed
	}
	return b.lead.known, b.lead.token > 0 && time.Now().Before(b.lead.trust) && !b.closed
}

// leadLoop asks for the lead, or renews it, three times in a lease.
func (b *Book) leadLoop() {
	b.sinceOpening(b.opts.Lease/3, func() {
		if b.isUp() && !b.opts.NoCampaign {
			b.campaign(b.ctx, "keep")
		}
	})
}

// sinceOpening does it at once after opening and then at each interval, until the book closes.
func (b *Book) sinceOpening(every time.Duration, do func()) {
	t := time.NewTicker(every)
	defer t.Stop()
	first := b.openedOne
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-first: // at once after opening
			first = nil
		case <-t.C:
		}
		do()
	}
}

func (b *Book) isUp() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.up
}

func (b *Book) resign(ctx context.Context) {
	b.mu.Lock()
	leads := b.up && b.lead.token > 0
	b.mu.Unlock()
	if leads {
		b.campaign(ctx, "resign")
	}
}

// campaign runs one round of the lead's script.
func (b *Book) campaign(ctx context.Context, action string) {
	ctx, cancel := context.WithTimeout(ctx, hotTimeout)
	defer cancel()
	b.mu.Lock()
	gen, token, epoch := b.gen, b.lead.token, b.epoch
	b.mu.Unlock()
	node, _ := json.Marshal(b.opts.Node)
	head := header(acd.Entry{V: acd.LogVersion, Kind: acd.KindLead, At: b.clock.now(), Node: b.opts.Node, Op: acd.NewOpID(b.clock.now())})
	begin := time.Now()
	res, err := leadScript.Run(ctx, b.pings, []string{b.keys.meta(), b.keys.log(), b.keys.lead()},
		gen, head, action, string(b.opts.Node), node, token, b.opts.Lease.Milliseconds()).Slice()
	b.metrics.script.WithLabelValues(leadScript.name).Observe(time.Since(begin).Seconds())
	if err != nil {
		if ctx.Err() == nil {
			b.log.Debug("the lead's script failed", zap.String("cause", cause(err)))
		}
		return
	}
	r := reply{values: res}
	if r.str(0) != "OK" {
		b.trip(CauseData)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.epoch != epoch {
		return
	}
	was := b.lead.token
	b.lead.known = acd.Lead{Rev: r.num(1), Holder: acd.NodeID(r.str(2)), Token: r.num(3), Deadline: acd.Instant(r.num(4))}
	b.lead.token = 0
	if r.str(6) == "1" {
		b.lead.token = b.lead.known.Token
		b.lead.trust = begin.Add(b.opts.Lease - b.opts.Lease/distrust)
	}
	if (was > 0) != (b.lead.token > 0) {
		b.log.Info("lead", zap.Bool("here", b.lead.token > 0), zap.String("holder", string(b.lead.known.Holder)), zap.Int64("token", b.lead.known.Token))
	}
}
