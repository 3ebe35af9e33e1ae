package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/zap"
)

const (
	dialDeadline      = 2 * time.Second // of the websocket's handshake
	establishDeadline = 5 * time.Second // of version, probe, filters, subscriptions
	proveEvery        = 5 * time.Second
	echoDeadline      = time.Second     // of a probe event's way back
	pongDeadline      = 2 * time.Second // of a ping's answer
	// maxMessage bounds one event. Asterisk's largest are some 10 kB; strangers'
	// texts can add as much. Beyond it the connection is closed.
	maxMessage = 4 << 20

	probeEvent = "cc_probe"
)

var (
	errDeaf    = errors.New("connected, but no event of ours comes back")
	errDoubted = errors.New("this process was stopped while it connected")
)

// session is one websocket's life.
type session struct {
	conn       *Conn
	socket     *websocket.Conn
	generation uint64

	mu     sync.Mutex               // guards echoes
	echoes map[string]chan struct{} // probes on their way, by nonce
	nonce  uint64                   // belongs to the goroutine that proves
}

// session connects and stays until something ends it. settled tells whether it
// came as far as delivering events.
func (c *Conn) session(ctx context.Context) (settled bool, err error) {
	if err := c.checkOwner(ctx); err != nil {
		return false, err
	}
	caps, err := c.plain.Probe(ctx)
	if err != nil {
		return false, err
	}
	c.capabilities.Store(&caps)
	socket, err := c.dial(ctx)
	if err != nil {
		return false, err
	}
	s := &session{conn: c, socket: socket, generation: c.generation.Add(1), echoes: map[string]chan struct{}{}}

	ctx, end := context.WithCancelCause(ctx)
	var goroutines sync.WaitGroup
	goroutines.Go(func() { end(s.read(ctx)) })
	defer func() {
		c.gate.shut()
		c.connected.Store(false)
		end(err)
		_ = s.socket.CloseNow()
		goroutines.Wait()
		// The cause is the first thing that went wrong; err can be its echo.
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
			err = cause
		}
	}()

	if err := s.establish(ctx); err != nil {
		return false, err
	}
	c.connected.Store(true)
	c.log.Info("connected to Asterisk", zap.Uint64("generation", s.generation),
		zap.String("version", caps.Version.String()), zap.Stringer("support", caps.Support))
	reconciled := make(chan error, 1) // one message; the goroutine never waits
	goroutines.Go(func() { reconciled <- s.reconcile(ctx) })
	return s.keep(ctx, reconciled)
}

// checkOwner fences a process that comes back after another has connected: its
// socket may have died before it could be told. Until we have left our own mark
// once, any other is our predecessor's, and we take over.
func (c *Conn) checkOwner(ctx context.Context) error {
	if !c.marked.Load() {
		return nil
	}
	for _, app := range c.apps() {
		owner, err := c.plain.AsteriskGetGlobalVar(ctx, AsteriskGetGlobalVarParams{Variable: ownerVariable(app)})
		if unless(err, http.StatusNotFound) != nil {
			return fmt.Errorf("ask who owns the application: %w", err)
		}
		if owner.Value != "" && owner.Value != c.id {
			c.gate.fence()
			return ErrFenced
		}
	}
	return nil
}

// ownerVariable is the global variable in which the last to connect leaves its
// mark. An Asterisk that restarts forgets it, and has no calls left either.
func ownerVariable(app string) string { return "ACCUEIL_OWNER_" + app }

func (c *Conn) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialDeadline)
	defer cancel()
	target := *c.plain.base
	target.Scheme = strings.Replace(target.Scheme, "http", "ws", 1)
	target.Path += "/events"
	target.RawQuery = url.Values{"app": {strings.Join(c.apps(), ",")}}.Encode()

	request, _ := http.NewRequest(http.MethodGet, "http://localhost", nil)
	request.SetBasicAuth(c.plain.user, c.plain.password) // never api_key: URLs are logged
	dialer := &net.Dialer{KeepAlive: tcpKeepAlive}
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
	socket, response, err := websocket.Dial(ctx, target.String(), &websocket.DialOptions{
		HTTPClient:   client,
		HTTPHeader:   http.Header{"Authorization": request.Header["Authorization"]},
		Subprotocols: []string{"ari"},
	})
	if err != nil {
		if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
			return nil, &Error{Op: "EventWebsocket", Status: response.StatusCode}
		}
		return nil, &Error{Op: "EventWebsocket", Cause: err}
	}
	socket.SetReadLimit(maxMessage)
	return socket, nil
}

// read decodes and enqueues, nothing else: Asterisk closes the socket of a reader
// that is slow for 100 ms (websocket_write_timeout).
func (s *session) read(ctx context.Context) error {
	for {
		_, message, err := s.socket.Read(ctx)
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		if err := s.accept(message, time.Now()); err != nil {
			return err
		}
	}
}

func (s *session) accept(message []byte, at time.Time) error {
	c := s.conn
	event, notes, err := Decode(message)
	c.count.decoded(notes, err)
	if err != nil {
		return nil
	}
	data := event.data()
	data.receivedAt, data.generation = at, s.generation
	switch e := event.(type) {
	case *ApplicationReplaced:
		c.gate.fence() // here, before anything else can run
		return ErrFenced
	case *ChannelUserevent:
		if e.Eventname == probeEvent {
			s.echo(e.Userevent["nonce"])
			return nil
		}
	}
	return c.queue.put(event)
}

// establish makes the connection ours and proves it.
func (s *session) establish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, establishDeadline)
	defer cancel()
	c := s.conn
	doubt := c.gate.doubtNumber()
	if err := s.prove(ctx); err != nil {
		return err
	}
	for _, app := range c.apps() {
		params := ApplicationFilterParams{Filter: c.cfg.filterOf(app)}
		if _, err := c.plain.ApplicationFilter(ctx, app, params); err != nil {
			return fmt.Errorf("set the event filter: %w", err)
		}
		mark := AsteriskSetGlobalVarParams{Variable: ownerVariable(app), Value: c.id}
		if err := c.plain.AsteriskSetGlobalVar(ctx, mark); err != nil {
			return fmt.Errorf("mark the application as ours: %w", err)
		}
	}
	c.marked.Store(true)
	if c.cfg.PhonesApp != "" {
		if _, err := c.subscriptions.apply(ctx, c.plain, c.cfg.PhonesApp, c.subscriptions.all()); err != nil {
			return fmt.Errorf("subscribe to phones: %w", err)
		}
	}
	if !c.gate.open(doubt) {
		return errDoubted
	}
	return nil
}

// reconcile runs the caller's hook and then lets the events through.
func (s *session) reconcile(ctx context.Context) error {
	if hook := s.conn.cfg.OnConnected; hook != nil {
		if err := hook(ctx, s.generation); err != nil {
			return fmt.Errorf("reconcile after the connect: %w", err)
		}
	}
	s.conn.queue.release(s.generation)
	return nil
}

// keep proves the connection at intervals and whenever the gate is in doubt.
func (s *session) keep(ctx context.Context, reconciled <-chan error) (settled bool, err error) {
	tick := time.NewTicker(proveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return settled, context.Cause(ctx)
		case err := <-reconciled:
			if err != nil {
				return false, err
			}
			settled, reconciled = true, nil
		case <-tick.C:
			if err := s.ping(ctx); err != nil {
				return settled, err
			}
			if err := s.prove(ctx); err != nil {
				return settled, err
			}
		case <-s.conn.gate.doubt:
			s.conn.count.doubts.Add(1)
			if err := s.dispel(ctx); err != nil {
				return settled, err
			}
		}
	}
}

// dispel answers a doubt: a proof that began after it, and no other owner's mark.
func (s *session) dispel(ctx context.Context) error {
	doubt := s.conn.gate.doubtNumber()
	if err := s.prove(ctx); err != nil {
		return err
	}
	if err := s.conn.checkOwner(ctx); err != nil {
		return err
	}
	if !s.conn.gate.open(doubt) && !s.conn.gate.isFenced() {
		return errDoubted // stopped again meanwhile: start over
	}
	return nil
}

// ping sends a PING. We never send a PONG unasked: it kills some versions.
func (s *session) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pongDeadline)
	defer cancel()
	if err := s.socket.Ping(ctx); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}

// prove sends one event to each application and waits until all came back. The
// 204 proves nothing: Asterisk gives it for a deaf application too (ARI 1.1).
func (s *session) prove(ctx context.Context) error {
	for _, app := range s.conn.apps() {
		if err := s.proveApp(ctx, app); err != nil {
			s.conn.count.deaf.Add(1)
			return fmt.Errorf("probe application %s: %w", app, err)
		}
	}
	return nil
}

func (s *session) proveApp(ctx context.Context, app string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, echoDeadline, errDeaf)
	defer cancel()
	s.nonce++
	nonce := s.conn.id + "/" + strconv.FormatUint(s.generation, 10) + "/" + strconv.FormatUint(s.nonce, 10)
	back := make(chan struct{})
	s.mu.Lock()
	s.echoes[nonce] = back
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.echoes, nonce)
		s.mu.Unlock()
	}()
	params := UserEventParams{Application: app, Variables: Vars{"nonce": nonce}}
	if err := s.conn.plain.UserEvent(ctx, probeEvent, params); err != nil {
		return err
	}
	select {
	case <-back:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *session) echo(nonce string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if back, ours := s.echoes[nonce]; ours {
		close(back)
		delete(s.echoes, nonce)
	}
}
