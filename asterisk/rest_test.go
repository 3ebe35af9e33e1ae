package asterisk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/asterisk"
)

// fake answers as no healthy Asterisk would; everything a healthy one does is
// tested on a real one.
func fake(t *testing.T, handler http.HandlerFunc) *asterisk.REST {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	rest, err := asterisk.NewREST(asterisk.RESTConfig{URL: server.URL + "/ari/", User: "u", Password: "p"})
	must(t, err)
	t.Cleanup(rest.Close)
	return rest
}

func TestErrorsHoldNoCaller(t *testing.T) {
	t.Parallel()
	const secret = "Durand0612345678"
	for name, handler := range map[string]http.HandlerFunc{
		"refusal with words": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"message":"`+secret+`"}`, http.StatusUnprocessableEntity)
		},
		"not JSON":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<"+secret) },
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"too late": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // else the server does not see the client leave
			<-r.Context().Done()
		},
		"another place": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/"+secret, http.StatusFound) },
		"without end": func(w http.ResponseWriter, _ *http.Request) {
			for _, err := io.WriteString(w, strings.Repeat(" ", 1<<20)); err == nil; _, err = io.WriteString(w, strings.Repeat(secret, 1<<16)) {
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := fake(t, handler).ChannelOriginateWithID(ctx, secret, asterisk.ChannelOriginateWithIDParams{
				Endpoint: secret, CallerID: secret, Variables: asterisk.Vars{secret: secret},
			})
			if err == nil {
				t.Fatal("no error")
			}
			if e, ok := errors.AsType[*asterisk.Error](err); !ok || e.Op != "ChannelOriginateWithID" {
				t.Errorf("not an *Error of the operation: %T", err)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(fmt.Sprintf("%+v", err), secret) {
				t.Errorf("the error tells: %v", err)
			}
		})
	}
}

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	rest := fake(t, func(w http.ResponseWriter, r *http.Request) {
		var status int
		_, _ = fmt.Sscanf(r.URL.Path, "/ari/channels/%d", &status)
		w.WriteHeader(status)
	})
	for status, is := range map[int]func(error) bool{
		404: asterisk.IsNotFound, 409: asterisk.IsConflict, 412: asterisk.IsPrecondition,
		422: asterisk.IsUnprocessable, 500: asterisk.IsServerError, 503: asterisk.IsServerError,
	} {
		_, err := rest.ChannelGet(t.Context(), fmt.Sprint(status))
		if !is(err) || asterisk.Status(err) != status || asterisk.IsUnknownOutcome(err) {
			t.Errorf("%d: %v", status, err)
		}
		if wrapped := fmt.Errorf("more: %w", err); !is(wrapped) {
			t.Errorf("%d is not seen through a wrapper", status)
		}
	}
	if asterisk.Status(nil) != 0 || asterisk.IsUnknownOutcome(nil) || asterisk.IsNotFound(errors.New("x")) {
		t.Error("what is no *Error has a kind")
	}
}

func TestRequestShape(t *testing.T) {
	t.Parallel()
	type request struct {
		method, path, query, body string
	}
	var got request
	rest := fake(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = request{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, string(body)}
		if user, password, _ := r.BasicAuth(); user != "u" || password != "p" {
			t.Error("no Basic authorisation")
		}
		fmt.Fprint(w, "{}")
	})
	ctx := t.Context()
	three := 3
	for name, c := range map[string]struct {
		do   func() error
		want request
	}{
		"ids are escaped": {
			func() error { return rest.ChannelAnswer(ctx, "../a b?c=d#é") },
			request{"POST", "/ari/channels/..%2Fa%20b%3Fc=d%23%C3%A9/answer", "", ""},
		},
		"dots climb nowhere": {
			func() error { return rest.ChannelAnswer(ctx, "..") },
			request{"POST", "/ari/channels/%2E%2E/answer", "", ""},
		},
		"caller ids stand in no URL": {
			func() error {
				_, err := rest.ChannelOriginateWithID(ctx, "c", asterisk.ChannelOriginateWithIDParams{
					Endpoint: "PJSIP/101", CallerID: "n <1>", Timeout: &three, Variables: asterisk.Vars{"A": "b"},
				})
				return err
			},
			request{"POST", "/ari/channels/c", "", `{"callerId":"n \u003c1\u003e","endpoint":"PJSIP/101","timeout":3,"variables":{"A":"b"}}`},
		},
		"a list in a body": {
			func() error {
				_, err := rest.ChannelPlayWithID(ctx, "c", "p", asterisk.ChannelPlayWithIDParams{Media: []string{"sound:/a,b", "sound:/c"}})
				return err
			},
			request{"POST", "/ari/channels/c/play/p", "", `{"media":["sound:/a,b","sound:/c"]}`},
		},
		"DELETE has a query": {
			func() error {
				return rest.ChannelHangup(ctx, "c", asterisk.ChannelHangupParams{Reason: "busy"})
			},
			request{"DELETE", "/ari/channels/c", "reason=busy", ""},
		},
		"an empty required text is sent": {
			func() error { return rest.AsteriskSetGlobalVar(ctx, asterisk.AsteriskSetGlobalVarParams{Variable: ""}) },
			request{"POST", "/ari/asterisk/variable", "", `{"variable":""}`},
		},
		"a filter clears what it does not name": {
			func() error {
				_, err := rest.ApplicationFilter(ctx, "a", asterisk.ApplicationFilterParams{
					Filter: asterisk.EventFilter{Disallowed: asterisk.EventTypes("Dial")},
				})
				return err
			},
			request{"PUT", "/ari/applications/a/eventFilter", "", `{"allowed":[],"disallowed":[{"type":"Dial"}]}`},
		},
	} {
		if err := c.do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, c.want)
		}
	}
	err := rest.ChannelSetVar(ctx, "c", asterisk.ChannelSetVarParams{Variable: "A", Value: strings.Repeat("x", 41<<10)})
	if err == nil || asterisk.IsUnknownOutcome(err) {
		t.Errorf("a body that Asterisk would not read: %v", err)
	}
}

func TestObserver(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	var mu sync.Mutex
	seen := map[string]int{}
	cfg := restConfig(server)
	cfg.OnRequest = func(op string, status int, took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		seen[op] = status
		if took <= 0 {
			t.Errorf("%s took %v", op, took)
		}
	}
	rest, err := asterisk.NewREST(cfg)
	must(t, err)
	defer rest.Close()
	_, err = rest.AsteriskPing(t.Context())
	must(t, err)
	_ = rest.ChannelAnswer(t.Context(), "nobody")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = rest.ChannelList(ended)
	mu.Lock()
	defer mu.Unlock()
	for op, want := range map[string]int{"AsteriskPing": 200, "ChannelAnswer": 404, "ChannelList": 0} {
		if got, ok := seen[op]; !ok || got != want {
			t.Errorf("%s: status %d, seen %v", op, got, ok)
		}
	}
}

// TestAnswerOddities: an answer with a field of another type is still an answer.
func TestAnswerOddities(t *testing.T) {
	t.Parallel()
	rest := fake(t, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode([]any{
			map[string]any{"id": "1", "caller": map[string]any{"name": "a\x1b[2Jb"}, "dialplan": 7, "new": true},
			map[string]any{"id": "2", "state": []int{1}},
		})
	})
	channels, err := rest.ChannelList(t.Context())
	if err != nil || len(channels) != 2 || channels[0].ID != "1" || channels[1].ID != "2" || channels[0].Caller.Name != "a[2Jb" {
		t.Errorf("%v, %v", channels, err)
	}
}
