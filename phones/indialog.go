package phones

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

func (p *Phone) onAck(req *sip.Request, _ sip.ServerTransaction) {
	c := p.callOf(req)
	if c == nil || c.outgoing && c.vanished.Load() {
		return
	}
	c.mu.Lock()
	if c.resend != nil && !c.vanished.Load() {
		c.resend.Stop()
		c.resend = nil
	}
	late := c.peer.codecs == nil && len(req.Body()) > 0
	c.mu.Unlock()
	if late {
		if _, _, _, err := c.negotiate(req.Body()); err != nil {
			c.phone.log.Debug("answer in ACK not usable")
		}
	}
	c.reach(&c.moments.Confirmed, c.confirmed, time.Now())
}

func (p *Phone) onBye(req *sip.Request, tx sip.ServerTransaction) {
	at := time.Now()
	p.inDialog(func(c *Call, req *sip.Request, tx sip.ServerTransaction) {
		p.reply(req, tx, sip.StatusOK, "OK")
		reason := "hung up"
		if h := req.GetHeader("Reason"); h != nil {
			reason = h.Value()
		}
		c.finish(End{By: Theirs, Reason: reason, At: at})
	})(req, tx)
}

// onReinvite answers a new description, as Asterisk sends for hold, connected
// line and session timers.
func (p *Phone) onReinvite(c *Call, req *sip.Request, tx sip.ServerTransaction) {
	c.refresh(req, tx, true)
}

func (p *Phone) onUpdate(c *Call, req *sip.Request, tx sip.ServerTransaction) {
	c.refresh(req, tx, false)
}

// refresh answers re-INVITE and UPDATE with our description, or without one
// where an UPDATE brought none.
func (c *Call) refresh(req *sip.Request, tx sip.ServerTransaction, invite bool) {
	var answer []byte
	switch {
	case len(req.Body()) > 0:
		codecs, dtmf, d, err := c.negotiate(req.Body())
		if err != nil {
			c.phone.reply(req, tx, sip.StatusNotAcceptableHere, "Not Acceptable Here")
			return
		}
		answer = c.describe(codecs, dtmf, d, true)
	case invite: // an INVITE without offer asks for ours
		c.mu.Lock()
		codec, d := c.codec, c.own
		c.mu.Unlock()
		answer = c.describe([]Codec{codec}, dtmfPayload, d, false)
	}
	res := sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil)
	res.AppendHeader(c.phone.contact())
	res.AppendHeader(sip.NewHeader("Allow", allowed))
	if answer != nil {
		setBody(res, "application/sdp", answer)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if contact := req.Contact(); contact != nil {
		c.target = *contact.Address.Clone() // a target refresh (RFC 3261 §12.2)
	}
	if err := tx.Respond(res); err != nil {
		c.phone.log.Debug("new description not answered")
		return
	}
	if invite && c.phone.cfg.Transport == UDP {
		c.repeat(tx, res, firstRepeat)
	}
}

// onInfo takes a key sent as SIP INFO, which the ear counts like any other.
func (p *Phone) onInfo(c *Call, req *sip.Request, tx sip.ServerTransaction) {
	p.reply(req, tx, sip.StatusOK, "OK")
	for line := range strings.Lines(string(req.Body())) {
		name, value, _ := strings.Cut(line, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "Signal") {
			continue
		}
		if value = strings.TrimSpace(value); len(value) == 1 && strings.Contains(dtmfKeys, value) {
			c.media.ear.count(Key{Key: rune(value[0]), At: time.Now()})
		}
	}
}

// Press sends keys as a person on a desk phone does (RFC 4733, 100 ms each) and
// returns when the last was sent.
func (c *Call) Press(ctx context.Context, keys string) error {
	return c.SendDTMF(ctx, keys, Keying{})
}

// SendDTMF sends keys by RFC 4733 in the given manner and returns when the last
// was sent. Keying{Hold: 40 * time.Millisecond, Gap: -1} is a flood.
func (c *Call) SendDTMF(ctx context.Context, keys string, k Keying) error {
	done, err := c.media.press(keys, k)
	if err != nil {
		return err
	}
	return waitKeys(ctx, done)
}

// SendInfo sends one key by SIP INFO.
func (c *Call) SendInfo(ctx context.Context, key rune, hold time.Duration) error {
	if _, err := dtmfEvent(key); err != nil {
		return err
	}
	req := c.request(sip.INFO)
	setBody(req, "application/dtmf-relay", fmt.Appendf(nil, "Signal=%c\r\nDuration=%d\r\n", key, hold.Milliseconds()))
	if _, err := c.ask(ctx, req); err != nil {
		return fmt.Errorf("send key: %w", err)
	}
	return nil
}

// SendTone sends another frequency in hertz from the next 20 ms on.
func (c *Call) SendTone(hertz float64) { c.media.play(hertz) }

// SendSilence sends packets of silence: someone who does not speak.
func (c *Call) SendSilence() { c.media.play(0) }

// StopRTP sends no more audio packets: dead audio. SendTone resumes. Keys still
// go out.
func (c *Call) StopRTP() { c.media.mute() }

// Hold asks the other side to wait: sendonly, or inactive where nothing may
// flow either way. Our phone has no music and sends nothing meanwhile.
func (c *Call) Hold(ctx context.Context, nothing bool) error {
	d := sendonly
	if nothing {
		d = inactive
	}
	if err := c.reoffer(ctx, d); err != nil {
		return fmt.Errorf("hold: %w", err)
	}
	c.media.mute()
	return nil
}

// Resume ends a hold and sends the call's tone again.
func (c *Call) Resume(ctx context.Context) error {
	if err := c.reoffer(ctx, sendrecv); err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	c.media.play(c.Tone())
	return nil
}

// reoffer sends a re-INVITE with our new direction.
func (c *Call) reoffer(ctx context.Context, d direction) error {
	if c.vanished.Load() {
		return fmt.Errorf("INVITE: the call has vanished")
	}
	c.mu.Lock()
	codec, before := c.codec, c.own
	c.own = d
	c.mu.Unlock()
	req := c.request(sip.INVITE)
	setBody(req, "application/sdp", c.describe([]Codec{codec}, dtmfPayload, d, true))
	err := c.transact(ctx, req)
	if err != nil {
		c.mu.Lock()
		c.own = before
		c.mu.Unlock()
	}
	return err
}

// transact carries out one INVITE inside the dialog.
func (c *Call) transact(ctx context.Context, req *sip.Request) error {
	for try := 0; ; try++ {
		tx, err := c.phone.client.TransactionRequest(ctx, req, asBuilt)
		if err != nil {
			return fmt.Errorf("INVITE: %w", err)
		}
		var res *sip.Response
		for res == nil || res.IsProvisional() {
			select {
			case res = <-tx.Responses():
			case <-tx.Done():
				return fmt.Errorf("INVITE: %w", tx.Err())
			case <-ctx.Done():
				tx.Terminate()
				return fmt.Errorf("INVITE: %w", context.Cause(ctx))
			}
		}
		if res.IsSuccess() {
			c.acknowledge(tx, req.CSeq().SeqNo)
			if _, _, _, err := c.negotiate(res.Body()); err != nil {
				return fmt.Errorf("INVITE: %w", err)
			}
			return nil
		}
		next := req.Clone()
		c.phone.route(next)
		again, err := c.phone.authorize(next, res)
		if err != nil || !again || try == maxChallenges {
			return &StatusError{"INVITE", res.StatusCode, res.Reason}
		}
		c.mu.Lock()
		c.cseq = max(c.cseq, next.CSeq().SeqNo)
		c.mu.Unlock()
		req = next
	}
}

// Refer asks the other side to call the target instead of us (blind transfer,
// RFC 3515) and returns when that was accepted (202) or refused. The call goes
// on: a phone that transfers hangs up afterwards.
func (c *Call) Refer(ctx context.Context, target string) error {
	uri, err := c.phone.resolve(target)
	if err != nil {
		return fmt.Errorf("refer: %w", err)
	}
	req := c.request(sip.REFER, &sip.ReferToHeader{Address: uri})
	if _, err := c.ask(ctx, req); err != nil {
		return fmt.Errorf("refer: %w", err)
	}
	return nil
}
