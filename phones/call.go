package phones

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Side says who ended a call.
type Side string

const (
	Ours    Side = "ours"    // this phone: BYE, CANCEL, a refusal
	Theirs  Side = "theirs"  // the other side: BYE, CANCEL, a refusal
	Network Side = "network" // nobody answered, or a message could not be sent or read
)

// An End says how a call ended.
type End struct {
	By     Side
	Status int       // final SIP status of a call that was never answered, else 0
	Reason string    // the status's words, or the Reason header of the BYE
	At     time.Time // when the BYE, CANCEL or answer was sent or received
}

// Moments of a call; zero when not reached. They carry a monotonic clock.
type Moments struct {
	Invited   time.Time // INVITE sent or received
	Ringing   time.Time // first 180 or 183
	Answered  time.Time // 200 sent or received
	Confirmed time.Time // ACK sent or received
	Ended     time.Time
}

// A Call is one call of a phone, in either direction. Its methods may be used
// from any goroutine.
type Call struct {
	phone    *Phone
	outgoing bool
	id       string // Call-ID
	media    *media
	invite   *sip.Request // as sent or received; not changed after the start

	ctx    context.Context // ends with the call
	cancel context.CancelFunc

	ringing   chan struct{}
	early     chan struct{}
	answered  chan struct{}
	confirmed chan struct{}
	ended     chan struct{}

	giveUp   chan struct{} // outgoing: closed to ask for a CANCEL
	giveOnce sync.Once

	vanished atomic.Bool // answers nothing and sends nothing more

	mu      sync.Mutex // guards all below
	moments Moments
	end     *End
	leaving bool // our BYE is on its way
	over    bool // an end was decided, perhaps not yet published

	// Dialog (RFC 3261 §12): our and their From/To as they stand in our requests.
	local, remote sip.Header
	target        sip.Uri
	routes        []sip.Header
	cseq          uint32

	sdpID, sdpVersion uint64
	own               direction // what we want: sendrecv, or a hold
	peer              session   // what they last described
	codec             Codec

	// Incoming only.
	tx      sip.ServerTransaction
	decided chan struct{} // closed when the INVITE got its final answer, or never will
	toTag   string
	resend  *time.Timer // repeats a 200 until its ACK
}

func (p *Phone) newCall(id string, outgoing bool, tone float64, codec Codec) (*Call, error) {
	if tone == 0 {
		tone = p.tone
	}
	m, err := newMedia(p.ip, codec, tone)
	if err != nil {
		return nil, err
	}
	c := &Call{
		phone:     p,
		outgoing:  outgoing,
		id:        id,
		media:     m,
		codec:     codec,
		own:       sendrecv,
		ringing:   make(chan struct{}),
		early:     make(chan struct{}),
		answered:  make(chan struct{}),
		confirmed: make(chan struct{}),
		ended:     make(chan struct{}),
		giveUp:    make(chan struct{}),
		decided:   make(chan struct{}),
		sdpID:     uint64(rand.Uint32()),
	}
	c.ctx, c.cancel = context.WithCancel(p.ctx)
	return c, nil
}

// add puts the call among the phone's; false when the phone is closing.
func (p *Phone) add(c *Call) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.calls[c.id] = c
	return true
}

// ID is the SIP Call-ID.
func (c *Call) ID() string { return c.id }

// Outgoing says whether this phone placed the call.
func (c *Call) Outgoing() bool { return c.outgoing }

// Ear measures what the call hears. It stays readable after the end.
func (c *Call) Ear() *Ear { return c.media.ear }

// Tone is the frequency in hertz that the call sends now; 0 is silence.
func (c *Call) Tone() float64 {
	c.media.mu.Lock()
	defer c.media.mu.Unlock()
	return c.media.tone
}

// Moments returns the instants reached so far.
func (c *Call) Moments() Moments {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moments
}

// Ringing is closed at the first 180 or 183, sent or received.
func (c *Call) Ringing() <-chan struct{} { return c.ringing }

// EarlyMedia is closed when a provisional answer brought a session description.
func (c *Call) EarlyMedia() <-chan struct{} { return c.early }

// Answered is closed at the 200, sent or received.
func (c *Call) Answered() <-chan struct{} { return c.answered }

// Confirmed is closed at the ACK, sent or received.
func (c *Call) Confirmed() <-chan struct{} { return c.confirmed }

// Ended is closed when the call is over; End then says how.
func (c *Call) Ended() <-chan struct{} { return c.ended }

// End returns how the call ended; false while it lives.
func (c *Call) End() (End, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end == nil {
		return End{}, false
	}
	return *c.end, true
}

// WaitRinging waits for the first 180 or 183, or for the answer where there is
// none before.
func (c *Call) WaitRinging(ctx context.Context) error {
	select {
	case <-c.answered:
		return nil
	default:
	}
	return c.await(ctx, "ringing", c.ringing, c.answered)
}

// WaitAnswered waits for the 200. A refusal is a *StatusError.
func (c *Call) WaitAnswered(ctx context.Context) error {
	return c.await(ctx, "the answer", c.answered, nil)
}

// WaitEnded waits for the end and says how it came.
func (c *Call) WaitEnded(ctx context.Context) (End, error) {
	select {
	case <-c.ended:
	case <-ctx.Done():
		return End{}, fmt.Errorf("wait for the end of the call: %w", context.Cause(ctx))
	}
	end, _ := c.End()
	return end, nil
}

// await waits for one of two channels; a nil channel never comes.
func (c *Call) await(ctx context.Context, what string, one, other <-chan struct{}) error {
	select {
	case <-one:
		return nil
	case <-other:
		return nil
	case <-c.ended:
		select {
		case <-one: // it was reached before the end
			return nil
		default:
		}
		end, _ := c.End()
		if end.Status >= 300 {
			return fmt.Errorf("wait for %s: %w", what, &StatusError{"INVITE", end.Status, end.Reason})
		}
		return fmt.Errorf("wait for %s: %w (%s, %s)", what, errCallOver, end.By, end.Reason)
	case <-ctx.Done():
		return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
	}
}

// finish ends the call once: it publishes how, stops the media and forgets the
// call. Later calls do nothing.
func (c *Call) finish(end End) {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	c.over = true
	if end.At.IsZero() {
		end.At = time.Now()
	}
	if c.resend != nil {
		c.resend.Stop()
	}
	c.mu.Unlock()

	c.phone.mu.Lock()
	if c.phone.calls[c.id] == c {
		delete(c.phone.calls, c.id)
	}
	c.phone.mu.Unlock()
	c.media.close()

	c.mu.Lock()
	c.end = &end
	c.moments.Ended = end.At
	c.mu.Unlock()
	c.cancel()
	close(c.ended)
}

// vanishedFor is how long a vanished call keeps its silence; then it is
// forgotten, so that a demo of many hours does not collect them.
const vanishedFor = 10 * time.Minute

// Vanish makes this call fall silent as a phone does that lost its network: no
// more audio, no BYE, no answer to anything about it. The call itself does not
// notice and has no end until Hangup, Plug or Close, or ten minutes later.
func (c *Call) Vanish() {
	c.Ignore()
	c.media.mute()
	if c.vanished.Swap(true) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.resend != nil {
		c.resend.Stop()
	}
	if !c.over {
		c.resend = time.AfterFunc(vanishedFor, func() {
			c.finish(End{By: Ours, Reason: "vanished"})
		})
	}
}

// Hangup ends the call as its state asks: CANCEL, a refusal (480) or BYE. It
// returns when the other side confirmed, with nil for a call already over.
func (c *Call) Hangup(ctx context.Context) error {
	select {
	case <-c.ended:
		return nil
	default:
	}
	if c.vanished.Load() {
		c.finish(End{By: Ours, Reason: "vanished"})
		return nil
	}
	select {
	case <-c.answered:
		return c.bye(ctx)
	default:
	}
	if !c.outgoing {
		return c.Reject(sip.StatusTemporarilyUnavailable)
	}
	c.giveOnce.Do(func() { close(c.giveUp) })
	select {
	case <-c.ended:
		return nil
	case <-c.answered: // the answer crossed the CANCEL; the dialling goroutine sends BYE
	case <-ctx.Done():
		return fmt.Errorf("hang up: %w", context.Cause(ctx))
	}
	_, err := c.WaitEnded(ctx)
	return err
}

// bye sends BYE and ends the call whatever the answer.
func (c *Call) bye(ctx context.Context) error {
	at := time.Now()
	c.mu.Lock()
	first := !c.leaving
	c.leaving = true
	c.mu.Unlock()
	if !first {
		_, err := c.WaitEnded(ctx)
		return err
	}
	// A BYE before the ACK would be out of order at the other side (RFC 3261 §15).
	if !c.outgoing {
		select {
		case <-c.confirmed:
		case <-c.ended:
			return nil
		case <-ctx.Done():
		}
	}
	_, err := c.phone.do(ctx, c.request(sip.BYE))
	c.finish(End{By: Ours, Reason: "hung up", At: at})
	if err != nil {
		return fmt.Errorf("hang up: %w", err)
	}
	return nil
}

// request builds the next request of the dialog.
func (c *Call) request(method sip.RequestMethod, extra ...sip.Header) *sip.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cseq++
	headers := make([]sip.Header, 0, len(c.routes)+len(extra))
	for _, r := range c.routes {
		headers = append(headers, sip.HeaderClone(r))
	}
	return c.phone.build(method, c.target, c.local, c.remote, c.id, c.cseq, append(headers, extra...)...)
}

// ask sends a request of the dialog and checks its answer.
func (c *Call) ask(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	if c.vanished.Load() {
		return nil, fmt.Errorf("%s: the call has vanished", req.Method)
	}
	res, err := c.phone.do(ctx, req)
	c.mu.Lock()
	c.cseq = max(c.cseq, req.CSeq().SeqNo)
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if !res.IsSuccess() {
		return nil, &StatusError{string(req.Method), res.StatusCode, res.Reason}
	}
	return res, nil
}

// describe writes our session description; changed raises its version.
func (c *Call) describe(codecs []Codec, dtmf uint8, d direction, changed bool) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changed {
		c.sdpVersion++
	}
	s := session{addr: c.media.local, codecs: codecs, dtmf: dtmf, direction: d}
	return s.describe(c.sdpID, c.sdpVersion)
}

// negotiate takes their description, chooses the codec (ours first when it is
// offered) and points the media at them. It returns what to answer.
func (c *Call) negotiate(body []byte) (codecs []Codec, dtmf uint8, d direction, err error) {
	theirs, err := parseSession(body)
	if err != nil {
		return nil, 0, "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	chosen := theirs.codecs[0]
	for _, codec := range theirs.codecs {
		if codec == c.codec {
			chosen = codec
		}
	}
	c.codec, c.peer = chosen, theirs
	d = theirs.direction.answer(c.own)
	c.media.connect(theirs, chosen, d.sends())
	return []Codec{chosen}, theirs.dtmf, d, nil
}

// reach records a moment and closes its channel, once; false when it was
// reached before.
func (c *Call) reach(moment *time.Time, channel chan struct{}, at time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !moment.IsZero() {
		return false
	}
	*moment = at
	close(channel)
	return true
}
