package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/acd"
	"accueil/deploy/local"
	"accueil/phones"
)

// The callers of a Friday night.
const (
	waited, foundClosed, whileAway, cutShort, spoke = "0612300011", "0712300022", "0612300033", "0712300044", "0612300055"
)

// TestAFridayNightIsThereOnMonday: who waited in vain and who found the line closed are on the list,
// once each, after Redis was emptied and the process killed, with Redis away when they called, and when
// the process died in the very moment that they hung up.
func TestAFridayNightIsThereOnMonday(t *testing.T) {
	t.Parallel()
	slow, slowTo := entry("3102", "lente")
	leave, leaveTo := entry("3300", "messagerie")
	o := with(quick(), map[string]string{"lente.yaml": slowScenario, "messagerie.yaml": messageScenario}, append([]string{slow, slowTo, leave, leaveTo}, slowQueue...)...)
	o.Binary = builtBinary(t)
	ctx, h := hospital(t, o)
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	call := func(entry, number string) *phones.Call {
		t.Helper()
		p := must[*phones.Call](t)(trunk.Call(ctx, entry, phones.CallOptions{User: number, Tone: patientTone()}))
		if err := p.WaitAnswered(ctx); err != nil {
			t.Fatal(err)
		}
		return p
	}
	gives := func(number string) {
		t.Helper()
		p := call("3102", number)
		within(ctx, t, "a caller in the queue", func() (string, bool) {
			var waiting []struct{ Queue string }
			get(ctx, t, h, "/v1/queues/lente/contacts", &waiting)
			return fmt.Sprint(waiting), len(waiting) == 1
		})
		if err := p.Hangup(ctx); err != nil {
			t.Fatal(err)
		}
		within(ctx, t, "an empty queue", func() (string, bool) {
			var waiting []struct{ Queue string }
			get(ctx, t, h, "/v1/queues/lente/contacts", &waiting)
			return fmt.Sprint(waiting), len(waiting) == 0
		})
	}
	again := func() {
		t.Helper()
		if err := h.StartApp(ctx); err != nil {
			t.Fatal(err)
		}
	}

	gives(waited)
	gives(waited)
	put(ctx, t, h, "/v1/entries/3100/closed", map[string]bool{"closed": true})
	if _, err := call("3100", foundClosed).WaitEnded(ctx); err != nil {
		t.Fatal(err)
	}
	leavesMessage(ctx, t, h, call("3300", spoke))
	before := owedIs(ctx, t, h, 3)
	if v := before[2]; v.Kind != acd.TaskVoicemail || v.Recording == "" {
		t.Errorf("the message that was left: %+v", v)
	}
	if before[0].Asked != 2 || before[0].Queue != "lente" || before[0].Outcome != acd.Abandoned || before[1].Outcome != acd.Closed {
		t.Errorf("owed on Friday night: %+v", before)
	}

	if err := flush(ctx, h); err != nil {
		t.Fatal(err)
	}
	h.Kill()
	if err := flush(ctx, h); err != nil {
		t.Fatal(err)
	}
	again()
	for i, task := range owedIs(ctx, t, h, 3) {
		if task.Task != before[i].Task || task.Since != before[i].Since || task.Asked != before[i].Asked {
			t.Errorf("after an emptied Redis and a kill: %+v, was %+v", task, before[i])
		}
	}

	if err := h.Redis.Kill(); err != nil {
		t.Fatal(err)
	}
	gives(whileAway)
	owedIs(ctx, t, h, 4) // while Redis is away
	h.Kill()
	if err := h.Redis.Restart(ctx, false); err != nil {
		t.Fatal(err)
	}
	again()
	owedIs(ctx, t, h, 4)

	gives(cutShort)
	h.Kill()
	again()
	list := owedIs(ctx, t, h, 5)

	for i, number := range []string{waited, foundClosed, spoke, whileAway, cutShort} {
		if got := whose(ctx, t, h, "demo-supervisor", list[i].Task); !strings.HasSuffix(got, number[1:]) {
			t.Errorf("task %d is another caller's", i+1)
		}
	}
	if got := whose(ctx, t, h, "demo-auditor", list[0].Task); got != "" {
		t.Error("the auditor learns who called")
	}
	servesOrNot(ctx, t, h, list[0].Task)
	workedThrough(ctx, t, h, list[0].Task)
	owedIs(ctx, t, h, 4)
	h.Terminate()
	numbersAreSealed(t, h)
}

// leavesMessage says something once the caller is being recorded, and hangs up.
func leavesMessage(ctx context.Context, t *testing.T, h *Hospital, p *phones.Call) {
	t.Helper()
	voice := p.Tone()
	p.SendSilence()
	within(ctx, t, "the recording", func() (string, bool) {
		var live []struct{ State acd.LegState }
		get(ctx, t, h, "/v1/contacts", &live)
		return fmt.Sprint(live), len(live) == 1 && live[0].State == acd.LegVoicemail
	})
	p.SendTone(voice)
	time.Sleep(2 * time.Second) // of speech
	if err := p.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
}

type owedTask struct {
	Task      acd.TaskID
	Kind      acd.TaskKind
	State     acd.TaskState
	Outcome   acd.Outcome
	Queue     acd.QueueID
	Since     string
	Asked     int
	Recording string
}

// owedIs waits until so many tasks are owed, and returns them.
func owedIs(ctx context.Context, t *testing.T, h *Hospital, n int) (list []owedTask) {
	t.Helper()
	within(ctx, t, fmt.Sprintf("%d tasks", n), func() (string, bool) {
		code, text := as(ctx, t, h, "demo-supervisor", http.MethodGet, "/v1/tasks", nil)
		var page struct{ Tasks []owedTask }
		if code != http.StatusOK {
			return string(text), false
		}
		if err := json.Unmarshal(text, &page); err != nil {
			t.Fatal(err)
		}
		list = page.Tasks
		return fmt.Sprintf("%+v", list), len(list) == n
	})
	if len(list) != n {
		t.FailNow()
	}
	return list
}

// as asks with the token of an account.
func as(ctx context.Context, t *testing.T, h *Hospital, token, method, path string, body any) (int, []byte) {
	t.Helper()
	var send io.Reader
	if body != nil {
		send = bytes.NewReader(must[[]byte](t)(json.Marshal(body)))
	}
	req := must[*http.Request](t)(http.NewRequestWithContext(ctx, method, h.URL()+path, send))
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res := must[*http.Response](t)(http.DefaultClient.Do(req))
	defer res.Body.Close()
	return res.StatusCode, must[[]byte](t)(io.ReadAll(res.Body))
}

// whose is the number that an account is shown of a task.
func whose(ctx context.Context, t *testing.T, h *Hospital, token string, id acd.TaskID) string {
	t.Helper()
	code, text := as(ctx, t, h, token, http.MethodGet, "/v1/tasks/"+string(id), nil)
	var v struct{ Person struct{ Number string } }
	if err := json.Unmarshal(text, &v); err != nil || code != http.StatusOK {
		t.Fatalf("%d %v", code, err)
	}
	return v.Person.Number
}

// servesOrNot: whose skills open the queue sees what it owes, and nobody else.
func servesOrNot(ctx context.Context, t *testing.T, h *Hospital, id acd.TaskID) {
	t.Helper()
	tried := map[bool]bool{}
	for agent, a := range h.Site.Agents {
		serves := a.Skills["resultats"] >= 4
		if tried[serves] {
			continue
		}
		tried[serves] = true
		want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[serves]
		if code, text := as(ctx, t, h, "demo-"+string(agent), http.MethodGet, "/v1/tasks/"+string(id), nil); code != want {
			t.Errorf("an agent who serves the queue: %v gets %d %s", serves, code, text)
		}
	}
	if len(tried) != 2 {
		t.Error("the demonstration has no two such agents: the test has seen nothing")
	}
}

// workedThrough takes a task, tries, and closes it.
func workedThrough(ctx context.Context, t *testing.T, h *Hospital, id acd.TaskID) {
	t.Helper()
	do := func(what string, body any, want acd.TaskState) {
		t.Helper()
		code, text := as(ctx, t, h, "demo-supervisor", http.MethodPost, "/v1/tasks/"+string(id)+"/"+what, body)
		var v owedTask
		if err := json.Unmarshal(text, &v); err != nil || code != http.StatusOK || v.State != want {
			t.Fatalf("%s: %d %s", what, code, text)
		}
	}
	do("take", map[string]string{"agent": "a18"}, acd.TaskTaken)
	do("attempt", map[string]string{"result": "no_answer"}, acd.TaskOpen)
	do("close", map[string]string{"result": "rappele", "note": markNote}, acd.TaskDone)
	code, text := as(ctx, t, h, "demo-auditor", http.MethodGet, "/v1/tasks/"+string(id), nil)
	for _, part := range []string{`"what":"take","detail":"a18"`, `"what":"close","detail":"rappele"`, `"by":"demo-supervisor"`, `"what":"read"`} {
		if code != http.StatusOK || !strings.Contains(string(text), part) {
			t.Errorf("the story lacks %s: %d %s", part, code, text)
		}
	}
}

// numbersAreSealed searches all that the stopped program has written.
func numbersAreSealed(t *testing.T, h *Hospital) {
	t.Helper()
	read := map[string]int{}
	err := filepath.WalkDir(h.Site.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		read[filepath.Base(path)] = len(text)
		for _, mark := range []string{waited, foundClosed, whileAway, cutShort, spoke, markNote} {
			if bytes.Contains(text, []byte(mark[1:])) {
				t.Errorf("%s tells a number or a note", path)
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil || read["history.db"] < 4096 || read["history.key"] == 0 {
		t.Errorf("searched %v, %v", read, err)
	}
	for _, mark := range []string{waited, foundClosed, whileAway, cutShort, spoke, markNote} {
		if strings.Contains(h.Log.String(), mark[1:]) {
			t.Errorf("the log tells a number or a note")
		}
	}
}

// TestOneKeyCallBack: a missed caller is called back from the list; the agent's phone rings, then his,
// and what comes of it stands in the task. One who chose a callback is on the same list, and off it when
// he no longer wants it.
func TestOneKeyCallBack(t *testing.T) {
	t.Parallel()
	ctx, s, outside := calledBack(t, "gap: 1m, attempts: 2")
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	second := must[*phones.Phone](t)(s.h.Phone(ctx, "113", 2))
	task := func(id acd.TaskID) (v struct {
		State    acd.TaskState
		Result   acd.TaskResult
		Attempts []struct{ Result acd.AttemptResult }
	}) {
		get(ctx, t, s.h, "/v1/tasks/"+string(id), &v)
		return v
	}
	t.Run("missed", func(t *testing.T) {
		c := s.in(t)
		p := c.caller(ctx, "3100", phones.CallOptions{User: back})
		c.until(ctx, "he waits", func(v *acd.View, _ []acd.Entry) bool {
			l, ok := v.Leg(p.contact.Leg(1))
			return ok && l.State == acd.LegQueued
		})
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
		missed := owedIs(ctx, t, s.h, 1)[0]
		path := "/v1/tasks/" + string(missed.Task) + "/call"
		if code, why := asked(ctx, t, s.h, http.MethodPost, path, map[string]string{"agent": "a18"}); code != http.StatusConflict {
			t.Fatalf("by an agent who is not at work: %d %+v", code, why)
		}
		if got := task(missed.Task); got.State != acd.TaskOpen {
			t.Errorf("whoever cannot call keeps the task: %+v", got)
		}
		c.state(ctx, "a18", acd.AgentReady)
		c.state(ctx, "a13", acd.AgentReady)
		// Two agents at once, one of whom presses the key twice: one of them has him.
		var answers sync.Map
		var pressing sync.WaitGroup
		for n, by := range []string{"a18", "a18", "a13"} {
			pressing.Go(func() {
				code, _ := as(ctx, t, s.h, "demo-supervisor", http.MethodPost, path, map[string]string{"agent": by})
				answers.Store(fmt.Sprint(n, by), code)
			})
		}
		pressing.Wait()
		began := map[string]int{}
		answers.Range(func(k, v any) bool {
			if v == http.StatusAccepted {
				began[k.(string)[1:]]++
			} else if v != http.StatusConflict {
				t.Errorf("%s gets %v", k, v)
			}
			return true
		})
		agent := agent
		switch {
		case began["a18"] == 2 && began["a13"] == 0:
		case began["a13"] == 1 && began["a18"] == 0:
			agent = second
		default:
			t.Fatalf("it has begun with %v", began)
		}
		for _, by := range []string{"a18", "a13"} { // once more: it goes on with who has him
			want := map[bool]int{true: http.StatusAccepted, false: http.StatusConflict}[began[by] > 0]
			if code, why := asked(ctx, t, s.h, http.MethodPost, path, map[string]string{"agent": by}); code != want {
				t.Errorf("%s again: %d %+v", by, code, why)
			}
		}
		if got := task(missed.Task); got.State != acd.TaskTaken {
			t.Errorf("while he is being called: %+v", got)
		}
		at := nextCall(ctx, t, agent)
		if err := at.Answer(); err != nil {
			t.Fatal(err)
		}
		him := nextCall(ctx, t, outside)
		if err := him.Answer(); err != nil {
			t.Fatal(err)
		}
		if err := him.Ear().WaitTone(ctx, phones.ToneFor(saysAccept)); err != nil {
			t.Fatal("he is not asked for a key:", err)
		}
		press(ctx, t, him, "1")
		if err := him.Ear().WaitTone(ctx, agent.Tone()); err != nil {
			t.Fatal("he does not hear the agent:", err)
		}
		c.hangup(ctx, him)
		owedIs(ctx, t, s.h, 0)
		if got := task(missed.Task); got.State != acd.TaskDone || got.Result != acd.ResultReached || len(got.Attempts) != 1 || got.Attempts[0].Result != acd.AttemptReached {
			t.Errorf("%+v", got)
		}
	})
	t.Run("chosen", func(t *testing.T) {
		c := s.in(t)
		c.state(ctx, "a18", acd.AgentPaused)
		c.state(ctx, "a13", acd.AgentPaused)
		p := promised(ctx, t, c)
		chosen := owedIs(ctx, t, s.h, 1)[0]
		path := "/v1/tasks/" + string(chosen.Task)
		if code, why := asked(ctx, t, s.h, http.MethodPost, path+"/take", map[string]string{"agent": "a18"}); code != http.StatusConflict {
			t.Errorf("taken by hand while it is called by itself: %d %+v", code, why)
		}
		if code, why := asked(ctx, t, s.h, http.MethodPost, path+"/withdraw", nil); code != http.StatusOK {
			t.Errorf("%d %+v", code, why)
		}
		l := c.second(ctx, p, func(l acd.Leg) bool { return !l.Live() })
		if l.End.Reason != acd.CallbackWithdrawn {
			t.Errorf("it ended as %+v", l.End)
		}
		owedIs(ctx, t, s.h, 0)
	})
}

// TestTheDatabaseIsAway: without it calls go on and are led as ever, the list says that it is away, and
// who was missed meanwhile is on it afterwards. The hospital keeps its tasks in PostgreSQL.
func TestTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	db := must[*local.Postgres](t)(local.StartPostgres(t.Context(), local.PostgresOptions{}))
	t.Cleanup(func() { bounded(db.Stop) })
	slow, slowTo := entry("3102", "lente")
	ctx, s := tell(t, with(quick(), map[string]string{"lente.yaml": slowScenario},
		append([]string{slow, slowTo, "sqlite:data/history.db", db.URL("accueil")}, slowQueue...)...))
	c := s.in(t)
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c.state(ctx, "a18", acd.AgentReady)
	gives := func(number string) {
		t.Helper()
		p := c.caller(ctx, "3102", phones.CallOptions{User: number})
		c.until(ctx, "he waits", func(v *acd.View, _ []acd.Entry) bool {
			l, ok := v.Leg(p.contact.Leg(1))
			return ok && l.State == acd.LegQueued
		})
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
	}
	history := func() (up bool) {
		t.Helper()
		code, text, err := s.h.Request(ctx, http.MethodGet, "/readyz", nil)
		var v struct{ Dependencies map[string]struct{ Up bool } }
		if err != nil || code != http.StatusOK || json.Unmarshal(text, &v) != nil {
			t.Fatalf("a node whose database is away is not ready: %d %s %v", code, text, err)
		}
		return v.Dependencies["history"].Up
	}
	gives(waited)
	owedIs(ctx, t, s.h, 1)
	if err := db.Kill(); err != nil {
		t.Fatal(err)
	}
	gives(whileAway)
	within(ctx, t, "that the database is away", func() (string, bool) { return "up", !history() })
	if code, why := asked(ctx, t, s.h, http.MethodGet, "/v1/tasks", nil); code != http.StatusServiceUnavailable || why.Code != "store_unavailable" {
		t.Errorf("the list says %d %+v", code, why)
	}
	p := c.patient(ctx, "3100") // a call as ever
	at := nextCall(ctx, t, agent)
	if err := at.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, p, at)
	c.hangup(ctx, p.Call)
	c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	gives(cutShort)
	if err := db.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	owedIs(ctx, t, s.h, 3)
	if !history() {
		t.Error("the database is back and not in use")
	}
	nothingLeft(ctx, t, s.h)
}
