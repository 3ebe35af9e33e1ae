package web

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

// Bounds of every request. Streams lift the write bound for themselves, one event at a time.
const (
	headerTime   = 5 * time.Second
	bodyTime     = 5 * time.Second
	answerTime   = 30 * time.Second
	idleTime     = 2 * time.Minute
	maxHeader    = 16 << 10
	maxBody      = 16 << 10
	actionTime   = 10 * time.Second // until a port must have answered
	countersTime = 2 * time.Second
)

// Options are what a Server needs. Board, Desk, Calls, Closer, Explainer, Tasks, Figures, Health,
// Reloader, Drainer, Counters, Feed, Plan, Tokens, Registry and Log must be set.
type Options struct {
	Board     Board
	Desk      Desk
	Calls     Calls
	Closer    Closer
	Explainer Explainer
	Waits     Waits     // nil foretells nothing
	Knowledge Knowledge // nil has no answers
	Tasks     Tasks
	// Recordings are the messages of callers; nil has none.
	Recordings Recordings
	// Surveys are callers' answers, Audit who heard what, Past the contacts that ended; nil has none.
	Surveys  Surveys
	Audit    Audit
	Past     Past
	Figures  Figures
	Health   Health
	Reloader Reloader
	Drainer  Drainer
	Counters Counters
	Feed     Feed
	Plan     func() *Plan // the one in force
	Tokens   *Tokens
	// KPIShape is a value of the type that Figures.KPIs returns; it describes the report in OpenAPI.
	KPIShape any
	// LifeShape and AnswerShape are values of the types that the Explainer returns, for OpenAPI.
	LifeShape, AnswerShape any
	// Registry receives the metrics of this package and is what /metrics shows.
	Registry *prometheus.Registry
	Log      *zap.Logger
	// CertFile and KeyFile make the listener TLS; they are read again when they change.
	CertFile, KeyFile string
}

func (o Options) validate() error {
	for name, missing := range map[string]bool{
		"Board": o.Board == nil, "Desk": o.Desk == nil, "Calls": o.Calls == nil, "Closer": o.Closer == nil,
		"Explainer": o.Explainer == nil, "Tasks": o.Tasks == nil, "Figures": o.Figures == nil, "Health": o.Health == nil, "Reloader": o.Reloader == nil,
		"Drainer": o.Drainer == nil, "Counters": o.Counters == nil, "Feed": o.Feed == nil, "Plan": o.Plan == nil,
		"Tokens": o.Tokens == nil, "Registry": o.Registry == nil, "Log": o.Log == nil,
	} {
		if missing {
			return fmt.Errorf("web: option %s is missing", name)
		}
	}
	if (o.CertFile == "") != (o.KeyFile == "") {
		return errors.New("web: a certificate needs its key, and a key its certificate")
	}
	return nil
}

// Server is the HTTP side of one node.
type Server struct {
	Options
	failures failures
	refusals failures      // of what refused logs, by account
	reports  chan struct{} // holds a token for each report being computed
	hub      *hub
	handler  http.Handler
	api      huma.API
	openapi  []byte
	certs    *certificate

	http  *http.Server
	local *http.Server // nil without StartLocal
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// New builds a Server and registers its metrics. It neither listens nor starts anything.
func New(o Options) (*Server, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	s := &Server{Options: o, reports: make(chan struct{}, maxReports)}
	s.Log = o.Log.Named("web")
	s.hub = newHub(o.Feed, o.Plan, o.Board.Now, s.visible)
	if o.CertFile != "" {
		var err error
		if s.certs, err = loadCertificate(o.CertFile, o.KeyFile); err != nil {
			return nil, err
		}
	}
	if err := o.Registry.Register(newCollector(o)); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	mux := http.NewServeMux()
	s.api = humago.New(mux, s.describe())
	s.routes()
	if err := s.publish(mux); err != nil {
		return nil, err
	}
	mux.HandleFunc("GET /livez", s.livez)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(o.Registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: answerTime / 2,
	}))
	s.handler = s.guard(mux)
	return s, nil
}

// describe is the head of the OpenAPI document. The framework's own pages are off: they load scripts
// from a public network, and its document is built on first use without a lock.
func (s *Server) describe() huma.Config {
	c := huma.DefaultConfig("Accueil", "1")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil
	c.RejectUnknownQueryParameters = true
	c.Info.Description = "The contact centre of a hospital: live state, changes, figures. " +
		"Times are RFC 3339 with milliseconds, ages are *_ms. Errors are problem+json in French or English (Accept-Language); branch on their code."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "A token of the site's token file."},
	}
	return c
}

// publish serves the OpenAPI document, as 3.1 and downgraded to 3.0 for older tools.
func (s *Server) publish(mux *http.ServeMux) error {
	doc, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		return fmt.Errorf("write openapi document: %w", err)
	}
	old, err := s.api.OpenAPI().Downgrade()
	if err != nil {
		return fmt.Errorf("downgrade openapi document: %w", err)
	}
	s.openapi = doc
	serve := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/openapi+json")
			_, _ = w.Write(b)
		}
	}
	mux.HandleFunc("GET /v1/openapi.json", serve(doc))
	mux.HandleFunc("GET /v1/openapi-3.0.json", serve(old))
	return nil
}

// OpenAPI returns the API's description as JSON.
func (s *Server) OpenAPI() []byte { return s.openapi }

// Handler is the whole of the server, without its listener. Streams need Start.
func (s *Server) Handler() http.Handler { return s.handler }

// Start serves on the listener, which it owns from now on, and feeds the streams. It does not block;
// an error of the listener after that is logged.
func (s *Server) Start(ln net.Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.http = s.httpServer()
	if s.certs != nil {
		s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.certs.get}
	}
	s.done.Go(func() { s.hub.run(ctx) })
	s.done.Go(func() {
		if s.certs != nil {
			s.ended(s.http.ServeTLS(ln, "", ""))
		} else {
			s.ended(s.http.Serve(ln))
		}
	})
}

func (s *Server) httpServer() *http.Server {
	return &http.Server{
		Handler: s.handler, ReadHeaderTimeout: headerTime, ReadTimeout: headerTime + bodyTime, WriteTimeout: answerTime,
		IdleTimeout: idleTime, MaxHeaderBytes: maxHeader, ErrorLog: zap.NewStdLog(s.Log.WithOptions(zap.IncreaseLevel(zap.ErrorLevel))),
	}
}

// ended logs why a listener is no longer served.
func (s *Server) ended(err error) {
	if !errors.Is(err, http.ErrServerClosed) {
		s.Log.Error("http listener ended", zap.Error(err))
	}
}

// Close ends the streams, lets requests in progress finish until ctx ends, and waits for all of it.
func (s *Server) Close(ctx context.Context) error {
	if s.http == nil {
		return nil
	}
	s.stop() // ends the hub, and with it every stream
	var err error
	for _, served := range []*http.Server{s.http, s.local} {
		if served == nil {
			continue
		}
		if late := served.Shutdown(ctx); late != nil {
			err = errors.Join(err, fmt.Errorf("stop http server: %w", late), served.Close())
		}
	}
	s.done.Wait()
	s.hub.wait() // sockets are taken out of the server's own count
	return err
}
