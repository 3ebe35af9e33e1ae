package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"

	"accueil/acd"
	"accueil/agents"
	"accueil/app/voicemail"
	"accueil/asterisk"
	"accueil/calls"
	asteriskconf "accueil/deploy/asterisk"
	"accueil/diag"
	"accueil/history"
	"accueil/history/owed"
	"accueil/knowledge"
	"accueil/queues"
	"accueil/routing"
	"accueil/routing/dispatch"
	"accueil/site"
	"accueil/web"
)

// Options say what to run.
type Options struct {
	// Site is the loaded site file.
	Site *site.Site
	// Load reads the site file again, for a reload; nil refuses reloads.
	Load    func() (*site.Site, error)
	Version string
	Log     *zap.Logger
	// Proved says that the scenarios of Site were proved already (Check): a start is then quicker.
	Proved bool
	// Sounds are folders of the distribution's recordings (digits).
	Sounds []string
	// Progress tells how far a long step is; may be nil.
	Progress func(step string, done, total int)
	// Listener serves HTTP instead of the site's listen.http; may be nil.
	Listener net.Listener
}

// App is a running contact centre: one node.
type App struct {
	opt      Options
	log      *zap.Logger
	live     atomic.Pointer[config]
	library  *knowledge.Library // of the articles in force
	registry *prometheus.Registry

	book       *queues.Book
	day        *history.Day
	tasks      *owed.Keeper
	hour       *routing.LastHour // of the log before the start; the dispatcher's then
	dispatcher *dispatch.Dispatcher
	conn       *asterisk.Conn
	lines      *lines
	events     *translator
	calls      *calls.Controller
	desk       *agents.Desk
	witness    *witness
	messages   *voicemail.Store
	server     *web.Server
	listener   net.Listener
	past       *past
	keyed      *keyed
	callersKey []byte // disguises callers' numbers in the store
	draining   atomic.Bool
	reloading  sync.Mutex

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	failed chan error // why the node cannot go on
	undo   []func()   // what Start has begun, undone backwards
}

// Start builds everything and begins to take calls. It returns when Asterisk can be expected to be
// served: the connection itself comes and goes, and the node with it.
func Start(ctx context.Context, o Options) (*App, error) {
	a := &App{opt: o, log: o.Log, registry: prometheus.NewRegistry(), failed: make(chan error, 1)}
	a.ctx, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	a.undo = append(a.undo, a.cancel, a.wg.Wait)
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, step := range []func(context.Context) error{
		a.configure, a.openBook, a.startHistory, a.startTasks, a.startAcquaintances, a.startPast, a.startDispatch, a.buildCalls, a.startWitness, a.startHTTP, a.startControl, a.connect,
	} {
		if err := step(ctx); err != nil {
			a.teardown()
			return nil, err
		}
	}
	return a, nil
}

// later runs do, and waits for it at the end.
func (a *App) later(do func()) {
	a.wg.Add(1)
	go func() { defer a.wg.Done(); do() }()
}

func (a *App) configure(ctx context.Context) error {
	c, findings := compile(a.opt.Site, a.opt.Proved)
	if c == nil {
		return BuildError{findings}
	}
	a.warn(findings)
	for _, dir := range []string{a.opt.Site.DataDir, a.opt.Site.Prompts.Cache} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("make the data folder: %w", err)
		}
	}
	findings, err := c.speak(ctx, a.opt.Sounds, a.progress("prompts"))
	a.warn(findings)
	if err != nil {
		return err
	}
	if a.library, err = knowledge.NewLibrary(c.knowledge, c.entries); err != nil {
		return err
	}
	a.undo = append(a.undo, func() { _ = a.library.Close() })
	c.web = c.webPlan(a.opt.Version)
	a.live.Store(c)
	a.undo = append(a.undo, func() { _ = a.live.Load().voice.Close() })
	return nil
}

func (a *App) warn(findings diag.Findings) {
	for _, l := range findings.Lines(nil) {
		a.log.Warn("the site file has a finding", zap.String("finding", l))
	}
}

func (a *App) progress(step string) func(done, total int) {
	if a.opt.Progress == nil {
		return nil
	}
	return func(done, total int) { a.opt.Progress(step, done, total) }
}

func (a *App) openBook(ctx context.Context) error {
	s := a.opt.Site
	b, err := queues.Open(ctx, queues.Options{
		Addresses: s.Redis.Addresses, Master: s.Redis.Master, Cluster: s.Redis.Cluster,
		Username: s.Redis.User, Password: s.Redis.Password.Reveal(),
		Site: s.ID, Node: s.Node, Asterisk: string(s.Node), SpoolDir: filepath.Join(s.DataDir, "spool"),
		Log: a.log, Registerer: a.registry,
	})
	if err != nil {
		return err
	}
	a.book = b
	a.undo = append(a.undo, func() { _ = b.Close() })
	return nil
}

// startHistory folds what ended in the last two days, then what ends from now on. The subscription
// comes first, so nothing falls between; what is told twice is folded once.
func (a *App) startHistory(ctx context.Context) error {
	a.day = history.NewDay(a.opt.Site.Location)
	sub := a.book.Subscribe("history")
	now := a.book.Now()
	a.hour = &routing.LastHour{}
	tell := func(e acd.Entry) error {
		a.day.Apply(e)
		if e.At >= now.Add(-routing.LastHourSpan) {
			a.hour.Apply(e)
		}
		return nil
	}
	if err := a.book.History(ctx, now.Add(-48*time.Hour), tell); err != nil {
		a.log.Warn("the log of the last days could not be read; today's figures begin now", zap.Error(err))
	}
	a.day.Apply(sub.Image)
	a.undo = append(a.undo, sub.Close)
	a.later(func() {
		for e := range sub.Entries {
			a.day.Apply(e)
		}
	})
	return nil
}

func (a *App) startDispatch(context.Context) error {
	rules := a.live.Load().rules
	a.book.KeepRules(rules.Hash(), rules.Text()) // before a decision can name them
	d, err := dispatch.Start(dispatch.Options{
		Rules: rules, Log: a.book, Logger: a.log, Hour: a.hour,
	})
	if err != nil {
		return err
	}
	a.dispatcher = d
	a.undo = append(a.undo, d.Stop)
	return nil
}

// buildCalls makes desk, call control and the connection to Asterisk, which need each other.
func (a *App) buildCalls(context.Context) error {
	s := a.opt.Site
	live := a.live.Load
	app := asteriskconf.App(s.Node)
	conn, err := asterisk.NewConn(asterisk.ConnConfig{
		RESTConfig: asterisk.RESTConfig{URL: s.Asterisk.URL, User: s.Asterisk.User, Password: s.Asterisk.Password.Reveal()},
		CallApp:    app, PhonesApp: app + "-phones", CallEvents: callEvents, Log: a.log,
		OnEvent:     func(e asterisk.Event) { a.events.handle(e) },
		OnConnected: a.connected,
	})
	if err != nil {
		return err
	}
	a.conn = conn
	a.lines = newLines(conn.Telephony(), app)
	if err := a.openMessages(); err != nil {
		return err
	}
	a.desk = agents.New(agents.Options{
		Node: s.Node, Asterisk: string(s.Node), Book: book{a.book}, Lines: a.lines, Roster: a.live.Load().roster, Log: a.log,
		Entries: func(id acd.EntryID) bool { _, ok := a.live.Load().site.Entries[id]; return ok },
		Length:  voice{live}.Length,
	})
	a.calls = calls.New(calls.Options{
		Node: s.Node, Asterisk: string(s.Node), Telephony: a.lines, Book: book{a.book},
		Scenarios: scenarios{live}, Voice: voice{live}, Plan: livePlan{live}, Desk: callsDesk{a.desk}, Router: router{a.dispatcher, a.book},
		Log: a.log, Registerer: a.registry, Name: a.callerName, Acquaintances: a.acquaintances, Owed: a.owedNumber,
		Surroundings: a.surroundings(), Messages: keptMessages{a.messages},
	})
	a.undo = append(a.undo, a.calls.Stop)
	a.events = &translator{
		lines: a.lines, calls: a.calls, desk: a.desk, phonesApp: app + "-phones", log: a.log,
		phone: a.phoneOf, claims: func() bool { return !a.draining.Load() }, leaving: map[string]bool{},
	}
	a.undo = append(a.undo, a.events.wait)
	legs, desk := a.book.Subscribe("calls"), a.book.Subscribe("desk")
	a.undo = append(a.undo, legs.Close, desk.Close)
	a.later(func() { a.calls.Run(a.ctx, legs.Entries) })
	a.later(func() { a.desk.Run(a.ctx, desk.Image, desk.Entries) })
	a.registry.MustRegister(a.gauges()...)
	return nil
}

// callerName is who the directory says has the number, however the trunk writes it.
func (a *App) callerName(number string) string {
	c := a.live.Load()
	name, _ := c.directory.Name(site.NormalizeCallerID(number, c.site.Region))
	return name
}

func (a *App) phoneOf(endpoint string) (acd.PhoneID, bool) {
	p, ok := a.live.Load().site.Phones[acd.PhoneID(endpoint)]
	return acd.PhoneID(endpoint), ok && p.Kind == site.PhoneSIP
}

func (a *App) gauges() []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "accueil_ari_up", Help: "Whether this node hears and commands its Asterisk."},
			func() float64 {
				if a.Connected() {
					return 1
				}
				return 0
			}),
	}
}

// connected compares what we know with what Asterisk has, before the first event of a connection.
func (a *App) connected(ctx context.Context, generation uint64) error {
	if err := belowFloor(a.conn.Capabilities(), a.live.Load().site.Asterisk.Waiver); err != nil {
		a.fail(err)
		return err
	}
	var phones []string
	for id, p := range a.live.Load().site.Phones {
		if p.Kind == site.PhoneSIP {
			phones = append(phones, string(id))
		}
	}
	missing, err := a.conn.SubscribeEndpoints(ctx, phones...)
	if err != nil {
		return fmt.Errorf("follow the phones: %w", err)
	}
	if len(missing) > 0 {
		a.log.Warn("Asterisk does not know some phones of the site file: write its configuration again (accueil asterisk-config) and reload it",
			zap.Int("phones", len(missing)))
	}
	if err := a.comparePhones(ctx); err != nil {
		return err
	}
	r, err := a.calls.Reconcile(ctx)
	if err != nil {
		return fmt.Errorf("compare calls: %w", err)
	}
	a.witness.connected(ctx)
	a.messages.Soon()
	a.log.Info("connected to Asterisk", zap.Uint64("generation", generation),
		zap.Int("adopted", r.Adopted), zap.Int("ended", r.Ended), zap.Int("arrived", r.Arrived), zap.Int("recovered", r.Recovered),
		zap.Int("concluded", r.Concluded), zap.Int("orphan_channels", r.Orphans), zap.Int("orphan_bridges", r.Bridges))
	return nil
}

func (a *App) connect(context.Context) error {
	a.later(func() { a.witness.run(a.ctx) })
	a.later(func() { a.messages.Run(a.ctx) })
	a.writeDown()
	a.later(func() {
		if err := a.conn.Run(a.ctx); err != nil && a.ctx.Err() == nil {
			a.fail(err)
		}
	})
	return nil
}

func (a *App) fail(err error) {
	select {
	case a.failed <- err:
	default:
	}
}

// Failed tells why the node cannot go on: another process has taken its place, or this Asterisk is
// refused.
func (a *App) Failed() <-chan error { return a.failed }

// Addr is where HTTP is served.
func (a *App) Addr() net.Addr { return a.listener.Addr() }

// Calls returns how many contacts are being led.
func (a *App) Calls() int { return a.calls.Calls() }

// Book is the log, for those who follow it (the demonstration's screen, tests).
func (a *App) Book() *queues.Book { return a.book }

// Connected reports whether Asterisk is heard and commanded.
func (a *App) Connected() bool { return a.conn.Stats().Up }

// Stop finishes writes and ends at once: calls live on in Asterisk for the next process.
func (a *App) Stop(ctx context.Context) error {
	err := a.book.Flush(ctx)
	a.teardown()
	return err
}

func (a *App) teardown() {
	a.cancel()
	for i := len(a.undo) - 1; i >= 0; i-- {
		a.undo[i]()
	}
}

// Drain takes no new calls (the dialplan's net has them) and returns when the present ones have
// ended, or ctx does.
func (a *App) Drain(ctx context.Context, left func(calls int)) error {
	a.draining.Store(true)
	sub := a.book.Subscribe("drain")
	defer sub.Close()
	for {
		n := a.calls.Calls()
		if left != nil {
			left(n)
		}
		if n == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-sub.Entries:
		case <-time.After(time.Second):
		}
	}
}

// ErrNoReload says that this process was not started from a file.
var ErrNoReload = errors.New("there is no site file to read again")
