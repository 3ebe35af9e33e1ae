package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"accueil/acd"
	"accueil/diag"
	"accueil/history"
	"accueil/queues"
	"accueil/routing/dispatch"
	"accueil/routing/why"
	"accueil/web"
	"accueil/wording"
)

func (a *App) startHTTP(ctx context.Context) error {
	s := a.opt.Site
	tokens, err := loadTokens(s.API.TokensFile)
	if err != nil {
		return err
	}
	a.server, err = web.New(web.Options{
		Board: a.book, Desk: webDesk{a.desk}, Calls: webCalls{a.calls, a.book}, Closer: a.desk, Explainer: explainer{a}, Tasks: webTasks{a}, Recordings: webRecordings{a}, Surveys: webSurveys{a}, Audit: webAudit{a}, Past: a.day, Figures: a.day, Waits: waits{a.dispatcher}, Knowledge: answers{a},
		Health: health{a}, Reloader: reloader{a}, Drainer: drainer{a}, Counters: a.book.Counters,
		Feed: func(name string) (acd.Entry, <-chan acd.Entry, func()) {
			sub := a.book.Subscribe(name)
			return sub.Image, sub.Entries, sub.Close
		},
		Plan: func() *web.Plan { return a.live.Load().web }, Tokens: tokens, KPIShape: history.Report{},
		LifeShape: why.Life{}, AnswerShape: why.Answer{},
		Registry: a.registry, Log: a.log,
		CertFile: s.Listen.TLS.Certificate, KeyFile: s.Listen.TLS.Key,
	})
	if err != nil {
		return err
	}
	a.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "accueil_certificate_remaining_seconds", Help: "How long the certificate of the API lasts; without one, for ever.",
	}, func() float64 {
		if left, ok := a.server.CertificateLeft(); ok {
			return left.Seconds()
		}
		return math.Inf(1)
	}))
	if a.listener = a.opt.Listener; a.listener == nil {
		if a.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen.HTTP); err != nil {
			return fmt.Errorf("listen for HTTP (site file, listen.http): %w", err)
		}
	}
	a.server.Start(a.listener)
	a.undo = append(a.undo, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := a.server.Close(ctx); err != nil {
			a.log.Debug("the HTTP server was cut", zap.Error(err))
		}
	})
	return nil
}

// waits foretells waits to the API (web.Waits).
type waits struct{ dispatcher *dispatch.Dispatcher }

func (w waits) EstimatedWait(leg acd.LegID) (web.EstimatedWait, bool) {
	e, ok := w.dispatcher.Estimate(leg)
	return web.EstimatedWait{Minutes: e.Minutes(), Wait: e.Wait, Low: e.Low, High: e.High, Confidence: e.Confidence}, ok
}

// loadTokens reads the accounts; without a file nobody has one, and only health and metrics answer.
func loadTokens(path string) (*web.Tokens, error) {
	if path == "" {
		return &web.Tokens{}, nil
	}
	return web.LoadTokens(path)
}

// health shows the node's dependencies (web.Health).
type health struct{ a *App }

func (h health) Dependencies() []web.Dependency {
	b := h.a.book.Health()
	redis := web.Dependency{Name: "redis", Up: b.Up, Detail: redisDetail(b)}
	ari := web.Dependency{Name: "asterisk", Up: h.a.Connected(), Required: true}
	if !ari.Up {
		ari.Detail = "not connected: callers reach the dialplan's safety net"
	}
	calls := web.Dependency{Name: "calls", Up: !h.a.draining.Load(), Required: true, Detail: fmt.Sprintf("%d in progress", h.a.calls.Calls())}
	if !calls.Up {
		calls.Detail = "draining: no new calls are taken, " + calls.Detail
	}
	tasks := web.Dependency{Name: "history", Up: true}
	if err := h.a.tasks.Err(); err != nil {
		tasks.Up, tasks.Detail = false, "tasks are neither kept nor shown, calls go on and the log waits: "+err.Error()
	} else if n := h.a.tasks.Behind(); n > 0 {
		tasks.Detail = fmt.Sprintf("%d entries of the log to read", n)
	}
	messages := web.Dependency{Name: "recordings", Up: true}
	if err := h.a.messages.Fault(); err != nil {
		messages.Up, messages.Detail = false, "nobody can leave a message or hear one: "+err.Error()
	}
	return []web.Dependency{ari, redis, calls, tasks, messages}
}

func redisDetail(h queues.Health) string {
	switch {
	case h.Embedded:
		return "embedded store: for a first look only, nothing is kept"
	case !h.Up:
		return "away (" + h.Cause + "): calls go on from this node's memory"
	case len(h.Findings) > 0:
		return h.Findings[0]
	}
	return "version " + h.Version
}

// drainer answers the API (web.Drainer): the node stops taking calls and goes on living.
type drainer struct{ a *App }

func (d drainer) Drain(_ context.Context, by string) error {
	d.a.draining.Store(true)
	d.a.log.Warn("no new calls are taken: drain was asked for", zap.String("by", by))
	return nil
}

// reloader answers the API and SIGHUP (web.Reloader).
type reloader struct{ a *App }

func (r reloader) Reload(ctx context.Context, by string, lang acd.Lang) ([]string, error) {
	notes, err := r.a.Reload(ctx, by)
	if err != nil {
		return nil, toldError{err, Tell(err, string(lang))}
	}
	told := make([]string, len(notes))
	for i, n := range notes {
		told[i] = n.In(Language(lang))
	}
	return told, nil
}

// Reload reads the site file again. All of it is checked and its prompts made before anything
// changes; a file with an error leaves the running version. What needs a restart, and live changes
// that go on overriding the file, are told.
func (a *App) Reload(ctx context.Context, by string) ([]*wording.Text, error) {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	if a.opt.Load == nil {
		return nil, ErrNoReload
	}
	s, err := a.opt.Load()
	if err != nil {
		return nil, err
	}
	next, findings := compile(s, false)
	if next == nil {
		return nil, BuildError{findings}
	}
	if _, err := next.speak(ctx, a.opt.Sounds, nil); err != nil {
		return nil, err
	}
	next.web = next.webPlan(a.opt.Version)
	if err := a.library.Replace(next.knowledge, next.entries); err != nil {
		return nil, err
	}
	a.book.KeepRules(next.rules.Hash(), next.rules.Text())
	if err := a.dispatcher.SetRules(next.rules); err != nil {
		return nil, errors.Join(err, a.library.Replace(a.live.Load().knowledge, a.live.Load().entries))
	}
	var notes []*wording.Text
	for _, f := range findings {
		notes = append(notes, wording.Say("%s", diag.Findings{f}))
	}
	notes = append(notes, a.overrides(next)...)
	if old := a.opt.Site.Listen.TLS; old.Given() && s.Listen.TLS.Given() {
		if err := a.server.UseCertificate(s.Listen.TLS.Certificate, s.Listen.TLS.Key); err != nil {
			notes = append(notes, wording.Say("the certificate in force stays: %s", err))
		}
	}
	notes = append(notes, needsRestart(a.opt.Site, s)...)
	notes = append(notes, needsAsterisk(a.live.Load().site, s)...)
	a.desk.SetRoster(next.roster)
	a.live.Store(next) // the old voice stays open: calls under way may still be speaking with it
	a.log.Info("the site file was read again", zap.String("by", by), zap.Int("notes", len(notes)))
	return notes, nil
}

// overrides tells which live changes go on hiding what the file says.
func (a *App) overrides(c *config) []*wording.Text {
	var notes []*wording.Text
	for _, agent := range a.book.Agents() {
		switch {
		case agent.Skills != nil && agent.SkillsShift:
			notes = append(notes, wording.Say("agent %s: skills changed live by %s stay in force until he logs out", agent.ID, agent.SkillsBy))
		case agent.Skills != nil:
			notes = append(notes, wording.Say("agent %s: skills changed live by %s stay in force", agent.ID, agent.SkillsBy))
		}
	}
	for _, cl := range a.book.Closures() {
		if id, ok := cl.Announcement(); ok {
			if cl.On(a.book.Now()) {
				notes = append(notes, wording.Say("announcement %s: switched on by %s", id, cl.By))
			}
			continue
		}
		switch queue, ok := cl.Queue(); {
		case cl.Closed && ok:
			notes = append(notes, wording.Say("queue %s: paused by %s", queue, cl.By))
		case cl.On(a.book.Now()):
			notes = append(notes, wording.Say("entry %s: closed exceptionally by %s", cl.Entry, cl.By))
		}
	}
	return notes
}
