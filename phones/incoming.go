package phones

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"go.uber.org/zap"
)

const allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY, REFER"

// handle routes requests. An unplugged phone answers none: sipgo ends a
// transaction without a word when its handler returns so.
func (p *Phone) handle(s *sipgo.Server) {
	plugged := func(h sipgo.RequestHandler) sipgo.RequestHandler {
		return func(req *sip.Request, tx sip.ServerTransaction) {
			if !p.unplugged.Load() && p.begin() {
				defer p.work.Done()
				h(req, tx)
			}
		}
	}
	s.OnInvite(plugged(p.onInvite))
	s.OnAck(plugged(p.onAck))
	s.OnBye(plugged(p.onBye))
	s.OnUpdate(plugged(p.inDialog(p.onUpdate)))
	s.OnInfo(plugged(p.inDialog(p.onInfo)))
	s.OnNotify(plugged(p.onOther))
	s.OnOptions(plugged(p.onOther))
	s.OnCancel(plugged(func(req *sip.Request, tx sip.ServerTransaction) {
		// sipgo matches a CANCEL to its INVITE by itself; this one has none, or
		// is about a call that we ignore.
		if c := p.callOf(req); c != nil && c.vanished.Load() {
			c.finish(End{By: Theirs, Status: sip.StatusRequestTerminated, Reason: "cancelled"})
			return
		}
		p.reply(req, tx, sip.StatusCallTransactionDoesNotExists, "Call/Transaction Does Not Exist")
	}))
	s.OnNoRoute(plugged(func(req *sip.Request, tx sip.ServerTransaction) {
		p.reply(req, tx, sip.StatusMethodNotAllowed, "Method Not Allowed", sip.NewHeader("Allow", allowed))
	}))
}

// begin counts a handler among the goroutines that Close waits for; false once
// Close has begun to wait.
func (p *Phone) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return false
	}
	p.work.Add(1)
	return true
}

func (p *Phone) reply(req *sip.Request, tx sip.ServerTransaction, code int, reason string, headers ...sip.Header) {
	res := sip.NewResponseFromRequest(req, code, reason, nil)
	for _, h := range headers {
		res.AppendHeader(h)
	}
	if err := tx.Respond(res); err != nil {
		p.log.Debug("answer not sent", zap.String("method", string(req.Method)), zap.Int("status", code), zap.Error(err))
	}
}

// inDialog finds the call of a request, or answers 481; a vanished call answers
// nothing.
func (p *Phone) inDialog(h func(*Call, *sip.Request, sip.ServerTransaction)) sipgo.RequestHandler {
	return func(req *sip.Request, tx sip.ServerTransaction) {
		c := p.callOf(req)
		switch {
		case c == nil:
			p.reply(req, tx, sip.StatusCallTransactionDoesNotExists, "Call/Transaction Does Not Exist")
		case !c.vanished.Load():
			h(c, req, tx)
		}
	}
}

func (p *Phone) onOther(req *sip.Request, tx sip.ServerTransaction) {
	p.reply(req, tx, sip.StatusOK, "OK", sip.NewHeader("Allow", allowed), sip.NewHeader("Accept", "application/sdp"))
}

// onInvite takes a new call, lets the policy decide, and returns when the
// INVITE is answered for good: sipgo then keeps or ends its transaction.
func (p *Phone) onInvite(req *sip.Request, tx sip.ServerTransaction) {
	at := time.Now()
	if to := req.To(); to != nil && to.Params.Has("tag") {
		p.inDialog(p.onReinvite)(req, tx)
		return
	}
	if req.CallID() == nil || req.From() == nil || req.To() == nil || req.Contact() == nil {
		p.reply(req, tx, sip.StatusBadRequest, "Bad Request")
		return
	}
	if p.callOf(req) != nil {
		return // a repeat of an INVITE we chose to ignore
	}
	c, err := p.newCall(req.CallID().Value(), false, 0, p.cfg.Codec)
	if err != nil {
		p.log.Debug("incoming call without media", zap.Error(err))
		p.reply(req, tx, sip.StatusInternalServerError, "Server Internal Error")
		return
	}
	c.receive(req, tx, at)
	if !p.add(c) {
		c.finish(End{By: Ours, Reason: "phone closed"})
		return
	}
	// The hook runs inside sipgo's transaction and must not use it: it only
	// says that the caller gave up.
	tx.OnCancel(func(*sip.Request) { c.cancel() })
	policy := p.announce(c)
	if policy != nil {
		policy(c.ctx, c)
		if c.ctx.Err() == nil {
			// Refused if the policy left it open; errDecided otherwise.
			_ = c.Reject(sip.StatusTemporarilyUnavailable)
		}
	}
	select {
	case <-c.decided:
	case <-c.ctx.Done():
		_ = c.decide(func() {}) // nobody may answer any more
	}
	if c.ctx.Err() != nil || tx.Err() != nil {
		c.finishIfUnanswered(End{By: Theirs, Status: sip.StatusRequestTerminated, Reason: "cancelled"})
	}
}

// receive fills an incoming call from its INVITE.
func (c *Call) receive(req *sip.Request, tx sip.ServerTransaction, at time.Time) {
	c.tx = tx
	c.toTag = sip.GenerateTagN(16)
	c.invite = req.Clone()
	c.invite.To().Params.Add("tag", c.toTag)
	c.moments.Invited = at
	from, to := c.invite.From(), c.invite.To()
	c.local = &sip.FromHeader{DisplayName: to.DisplayName, Address: *to.Address.Clone(), Params: to.Params.Clone()}
	c.remote = &sip.ToHeader{DisplayName: from.DisplayName, Address: *from.Address.Clone(), Params: from.Params.Clone()}
	c.target = *req.Contact().Address.Clone()
	c.routes = routeSet(req, false)
	c.cseq = 1
}

// announce tells WaitCall and returns the policy in force.
func (p *Phone) announce(c *Call) Policy {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.arrived) == maxArrived {
		p.arrived = p.arrived[1:]
	}
	p.arrived = append(p.arrived, c)
	close(p.news)
	p.news = make(chan struct{})
	return p.policy
}

// WaitCall returns the next incoming call, each one once, whether or not a
// policy deals with it.
func (p *Phone) WaitCall(ctx context.Context) (*Call, error) {
	for {
		p.mu.Lock()
		news := p.news
		if len(p.arrived) > 0 {
			c := p.arrived[0]
			p.arrived = p.arrived[1:]
			p.mu.Unlock()
			return c, nil
		}
		p.mu.Unlock()
		select {
		case <-news:
		case <-p.ctx.Done():
			return nil, errors.New("wait for a call: the phone is closed")
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for a call: %w", context.Cause(ctx))
		}
	}
}

// Header returns the first value of a header of the INVITE, "" when absent:
// X-Motif, X-Contact-ID, Alert-Info …
func (c *Call) Header(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.invite.GetHeader(name); h != nil {
		return h.Value()
	}
	return ""
}

// Caller returns display name and number of the INVITE's From.
func (c *Call) Caller() (name, number string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.invite.From(); f != nil {
		return f.DisplayName, f.Address.User
	}
	return "", ""
}

// Target is the user part of the INVITE's request URI: the extension reached.
func (c *Call) Target() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.invite.Recipient.User
}

// errDecided is what a second final answer gets.
var errDecided = errors.New("the call already has its answer")

// decide runs f as the one final decision about an incoming call.
func (c *Call) decide(f func()) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.outgoing {
		return errors.New("the call is an outgoing one")
	}
	select {
	case <-c.decided:
		return errDecided
	default:
	}
	f()
	close(c.decided)
	return nil
}

// respond sends an answer to the INVITE. Called with c.mu held.
func (c *Call) respond(code int, reason string, body []byte, headers ...sip.Header) error {
	res := sip.NewResponseFromRequest(c.invite, code, reason, nil)
	res.AppendHeader(c.phone.contact())
	res.AppendHeader(sip.NewHeader("Allow", allowed))
	for _, h := range headers {
		res.AppendHeader(h)
	}
	if body != nil {
		setBody(res, "application/sdp", body)
	}
	if err := c.tx.Respond(res); err != nil {
		return fmt.Errorf("answer %d: %w", code, err)
	}
	if code == sip.StatusOK && c.phone.cfg.Transport == UDP {
		c.repeat(c.tx, res, firstRepeat)
	}
	return nil
}

// A 200 is repeated by its sender until the ACK comes (RFC 3261 §13.3.1.4).
const (
	firstRepeat = 500 * time.Millisecond
	lastRepeat  = 4 * time.Second
)

// repeat arms the next repetition of a 200. Called with c.mu held.
func (c *Call) repeat(tx sip.ServerTransaction, res *sip.Response, after time.Duration) {
	c.resend = time.AfterFunc(after, func() {
		if !c.phone.begin() {
			return
		}
		defer c.phone.work.Done()
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.resend == nil || c.over || c.vanished.Load() || tx.Respond(res) != nil {
			return
		}
		c.repeat(tx, res, min(2*after, lastRepeat))
	})
}

// Ring answers 180.
func (c *Call) Ring() error {
	c.mu.Lock()
	select {
	case <-c.decided:
		c.mu.Unlock()
		return fmt.Errorf("ring: %w", errDecided)
	default:
	}
	err := c.respond(sip.StatusRinging, "Ringing", nil)
	c.mu.Unlock()
	if err != nil {
		return fmt.Errorf("ring: %w", err)
	}
	c.reach(&c.moments.Ringing, c.ringing, time.Now())
	return nil
}

// Answer answers 200 and begins to talk, that is to send the call's tone.
func (c *Call) Answer() error {
	body := c.invite.Body() // not changed after the start
	var answer []byte
	if len(body) > 0 {
		codecs, dtmf, d, err := c.negotiate(body)
		if err != nil {
			return errors.Join(fmt.Errorf("answer: %w", err), c.Reject(sip.StatusNotAcceptableHere))
		}
		answer = c.describe(codecs, dtmf, d, true)
	} else { // the offer comes from us, their answer with the ACK
		answer = c.describe([]Codec{c.phone.cfg.Codec}, dtmfPayload, sendrecv, true)
	}
	var sent error
	err := c.decide(func() {
		if sent = c.respond(sip.StatusOK, "OK", answer); sent == nil {
			c.moments.Answered = time.Now()
			close(c.answered)
		}
	})
	if err = errors.Join(err, sent); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// reasons of the refusals that phones give.
var reasons = map[int]string{
	sip.StatusNotFound:               "Not Found",
	sip.StatusTemporarilyUnavailable: "Temporarily Unavailable",
	sip.StatusBusyHere:               "Busy Here",
	sip.StatusNotAcceptableHere:      "Not Acceptable Here",
	sip.StatusInternalServerError:    "Server Internal Error",
	sip.StatusServiceUnavailable:     "Service Unavailable",
	sip.StatusGlobalDecline:          "Decline",
}

// Reject refuses the call with a final status of 400 or more.
func (c *Call) Reject(status int) error {
	reason := reasons[status]
	if reason == "" {
		reason = "Rejected"
	}
	return c.refuse(status, reason)
}

// Redirect answers 302: the caller is told to call the target instead.
func (c *Call) Redirect(target string) error {
	uri, err := c.phone.resolve(target)
	if err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	var sent error
	err = c.decide(func() {
		res := sip.NewResponseFromRequest(c.invite, sip.StatusMovedTemporarily, "Moved Temporarily", nil)
		res.AppendHeader(&sip.ContactHeader{Address: uri})
		sent = c.tx.Respond(res)
	})
	if err = errors.Join(err, sent); err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	c.finish(End{By: Ours, Status: sip.StatusMovedTemporarily, Reason: "redirected"})
	return nil
}

func (c *Call) refuse(status int, reason string) error {
	var sent error
	err := c.decide(func() { sent = c.respond(status, reason, nil) })
	if err = errors.Join(err, sent); err != nil {
		return fmt.Errorf("reject: %w", err)
	}
	c.finish(End{By: Ours, Status: status, Reason: reason})
	return nil
}

// Ignore never answers the INVITE: the phone looks dead to this caller. The
// call stays in the phone's list while repeats may come, so that they are
// ignored too. It does nothing on a call that has its answer.
func (c *Call) Ignore() {
	if c.outgoing {
		return
	}
	_ = c.decide(func() { // an answered call keeps its answer
		c.vanished.Store(true)
		c.resend = time.AfterFunc(cancelPatience, func() {
			c.finish(End{By: Network, Status: sip.StatusRequestTimeout, Reason: "ignored"})
		})
	})
}

// finishIfUnanswered ends a call whose caller gave up before the answer.
func (c *Call) finishIfUnanswered(end End) {
	select {
	case <-c.answered:
	default:
		c.finish(end)
	}
}
