package phones

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/google/uuid"
	"go.uber.org/zap"
)

// CallOptions of one outgoing call; zero fields take the phone's.
type CallOptions struct {
	User        string            // user part of From, the caller's number
	DisplayName string            // display name of From, written as it is: no escaping
	RawFrom     string            // the whole value of From but its tag, for hostile input
	Headers     map[string]string // added to the INVITE, as they are
	Codec       *Codec            // sent and offered first
	Tone        float64           // hertz; 0 is the phone's
	Silent      bool              // sends packets of silence from the start
	NoAudio     bool              // sends no audio packet at all
	NoACK       bool              // never acknowledges the answer, and vanishes
}

// Call sends an INVITE for the target ("3000", or a whole SIP URI) and returns
// while it is on its way; the context bounds the sending only. The call goes on
// until someone ends it: hang up what you start.
func (p *Phone) Call(ctx context.Context, target string, o CallOptions) (*Call, error) {
	uri, err := p.resolve(target)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	codec := p.cfg.Codec
	if o.Codec != nil {
		codec = *o.Codec
	}
	c, err := p.newCall(uuid.NewString(), true, o.Tone, codec)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	switch {
	case o.NoAudio:
		c.media.mute()
	case o.Silent:
		c.media.play(0)
	}
	c.local, c.remote = p.from(o), &sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: uri.User, Host: uri.Host}}
	c.target, c.cseq = uri, 1
	var extra []sip.Header
	for name, value := range o.Headers {
		extra = append(extra, sip.NewHeader(name, value))
	}
	extra = append(extra, sip.NewHeader("Allow", allowed))
	req := p.build(sip.INVITE, uri, c.local, c.remote, c.id, c.cseq, extra...)
	offer := []Codec{codec, ALaw + MuLaw - codec} // the preferred one, then the other
	setBody(req, "application/sdp", c.describe(offer, dtmfPayload, sendrecv, true))
	c.invite = req
	if !p.add(c) {
		c.finish(End{By: Ours, Reason: "phone closed"})
		return nil, errors.New("call: the phone is closed")
	}
	c.moments.Invited = time.Now()
	tx, err := p.client.TransactionRequest(ctx, req, asBuilt)
	if err != nil {
		c.finish(End{By: Network, Reason: "INVITE not sent"})
		return nil, fmt.Errorf("call: %w", err)
	}
	if !p.spawn(func() { c.drive(tx, o.NoACK) }) {
		tx.Terminate()
		c.finish(End{By: Ours, Reason: "phone closed"})
		return nil, errors.New("call: the phone is closed")
	}
	return c, nil
}

// Dial places a call and waits for its answer; when the context ends first, or
// the call is refused, nothing of it remains.
func (p *Phone) Dial(ctx context.Context, target string, o CallOptions) (*Call, error) {
	c, err := p.Call(ctx, target, o)
	if err != nil {
		return nil, err
	}
	if err := c.WaitAnswered(ctx); err != nil {
		release, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
		defer cancel()
		return nil, errors.Join(err, c.Hangup(release))
	}
	return c, nil
}

func (p *Phone) resolve(target string) (sip.Uri, error) {
	uri := p.server
	if !strings.HasPrefix(target, "sip:") {
		uri.User = target
	} else {
		uri = sip.Uri{} // its own port, or none
		if err := sip.ParseUri(target, &uri); err != nil {
			return uri, fmt.Errorf("read target: %w", err)
		}
	}
	if p.cfg.Transport == TCP {
		uri.UriParams = uri.UriParams.Clone()
		uri.UriParams.Add("transport", "tcp")
	}
	return uri, nil
}

func (p *Phone) from(o CallOptions) sip.Header {
	tag := sip.GenerateTagN(16)
	if o.RawFrom != "" {
		return sip.NewHeader("From", o.RawFrom+";tag="+tag)
	}
	user, name := p.cfg.User, p.cfg.DisplayName
	if o.User != "" {
		user = o.User
	}
	if o.DisplayName != "" {
		name = o.DisplayName
	}
	from := &sip.FromHeader{DisplayName: name, Address: sip.Uri{Scheme: "sip", User: user, Host: p.ip.String()}}
	from.Params.Add("tag", tag)
	return from
}

// cancelPatience is how long a cancelled INVITE may go without a final answer
// (64 × T1, RFC 3261 §9.1).
const cancelPatience = 32 * time.Second

// drive follows the INVITE transaction to its final answer.
func (c *Call) drive(tx sip.ClientTransaction, noACK bool) {
	var (
		giveUp    = c.giveUp
		wanted    bool // a CANCEL is wanted
		sent      bool // it was sent
		heard     bool // a provisional answer came: CANCEL is allowed from here on
		attempts  int
		patience  <-chan time.Time
		cancelled = End{By: Ours, Status: sip.StatusRequestTerminated, Reason: "cancelled"}
	)
	for {
		select {
		case <-c.ctx.Done():
			tx.Terminate()
			c.finish(End{By: Ours, Reason: "phone closed"})
			return
		case <-patience:
			tx.Terminate()
			c.finish(cancelled)
			return
		case <-tx.Done():
			end := End{By: Network, Status: sip.StatusRequestTimeout, Reason: "no answer to the INVITE"}
			if err := tx.Err(); err != nil && !errors.Is(err, sip.ErrTransactionTimeout) {
				end = End{By: Network, Reason: "transaction failed"}
				c.phone.log.Debug("INVITE transaction failed", zap.String("call_id", c.id), zap.Error(err))
			}
			c.finish(end)
			return
		case <-giveUp:
			giveUp, wanted, cancelled.At = nil, true, time.Now()
			timer := time.NewTimer(cancelPatience)
			defer timer.Stop()
			patience = timer.C
		case res := <-tx.Responses():
			at := time.Now()
			switch {
			case res.IsProvisional():
				heard = true
				c.provisional(res, at)
			case res.IsSuccess():
				c.accepted(tx, res, at, noACK, wanted)
				return
			default:
				if attempts < maxChallenges && !wanted {
					attempts++
					again, err := c.retry(res)
					if err != nil {
						c.finish(End{By: Network, Status: res.StatusCode, Reason: "challenge not answered"})
						return
					}
					if again != nil {
						tx, heard = again, false
						continue
					}
				}
				if wanted {
					c.finish(cancelled)
				} else {
					c.finish(End{By: Theirs, Status: res.StatusCode, Reason: res.Reason, At: at})
				}
				return
			}
		}
		if wanted && heard && !sent && !c.vanished.Load() {
			sent = true
			c.phone.spawnLate(func() { c.sendCancel() })
		}
	}
}

// retry answers a challenge with a new INVITE; nil when there is none to answer.
func (c *Call) retry(res *sip.Response) (sip.ClientTransaction, error) {
	req := c.invite.Clone()
	c.phone.route(req)
	ok, err := c.phone.authorize(req, res)
	if err != nil || !ok {
		return nil, err
	}
	c.mu.Lock()
	c.cseq, c.invite = req.CSeq().SeqNo, req
	c.mu.Unlock()
	tx, err := c.phone.client.TransactionRequest(c.ctx, req, asBuilt)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	return tx, nil
}

// provisional takes a 1xx: it rings, and may bring early media.
func (c *Call) provisional(res *sip.Response, at time.Time) {
	if res.StatusCode == sip.StatusTrying {
		return
	}
	c.reach(&c.moments.Ringing, c.ringing, at)
	if len(res.Body()) == 0 {
		return
	}
	if _, _, _, err := c.negotiate(res.Body()); err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		select {
		case <-c.early:
		default:
			close(c.early)
		}
	}
}

// accepted takes the 200: the dialog stands, ACK goes out, audio begins.
func (c *Call) accepted(tx sip.ClientTransaction, res *sip.Response, at time.Time, noACK, wanted bool) {
	c.mu.Lock()
	if h := res.To(); h != nil {
		c.remote = sip.HeaderClone(h)
	}
	if h := res.Contact(); h != nil {
		c.target = *h.Address.Clone()
	}
	c.routes = routeSet(res, true)
	invite := c.invite
	c.mu.Unlock()
	_, _, _, err := c.negotiate(res.Body())
	if noACK || c.vanished.Load() {
		c.Vanish()
		c.reach(&c.moments.Answered, c.answered, at)
		return
	}
	c.acknowledge(tx, invite.CSeq().SeqNo)
	c.reach(&c.moments.Answered, c.answered, at)
	c.reach(&c.moments.Confirmed, c.confirmed, time.Now())
	if err == nil && !wanted {
		return
	}
	// A 200 that crossed our CANCEL, or that we cannot use, is taken back.
	ctx, cancel := context.WithTimeout(c.ctx, closeGrace)
	defer cancel()
	byeErr := c.bye(ctx)
	if err := errors.Join(err, byeErr); err != nil {
		c.phone.log.Debug("answer not usable", zap.String("call_id", c.id), zap.Error(err))
	}
}

// acknowledge sends the ACK of a 200 and repeats it for each repeated 200.
func (c *Call) acknowledge(tx sip.ClientTransaction, cseq uint32) {
	c.mu.Lock()
	var routes []sip.Header
	for _, r := range c.routes {
		routes = append(routes, sip.HeaderClone(r))
	}
	ack := c.phone.build(sip.ACK, c.target, c.local, c.remote, c.id, cseq, routes...)
	c.mu.Unlock()
	write := func(ack *sip.Request) {
		if c.vanished.Load() || c.phone.unplugged.Load() || !c.phone.begin() {
			return
		}
		defer c.phone.work.Done()
		if err := c.phone.client.WriteRequest(ack, asBuilt); err != nil {
			c.phone.log.Debug("ACK not sent", zap.String("call_id", c.id), zap.Error(err))
		}
	}
	again := ack.Clone()
	c.phone.route(again)
	tx.OnRetransmission(func(*sip.Response) { write(again.Clone()) })
	write(ack)
}

// sendCancel withdraws the INVITE (RFC 3261 §9.1: same Via, same CSeq number).
func (c *Call) sendCancel() {
	c.mu.Lock()
	invite := c.invite
	c.mu.Unlock()
	cancelReq := c.phone.build(sip.CANCEL, *invite.Recipient.Clone(), c.local, invite.To(), c.id, invite.CSeq().SeqNo)
	cancelReq.RemoveHeader("Via")
	cancelReq.PrependHeader(invite.Via().Clone())
	ctx, stop := context.WithTimeout(c.ctx, closeGrace)
	defer stop()
	if _, err := c.phone.client.Do(ctx, cancelReq, asBuilt); err != nil {
		c.phone.log.Debug("CANCEL not answered", zap.String("call_id", c.id), zap.Error(err))
	}
}

// spawnLate is spawn for work that Close itself causes: the CANCEL of a call it
// hangs up. It is started from a goroutine that Close waits for.
func (p *Phone) spawnLate(f func()) { p.work.Go(f) }

// routeSet turns Record-Route into the Route headers of our requests, reversed
// for the side that called (RFC 3261 §12.1).
func routeSet(msg sip.Message, reversed bool) []sip.Header {
	var routes []sip.Header
	for _, h := range msg.GetHeaders("Record-Route") {
		route := sip.NewHeader("Route", h.Value())
		if reversed {
			routes = append([]sip.Header{route}, routes...)
		} else {
			routes = append(routes, route)
		}
	}
	return routes
}
