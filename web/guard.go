package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"

	"go.uber.org/zap"
)

// guard stands before every route: headers that keep browsers safe, bodies that end, panics that stay
// one request's matter, and errors in one form.
func (s *Server) guard(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		started := &startedWriter{ResponseWriter: w}
		defer s.recovered(started, r)
		r.Body = http.MaxBytesReader(started, r.Body, maxBody+1)
		if handler, pattern := mux.Handler(r); pattern == "" {
			s.unrouted(started, r, handler)
			return
		}
		mux.ServeHTTP(started, r)
	})
}

// recovered answers for a handler that panicked. The value of the panic may hold anything, so only the
// stack is logged.
func (s *Server) recovered(w *startedWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	s.Log.Error("request handler panicked", zap.String("route", r.Pattern), zap.ByteString("stack", debug.Stack()))
	if w.started {
		panic(http.ErrAbortHandler) // too late for an answer: cut the connection instead of ending it well
	}
	writeProblem(w, newProblem(preferred(r.Header.Get("Accept-Language")), codeInternal))
}

// unrouted answers where no route is. The multiplexer knows whether another method would have done,
// and says so in status and Allow; it may also redirect a path to its clean form.
func (s *Server) unrouted(w http.ResponseWriter, r *http.Request, h http.Handler) {
	v := &verdict{header: http.Header{}}
	h.ServeHTTP(v, r)
	code := codeNotFound
	if v.status == http.StatusMethodNotAllowed {
		code = codeMethod
		w.Header().Set("Allow", v.header.Get("Allow"))
	}
	writeProblem(w, newProblem(preferred(r.Header.Get("Accept-Language")), code))
}

// verdict records what a handler would have answered.
type verdict struct {
	header http.Header
	status int
}

func (v *verdict) Header() http.Header         { return v.header }
func (v *verdict) Write(b []byte) (int, error) { return len(b), nil }
func (v *verdict) WriteHeader(status int)      { v.status = status }

// startedWriter remembers whether an answer has begun.
type startedWriter struct {
	http.ResponseWriter
	started bool
}

func (w *startedWriter) WriteHeader(status int) {
	w.started = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *startedWriter) Write(b []byte) (int, error) {
	w.started = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find flushing, deadlines and hijacking.
func (w *startedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
