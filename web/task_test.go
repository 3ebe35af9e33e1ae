package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
)

// shelf keeps tasks in memory, as a database would, and notes what it was asked (Tasks). a01 serves rdv,
// a02 serves accueil.
type shelf struct {
	h        *hospital
	tasks    map[acd.TaskID]acd.Task
	notes    []string
	read     []string // who read whom a task is owed to
	requests map[string]acd.TaskID
}

func (s *shelf) put(id acd.TaskID, queue acd.QueueID, ago time.Duration) acd.Task {
	t, err := acd.OpenTask(acd.Task{ID: id, Kind: acd.TaskMissed, Outcome: acd.Abandoned, Queue: queue, Reason: "rdv.imagerie",
		Since: s.h.Now().Add(ago), Until: s.h.Now().Add(7 * 24 * time.Hour)})
	if err != nil {
		s.h.t.Fatal(err)
	}
	defer s.h.lock()()
	s.tasks[id] = t
	return t
}

func (s *shelf) failed() error { return s.h.answer }

func (s *shelf) List(_ context.Context, q TaskQuery) ([]acd.Task, error) {
	defer s.h.lock()()
	var out []acd.Task
	for _, t := range s.tasks {
		mine := q.For != "" && t.Owner == q.For
		if (len(q.States) == 0 || slices.Contains(q.States, t.State)) && (len(q.Kinds) == 0 || slices.Contains(q.Kinds, t.Kind)) &&
			(len(q.Queues) == 0 || mine || slices.Contains(q.Queues, t.Queue)) && (len(q.Owners) == 0 || slices.Contains(q.Owners, t.Owner)) &&
			(q.Ready == 0 || t.State == acd.TaskOpen && t.Due <= q.Ready) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b acd.Task) int {
		if x, y := q.Urgent[a.Reason], q.Urgent[b.Reason]; x != y {
			return y - x
		}
		if a.Since != b.Since {
			return int(a.Since - b.Since)
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	if q.After != "" {
		out = out[slices.IndexFunc(out, func(t acd.Task) bool { return t.ID == q.After && t.Since == q.Since && q.Urgent[t.Reason] == q.Points })+1:]
	}
	return out[:min(len(out), q.Limit)], s.failed()
}

func (s *shelf) Count(_ context.Context, q TaskQuery) (int, error) {
	q.Limit, q.Since, q.After = 1<<30, 0, ""
	list, err := s.List(context.Background(), q)
	return len(list), err
}

// Others are the tasks of one contact.
func (s *shelf) Others(_ context.Context, id acd.TaskID) ([]acd.Task, error) {
	defer s.h.lock()()
	var out []acd.Task
	for _, t := range s.tasks {
		if t.ID != id && t.Contact != "" && t.Contact == s.tasks[id].Contact {
			out = append(out, t)
		}
	}
	return out, s.failed()
}

func (s *shelf) Task(_ context.Context, id acd.TaskID) (acd.Task, error) {
	defer s.h.lock()()
	t, ok := s.tasks[id]
	if !ok {
		return t, acd.ErrNotFound{What: "task", ID: string(id)}
	}
	return t, s.failed()
}

func (s *shelf) Reveal(_ context.Context, id acd.TaskID, d TaskDeed) (acd.TaskPersonal, error) {
	defer s.h.lock()()
	s.read = append(s.read, d.By+" "+string(id))
	return acd.TaskPersonal{Number: secretNumber, Name: secretName, Text: secretNote}, s.failed()
}

func (s *shelf) Story(context.Context, acd.TaskID) ([]TaskStep, error) {
	return []TaskStep{{noon, "system", "open", "abandoned", 1}}, nil
}

func (s *shelf) Change(ctx context.Context, id acd.TaskID, d TaskDeed, move func(acd.Task) (acd.Task, error)) (acd.Task, error) {
	t, err := s.Task(ctx, id)
	if err != nil {
		return t, err
	}
	if t, err = move(t); err != nil {
		return t, err
	}
	defer s.h.lock()()
	s.tasks[id] = t
	s.notes = append(s.notes, d.Note)
	s.h.asked = append(s.h.asked, fmt.Sprintf("%s %s by %s request %q", d.What, id, d.By, d.Request))
	return t, nil
}

func (s *shelf) Open(_ context.Context, t acd.Task, p acd.TaskPersonal, d TaskDeed) (acd.Task, error) {
	t, err := acd.OpenTask(t)
	if err != nil {
		return t, err
	}
	defer s.h.lock()()
	s.tasks[t.ID] = t
	s.notes = append(s.notes, p.Number+"|"+p.Name+"|"+p.Text)
	s.h.asked = append(s.h.asked, fmt.Sprintf("open %s %s by %s request %q", t.Kind, t.Queue, d.By, d.Request))
	return t, s.failed()
}

func (s *shelf) Call(_ context.Context, id acd.TaskID, agent acd.AgentID, d TaskDeed) (acd.Task, error) {
	defer s.h.lock()()
	s.h.asked = append(s.h.asked, fmt.Sprintf("call %s with %s by %s request %q", id, agent, d.By, d.Request))
	return s.tasks[id], s.failed()
}

func (s *shelf) Serves(a acd.AgentID, q acd.QueueID) bool {
	return a == "a01" && q == "rdv" || a == "a02" && q == "accueil"
}

func (s *shelf) Attempts() (int, time.Duration) { return 3, 30 * time.Minute }

func tasksOf(t *testing.T, a answer) (v TasksView) {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a.decode(t, &v)
	return v
}

func ids(v TasksView) (out []string) {
	for _, t := range v.Tasks {
		out = append(out, string(t.Task))
	}
	return out
}

func TestTasksAreListedOldestFirst(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	for token, want := range map[string]string{"tok-supervisor": "t1 t2 t3", "tok-agent-a01": "t1 t3", "tok-agent-a02": "t2 t3"} {
		v := tasksOf(t, h.get("/v1/tasks", token))
		if got := strings.Join(ids(v), " "); got != want {
			t.Errorf("%s sees %s", token, got)
		}
		if strings.Contains(fmt.Sprint(v), secretNumber) {
			t.Error("a list tells whom to call back")
		}
	}
	first := tasksOf(t, h.get("/v1/tasks?limit=2", "tok-supervisor"))
	if len(first.Tasks) != 2 || first.Next == "" {
		t.Fatalf("%+v", first)
	}
	second := tasksOf(t, h.get("/v1/tasks?limit=2&after="+first.Next, "tok-supervisor"))
	if strings.Join(ids(second), " ") != "t3" || second.Next != "" {
		t.Errorf("%+v", second)
	}
	got := first.Tasks[0]
	if got.State != acd.TaskOpen || got.Age != time.Hour.Milliseconds() || got.Label["fr"] != "rendez-vous d'imagerie" || got.Outcome != acd.Abandoned || got.Asked != 1 || got.Until == "" {
		t.Errorf("%+v", got)
	}
	h.request("POST", "/v1/tasks/t2/close", "tok-supervisor", "{}")
	for path, want := range map[string]string{
		"/v1/tasks": "t1 t3", "/v1/tasks?state=any": "t1 t2 t3", "/v1/tasks?state=done": "t2", "/v1/tasks?queue=rdv": "t1",
		"/v1/tasks?kind=voicemail": "", "/v1/tasks?owner=a01": "",
	} {
		if got := strings.Join(ids(tasksOf(t, h.get(path, "tok-supervisor"))), " "); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	// An agent who asks for another's queue sees what he has taken there, and nothing else.
	h.request("POST", "/v1/tasks/t1/take", "tok-supervisor", `{"agent":"a02"}`)
	if got := strings.Join(ids(tasksOf(t, h.get("/v1/tasks?queue=rdv", "tok-agent-a02"))), " "); got != "t1" {
		t.Errorf("a02 sees %s of rdv", got)
	}
	if got := tasksOf(t, h.get("/v1/tasks?queue=rdv", "tok-agent-a01")); got.Tasks[0].Owner != "" {
		t.Error("an agent sees what a colleague does")
	}
	if got := tasksOf(t, h.get("/v1/tasks?queue=accueil&owner=a02", "tok-agent-a01")); len(got.Tasks) != 0 {
		t.Errorf("a01 sees %+v", got)
	}
}

func TestWhomATaskIsOwedToIsNoted(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	show := func(token string) (v FullTaskView) {
		a := h.get("/v1/tasks/t1", token)
		if a.status != http.StatusOK {
			t.Fatalf("%s: %d", token, a.status)
		}
		a.decode(t, &v)
		return v
	}
	if v := show("tok-agent-a01"); v.Person == nil || v.Person.Number != secretNumber || v.Person.Text != secretNote || len(v.Story) != 0 {
		t.Errorf("%+v", v)
	}
	if v := show("tok-auditor"); v.Person != nil || len(v.Story) != 1 {
		t.Errorf("the auditor sees %+v", v)
	}
	if got := strings.Join(h.shelf.read, ","); got != "claire t1" {
		t.Errorf("noted: %s", got)
	}
	h.request("POST", "/v1/tasks/t1/take", "tok-supervisor", `{"agent":"a02"}`)
	if v := show("tok-agent-a01"); v.Person != nil {
		t.Error("whoever cannot take it learns whom to call")
	}
	if v := show("tok-agent-a02"); v.Person == nil {
		t.Error("who has it does not learn whom to call")
	}
}

func TestATaskIsWorkedThrough(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	step := func(what, token, body string, status int, state acd.TaskState) (v TaskView) {
		t.Helper()
		a := h.request("POST", "/v1/tasks/t1/"+what, token, body, "Idempotency-Key", "k-"+what)
		if a.status != status {
			t.Fatalf("%s as %s: %d %s", what, token, a.status, a.body)
		}
		if status == 200 {
			if a.decode(t, &v); v.State != state {
				t.Errorf("after %s it is %s", what, v.State)
			}
		}
		return v
	}
	step("attempt", "tok-agent-a01", `{"result":"busy"}`, 409, "") // nobody has taken it
	step("take", "tok-agent-a01", "", 200, acd.TaskTaken)
	if v := step("take", "tok-agent-a01", "", 200, acd.TaskTaken); v.Rev != 2 {
		t.Errorf("taken twice: rev %d", v.Rev)
	}
	step("take", "tok-supervisor", `{"agent":"a02"}`, 409, "")
	v := step("attempt", "tok-agent-a01", `{"result":"no_answer","note":"répondeur"}`, 200, acd.TaskOpen)
	if len(v.Attempts) != 1 || v.Due == "" || v.Attempts[0].By != "a01" || h.shelf.notes[len(h.shelf.notes)-1] != "répondeur" {
		t.Errorf("%+v", v)
	}
	if got := h.lastAsked(); got != `attempt t1 by claire request "k-attempt"` {
		t.Error(got)
	}
	step("take", "tok-supervisor", `{"agent":"a01"}`, 200, acd.TaskTaken)
	v = step("attempt", "tok-supervisor", fmt.Sprintf(`{"result":"machine","next":%q}`, h.Now().Add(3*time.Hour).Time().Format(time.RFC3339)), 200, acd.TaskOpen)
	if len(v.Attempts) != 2 || v.Attempts[1].By != "a01" || !strings.HasPrefix(v.Due, "2026-06-01T17:00") {
		t.Errorf("%+v", v)
	}
	step("take", "tok-agent-a01", "", 200, acd.TaskTaken)
	step("attempt", "tok-agent-a01", `{"result":"busy"}`, 200, acd.TaskLost) // the third and last
	step("close", "tok-agent-a01", "{}", 409, "")

	h.shelf.put("t1", "rdv", 0)
	step("take", "tok-agent-a01", "", 200, acd.TaskTaken)
	step("release", "tok-agent-a01", "", 200, acd.TaskOpen)
	step("release", "tok-agent-a01", "", 200, acd.TaskOpen)
	step("close", "tok-agent-a01", `{"result":"rdv_pris"}`, 200, acd.TaskDone)
	step("close", "tok-agent-a01", `{"result":"rdv_pris"}`, 200, acd.TaskDone) // a repeat
	step("close", "tok-agent-a01", `{"result":"autre"}`, 409, "")

	h.shelf.put("t1", "rdv", 0)
	step("withdraw", "tok-supervisor", "", 200, acd.TaskWithdrawn)
	step("withdraw", "tok-supervisor", "", 200, acd.TaskWithdrawn)

	// What a colleague has is not touched.
	h.shelf.put("t3", "", 0)
	if a := h.request("POST", "/v1/tasks/t3/take", "tok-agent-a02", ""); a.status != 200 {
		t.Fatal(a.body)
	}
	for what, body := range map[string]string{"release": "", "attempt": `{"result":"busy"}`, "close": "{}", "withdraw": ""} {
		a := h.request("POST", "/v1/tasks/t3/"+what, "tok-agent-a01", body, "Accept-Language", "en")
		if p := problemIn(t, a); p.Code != codeNotYours || p.Title != "A colleague has taken this task." {
			t.Errorf("%s: %+v", what, p)
		}
	}
}

func TestATaskIsCalledBackWithOneKey(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	if a := h.request("POST", "/v1/tasks/t1/call", "tok-agent-a01", "", "Idempotency-Key", "c1"); a.status != http.StatusAccepted || h.lastAsked() != `call t1 with a01 by claire request "c1"` {
		t.Errorf("%d %s, asked %s", a.status, a.body, h.lastAsked())
	}
	if a := h.request("POST", "/v1/tasks/t1/call", "tok-supervisor", "{}"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("by nobody: %d", a.status)
	}
	h.request("POST", "/v1/tasks/t3/take", "tok-agent-a02", "")
	if p := problemIn(t, h.request("POST", "/v1/tasks/t3/call", "tok-agent-a01", "")); p.Code != codeNotYours {
		t.Errorf("a colleague's: %+v", p)
	}
	h.mu.Lock()
	h.answer = acd.ErrNotFound{What: "number", ID: "t1"}
	h.mu.Unlock()
	if p := problemIn(t, h.request("POST", "/v1/tasks/t2/call", "tok-agent-a02", "")); p.Code != "number_not_found" || p.Status != 422 {
		t.Errorf("without a number: %+v", p)
	}
}

func TestAMessageForAQueue(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	var v TaskView
	a := h.request("POST", "/v1/tasks", "tok-agent-a02", `{"kind":"message","queue":"rdv","reason":"rdv.imagerie","text":"rappeler avant midi","number":"06 12 34 56 78","name":"Essai"}`, "Idempotency-Key", "m1")
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a.decode(t, &v)
	if v.Kind != acd.TaskMessage || v.Queue != "rdv" || v.State != acd.TaskOpen || h.lastAsked() != `open message rdv by denis request "m1"` {
		t.Errorf("%+v %s", v, h.lastAsked())
	}
	if got := h.shelf.notes[len(h.shelf.notes)-1]; got != "06 12 34 56 78|Essai|rappeler avant midi" {
		t.Error(got)
	}
	if strings.Contains(a.body, "midi") || strings.Contains(a.body, "0612") {
		t.Error("the answer repeats the message")
	}
}

func TestWrongTaskRequestsAreNamed(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	for _, c := range []struct {
		method, path, body string
		status             int
		location, code     string
	}{
		{"GET", "/v1/tasks?state=old", "", 422, "query.state", "choice"},
		{"GET", "/v1/tasks?kind=bill", "", 422, "query.kind", "choice"},
		{"GET", "/v1/tasks?limit=501", "", 422, "query.limit", "range"},
		{"GET", "/v1/tasks?after=nowhere", "", 422, "query.after", "format"},
		{"GET", "/v1/tasks?color=red", "", 422, "query.color", "unknown"},
		{"GET", "/v1/tasks/none", "", 404, "", codeNoTask},
		{"POST", "/v1/tasks/none/take", `{"agent":"a01"}`, 404, "", codeNoTask},
		{"POST", "/v1/tasks/t1/take", `{}`, 422, "body.agent", "required"},
		{"POST", "/v1/tasks/t1/take", ``, 422, "body.agent", "required"},
		{"POST", "/v1/tasks/t1/take", `{"agent":"zz"}`, 422, "body.agent", "agent"},
		{"POST", "/v1/tasks/t1/attempt", `{"result":"dead"}`, 422, "body.result", "choice"},
		{"POST", "/v1/tasks/t1/attempt", `{"result":"busy","next":"2001-01-01T00:00:00Z"}`, 422, "body.next", "past"},
		{"POST", "/v1/tasks/t1/attempt", `{"result":"busy"}`, 409, "task", "state"},
		{"POST", "/v1/tasks/t1/close", `{"result":"Rappelé Mme Martin"}`, 422, "body.result", "format"},
		{"POST", "/v1/tasks/t1/close", `{"note":"` + strings.Repeat("n", 501) + `"}`, 422, "body.note", "length"},
		{"POST", "/v1/tasks", `{"kind":"missed","queue":"rdv","text":"x"}`, 422, "body.kind", "choice"},
		{"POST", "/v1/tasks", `{"kind":"message","queue":"nowhere","text":"x"}`, 422, "body.queue", "queue"},
		{"POST", "/v1/tasks", `{"kind":"message","queue":"rdv","text":"  "}`, 422, "body.text", "required"},
		{"POST", "/v1/tasks", `{"kind":"message","queue":"rdv","text":"x","reason":"piano"}`, 422, "body.reason", "reason"},
		{"POST", "/v1/tasks", `{"kind":"message","queue":"rdv","text":"x","number":"sip:a@b"}`, 422, "body.number", "format"},
		{"POST", "/v1/tasks", `{"kind":"message","queue":"rdv","text":"x","contact":"nobody"}`, 404, "", codeNoContact},
	} {
		got := h.request(c.method, c.path, "tok-supervisor", c.body, "Accept-Language", "en")
		p := problemIn(t, got)
		switch {
		case got.status != c.status:
			t.Errorf("%s %s %.50s: %d %s", c.method, c.path, c.body, got.status, got.body)
		case c.location == "" && p.Code != c.code:
			t.Errorf("%s %s: %s", c.method, c.path, p.Code)
		case c.location != "" && (len(p.Errors) == 0 || p.Errors[0].Location != c.location || p.Errors[0].Code != c.code):
			t.Errorf("%s %s %.50s: %+v", c.method, c.path, c.body, p.Errors)
		}
		if strings.Contains(got.body, "Martin") {
			t.Error("the refused value is repeated")
		}
	}
	h.mu.Lock()
	h.answer = fmt.Errorf("read a task: %w", acd.ErrUnavailable)
	h.mu.Unlock()
	for _, path := range []string{"/v1/tasks", "/v1/tasks/t1"} {
		if p := problemIn(t, h.get(path, "tok-supervisor")); p.Status != 503 || p.Code != codeUnavailable {
			t.Errorf("without the database: %+v", p)
		}
	}
}

// A Monday's list: how many there are in all, the urgent first if asked so, what can be done now only, and
// with each task what else the person is owed.
func TestAListForMonday(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene() // t1 and t2 are of the urgent reason, hours and minutes old
	late := h.shelf.put("t4", "rdv", -3*time.Hour)
	late.Reason, late.Contact = "", "c9"
	same := h.shelf.put("t5", "accueil", -2*time.Hour)
	same.Reason, same.Contact, same.Due = "", "c9", h.Now().Add(time.Hour)
	h.shelf.tasks["t4"], h.shelf.tasks["t5"] = late, same
	get := func(query string) TasksView {
		t.Helper()
		return tasksOf(t, h.get("/v1/tasks"+query, "tok-supervisor"))
	}
	if v := get("?limit=2"); v.Total != 5 || fmt.Sprint(ids(v)) != "[t4 t5]" {
		t.Errorf("by age: %d, %v", v.Total, ids(v))
	}
	first := get("?limit=2&sort=urgency")
	if fmt.Sprint(ids(first)) != "[t1 t2]" || first.Total != 5 {
		t.Errorf("by urgency: %d, %v", first.Total, ids(first))
	}
	if v := get("?limit=2&sort=urgency&after=" + first.Next); fmt.Sprint(ids(v)) != "[t3 t4]" {
		t.Errorf("the next page: %v", ids(v))
	}
	if v := get("?ready=true&queue=accueil"); fmt.Sprint(ids(v)) != "[t2]" || v.Total != 1 {
		t.Errorf("now: %d, %v", v.Total, ids(v))
	}
	for _, bad := range []string{"?sort=mood", "?sort=urgency&after=x", "?sort=urgency&after=5", "?sort=urgency&after=5.x"} {
		if a := h.get("/v1/tasks"+bad, "tok-supervisor"); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
	if a := h.get("/v1/tasks/t4", "tok-supervisor"); !strings.Contains(a.body, `"others":["t5"]`) {
		t.Errorf("the other task of the person: %s", a.body)
	}
	if a := h.get("/v1/tasks/t4", "tok-agent-a01"); strings.Contains(a.body, "others") {
		t.Errorf("an agent learns of what he may not see: %s", a.body)
	}
	h.answer = acd.ErrPersonTaken{Task: "t5", Agent: "a02"}
	if p := problemIn(t, h.request("POST", "/v1/tasks/t4/take", "tok-supervisor", `{"agent":"a01"}`)); p.Code != codePersonTaken || p.Status != http.StatusConflict {
		t.Errorf("%+v", p)
	}
}
