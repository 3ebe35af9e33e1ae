package phones

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/google/uuid"
	"go.uber.org/zap"
)

// registration is the state of a phone at its registrar.
type registration struct {
	sending sync.Mutex // held during a REGISTER, they go one by one; guards the next three
	callID  string
	tag     string
	cseq    uint32

	mu    sync.Mutex         // guards the next two
	stop  context.CancelFunc // ends the refresh; nil when there is none
	ended chan struct{}
}

// registerTimeout bounds one REGISTER of the refresh; registerRetry is the pause
// after one that failed.
const (
	registerTimeout = 5 * time.Second
	registerRetry   = time.Second
)

// Register registers the phone for the given time and keeps it registered,
// refreshing after 80 % of what the server granted, until Unregister,
// StopRegistering or Close. A refused registration is a *StatusError.
func (p *Phone) Register(ctx context.Context, expires time.Duration) error {
	p.StopRegistering()
	granted, err := p.register(ctx, expires)
	if err != nil {
		return err
	}
	refresh, stop := context.WithCancel(p.ctx)
	ended := make(chan struct{})
	p.registration.mu.Lock()
	p.registration.stop, p.registration.ended = stop, ended
	p.registration.mu.Unlock()
	started := p.spawn(func() {
		defer close(ended)
		p.refresh(refresh, expires, granted)
	})
	if !started {
		stop()
		close(ended)
		return fmt.Errorf("register: the phone is closed")
	}
	return nil
}

// refresh registers again before each expiry until the context ends.
func (p *Phone) refresh(ctx context.Context, expires, granted time.Duration) {
	next := granted * 8 / 10
	for {
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		attempt, cancel := context.WithTimeout(ctx, registerTimeout)
		granted, err := p.register(attempt, expires)
		cancel()
		if err != nil {
			if ctx.Err() == nil {
				p.log.Debug("registration not refreshed", zap.Error(err))
			}
			next = registerRetry
			continue
		}
		next = granted * 8 / 10
	}
}

// StopRegistering stops the refresh and says nothing to the server: the
// registration expires by itself, as that of a phone that died.
func (p *Phone) StopRegistering() {
	p.registration.mu.Lock()
	stop, ended := p.registration.stop, p.registration.ended
	p.registration.stop, p.registration.ended = nil, nil
	p.registration.mu.Unlock()
	if stop != nil {
		stop()
		<-ended
	}
}

// Unregister stops the refresh and removes the registration.
func (p *Phone) Unregister(ctx context.Context) error {
	p.StopRegistering()
	_, err := p.register(ctx, 0)
	return err
}

// register sends one REGISTER and returns the time granted.
func (p *Phone) register(ctx context.Context, expires time.Duration) (time.Duration, error) {
	r := &p.registration
	r.sending.Lock()
	defer r.sending.Unlock()
	if r.callID == "" {
		r.callID, r.tag = uuid.NewString(), sip.GenerateTagN(16)
	}
	r.cseq++
	target := p.server
	if p.cfg.Transport == TCP {
		target.UriParams.Add("transport", "tcp")
	}
	from := &sip.FromHeader{Address: p.address(p.cfg.User)}
	from.Params.Add("tag", r.tag)
	to := &sip.ToHeader{Address: p.address(p.cfg.User)}
	seconds := int(expires / time.Second)
	req := p.build(sip.REGISTER, target, from, to, r.callID, r.cseq,
		sip.NewHeader("Expires", strconv.Itoa(seconds)))
	res, err := p.do(ctx, req)
	r.cseq = req.CSeq().SeqNo
	if err != nil {
		return 0, fmt.Errorf("register: %w", err)
	}
	if !res.IsSuccess() {
		return 0, fmt.Errorf("register: %w", &StatusError{"REGISTER", res.StatusCode, res.Reason})
	}
	return granted(res, expires), nil
}

// granted reads what the server allowed, in the contact or in Expires.
func granted(res *sip.Response, asked time.Duration) time.Duration {
	text := ""
	if c := res.Contact(); c != nil {
		text, _ = c.Params.Get("expires")
	}
	if h := res.GetHeader("Expires"); text == "" && h != nil {
		text = h.Value()
	}
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return max(asked, time.Second)
}

// address is the public address of a user at the server.
func (p *Phone) address(user string) sip.Uri {
	return sip.Uri{Scheme: "sip", User: user, Host: p.server.Host}
}
