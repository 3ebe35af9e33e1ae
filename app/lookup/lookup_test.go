package lookup_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/app/lookup"
	"accueil/app/outward"
)

const digits = "07031950"

// TestAsk asks a real server, which is as a service may be on a bad day. Nothing but a declared answer
// gets through, and no error tells anything of the question.
func TestAsk(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	reply := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_, _ = io.WriteString(w, text)
		}
	}
	for name, c := range map[string]struct {
		serve  http.HandlerFunc
		want   acd.LookupOutcome
		values map[string]string
		err    string // empty: none
	}{
		"found":             {reply(`{"outcome":"found","values":{"secteur":"a"}}`), acd.LookupFound, map[string]string{"secteur": "a"}, ""},
		"unknown":           {reply(`{"outcome":"unknown"}`), acd.LookupUnknown, nil, ""},
		"confidential":      {reply(`{"outcome":"found","confidential":true,"values":{"secteur":"b"}}`), acd.LookupUnknown, nil, ""},
		"unknown says more": {reply(`{"outcome":"unknown","values":{"secteur":"a"}}`), acd.LookupUnknown, nil, ""},
		"undeclared value":  {reply(`{"outcome":"found","values":{"secteur":"c"}}`), acd.LookupError, nil, "does not declare"},
		"undeclared name":   {reply(`{"outcome":"found","values":{"nom":"Dupont"}}`), acd.LookupError, nil, "does not declare"},
		"no outcome":        {reply(`{}`), acd.LookupError, nil, "no outcome"},
		"no JSON":           {reply(`found`), acd.LookupError, nil, "cannot be read"},
		"wrong JSON":        {reply(`{"outcome":7}`), acd.LookupError, nil, "cannot be read"},
		"huge":              {reply(`{"outcome":"found","x":"` + strings.Repeat("x", 20<<10) + `"}`), acd.LookupError, nil, "longer than"},
		"another type":      {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"outcome":"found"}`) }, acd.LookupError, nil, "not JSON"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, acd.LookupError, nil, "status 307"},
		"broken": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"outcome":`)
			panic(http.ErrAbortHandler)
		}, acd.LookupError, nil, "cannot be reached"},
		"server error": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, digits, http.StatusInternalServerError) }, acd.LookupError, nil, "status 500"},
		"slow":         {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, acd.LookupError, nil, "in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.serve)
			defer server.Close()
			out := outward.New()
			defer out.Close()
			client := lookup.New(out)
			service := lookup.Service{Name: "dossier", URL: server.URL, Timeout: 5 * time.Second, Answers: map[string][]string{"secteur": {"a", "b"}}}
			if name == "slow" {
				service.Timeout = 50 * time.Millisecond
			}
			got, err := client.Ask(t.Context(), service, lookup.Question{Number: "+33612345678", Keyed: map[string]acd.Keyed{"naissance": acd.KeyedDigits(digits)}})
			if got.Outcome != c.want || !maps.Equal(got.Values, c.values) {
				t.Errorf("%+v", got)
			}
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if err != nil && (strings.Contains(err.Error(), digits) || strings.Contains(err.Error(), "612345678") || strings.Contains(err.Error(), server.URL)) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

// TestQuestion is what a service is asked.
func TestQuestion(t *testing.T) {
	t.Parallel()
	var got map[string]any
	var method, token string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, token = r.Method, r.Header.Get("Authorization")
		_ = json.NewDecoder(r.Body).Decode(&got)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"outcome":"unknown"}`)
	}))
	defer server.Close()
	out := outward.New()
	defer out.Close()
	client := lookup.New(out)
	service := lookup.Service{Name: "dossier", URL: server.URL, Token: "t0ken", Timeout: 5 * time.Second}
	question := lookup.Question{Number: "+33612345678", Keyed: map[string]acd.Keyed{"naissance": acd.KeyedDigits(digits)}}
	if _, err := client.Ask(t.Context(), service, question); err != nil {
		t.Fatal(err)
	}
	keyed, _ := got["keyed"].(map[string]any)
	if method != http.MethodPost || token != "Bearer t0ken" || got["lookup"] != "dossier" || got["number"] != "+33612345678" || keyed["naissance"] != digits {
		t.Errorf("%s %q %v", method, token, got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if heard, err := client.Ask(ended, service, question); err == nil || heard.Outcome != acd.LookupError {
		t.Errorf("a call that has ended: %v, %v", heard, err)
	}
}
