package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Times of the streams.
const (
	// eventTime is how long one event may take to be written: a reader who does not read is gone then.
	eventTime = 10 * time.Second
	// aliveEvery is how often an idle stream says that it lives; shorter than the usual time-outs of
	// proxies (60 s).
	aliveEvery = 15 * time.Second
)

// follow is what a reader may say to resume. A browser's EventSource sets the header by itself; what
// cannot set headers uses the parameter.
type follow struct {
	Header string `header:"Last-Event-ID" maxLength:"120" doc:"Id of the last event read."`
	Query  string `query:"last_event_id" maxLength:"120" doc:"The same, for readers that cannot set headers."`
}

func (f follow) lastID() string {
	if f.Header != "" {
		return f.Header
	}
	return f.Query
}

// addStreams registers both transports of the same events.
func (s *Server) addStreams(sse, socket route) {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[EventView](), true, "EventView")
	op := s.operation(sse)
	op.Responses = map[string]*huma.Response{"200": {
		Description: "Events: id, event (the kind) and data, one EventView each; the first is a snapshot unless the stream resumes",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: schema}},
	}}
	huma.Register(s.api, op, func(ctx context.Context, in *follow) (*huma.StreamResponse, error) {
		return s.stream(ctx, sse.id, in.lastID(), s.serveSSE)
	})
	op = s.operation(socket)
	op.Responses = map[string]*huma.Response{"101": {Description: "Text messages {id, event, data}"}}
	huma.Register(s.api, op, func(ctx context.Context, in *follow) (*huma.StreamResponse, error) {
		return s.stream(ctx, socket.id, in.lastID(), s.serveSocket)
	})
}

// transport carries a stream to one reader until either ends.
type transport func(w http.ResponseWriter, r *http.Request, who Account, st *stream, first []*event)

func (s *Server) stream(ctx context.Context, op, lastID string, carry transport) (*huma.StreamResponse, error) {
	who := readerOf(ctx).account
	joining, cancel := context.WithTimeout(ctx, actionTime)
	defer cancel()
	st, first, err := s.hub.join(joining, lastID)
	if err != nil {
		return nil, s.problem(ctx, op, err)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer s.hub.leave(st)
		r, w := humago.Unwrap(hc)
		carry(w, r, who, st, first)
	}}, nil
}

// serveSSE writes server-sent events. The bounds that the server sets for whole requests are replaced
// by one for each event.
func (s *Server) serveSSE(w http.ResponseWriter, r *http.Request, who Account, st *stream, first []*event) {
	rc := http.NewResponseController(w)
	if err := rc.SetReadDeadline(time.Time{}); err != nil {
		return // a connection without deadlines cannot be bounded
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.Header().Set("Connection", "close") // its deadlines are this stream's
	send := func(write func(io.Writer) error) error {
		if err := rc.SetWriteDeadline(time.Now().Add(eventTime)); err != nil {
			return fmt.Errorf("bound an event: %w", err)
		}
		// A reader who is cut while he is being written to holds the write until its bound otherwise.
		defer context.AfterFunc(st.open, func() { _ = rc.SetWriteDeadline(time.Now()) })()
		if err := write(w); err != nil {
			return fmt.Errorf("write an event: %w", err)
		}
		return rc.Flush()
	}
	if send(func(w io.Writer) error { _, err := io.WriteString(w, "retry: 1000\n\n"); return err }) != nil {
		return
	}
	tell := func(ev *event) error { return send(func(w io.Writer) error { return writeSSE(w, ev, who) }) }
	alive := func() error {
		return send(func(w io.Writer) error { _, err := io.WriteString(w, ": alive\n\n"); return err })
	}
	_ = pump(r.Context(), st, first, tell, alive)
}

func writeSSE(w io.Writer, ev *event, who Account) error {
	if id := ev.id(); id != "" {
		if _, err := fmt.Fprintf(w, "id: %s\n", id); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", ev.name(), ev.render(who))
	return err
}

// Why a stream ends besides its reader's leaving.
var (
	errCut   = errors.New("the hub has given the reader up")
	errTalks = errors.New("the reader sends data")
)

// pump carries events until the reader is gone, cut, or one cannot be told.
func pump(ctx context.Context, st *stream, first []*event, tell func(*event) error, alive func() error) error {
	for _, ev := range first {
		if err := tell(ev); err != nil {
			return err
		}
	}
	idle := time.NewTicker(aliveEvery)
	defer idle.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-st.open.Done():
			return errCut
		case ev := <-st.events:
			if err := tell(ev); err != nil {
				return err
			}
		case <-idle.C:
			if err := alive(); err != nil {
				return err
			}
		}
	}
}

// socketMessage is an event on a WebSocket.
type socketMessage struct {
	ID    string          `json:"id,omitempty"`
	Event string          `json:"event"`
	Data  json.RawMessage `json:"data"`
}

// serveSocket writes the same events to a WebSocket. A reader has nothing to say there beyond control
// frames: one who sends data is shown out.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request, who Account, st *stream, first []*event) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	// The library's own CloseRead waits for itself for 15 s when a reader sends data.
	var reading sync.WaitGroup
	defer reading.Wait()
	defer conn.CloseNow() //nolint:errcheck // a second close of a closed connection
	reading.Go(func() {
		_, _, err := conn.Reader(ctx)
		if err == nil {
			err = errTalks
		}
		cancel(err)
	})
	bounded := func(do func(context.Context) error) error {
		ctx, cancel := context.WithTimeout(ctx, eventTime)
		defer cancel()
		defer context.AfterFunc(st.open, cancel)()
		return do(ctx)
	}
	tell := func(ev *event) error {
		msg, err := json.Marshal(socketMessage{ev.id(), ev.name(), ev.render(who)})
		if err != nil {
			return fmt.Errorf("write an event: %w", err)
		}
		return bounded(func(ctx context.Context) error { return conn.Write(ctx, websocket.MessageText, msg) })
	}
	err = pump(ctx, st, first, tell, func() error { return bounded(conn.Ping) })
	switch {
	case errors.Is(err, errCut):
		_ = conn.Close(websocket.StatusTryAgainLater, "too slow, or the server stops")
	case errors.Is(context.Cause(ctx), errTalks):
		_ = conn.Close(websocket.StatusPolicyViolation, "nothing is read here")
	}
	cancel(err)
}
