package asterisk_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"accueil/asterisk"
	"accueil/deploy/local"
)

// patience bounds every wait of these tests. It is long because it is only ever
// spent by a test that fails.
const patience = 10 * time.Second

// dialplan gives the tests callers without phones: a Local channel's second half
// runs one of these extensions. Context in: the caller enters the application
// whose name is dialled. Context lab: the far ends.
const dialplan = `[general]
static=yes
[in]
exten => _[a-z].,1,Stasis(${EXTEN},hello,world)
 same => n,Set(AFTER=${STASISSTATUS})
 same => n,Answer()
 same => n,Wait(60)
exten => T,1,Answer()
 same => n,Wait(60)
[offer]
exten => _[a-z].,1,StasisBroadcast(2000,^${EXTEN}-)
 same => n,Wait(60)
[lab]
exten => far,1,Answer()
 same => n,Wait(60)
exten => mute,1,Wait(60)
exten => busy,1,Hangup(17)
exten => back,1,Wait(60)
`

// lab is the one Asterisk of this package's tests; nil with ACCUEIL_NO_ASTERISK=1.
var lab *local.Asterisk

// blackHole is a phone's address where nothing ever answers.
var blackHole net.PacketConn

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if os.Getenv("ACCUEIL_NO_ASTERISK") != "1" {
			var err error
			if lab, err = startLab(); err != nil {
				fmt.Fprintln(os.Stderr, "these tests need an Asterisk (ACCUEIL_NO_ASTERISK=1 skips them):", err)
				return 1
			}
		}
		code := m.Run()
		if lab != nil {
			if err := leftovers(); err != nil && code == 0 {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
			if err := lab.Stop(context.Background()); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		return code
	}())
}

// leftovers tells what the tests forgot in Asterisk.
func leftovers() error {
	rest, err := asterisk.NewREST(restConfig(lab))
	if err != nil {
		return err
	}
	defer rest.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond) // no event will tell
	defer again.Stop()
	for ; ; <-again.C { // what ends takes a moment to be gone
		channels, err := rest.ChannelList(ctx)
		if err != nil {
			return fmt.Errorf("after the tests: %w", err)
		}
		bridges, err := rest.BridgeList(ctx)
		if err != nil {
			return fmt.Errorf("after the tests: %w", err)
		}
		if len(channels)+len(bridges) == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("after the tests, Asterisk still has %d channels (%v) and %d bridges", len(channels), channels, len(bridges))
		}
	}
}

func startLab() (*local.Asterisk, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	root, err := local.FindAsterisk(ctx)
	if err != nil {
		return nil, err
	}
	if blackHole == nil {
		if blackHole, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
			return nil, err
		}
	}
	sip, err := local.FreePort()
	if err != nil {
		return nil, err
	}
	defer sip.Release()
	return local.StartAsterisk(ctx, local.AsteriskOptions{
		Root:    root,
		SIPPort: sip.Port(),
		Files: map[string][]byte{
			"extensions.conf": []byte(dialplan),
			"pjsip.conf": fmt.Appendf(nil, `[transport-udp]
type=transport
protocol=udp
bind=127.0.0.1:%d
[absent](!)
type=endpoint
context=lab
disallow=all
allow=alaw
[phone1](absent)
aors=phone1
[phone1]
type=aor
max_contacts=1
[phone2](absent)
aors=phone2
[phone2]
type=aor
max_contacts=1
[silent](absent)
aors=silent
[silent]
type=aor
contact=sip:silent@127.0.0.1:%d
`, sip.Port(), blackHole.LocalAddr().(*net.UDPAddr).Port),
		},
	})
}

// needAsterisk skips where the environment says that there is none.
func needAsterisk(t *testing.T) *local.Asterisk {
	t.Helper()
	if lab == nil {
		t.Skip("ACCUEIL_NO_ASTERISK=1: no Asterisk here")
	}
	return lab
}

// ownAsterisk starts one that a test may harm. It is killed at the end.
func ownAsterisk(t *testing.T) *local.Asterisk {
	t.Helper()
	needAsterisk(t)
	server, err := startLab()
	must(t, err)
	t.Cleanup(func() {
		must(t, server.Kill())
		must(t, server.Stop(context.Background()))
	})
	return server
}

var serial atomic.Int64

// unique makes an id that no other test uses.
func unique(prefix string) string {
	return fmt.Sprintf("%s-%d-%d", prefix, os.Getpid(), serial.Add(1))
}

func restConfig(server *local.Asterisk) asterisk.RESTConfig {
	return labREST(server.ARIURL())
}

func labREST(url string) asterisk.RESTConfig {
	return asterisk.RESTConfig{URL: url, User: local.ARIUser, Password: local.ARIPassword}
}

func newREST(t *testing.T, server *local.Asterisk) *asterisk.REST {
	t.Helper()
	rest, err := asterisk.NewREST(restConfig(server))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rest.Close)
	return rest
}

// node is one connected controller and what it has seen.
type node struct {
	*asterisk.Conn
	app      string
	phones   string
	do       *asterisk.Telephony
	outcome  chan error // what Run returned
	stop     context.CancelFunc
	connects chan uint64 // generations, as the hook saw them

	mu     sync.Mutex
	events []asterisk.Event
	more   chan struct{}
}

// connect starts a controller and waits until it is connected. The edit functions
// change its configuration first.
func connect(t *testing.T, server *local.Asterisk, edit ...func(*asterisk.ConnConfig)) *node {
	t.Helper()
	n := start(t, server, edit...)
	n.awaitConnect(t)
	return n
}

func start(t *testing.T, server *local.Asterisk, edit ...func(*asterisk.ConnConfig)) *node {
	t.Helper()
	n := &node{
		outcome: make(chan error, 1), connects: make(chan uint64, 100), more: make(chan struct{}),
	}
	app := unique("app")
	cfg := asterisk.ConnConfig{
		RESTConfig: restConfig(server), CallApp: app, PhonesApp: app + "-phones",
		OnEvent: n.see,
		Log:     zaptest.NewLogger(t),
	}
	for _, change := range edit {
		change(&cfg)
	}
	hook := cfg.OnConnected
	cfg.OnConnected = func(ctx context.Context, generation uint64) error {
		if hook != nil {
			if err := hook(ctx, generation); err != nil {
				return err
			}
		}
		n.connects <- generation
		return nil
	}
	conn, err := asterisk.NewConn(cfg)
	if err != nil {
		t.Fatal(err)
	}
	n.Conn, n.app, n.phones, n.do = conn, cfg.CallApp, cfg.PhonesApp, conn.Telephony()
	ctx, cancel := context.WithCancel(context.Background())
	n.stop = cancel
	done := make(chan struct{})
	go func() { defer close(done); n.outcome <- conn.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return n
}

func (n *node) awaitConnect(t *testing.T) uint64 {
	t.Helper()
	select {
	case generation := <-n.connects:
		return generation
	case err := <-n.outcome:
		t.Fatalf("Run ended instead of connecting: %v", err)
	case <-time.After(patience):
		t.Fatal("never connected")
	}
	return 0
}

func (n *node) awaitOutcome(t *testing.T) error {
	t.Helper()
	select {
	case err := <-n.outcome:
		return err
	case <-time.After(patience):
		t.Fatal("Run did not end")
	}
	return nil
}

func (n *node) see(e asterisk.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.events = append(n.events, e)
	close(n.more)
	n.more = make(chan struct{})
}

// seen is what came so far.
func (n *node) seen() ([]asterisk.Event, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]asterisk.Event(nil), n.events...), n.more
}

// await gives the first event of type E that fits, past or to come.
func await[E asterisk.Event](t *testing.T, n *node, fits func(E) bool) E {
	t.Helper()
	deadline := time.After(patience)
	for {
		events, more := n.seen()
		for _, event := range events {
			if e, ok := event.(E); ok && fits(e) {
				return e
			}
		}
		select {
		case <-more:
		case <-deadline:
			var types []string
			for _, e := range events {
				types = append(types, fmt.Sprint(e.EventType(), e.ChannelIDs()))
			}
			t.Fatalf("no %T came; came: %s", *new(E), strings.Join(types, " "))
		}
	}
}

// count tells how many events of a type name a channel.
func (n *node) count(kind, channel string) int {
	events, _ := n.seen()
	found := 0
	for _, e := range events {
		for _, id := range e.ChannelIDs() {
			if e.EventType() == kind && id == channel {
				found++
			}
		}
	}
	return found
}

// call lets a caller arrive: its channel id is incoming; far is the other half of
// the Local channel, whose end is the caller's hangup.
func call(t *testing.T, server *local.Asterisk, dialContext, extension string) (incoming, far string) {
	t.Helper()
	rest := newREST(t, server)
	incoming, far = unique("caller"), unique("far")
	_, err := rest.ChannelOriginateWithID(t.Context(), far, asterisk.ChannelOriginateWithIDParams{
		Endpoint: "Local/" + extension + "@" + dialContext + "/n", Context: "lab", Extension: "far",
		OtherChannelID: incoming,
	})
	if err != nil {
		t.Fatal("place a call:", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		for _, id := range []string{incoming, far} {
			if err := rest.ChannelHangup(ctx, id, asterisk.ChannelHangupParams{}); err != nil && !asterisk.IsNotFound(err) {
				t.Error("end a call:", err)
			}
		}
	})
	return incoming, far
}

// arrive is a call into the node's application, answered.
func (n *node) arrive(t *testing.T, server *local.Asterisk) (incoming, far string) {
	t.Helper()
	incoming, far = call(t, server, "in", n.app)
	await(t, n, func(e *asterisk.StasisStart) bool { return e.Channel.ID == incoming })
	must(t, n.do.Answer(t.Context(), incoming))
	return incoming, far
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// leg calls an extension of context lab as if it were a phone.
func (n *node) leg(t *testing.T, extension string) string {
	t.Helper()
	id := unique("leg")
	must(t, n.do.Originate(t.Context(), asterisk.OriginateSpec{
		ChannelID: id, Endpoint: "Local/" + extension + "@lab/n", Timeout: 30 * time.Second,
	}))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := n.do.Hangup(ctx, id, ""); err != nil && !errors.Is(err, asterisk.ErrFenced) && !errors.Is(err, asterisk.ErrNotConnected) {
			t.Error("end a leg:", err)
		}
	})
	return id
}
