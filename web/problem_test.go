package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"accueil/acd"
)

func TestProblemsSpeakTheReadersLanguage(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for header, want := range map[string]string{
		"": "Cette file n'existe pas.", "fr-FR,fr;q=0.9,en;q=0.8": "Cette file n'existe pas.", "de": "Cette file n'existe pas.",
		"en": "This queue does not exist.", "en-GB,fr;q=0.5": "This queue does not exist.",
		strings.Repeat("en,", 3000): "Cette file n'existe pas.", "\xff;;;q=": "Cette file n'existe pas.",
	} {
		got := h.request("GET", "/v1/queues/none/contacts", "tok-admin", "", "Accept-Language", header)
		if p := problemIn(t, got); p.Title != want || p.Code != "queue_not_found" || p.Status != 404 {
			t.Errorf("%.20q: %+v", header, p)
		}
	}
	for _, code := range []string{"unauthorized", "invalid"} {
		if p := problems[code]; p.fr == "" || p.en == "" {
			t.Errorf("%s lacks words", code)
		}
	}
	for code, p := range problems {
		if p.fr == "" || p.en == "" || p.fr == p.en || p.status < 400 {
			t.Errorf("%s: %+v", code, p)
		}
	}
}

func TestErrorsOfPortsBecomeProblems(t *testing.T) {
	t.Parallel()
	seen, logs := observer.New(zapcore.InfoLevel)
	h := newHospital(t, func(o *Options) { o.Log = zap.New(seen) })
	h.scene()
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{acd.ErrIllegal{What: "agent", ID: "a01", State: "offline", Input: "ready"}, 409, "not_possible_now"},
		{fmt.Errorf("move: %w", acd.ErrNotFound{What: "leg", ID: "c1/1"}), 404, "contact_not_found"},
		{acd.ErrNotFound{What: "phone", ID: "9"}, 404, "phone_not_found"},
		{acd.ErrNotFound{What: "extension", ID: "9"}, 422, "extension_not_found"},
		{acd.ErrNotFound{What: "wall", ID: "9"}, 404, "not_found"},
		{acd.ErrFull, 409, "queue_full"}, {acd.ErrStale, 409, "changed_meanwhile"}, {acd.ErrEarly, 409, "changed_meanwhile"},
		{acd.ErrUnavailable, 503, "store_unavailable"}, {acd.ErrNotLead, 503, "store_unavailable"},
		{context.DeadlineExceeded, 504, "timeout"},
		{errors.New("disk on fire"), 500, "internal"},
	} {
		h.mu.Lock()
		h.answer = c.err
		h.mu.Unlock()
		got := h.request("PUT", "/v1/agents/a01/state", "tok-supervisor", `{"state":"ready"}`, "Accept-Language", "en")
		if p := problemIn(t, got); got.status != c.status || p.Code != c.code {
			t.Errorf("%v: %d %s", c.err, got.status, got.body)
		}
		if strings.Contains(got.body, "disk") {
			t.Error("an inner error is told to the reader")
		}
	}
	if n := logs.FilterMessage("request failed").Len(); n != 1 {
		t.Errorf("%d internal errors logged, want 1", n)
	}
}

func TestARefusedReloadSaysWhy(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	if got := h.request("POST", "/v1/config/reload", "tok-admin", ""); got.status != 200 || !strings.Contains(got.body, "overridden") {
		t.Errorf("%d %s", got.status, got.body)
	}
	h.mu.Lock()
	h.answer = errors.New("site.yaml:3:1: unknown key\n" + strings.Repeat("x", 9999) + strings.Repeat("\nmore", 999))
	h.mu.Unlock()
	p := problemIn(t, h.request("POST", "/v1/config/reload", "tok-admin", ""))
	if p.Status != 422 || len(p.Errors) != maxReloadErrors || p.Errors[0].Message != "site.yaml:3:1: unknown key" || len(p.Errors[1].Message) > 400 {
		t.Errorf("%d errors, first %+v", len(p.Errors), p.Errors[0])
	}
}

func TestWhatIsWrongIsNamedAndNotRepeated(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	for _, c := range []struct {
		method, path, body string
		status             int
		location, code     string
	}{
		{"PUT", "/v1/contacts/c1/points", `{"points":11}`, 422, "body.points", "range"},
		{"PUT", "/v1/contacts/c1/points", `{"points":"SECRET"}`, 422, "body.points", "type"},
		{"PUT", "/v1/contacts/c1/points", `{}`, 422, "body", "required"},
		{"PUT", "/v1/contacts/c1/points", `{"points":1,"SECRET":2}`, 422, "body.SECRET", "unknown"},
		{"PUT", "/v1/contacts/c1/points", `{"points":1`, 400, "body", "invalid"},
		{"PUT", "/v1/contacts/c1/points", ``, 400, "", ""},
		{"PUT", "/v1/agents/a01/state", `{"state":"asleep"}`, 422, "body.state", "choice"},
		{"PUT", "/v1/agents/a01/state", `{"state":"paused","reason":"mal à la tête"}`, 422, "body.reason", "format"},
		{"PUT", "/v1/agents/a01/state", `{"state":"ready","phone":"999"}`, 422, "body.phone", "phone"},
		{"PUT", "/v1/agents/zz/state", `{"state":"ready"}`, 404, "", ""},
		{"PUT", "/v1/entries/3000/closed", `{"closed":true,"until":"2001-01-01T00:00:00Z"}`, 422, "body.until", "past"},
		{"PUT", "/v1/agents/a01/skills", `{"skills":{"piano":3}}`, 422, "body.skills", "skill"},
		{"PUT", "/v1/agents/a01/skills", `{"skills":{"rdv":0}}`, 422, "body.skills.rdv", "range"},
		{"POST", "/v1/contacts/c1/transfer", `{"kind":"queue","to":"nowhere"}`, 422, "body.to", "queue"},
		{"POST", "/v1/contacts/c1/transfer", `{"kind":"blind","to":"4003;SECRET"}`, 422, "body.to", "format"},
		{"POST", "/v1/contacts/c1/transfer", `{"kind":"blind","to":"4003","note":"` + strings.Repeat("n", 501) + `"}`, 422, "body.note", "length"},
		{"PUT", "/v1/agents/a01/skills", `{"skills":{"rdv":3},"until":"tomorrow"}`, 422, "body.until", "choice"},
		{"PUT", "/v1/queues/rdv/paused", `{"reason":"reunion"}`, 422, "body", "required"},
		{"PUT", "/v1/queues/rdv/paused", `{"paused":true,"reason":"mal à la tête"}`, 422, "body.reason", "format"},
		{"POST", "/v1/contacts/c2/assign", `{}`, 422, "body.agent", "required"},
		{"POST", "/v1/contacts/c2/assign", `{"agent":"zz"}`, 422, "body.agent", "agent"},
		{"POST", "/v1/contacts/c2/assign", `{"agent":"a01","phone":"101"}`, 422, "body.phone", "unknown"},
		{"POST", "/v1/contacts/c2/assign", `{"phone":"999"}`, 422, "body.phone", "phone"},
		{"POST", "/v1/contacts/c2/assign", `{"phone":"103"}`, 409, "phone", "state"},
		{"POST", "/v1/contacts/c2/assign", `{"agent":"a01","hold_s":601}`, 422, "body.hold_s", "range"},
		{"POST", "/v1/contacts/nobody/assign", `{"agent":"a01"}`, 404, "", ""},
		{"GET", "/v1/kpis?by=agent", "", 422, "query.by", "choice"},
		{"GET", "/v1/kpis?from=yesterday", "", 422, "query.from", "format"},
		{"GET", "/v1/kpis?to=2020-01-01", "", 422, "query.to", "order"},
		{"GET", "/v1/kpis?service_level_s=0", "", 422, "query.service_level_s", "range"},
		{"GET", "/v1/kpis?service_level_s=NaN", "", 422, "query.service_level_s", "range"},
		{"GET", "/v1/kpis?short_abandon_s=-1", "", 422, "query.short_abandon_s", "range"},
		{"GET", "/v1/kpis?short_abandon_s=NaN", "", 422, "query.short_abandon_s", "range"},
		{"GET", "/v1/kpis?color=red", "", 422, "query.color", "unknown"},
	} {
		got := h.request(c.method, c.path, "tok-supervisor", c.body, "Accept-Language", "en")
		p := problemIn(t, got)
		if got.status != c.status {
			t.Errorf("%s %s %.60s: %d %s", c.method, c.path, c.body, got.status, got.body)
			continue
		}
		if c.location != "" && (len(p.Errors) == 0 || p.Errors[0].Location != c.location || p.Errors[0].Code != c.code || p.Errors[0].Message == "") {
			t.Errorf("%s %s %.60s: %+v, want %s %s", c.method, c.path, c.body, p.Errors, c.location, c.code)
		}
		if strings.Contains(got.body, `"SECRET"`) || strings.Contains(got.body, ";SECRET") {
			t.Errorf("the value comes back: %s", got.body)
		}
	}
	if n := len(h.asked); n != 0 {
		t.Errorf("refused requests reached a port: %v", h.asked)
	}
}

func TestPortsAreAskedWhatTheBodySays(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	for _, c := range []struct{ method, path, token, body, want string }{
		{"PUT", "/v1/agents/a01/state", "tok-agent-a01", `{"state":"paused","reason":"pause_2"}`, "state a01 paused pause_2  by claire"},
		{"PUT", "/v1/agents/a01/skills", "tok-supervisor", `{"skills":{"rdv":9}}`, "skills a01 map[rdv:9] nil=false shift=false by chef"},
		{"PUT", "/v1/agents/a01/skills", "tok-supervisor", `{"skills":null}`, "skills a01 map[] nil=true shift=false by chef"},
		{"PUT", "/v1/agents/a01/skills", "tok-supervisor", `{"skills":{"rdv":9},"until":"shift"}`, "skills a01 map[rdv:9] nil=false shift=true by chef"},
		{"PUT", "/v1/queues/rdv/paused", "tok-supervisor", `{"paused":true,"reason":"reunion"}`, "paused rdv true reunion by chef"},
		{"PUT", "/v1/queues/rdv/paused", "tok-admin", `{"paused":false}`, "paused rdv false  by root"},
		{"POST", "/v1/contacts/c2/assign", "tok-supervisor", `{"agent":"a02"}`, "push c2 to a02 for 2m0s by chef"},
		{"POST", "/v1/contacts/c2/assign", "tok-supervisor", `{"phone":"102","hold_s":30}`, "push c2 to a02 for 30s by chef"},
		{"POST", "/v1/contacts/c2/assign", "tok-agent-a01", `{}`, "push c2 to a01 for 2m0s by claire"},
		{"PUT", "/v1/contacts/c2/points", "tok-admin", `{"points":10}`, "points c2 10 by root"},
		{"POST", "/v1/contacts/c1/transfer", "tok-agent-a01", `{"kind":"briefed","to":"4003","note":"parle bas"}`, `transfer c1 briefed 4003 "parle bas" by claire`},
		{"PUT", "/v1/entries/3000/closed", "tok-supervisor", `{"closed":true}`, "closed 3000 true until 0 by chef"},
		{"PUT", "/v1/entries/3000/closed", "tok-supervisor", `{"closed":true,"until":"2100-01-01T00:00:00Z"}`, "closed 3000 true until 4102444800000 by chef"},
	} {
		got := h.request(c.method, c.path, c.token, c.body)
		if got.status >= 300 || h.lastAsked() != c.want {
			t.Errorf("%s %s: %d %s; asked %q, want %q", c.method, c.path, got.status, got.body, h.lastAsked(), c.want)
		}
	}
}

func TestUnroutedRequestsAndHeaders(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	if p := problemIn(t, h.get("/v2/queues", "")); p.Code != "not_found" {
		t.Errorf("%+v", p)
	}
	got := h.request("DELETE", "/v1/queues", "tok-admin", "")
	if p := problemIn(t, got); p.Code != "method_not_allowed" || !strings.Contains(got.header.Get("Allow"), "GET") {
		t.Errorf("%+v %v", p, got.header)
	}
	problemIn(t, h.get("/docs", ""))
	ok := h.get("/v1/queues", "tok-admin")
	for header, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Content-Type": "application/json",
	} {
		if ok.header.Get(header) != want {
			t.Errorf("%s: %q", header, ok.header.Get(header))
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	huge := `{"kind":"blind","to":"4003","note":"` + strings.Repeat("n", maxBody) + `"}`
	if got := h.request("POST", "/v1/contacts/c1/transfer", "tok-supervisor", huge); got.status != 413 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := h.request("POST", "/v1/contacts/c1/transfer", "tok-supervisor", "<a/>", "Content-Type", "text/xml"); got.status != 415 {
		t.Errorf("%d %s", got.status, got.body)
	}
	// A body that stops before its length: the sender's fault.
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "PUT /v1/contacts/c1/points HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer tok-admin\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"poi")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, _ := io.ReadAll(res.Body); res.StatusCode != 400 {
		t.Errorf("%d %s", res.StatusCode, b)
	}
}

func TestAPanicIsOneRequestsMatter(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(o *Options) { o.Explainer = panicking{} })
	h.scene()
	got := h.get("/v1/contacts/c1/explain", "tok-admin")
	if p := problemIn(t, got); got.status != 500 || strings.Contains(got.body, secretName) {
		t.Errorf("%+v", p)
	}
	if h.get("/v1/queues", "tok-admin").status != 200 {
		t.Error("the server is gone")
	}
}

type panicking struct{}

func (panicking) Explain(context.Context, acd.ContactID) (any, error) { panic(secretName) }

func (panicking) WouldHappen(context.Context, WouldQuestion) (any, error) { panic(secretName) }

// The bodies of every changing route: whatever is sent, an answer below 500 comes back.
func FuzzBodies(f *testing.F) {
	for _, c := range matrix {
		if c.body != "" {
			f.Add(c.body)
		}
	}
	for _, s := range []string{"null", "[]", "{}", `"x"`, "1e999", `{"points":1e400}`, `{"points":-0.5}`, `{"skills":{"":1}}`, `{"state":null}`, `{"closed":"yes"}`,
		"{\"kind\":\"blind\",\"to\":\"\\u0000\",\"note\":\"\\ud800\"}", strings.Repeat("[", 9000), `{"skills":` + strings.Repeat(`{"a":`, 900), "\xff\xfe", `{"points":1}{"points":2}`, "{\"state\":\"ready\",\"state\":\"offline\"}"} {
		f.Add(s)
	}
	h := newHospital(f)
	h.scene()
	f.Fuzz(func(t *testing.T, body string) {
		for _, c := range matrix {
			if c.body == "" {
				continue
			}
			r, err := http.NewRequestWithContext(t.Context(), c.method, h.url+c.path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer tok-supervisor")
			r.Header.Set("Content-Type", "application/json")
			res, err := h.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || res.StatusCode >= 500 || res.StatusCode >= 300 && res.Header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("%s %s: %d %s %v", c.method, c.path, res.StatusCode, b, err)
			}
		}
	})
}

// The same for what stands in addresses and queries.
func FuzzPaths(f *testing.F) {
	for _, s := range []string{"c1", "c1%2F1", "..", "%00", "%ff%fe", strings.Repeat("a", 3000), "c1?x=1", "?from=%ff", "a b", "é"} {
		f.Add(s)
	}
	h := newHospital(f)
	h.scene()
	f.Fuzz(func(t *testing.T, s string) {
		for _, prefix := range []string{"/v1/contacts/", "/v1/kpis?from=", "/v1/kpis?service_level_s=", "/v1/queues/"} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", h.url+prefix+s, nil)
			if err != nil {
				continue // the client refuses it
			}
			r.Header.Set("Authorization", "Bearer tok-supervisor")
			res, err := h.client.Do(r)
			if err != nil {
				continue
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if res.StatusCode >= 500 {
				t.Fatalf("GET %s%s: %d", prefix, s, res.StatusCode)
			}
		}
	})
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{Registry: prometheus.NewRegistry()}); err == nil {
		t.Error("a server without a board was built")
	}
}
