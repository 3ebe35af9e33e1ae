package web

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
)

// call is one request of the matrix with what each token gets: columns are a01 (who has c1), a02 (who
// has nothing), supervisor, admin, auditor, integrator.
type call struct {
	method, path, body string
	want               [6]int
}

var columns = []string{"tok-agent-a01", "tok-agent-a02", "tok-supervisor", "tok-admin", "tok-auditor", "tok-integrator"}

// matrix is written out by hand, apart from the tables in routes.go: a role that gains a right by
// mistake shows here.
var matrix = []call{
	{"GET", "/v1/queues", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"GET", "/v1/queues/rdv/contacts", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"GET", "/v1/queues/rdv/paused", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"PUT", "/v1/queues/rdv/paused", `{"paused":true,"reason":"reunion"}`, [6]int{403, 403, 204, 204, 403, 403}},
	{"GET", "/v1/agents", "", [6]int{200, 200, 200, 200, 403, 200}},
	{"GET", "/v1/contacts", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"GET", "/v1/contacts/c1", "", [6]int{200, 404, 200, 200, 200, 200}},
	{"GET", "/v1/contacts/c2", "", [6]int{404, 404, 200, 200, 200, 200}},
	{"GET", "/v1/contacts/c1/comment", "", [6]int{403, 403, 404, 403, 403, 403}}, // he has left none
	{"GET", "/v1/surveys", "", [6]int{403, 403, 200, 200, 403, 403}},
	{"GET", "/v1/audit", "", [6]int{403, 403, 403, 200, 200, 403}},
	{"GET", "/v1/contacts/c1/explain", "", [6]int{403, 403, 200, 200, 200, 403}},
	{"GET", "/v1/explain?reason=rdv.imagerie", "", [6]int{403, 403, 200, 200, 200, 403}},
	{"GET", "/v1/contacts/c1/card", "", [6]int{200, 404, 200, 403, 403, 403}},
	{"GET", "/v1/contacts/c2/card", "", [6]int{404, 404, 200, 403, 403, 403}},
	{"PUT", "/v1/agents/a01/state", `{"state":"paused","reason":"pause_1"}`, [6]int{204, 403, 204, 403, 403, 204}},
	{"PUT", "/v1/agents/a02/state", `{"state":"ready","phone":"102"}`, [6]int{403, 204, 204, 403, 403, 204}},
	{"PUT", "/v1/agents/a01/skills", `{"skills":{"rdv":9}}`, [6]int{403, 403, 204, 204, 403, 403}},
	{"PUT", "/v1/contacts/c2/points", `{"points":3}`, [6]int{403, 403, 204, 204, 403, 403}},
	{"POST", "/v1/contacts/c2/assign", `{"agent":"a01"}`, [6]int{200, 403, 200, 200, 403, 403}},
	{"POST", "/v1/contacts/c2/assign", `{"agent":"a02"}`, [6]int{403, 403, 200, 200, 403, 403}},
	{"POST", "/v1/contacts/c1/transfer", `{"kind":"extension","to":"4003"}`, [6]int{202, 404, 202, 403, 403, 403}},
	{"POST", "/v1/contacts/c1/withdraw", "", [6]int{403, 403, 204, 204, 403, 403}},
	{"POST", "/v1/contacts/c2/transfer", `{"kind":"queue","to":"accueil"}`, [6]int{404, 404, 202, 403, 403, 403}},
	{"GET", "/v1/entries", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"GET", "/v1/entries/3000/closed", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"GET", "/v1/announcements", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"PUT", "/v1/announcements/crise", `{"on":true}`, [6]int{403, 403, 204, 204, 403, 403}},
	{"PUT", "/v1/entries/3000/closed", `{"closed":true}`, [6]int{403, 403, 204, 204, 403, 403}},
	{"GET", "/v1/directory?q=cardio&kind=service&language=en", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"GET", "/v1/directory?kind=patient", "", [6]int{422, 422, 422, 422, 422, 422}},
	{"GET", "/v1/on-call?service=cardiologie", "", [6]int{200, 200, 200, 403, 403, 403}},
	{"GET", "/v1/articles?q=irm", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"GET", "/v1/articles?reason=rdv.imagerie&language=fr", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"GET", "/v1/articles?reason=inconnu", "", [6]int{422, 422, 422, 422, 422, 422}},
	{"GET", "/v1/articles?language=de", "", [6]int{422, 422, 422, 422, 422, 422}},
	{"GET", "/v1/articles/irm", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"GET", "/v1/articles/interne", "", [6]int{200, 200, 200, 200, 404, 404}},
	{"GET", "/v1/tasks", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"GET", "/v1/tasks/t1", "", [6]int{200, 404, 200, 200, 200, 200}},
	{"GET", "/v1/tasks/t2", "", [6]int{404, 200, 200, 200, 200, 200}},
	{"GET", "/v1/tasks/t1/recording", "", [6]int{404, 404, 404, 403, 403, 403}}, // it has none
	{"POST", "/v1/tasks", `{"kind":"message","queue":"rdv","text":"rappeler le service"}`, [6]int{201, 201, 201, 403, 403, 403}},
	{"POST", "/v1/tasks/t1/take", `{"agent":"a01"}`, [6]int{200, 403, 200, 403, 403, 403}},
	{"POST", "/v1/tasks/t1/attempt", `{"result":"busy"}`, [6]int{200, 404, 409, 403, 403, 403}},
	{"POST", "/v1/tasks/t1/call", `{"agent":"a01"}`, [6]int{202, 403, 202, 403, 403, 403}},
	{"POST", "/v1/tasks/t3/take", `{"agent":"a02"}`, [6]int{403, 200, 200, 403, 403, 403}},
	{"POST", "/v1/tasks/t3/release", "", [6]int{409, 200, 200, 403, 403, 403}},
	{"POST", "/v1/tasks/t1/close", `{"result":"rdv_pris"}`, [6]int{200, 404, 200, 403, 403, 403}},
	{"POST", "/v1/tasks/t3/withdraw", "", [6]int{200, 200, 200, 403, 403, 403}},
	{"GET", "/v1/kpis", "", [6]int{200, 200, 200, 200, 200, 200}},
	{"POST", "/v1/config/reload", "", [6]int{403, 403, 403, 200, 403, 403}},
	{"POST", "/v1/drain", "", [6]int{403, 403, 403, 202, 403, 403}},
}

func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	tried := map[string]bool{}
	for _, c := range matrix {
		tried[c.method+" "+generic(c.path)] = true
		for i, token := range columns {
			before := len(h.asked)
			got := h.request(c.method, c.path, token, c.body)
			if got.status != c.want[i] {
				t.Errorf("%s %s as %s: %d, want %d: %s", c.method, c.path, token, got.status, c.want[i], got.body)
			}
			if changed := len(h.asked) > before; changed && got.status >= 300 {
				t.Errorf("%s %s as %s was refused and done all the same", c.method, c.path, token)
			} else if c.method != "GET" && got.status < 300 && !changed {
				t.Errorf("%s %s as %s was accepted and not done", c.method, c.path, token)
			}
			if got.status >= 400 {
				problemIn(t, got)
			}
			// t1 is open and of a queue of a01; only agents and supervisors learn whom it is owed to.
			task := c.method == "GET" && strings.HasPrefix(c.path, "/v1/tasks/") && !strings.HasSuffix(c.path, "/recording") && i < 3
			if strings.Contains(got.body, secretNumber) != ((strings.HasSuffix(c.path, "/card") || task) && got.status == 200) {
				t.Errorf("%s %s as %s shows who calls, or hides it: %s", c.method, c.path, token, got.body)
			}
		}
		for _, token := range []string{"", "tok-nobody"} {
			fresh := h.request(c.method, c.path, token, c.body)
			if fresh.status != http.StatusUnauthorized && fresh.status != http.StatusTooManyRequests {
				t.Errorf("%s %s with token %q: %d", c.method, c.path, token, fresh.status)
			}
		}
	}
	for _, path := range []string{"/v1/events", "/v1/ws"} {
		if got := h.get(path, "tok-nobody"); got.status != 401 && got.status != 429 {
			t.Errorf("%s without a known token: %d", path, got.status)
		}
	}
	// For those who may, the streams are tried in their own tests: they end only with their reader.
	tried["GET /v1/events"], tried["GET /v1/ws"] = true, true
	for path, item := range h.server.api.OpenAPI().Paths {
		for method, op := range map[string]bool{"GET": item.Get != nil, "PUT": item.Put != nil, "POST": item.Post != nil, "DELETE": item.Delete != nil, "PATCH": item.Patch != nil} {
			if op && !tried[method+" "+path] {
				t.Errorf("%s %s is not in the matrix", method, path)
			}
		}
	}
}

// generic puts {id} back where a path names one.
func generic(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	if len(parts) > 3 && (parts[2] == "queues" || parts[2] == "agents" || parts[2] == "contacts" || parts[2] == "entries" || parts[2] == "announcements" || parts[2] == "articles" || parts[2] == "tasks") {
		parts[3] = "{id}"
	}
	return strings.Join(parts, "/")
}

func problemIn(t *testing.T, a answer) Problem {
	t.Helper()
	var p Problem
	a.decode(t, &p)
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" || p.Status != a.status || p.Code == "" || p.Title == "" {
		t.Errorf("not a problem: %d %s %s", a.status, ct, a.body)
	}
	return p
}

func TestAnAgentSeesHimselfOnly(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	var agents []AgentView
	h.get("/v1/agents", "tok-agent-a02").decode(t, &agents)
	if len(agents) != 1 || agents[0].Agent != "a02" {
		t.Errorf("a02 sees %+v", agents)
	}
	h.get("/v1/agents", "tok-supervisor").decode(t, &agents)
	if len(agents) != 3 || agents[2].State != "offline" || agents[0].Name != "Claire Essai" || agents[0].State != "busy" {
		t.Errorf("the supervisor sees %+v", agents)
	}
	h.claim("c2/1", "a02")
	for token, want := range map[string]string{"tok-agent-a01": "", "tok-agent-a02": "a02", "tok-supervisor": "a02"} {
		var legs []LegView
		h.get("/v1/queues/rdv/contacts", token).decode(t, &legs)
		if len(legs) != 1 || string(legs[0].Agent) != want || (legs[0].Offer != nil) != (want != "") {
			t.Errorf("%s sees %+v", token, legs)
		}
	}
}

func TestTheCardOutlivesTheCallForWrapupOnly(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	h.end("c1/1", "answered")
	if got := h.get("/v1/contacts/c1/card", "tok-agent-a01"); got.status != 200 {
		t.Errorf("during wrap-up: %d %s", got.status, got.body)
	}
	h.do("wrapup_ended", func(tx *acd.Tx) error { return tx.EndWrapup("a01", false) })
	if got := h.get("/v1/contacts/c1/card", "tok-agent-a01"); got.status != 403 {
		t.Errorf("after wrap-up: %d %s", got.status, got.body)
	}
}

func TestWrongTokensAreSlowedAndRightOnesAreNot(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for i := range maxFailures {
		if got := h.get("/v1/queues", fmt.Sprintf("guess-%d", i)); got.status != 401 || got.header.Get("WWW-Authenticate") == "" {
			t.Fatalf("guess %d: %d", i, got.status)
		}
	}
	if got := h.get("/v1/queues", "guess"); got.status != 429 || got.header.Get("Retry-After") == "" {
		t.Errorf("after %d failures: %d", maxFailures, got.status)
	}
	if got := h.get("/v1/queues", "tok-admin"); got.status != 200 {
		t.Errorf("a right token was locked out: %d", got.status)
	}
}

func TestFailuresAreForgivenAndBounded(t *testing.T) {
	t.Parallel()
	var f failures
	at := time.Unix(1e9, 0)
	for range maxFailures {
		if w := f.fail("192.0.2.1:5", at); w != 0 {
			t.Fatal("refused early")
		}
	}
	if f.fail("192.0.2.1:6", at) == 0 {
		t.Error("another port of the same address was let on")
	}
	if f.fail("192.0.2.2:6", at) != 0 {
		t.Error("another address was refused")
	}
	if w := f.fail("192.0.2.1:5", at.Add(time.Hour)); w != 0 {
		t.Error("never forgiven")
	}
	for i := range 3 * maxAddresses {
		f.fail(fmt.Sprintf("2001:db8::%x", i), at)
	}
	if len(f.by) > maxAddresses {
		t.Errorf("%d addresses held", len(f.by))
	}
}

func TestTokenFileReload(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tokens")
	write := func(text string, age time.Duration) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(age)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write("# desks\nboard supervisor "+HashToken("one")+"\n", -time.Hour)
	accounts, err := LoadTokens(file)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if who, ok := accounts.Account("one", now); !ok || who != (Account{"board", RoleSupervisor, ""}) {
		t.Fatalf("%+v %v", who, ok)
	}
	write("board supervisor "+HashToken("two")+"\n", -time.Minute)
	if _, ok := accounts.Account("one", now.Add(2*recheck)); ok {
		t.Error("a withdrawn token still opens")
	}
	if _, ok := accounts.Account("two", now.Add(2*recheck)); !ok {
		t.Error("a new token does not open")
	}
	write("rubbish\n", 0)
	if _, ok := accounts.Account("two", now.Add(4*recheck)); !ok || accounts.Err() == nil {
		t.Errorf("a bad file: token %v, error %v", ok, accounts.Err())
	}
	write("board supervisor "+HashToken("two")+"\n", time.Minute)
	if _, ok := accounts.Account("two", now.Add(6*recheck)); !ok || accounts.Err() != nil {
		t.Errorf("a mended file: token %v, error %v", ok, accounts.Err())
	}
}

func TestTokenLines(t *testing.T) {
	t.Parallel()
	hash := HashToken("x")
	for line, good := range map[string]bool{
		"n supervisor " + hash:                  true,
		"  n   agent " + hash + " a01 # desk 3": true,
		"":                                      true,
		"n chief " + hash:                       false,
		"n agent " + hash:                       false,
		"n admin " + hash + " a01":              false,
		"n admin " + hash[:63]:                  false,
		"n admin x-plain-token":                 false,
		"n admin":                               false,
		"n admin " + hash + "\nm admin " + hash: false,
		"n admin " + hash + "\nm admin " + HashToken("y"): true,
	} {
		if _, err := parseTokens(strings.NewReader(line)); (err == nil) != good {
			t.Errorf("%q: %v", line, err)
		}
	}
}
