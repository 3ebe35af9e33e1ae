package phones

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"go.uber.org/zap"
)

func init() {
	// sipgo refuses UDP messages above 1300 bytes; hostile input is larger, and
	// so is an INVITE with credentials and a few headers of ours.
	sip.UDPMTUSize = 65_000
	// It logs whole messages it cannot read. They hold names and numbers.
	sip.SetDefaultLogger(slog.New(slog.DiscardHandler))
}

// Transport of the signalling.
type Transport string

const (
	UDP Transport = "udp"
	TCP Transport = "tcp"
)

// Config of a phone. The zero value of every field but Server works.
type Config struct {
	LocalIP     string    // address of SIP and RTP; default 127.0.0.1
	LocalPort   int       // SIP port; 0 takes any free one
	Transport   Transport // default UDP; a TCP phone also listens on its port
	Server      string    // host:port that calls and registrations go to
	User        string    // default "anonymous"
	Password    string    // for digest authentication; empty answers no challenge
	DisplayName string
	Codec       Codec       // preferred one; the other is offered second
	Tone        float64     // hertz sent in calls; 0 takes the next ToneFor of this process
	Policy      Policy      // what to do with incoming calls; nil leaves them to WaitCall
	Logger      *zap.Logger // never gets names, numbers or keys; default none
}

// A Phone is one SIP address with any number of calls. Create it with New,
// release it with Close.
type Phone struct {
	cfg    Config
	log    *zap.Logger
	ip     netip.Addr
	port   int
	server sip.Uri
	tone   float64

	ua     *sipgo.UserAgent
	client *sipgo.Client
	stop   []func() error // closes the sockets

	ctx    context.Context // ends with Close or the context of New
	cancel context.CancelFunc
	work   sync.WaitGroup // every goroutine that may still send
	reads  sync.WaitGroup // the readers of the sockets

	deaf atomic.Bool // nothing more is read: the sockets are about to close

	unplugged atomic.Bool

	mu      sync.Mutex // guards all below
	closed  bool
	policy  Policy
	calls   map[string]*Call // by Call-ID, while alive
	arrived []*Call          // incoming calls that WaitCall has not yet returned
	news    chan struct{}    // closed and replaced when arrived grows

	registration registration
}

// maxArrived bounds the incoming calls kept for WaitCall; beyond it the oldest
// is forgotten (not hung up), which only happens when nobody waits.
const maxArrived = 256

var phonesMade atomic.Int64

// New opens the sockets and starts to listen. The context ends the phone as an
// unplugged cable would; Close must be called in any case.
func New(ctx context.Context, cfg Config) (*Phone, error) {
	if cfg.LocalIP == "" {
		cfg.LocalIP = "127.0.0.1"
	}
	if cfg.Transport == "" {
		cfg.Transport = UDP
	}
	if cfg.User == "" {
		cfg.User = "anonymous"
	}
	if cfg.Logger == nil {
		cfg.Logger = zap.NewNop()
	}
	ip, err := netip.ParseAddr(cfg.LocalIP)
	if err != nil {
		return nil, fmt.Errorf("new phone: local address: %w", err)
	}
	if cfg.Transport != UDP && cfg.Transport != TCP {
		return nil, fmt.Errorf("new phone: transport %q is neither udp nor tcp", cfg.Transport)
	}
	p := &Phone{
		cfg:    cfg,
		log:    cfg.Logger,
		ip:     ip,
		policy: cfg.Policy,
		calls:  map[string]*Call{},
		news:   make(chan struct{}),
		tone:   cfg.Tone,
	}
	if p.tone == 0 {
		p.tone = ToneFor(int(phonesMade.Add(1) - 1))
	}
	if err := p.setServer(cfg.Server); err != nil {
		return nil, fmt.Errorf("new phone: %w", err)
	}
	p.ctx, p.cancel = context.WithCancel(ctx)
	if err := p.listen(); err != nil {
		p.cancel()
		return nil, fmt.Errorf("new phone: %w", err)
	}
	return p, nil
}

func (p *Phone) setServer(addr string) error {
	if addr == "" {
		return errors.New("no server address")
	}
	host, port, err := sip.ParseAddr(addr)
	if err != nil {
		return fmt.Errorf("server address: %w", err)
	}
	p.server = sip.Uri{Scheme: "sip", Host: host, Port: port}
	return nil
}

// listen opens the signalling socket and starts sipgo on it.
func (p *Phone) listen() error {
	quiet := slog.New(slog.DiscardHandler)
	ua, err := sipgo.NewUA(
		sipgo.WithUserAgent("accueil-phones"),
		sipgo.WithUserAgentHostname(p.ip.String()),
		sipgo.WithUserAgentParser(sip.NewParser(sip.WithHeadersParsers(tolerantParsers()))),
		sipgo.WithUserAgentTransportLayerOptions(
			sip.WithTransportLayerLogger(quiet),
			sip.WithTransportLayerReadFilter(func(_ sip.TransportReadProps, data []byte) ([]byte, error) {
				if p.deaf.Load() {
					return nil, nil
				}
				return data, nil
			}),
		),
		sipgo.WithUserAgentTransactionLayerOptions(
			sip.WithTransactionLayerLogger(quiet),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}),
		),
	)
	if err != nil {
		return fmt.Errorf("start SIP: %w", err)
	}
	server, err := sipgo.NewServer(ua, sipgo.WithServerLogger(quiet))
	if err != nil {
		return errors.Join(fmt.Errorf("start SIP: %w", err), ua.Close())
	}
	p.ua = ua
	p.handle(server)
	at := netip.AddrPortFrom(p.ip, uint16(p.cfg.LocalPort))
	switch p.cfg.Transport {
	case TCP:
		l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
		if err != nil {
			return errors.Join(fmt.Errorf("listen: %w", err), ua.Close())
		}
		p.port = l.Addr().(*net.TCPAddr).Port
		p.stop = append(p.stop, l.Close)
		p.reads.Go(func() { _ = server.ServeTCP(l) }) // ends with the listener
	default:
		c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
		if err != nil {
			return errors.Join(fmt.Errorf("listen: %w", err), ua.Close())
		}
		p.port = c.LocalAddr().(*net.UDPAddr).Port
		p.stop = append(p.stop, c.Close)
		// ServeUDP makes the socket known to sipgo's sender, but only once its
		// goroutine runs: a call placed before that would open a second socket.
		ua.TransportLayer().Pool("udp").Add(p.Addr(), &sip.UDPConnection{PacketConn: c, PacketAddr: p.Addr(), Listener: true})
		p.reads.Go(func() { _ = server.ServeUDP(c) })
	}
	p.client, err = sipgo.NewClient(ua, sipgo.WithClientHostname(p.ip.String()), sipgo.WithClientPort(p.port), sipgo.WithClientLogger(quiet))
	if err != nil {
		return errors.Join(fmt.Errorf("start SIP: %w", err), p.shut())
	}
	return nil
}

// tolerantParsers keep a From or To that cannot be read as text, so that a
// server's answer to hostile input still reaches its transaction.
func tolerantParsers() map[string]sip.HeaderParser {
	parsers := maps.Clone(sip.DefaultHeadersParser())
	for _, name := range []string{"from", "f", "to", "t"} {
		strict := parsers[name]
		parsers[name] = func(header []byte, data string) (sip.Header, error) {
			h, err := strict(header, data)
			if err != nil {
				return sip.NewHeader(string(header), data), nil
			}
			return h, nil
		}
	}
	return parsers
}

func (p *Phone) shut() error {
	errs := []error{p.ua.Close()}
	for _, stop := range p.stop {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}

// closeGrace bounds how long Close waits for the other side's answers to BYE
// and CANCEL.
const closeGrace = 2 * time.Second

// Close hangs up what is still alive, closes the sockets and waits for every
// goroutine. It does not unregister. A second call does nothing.
func (p *Phone) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	p.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), closeGrace)
	defer cancel()
	var hangups sync.WaitGroup
	for _, c := range p.Calls() {
		hangups.Go(func() {
			if !p.unplugged.Load() {
				_ = c.Hangup(ctx) // the call is ended below in any case
			}
			c.finish(End{By: Ours, Reason: "phone closed"})
		})
	}
	hangups.Wait()
	p.mu.Lock() // so that no handler joins work once Wait has begun
	p.cancel()
	p.mu.Unlock()
	// sipgo opens a new socket for a message that finds none. So first those who
	// send must end, then nothing may come in, and what slipped between is
	// closed by the second ua.Close.
	p.work.Wait()
	p.deaf.Store(true)
	err := p.shut()
	p.reads.Wait()
	err = errors.Join(err, p.ua.Close())
	if err != nil {
		return fmt.Errorf("close phone: %w", err)
	}
	return nil
}

// Tone is the frequency in hertz that this phone sends in its calls.
func (p *Phone) Tone() float64 { return p.tone }

// User is the name of Config.
func (p *Phone) User() string { return p.cfg.User }

// Addr is the address of the signalling socket.
func (p *Phone) Addr() string { return netip.AddrPortFrom(p.ip, uint16(p.port)).String() }

// SetPolicy changes what happens to the next incoming calls.
func (p *Phone) SetPolicy(policy Policy) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.policy = policy
}

// Unplug makes the phone dead: it answers nothing, sends nothing, and does not
// notice. Calls stay in its memory until Plug or Close.
func (p *Phone) Unplug() {
	p.unplugged.Store(true)
	for _, c := range p.Calls() {
		c.media.mute()
		c.Ignore() // a call that rings here rings no more
	}
}

// Plug brings an unplugged phone back, as if it had restarted: it has forgotten
// its calls and answers 481 to what is left of them. It does not register.
func (p *Phone) Plug() {
	for _, c := range p.Calls() {
		c.finish(End{By: Ours, Reason: "phone restarted"})
	}
	p.unplugged.Store(false)
}

// Calls lists the calls alive, in no order.
func (p *Phone) Calls() []*Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := make([]*Call, 0, len(p.calls))
	for _, c := range p.calls {
		calls = append(calls, c)
	}
	return calls
}

func (p *Phone) callOf(msg sip.Message) *Call {
	id := msg.CallID()
	if id == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[id.Value()]
}

// spawn runs f as a goroutine that Close waits for; false when the phone is
// already closing.
func (p *Phone) spawn(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.work.Go(f)
	return true
}

// contact is where the phone wants to be reached.
func (p *Phone) contact() *sip.ContactHeader {
	uri := sip.Uri{Scheme: "sip", User: p.cfg.User, Host: p.ip.String(), Port: p.port}
	if p.cfg.Transport == TCP {
		uri.UriParams.Add("transport", "tcp")
	}
	return &sip.ContactHeader{Address: uri}
}

// route sets the transport and the local address a request leaves from.
func (p *Phone) route(req *sip.Request) {
	req.SetTransport(strings.ToUpper(string(p.cfg.Transport)))
	req.Laddr = sip.Addr{IP: net.IP(p.ip.AsSlice()), Hostname: p.ip.String()}
	if p.cfg.Transport == UDP {
		// The listening socket itself. A TCP phone keeps one connection to the
		// server instead, found by its remote address.
		req.Laddr.Port = p.port
	}
}
