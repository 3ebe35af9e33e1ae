package asterisk_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"accueil/asterisk"
	"accueil/deploy/local"
)

func TestConnectSetsUpBothApplications(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	if missing, err := n.SubscribeEndpoints(t.Context(), "phone1", "nobody", "phone2"); err != nil || !slices.Equal(missing, []string{"nobody"}) {
		t.Errorf("missing %v, %v", missing, err)
	}
	calls, err := n.REST().ApplicationGet(t.Context(), n.app)
	must(t, err)
	if len(calls.EventsDisallowed) != 3 || len(calls.EndpointIDs) != 0 {
		t.Errorf("calls: %d types refused, endpoints %v", len(calls.EventsDisallowed), calls.EndpointIDs)
	}
	phones, err := n.REST().ApplicationGet(t.Context(), n.phones)
	must(t, err)
	if len(phones.EventsAllowed) != 7 || len(phones.EndpointIDs) != 2 {
		t.Errorf("phones: %d types allowed, endpoints %v", len(phones.EventsAllowed), phones.EndpointIDs)
	}
	must(t, n.UnsubscribeEndpoints(t.Context(), "phone2", "nobody"))
	phones, err = n.REST().ApplicationGet(t.Context(), n.phones)
	must(t, err)
	if len(phones.EndpointIDs) != 1 {
		t.Errorf("phones still follow %v", phones.EndpointIDs)
	}
	caps := n.Capabilities()
	if caps.Support == asterisk.Tested && (!caps.StasisBroadcast || !caps.Progress || !caps.BulkVariables || !caps.TransferControl) {
		t.Errorf("a tested release lacks operations: %+v", caps)
	}
	if s := n.Stats(); !s.Up || s.Generation != 1 || s.Events < 2 || s.UnknownTypes+s.UnknownFields+s.Misshapen+s.Unreadable != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestWantedEventsOnly: what was not asked for does not come, and the connection still proves itself.
func TestWantedEventsOnly(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server, func(cfg *asterisk.ConnConfig) { cfg.CallEvents = []string{"StasisStart", "StasisEnd"} })
	incoming, _ := n.arrive(t, server)
	must(t, n.do.Answer(t.Context(), incoming))
	must(t, n.do.Hangup(t.Context(), incoming, ""))
	await(t, n, func(e *asterisk.StasisEnd) bool { return e.Channel.ID == incoming })
	if got := n.count("ChannelHangupRequest", incoming); got != 0 {
		t.Errorf("%d events that nobody asked for", got)
	}
	app, err := n.REST().ApplicationGet(t.Context(), n.app)
	must(t, err)
	if len(app.EventsAllowed) != 4 || len(app.EventsDisallowed) != 0 {
		t.Errorf("%d types allowed, %d refused", len(app.EventsAllowed), len(app.EventsDisallowed))
	}
}

// TestReconnect cuts the socket while a caller is there. The caller stays,
// nothing is replayed, filters and subscriptions are back, and the events of the
// new generation wait for the reconcile.
func TestReconnect(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	link := newProxy(t, server)
	reconciling, proceed := make(chan struct{}), make(chan struct{})
	n := connect(t, server, func(cfg *asterisk.ConnConfig) {
		cfg.URL = link.url()
		cfg.OnConnected = func(ctx context.Context, generation uint64) error {
			if generation == 2 {
				close(reconciling)
				<-proceed
			}
			return nil
		}
	})
	_, err := n.SubscribeEndpoints(t.Context(), "phone1")
	must(t, err)
	incoming, _ := n.arrive(t, server)
	must(t, n.do.StartMOH(t.Context(), incoming, ""))

	link.cut()
	<-reconciling
	if _, err := n.do.Channel(t.Context(), incoming); err != nil { // commands pass while the hook runs
		t.Errorf("the caller did not survive: %v", err)
	}
	phones, err := n.REST().ApplicationGet(t.Context(), n.phones)
	must(t, err)
	if len(phones.EndpointIDs) != 1 || len(phones.EventsAllowed) != 7 {
		t.Errorf("after the reconnect the phones application has endpoints %v and %d allowed types", phones.EndpointIDs, len(phones.EventsAllowed))
	}
	newcomer, _ := call(t, server, "in", n.app)
	eventually(t, "an event is held back", func() bool { return n.Stats().Queued > 0 })
	if n.count("StasisStart", newcomer) != 0 {
		t.Error("an event was delivered before the reconcile")
	}
	close(proceed)
	n.awaitConnect(t)
	late := await(t, n, func(e *asterisk.StasisStart) bool { return e.Channel.ID == newcomer })
	if late.Generation() != 2 {
		t.Errorf("generation %d", late.Generation())
	}
	must(t, n.do.Hangup(t.Context(), incoming, ""))
	await(t, n, func(e *asterisk.StasisEnd) bool { return e.Channel.ID == incoming })
	if got := n.count("StasisStart", incoming); got != 1 {
		t.Errorf("%d StasisStart for one caller", got)
	}
}

func TestTakeoverFences(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	old := connect(t, server)
	incoming, _ := old.arrive(t, server)
	next := connect(t, server, func(cfg *asterisk.ConnConfig) { cfg.CallApp, cfg.PhonesApp = old.app, old.phones })

	if err := old.awaitOutcome(t); !errors.Is(err, asterisk.ErrFenced) {
		t.Errorf("the replaced controller ended with %v", err)
	}
	<-old.Fenced()
	if err := old.do.Hangup(t.Context(), incoming, ""); !errors.Is(err, asterisk.ErrFenced) {
		t.Errorf("a command after the takeover: %v", err)
	}
	if s := old.Stats(); !s.Fenced || s.Up {
		t.Errorf("stats %+v", s)
	}
	must(t, next.do.Hangup(t.Context(), incoming, "")) // still there: the fence held
	await(t, next, func(e *asterisk.StasisEnd) bool { return e.Channel.ID == incoming })
}

// TestReturnAfterTakeover: a controller whose socket died before it could be told
// finds its successor's mark and does not take the application back.
func TestReturnAfterTakeover(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	link := newProxy(t, server)
	old := connect(t, server, func(cfg *asterisk.ConnConfig) { cfg.URL = link.url() })
	link.refuse()
	link.cut()
	eventually(t, "the old controller notices", func() bool { return !old.Stats().Up })
	next := connect(t, server, func(cfg *asterisk.ConnConfig) { cfg.CallApp, cfg.PhonesApp = old.app, old.phones })
	link.admit()
	if err := old.awaitOutcome(t); !errors.Is(err, asterisk.ErrFenced) {
		t.Errorf("the old controller ended with %v", err)
	}
	if s := next.Stats(); !s.Up || s.Generation != 1 {
		t.Errorf("the successor was disturbed: %+v", s)
	}
}

// TestHookFails: a reconcile that fails is tried again on a new connection.
func TestHookFails(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server, func(cfg *asterisk.ConnConfig) {
		cfg.OnConnected = func(_ context.Context, generation uint64) error {
			if generation < 3 {
				return errors.New("not yet")
			}
			return nil
		}
	})
	if got := n.Stats().Generation; got != 3 {
		t.Errorf("generation %d", got)
	}
	n.arrive(t, server)
}

// TestDeafApplication: the socket is up, but nothing comes back on it.
func TestDeafApplication(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	link := newProxy(t, server)
	n := connect(t, server, func(cfg *asterisk.ConnConfig) { cfg.URL = link.url() })
	link.swallow() // everything Asterisk sends on the websocket from now on is lost
	if generation := n.awaitConnect(t); generation != 2 {
		t.Errorf("generation %d", generation)
	}
}

// TestDeadlineWithoutConnection: a command waits for the connection, not for ever.
func TestDeadlineWithoutConnection(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	link := newProxy(t, server)
	n := connect(t, server, func(cfg *asterisk.ConnConfig) { cfg.URL = link.url() })
	link.refuse()
	link.cut()
	eventually(t, "the controller notices", func() bool { return !n.Stats().Up })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := n.do.Hangup(ctx, "anyone", ""); !errors.Is(err, asterisk.ErrNotConnected) || !asterisk.IsDeadline(err) {
		t.Errorf("got %v", err)
	}
	link.admit()
	must(t, n.do.Hangup(t.Context(), "anyone", "")) // waits until the connection is back
}

func TestAsteriskRestart(t *testing.T) {
	t.Parallel()
	server := ownAsterisk(t)
	n := connect(t, server)
	must(t, server.Kill())
	must(t, server.Restart(t.Context()))
	if generation := n.awaitConnect(t); generation < 2 {
		t.Errorf("generation %d", generation)
	}
	incoming, _ := n.arrive(t, server)
	must(t, n.do.Hangup(t.Context(), incoming, ""))
}

// TestHungAsterisk: a command to a server that does not answer ends by its deadline
// with an unknown outcome.
func TestHungAsterisk(t *testing.T) {
	t.Parallel()
	server := ownAsterisk(t)
	rest := newREST(t, server)
	must(t, server.Pause())
	start := time.Now()
	_, err := asterisk.NewTelephony(rest, "app").ListChannels(t.Context())
	if !asterisk.IsUnknownOutcome(err) || !asterisk.IsDeadline(err) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
	must(t, server.Continue())
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	cfg := restConfig(server)
	cfg.Password = "wrong"
	rest, err := asterisk.NewREST(cfg)
	must(t, err)
	defer rest.Close()
	if _, err := rest.Probe(t.Context()); asterisk.Status(err) != http.StatusUnauthorized {
		t.Errorf("got %v", err)
	}
}

func TestConfigRefused(t *testing.T) {
	t.Parallel()
	good := asterisk.ConnConfig{
		RESTConfig: asterisk.RESTConfig{URL: "http://127.0.0.1:8088/ari", User: local.ARIUser},
		CallApp:    "accueil-n1", OnEvent: func(asterisk.Event) {},
	}
	if _, err := asterisk.NewConn(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*asterisk.ConnConfig){
		"no sink":          func(c *asterisk.ConnConfig) { c.OnEvent = nil },
		"two names in one": func(c *asterisk.ConnConfig) { c.CallApp = "a,b" },
		"same name twice":  func(c *asterisk.ConnConfig) { c.PhonesApp = c.CallApp },
		"not HTTP":         func(c *asterisk.ConnConfig) { c.URL = "ftp://127.0.0.1/ari" },
		"no host":          func(c *asterisk.ConnConfig) { c.URL = "/ari" },
		"password in URL":  func(c *asterisk.ConnConfig) { c.URL = "http://u:p@127.0.0.1/ari" },
	} {
		bad := good
		spoil(&bad)
		if _, err := asterisk.NewConn(bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
