package web

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"accueil/acd"
)

func TestWhatReadersSeeOfCalls(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.today = map[acd.QueueID][3]float64{"rdv": {0.875, 31.5, 0.05}}
	h.scene()

	var queues []QueueView
	h.get("/v1/queues", "tok-integrator").decode(t, &queues)
	if len(queues) != 2 || queues[0].Queue != "accueil" || queues[0].Today.Answer != nil || queues[0].Label["fr"] != "accueil" {
		t.Fatalf("%+v", queues)
	}
	if h := queues[1].Hours; queues[0].Hours != nil || h == nil || h.Open || h.Closes == "" || h.Opens <= h.Closes {
		t.Errorf("hours %+v", h)
	}
	if q := queues[1]; q.Waiting != 1 || q.Talking != 1 || q.Oldest != 3000 || *q.Today.Answer != 0.875 || *q.Today.ASA != 31.5 || *q.Today.Abandon != 0.05 {
		t.Errorf("%+v", q)
	}

	h.arrive("c4/1")
	h.enqueue("c4/1")
	h.do(acd.KindPoints, func(tx *acd.Tx) error { return tx.SetPoints("c4/1", 10, "chef") })
	var legs []LegView
	h.get("/v1/queues/rdv/contacts", "tok-integrator").decode(t, &legs)
	if len(legs) != 2 || legs[0].Contact != "c4" || legs[0].Place != 1 || legs[1].Contact != "c2" || legs[1].Wait != 3000 {
		t.Errorf("%+v", legs)
	}

	if e := legs[1].Estimate; legs[0].Estimate != nil || e == nil || *e != (WaitView{4, 225_000, 60_000, 500_000, 0.8}) {
		t.Errorf("estimated waits %+v, %+v", legs[0].Estimate, legs[1].Estimate)
	}
	for path, told := range map[string]bool{"/v1/contacts/c2": true, "/v1/contacts/c4": false, "/v1/contacts/c1": false, "/v1/contacts": false} {
		if got := strings.Contains(h.get(path, "tok-auditor").body, `"estimated_wait":{"minutes":4,`); got != told {
			t.Errorf("%s tells an estimated wait: %t", path, got)
		}
	}

	var c ContactView
	h.get("/v1/contacts/c1", "tok-auditor").decode(t, &c)
	if c.State != "talking" || len(c.Legs) != 1 || c.Arrived != "2026-06-01T14:00:00.000+02:00" || c.Age != 10_000 ||
		c.Legs[0].Agent != "a01" || c.Legs[0].Wait != 7000 || c.Legs[0].Talk != 3000 || c.Legs[0].Bridged != "2026-06-01T14:00:07.000+02:00" {
		t.Errorf("%+v", c)
	}
	h.end("c1/1", acd.Answered)
	h.get("/v1/contacts/c1", "tok-auditor").decode(t, &c)
	if c.State != "ended" || c.Legs[0].End == nil || c.Legs[0].End.Outcome != "answered" || c.Legs[0].End.Phase != "talking" {
		t.Errorf("%+v", c)
	}
	var contacts []ContactView
	h.get("/v1/contacts", "tok-auditor").decode(t, &contacts)
	if len(contacts) != 3 {
		t.Errorf("%d live contacts, want 3", len(contacts))
	}
}

func TestTheCard(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	h.do(acd.KindTransferred, func(tx *acd.Tx) error { _, err := tx.Transfer("c1/1", "4003", nil); return err })
	h.do(acd.KindReturned, func(tx *acd.Tx) error {
		return tx.Enqueue("c1/2", acd.Queueing{Queue: "rdv", Return: acd.NoAnswer})
	})
	h.claim("c1/2", "a02")
	var c FullCardView
	h.get("/v1/contacts/c1/card", "tok-agent-a02").decode(t, &c)
	if c.Caller == nil || c.Caller.Name != secretName || c.Caller.Number != secretNumber || c.Caller.Note != secretNote {
		t.Errorf("%+v", c.Caller)
	}
	if c.Label["fr"] != "rendez-vous d'imagerie" || c.Lang != "fr" || len(c.Path) != 3 || c.Return != "no_answer" ||
		c.ReturnLabel["fr"] != "retour de transfert : pas de réponse" || c.Sender != "a01" || c.SenderName != "Claire Essai" {
		t.Errorf("%+v", c)
	}
	if got := h.get("/v1/contacts/c1/card", "tok-agent-a01"); got.status != 403 && got.status != 200 {
		t.Errorf("%d", got.status)
	}
	h.pass(time.Minute)
	h.do(acd.KindWrapupEnded, func(tx *acd.Tx) error { return tx.EndWrapup("a01", true) })
	if got := h.get("/v1/contacts/c1/card", "tok-agent-a01"); got.status != 403 {
		t.Errorf("the sender still learns who calls: %d", got.status)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	var v sampleLife
	h.get("/v1/contacts/c1/explain", "tok-auditor").decode(t, &v)
	if len(v.Decisions) != 1 || v.Decisions[0].Agent != "a01" || v.Decisions[0].Passed["paused"] != 1 {
		t.Errorf("%+v", v)
	}
	h.get("/v1/contacts/c2/explain", "tok-auditor").decode(t, &v)
	if len(v.Decisions) != 0 {
		t.Errorf("%+v", v)
	}
	if got := h.get("/v1/contacts/nobody/explain", "tok-auditor"); got.status != 404 {
		t.Errorf("%d", got.status)
	}
}

func TestWhatWouldHappen(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	var v sampleAnswer
	h.get("/v1/explain?reason=rdv.imagerie&lang=en&at=2026-12-24%2010:00&ready=a01,a02", "tok-supervisor").decode(t, &v)
	if at := v.At.Time().Format(time.RFC3339); v.Reason != "rdv.imagerie" || v.Lang != "en" || at != "2026-12-24T09:00:00Z" || len(v.Ready) != 2 {
		t.Errorf("asked %+v at %s", v, at)
	}
	for query, want := range map[string]string{
		"reason=rdv.imagrie":             `reason unknown to the site; did you mean "rdv.imagerie"?`,
		"reason=rdv.imagerie&lang=de":    "language unknown to the site",
		"reason=rdv.imagerie&at=tonight": "unexpected form",
		"lang=en":                        "required",
	} {
		got := h.request("GET", "/v1/explain?"+query, "tok-supervisor", "", "Accept-Language", "en")
		if p := problemIn(t, got); got.status != 422 || len(p.Errors) != 1 || p.Errors[0].Message != want {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
}

func TestEntriesAndTheirClosing(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(acd.KindEntryClosure, func(tx *acd.Tx) error { tx.Close("3001", true, "chef"); return nil })
	var all []EntryView
	h.get("/v1/entries", "tok-agent-a01").decode(t, &all)
	if len(all) != 2 || all[0].Closed || !all[1].Closed || all[1].By != "chef" {
		t.Errorf("%+v", all)
	}
	h.do(acd.KindEntryClosure, func(tx *acd.Tx) error { tx.CloseUntil("3000", tx.At().Add(time.Hour), "chef"); return nil })
	var until, over EntryView
	h.get("/v1/entries/3000/closed", "tok-agent-a01").decode(t, &until)
	if !until.Closed || until.Until == "" || until.By != "chef" {
		t.Errorf("%+v", until)
	}
	h.do(acd.KindEntryClosure, func(tx *acd.Tx) error { tx.CloseUntil("3000", tx.At().Add(-time.Second), "chef"); return nil })
	if h.get("/v1/entries/3000/closed", "tok-agent-a01").decode(t, &over); over.Closed || over.Until != "" || over.Since == "" {
		t.Errorf("open again by itself: %+v", over)
	}
	var one EntryView
	h.get("/v1/entries/3001/closed", "tok-agent-a01").decode(t, &one)
	if one != all[1] {
		t.Errorf("%+v", one)
	}
	if got := h.get("/v1/entries/9/closed", "tok-admin"); got.status != 404 {
		t.Errorf("%d", got.status)
	}
}

// A pause shows on the queue, on its own address and on the stream, with who made it.
func TestPauseOfAQueueIsShown(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(acd.KindQueuePause, func(tx *acd.Tx) error { tx.PauseQueue("rdv", true, "reunion", "chef"); return nil })
	var all []QueueView
	h.get("/v1/queues", "tok-agent-a01").decode(t, &all)
	p := all[1].Pause
	if all[1].Queue != "rdv" || !p.Paused || p.By != "chef" || p.Reason != "reunion" || p.Since == "" || all[0].Pause.Paused {
		t.Errorf("%+v", all)
	}
	if l := all[1].Limits; l == nil || l.MaxWaiting != 10 || l.Kept != 2 || l.Overflow["full"] != "accueil" || all[1].Policy != "fair" || len(all[1].Order) != 1 {
		t.Errorf("the rules of the queue: %+v", all[1])
	}
	var one PauseView
	h.get("/v1/queues/rdv/paused", "tok-auditor").decode(t, &one)
	if one != p {
		t.Errorf("%+v, want %+v", one, p)
	}
	if got := h.get("/v1/queues/nulle/paused", "tok-admin"); got.status != 404 {
		t.Errorf("%d", got.status)
	}
	if got := h.request("PUT", "/v1/queues/nulle/paused", "tok-admin", `{"paused":true}`); got.status != 404 || problemIn(t, got).Code != "queue_not_found" {
		t.Errorf("%d", got.status)
	}
	var entries []EntryView
	if h.get("/v1/entries", "tok-admin").decode(t, &entries); len(entries) != 2 {
		t.Errorf("a queue among the entries: %+v", entries)
	}
	snapshot := (&event{entry: h.view.Image(), plan: plan(), now: h.now}).view(Account{Role: RoleSupervisor})
	if len(snapshot.Queues) != 1 || snapshot.Queues[0] != p || len(snapshot.Entries) != 0 {
		t.Errorf("on the stream: %+v", snapshot)
	}
}

// For whom a contact is kept is shown to supervisors, and to that agent alone.
func TestKeptContact(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	h.do(acd.KindPushed, func(tx *acd.Tx) error { return tx.Push("c2/1", "a02", time.Minute, "chef") })
	for token, want := range map[string]bool{"tok-supervisor": true, "tok-agent-a02": true, "tok-agent-a01": false} {
		var legs []LegView
		h.get("/v1/queues/rdv/contacts", token).decode(t, &legs)
		if k := legs[0].Kept; (k != nil) != want || want && (k.Agent != "a02" || k.By != "chef" || k.Until == "") {
			t.Errorf("%s sees %+v", token, k)
		}
	}
	h.pass(time.Minute)
	var legs []LegView
	if h.get("/v1/queues/rdv/contacts", "tok-supervisor").decode(t, &legs); legs[0].Kept != nil {
		t.Errorf("kept after its time: %+v", legs[0].Kept)
	}
}

// How an agent serves queues otherwise than by skill, and how long an override of his skills lasts.
func TestAgentsRules(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for until, shift := range map[string]bool{SkillsShift: true, SkillsKept: false} {
		h.do(acd.KindAgentSkills, func(tx *acd.Tx) error { return tx.SetSkills("a01", map[acd.SkillID]int{"rdv": 3}, shift, "chef") })
		var all []AgentView
		h.get("/v1/agents", "tok-supervisor").decode(t, &all)
		if a := all[0]; a.SkillsUntil != until || !a.Overridden || a.Queues["accueil"].Delay != 30 || all[1].SkillsUntil != "" {
			t.Errorf("%+v", all)
		}
	}
}

func TestKPIsPassTheReadersThresholds(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	var r sampleReport
	h.get("/v1/kpis", "tok-auditor").decode(t, &r)
	midnight := acd.At(time.Date(2026, 5, 31, 22, 0, 0, 0, time.UTC))
	if r.By != "none" || r.From != midnight || r.To != 0 || r.ShortAbandon != 10 || len(r.ServiceLevel) != 0 {
		t.Errorf("%+v", r)
	}
	h.get("/v1/kpis?from=2026-05-31&to=2026-06-01T10:00:00%2B02:00&by=half_hour&short_abandon_s=7.5&service_level_s=20,45.5", "tok-auditor").decode(t, &r)
	if r.By != "half_hour" || r.From != midnight.Add(-24*time.Hour) || r.To != midnight.Add(10*time.Hour) || r.ShortAbandon != 7.5 || len(r.ServiceLevel) != 2 || r.ServiceLevel[1] != 45.5 {
		t.Errorf("%+v", r)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	if got := h.get("/livez", ""); got.status != 200 {
		t.Errorf("%d", got.status)
	}
	type ready struct {
		Ready        bool
		Dependencies map[string]struct {
			Up, Required bool
			Detail       string
		}
	}
	var r ready
	got := h.get("/readyz", "")
	if got.decode(t, &r); got.status != 200 || !r.Ready || !r.Dependencies["asterisk"].Up || !r.Dependencies["tokens"].Up {
		t.Errorf("%d %s", got.status, got.body)
	}
	h.mu.Lock()
	h.deps = []Dependency{{Name: "asterisk", Up: true, Required: true}, {Name: "redis", Up: false, Detail: "away for 3 s"}}
	h.mu.Unlock()
	if got := h.get("/readyz", ""); got.status != 200 || !strings.Contains(got.body, "away for 3 s") {
		t.Errorf("%d %s", got.status, got.body)
	}
	h.mu.Lock()
	h.deps[0].Up = false
	h.mu.Unlock()
	if got := h.get("/readyz", ""); got.status != 503 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// Every schema of the document compiles, every reference resolves, and the answers fit it.
func TestOpenAPIDescribesTheAnswers(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	got := h.get("/v1/openapi.json", "")
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	root := doc.(map[string]any)
	if v, _ := root["openapi"].(string); !strings.HasPrefix(v, "3.1") {
		t.Fatalf("openapi %v", root["openapi"])
	}
	if old := h.get("/v1/openapi-3.0.json", ""); !strings.Contains(old.body, `"openapi":"3.0`) {
		t.Error("no document for older tools")
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("mem:openapi", doc); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for path, item := range root["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			o, ok := op.(map[string]any)
			if !ok {
				continue
			}
			name, _ := o["operationId"].(string)
			if name == "" || names[name] {
				t.Errorf("%s %s: operationId %q", method, path, name)
			}
			names[name] = true
			if s, ok := o["security"].([]any); !ok || len(s) == 0 {
				t.Errorf("%s %s asks for no token", method, path)
			}
		}
	}
	for _, c := range matrix {
		if c.method != "GET" || c.want[2] != 200 {
			continue
		}
		pointer := strings.NewReplacer("~", "~0", "/", "~1").Replace(generic(c.path))
		pointer = strings.NewReplacer("{", "%7B", "}", "%7D").Replace(pointer)
		schema, err := compiler.Compile("mem:openapi#/paths/" + pointer + "/get/responses/200/content/application~1json/schema")
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		body, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(h.get(c.path, "tok-supervisor").body)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(body); err != nil {
			t.Errorf("%s does not fit its schema: %v", c.path, err)
		}
	}
	for name := range root["components"].(map[string]any)["schemas"].(map[string]any) {
		if _, err := compiler.Compile("mem:openapi#/components/schemas/" + name); err != nil {
			t.Errorf("schema %s: %v", name, err)
		}
	}
	if b, _ := json.Marshal(root); bytes.Contains(b, []byte("unpkg")) {
		t.Error("the document names what is not there")
	}
}

// TestConfidentialEntriesAreForAgents: to every other account they do not exist, nor does who is on call.
func TestConfidentialEntriesAreForAgents(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for token, account := range tokens {
		body := h.get("/v1/directory?q=unite", token).body
		may := account.Role == RoleAgent || account.Role == RoleSupervisor
		if strings.Contains(body, "ump") != may || strings.Contains(body, "4112") != may || !strings.Contains(body, "4012") {
			t.Errorf("%s is shown %s", token, body)
		}
	}
}
