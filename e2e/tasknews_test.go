package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"accueil/acd"
)

// taskNews is an event of the stream that tells of tasks, or a snapshot.
type taskNews struct {
	id, name string
	Degraded bool
	By       string
	Tasks    []struct {
		Task  acd.TaskID
		Rev   int64
		State acd.TaskState
		Owner acd.AgentID
	}
}

// taskStream follows the stream after lastID ("" from now on), past all that is not about tasks.
func taskStream(ctx context.Context, t *testing.T, h *Hospital, token, lastID string) (next func() taskNews, stop func()) {
	t.Helper()
	ctx, stop = context.WithCancel(ctx)
	req := must[*http.Request](t)(http.NewRequestWithContext(ctx, http.MethodGet, h.URL()+"/v1/events", nil))
	req.Header.Set("Authorization", "Bearer "+token)
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res := must[*http.Response](t)(http.DefaultClient.Do(req))
	t.Cleanup(func() { stop(); _ = res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return func() taskNews {
		t.Helper()
		var e taskNews
		for lines.Scan() {
			key, value, _ := strings.Cut(lines.Text(), ": ")
			switch key {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				if err := json.Unmarshal([]byte(value), &e); err != nil {
					t.Fatal(err)
				}
			case "":
				if e.name == "task" || e.name == "snapshot" {
					return e
				}
				e = taskNews{id: e.id}
			}
		}
		t.Fatal("the stream has ended:", lines.Err(), ctx.Err())
		return e
	}, stop
}

// TestTaskNews: what people do with a task reaches a desk without its asking: live, after a pause from
// the last event that it read, and while Redis is away; what was told then is in the log after the return.
func TestTaskNews(t *testing.T) {
	t.Parallel()
	ctx, h := hospital(t, quick())
	const chief = "demo-supervisor"
	next, stop := taskStream(ctx, t, h, chief, "")
	if e := next(); e.name != "snapshot" || e.Tasks != nil {
		t.Fatalf("%+v", e)
	}
	var made owedTask
	code, text := as(ctx, t, h, chief, http.MethodPost, "/v1/tasks", map[string]string{"kind": "message", "queue": "rdv", "text": markNote})
	if err := json.Unmarshal(text, &made); err != nil || code != http.StatusCreated {
		t.Fatalf("%d %s", code, text)
	}
	do := func(what string, body any) {
		t.Helper()
		if code, text := as(ctx, t, h, chief, http.MethodPost, "/v1/tasks/"+string(made.Task)+"/"+what, body); code != http.StatusOK {
			t.Fatalf("%s: %d %s", what, code, text)
		}
	}
	is := func(e taskNews, rev int64, state acd.TaskState, degraded bool) string {
		t.Helper()
		if e.name != "task" || len(e.Tasks) != 1 || e.Tasks[0].Task != made.Task || e.Tasks[0].Rev != rev || e.Tasks[0].State != state || e.By != chief || e.Degraded != degraded {
			t.Fatalf("want revision %d, %s, degraded %v: %+v", rev, state, degraded, e)
		}
		return e.id
	}
	last := is(next(), 1, acd.TaskOpen, false)
	stop()
	do("take", map[string]string{"agent": "a18"})
	do("attempt", map[string]string{"result": "busy"})
	next, _ = taskStream(ctx, t, h, chief, last)
	e := next()
	if e.Tasks[0].Rev == 2 { // else the two were told as one
		is(e, 2, acd.TaskTaken, false)
		e = next()
	}
	is(e, 3, acd.TaskOpen, false)

	if err := h.Redis.Kill(); err != nil {
		t.Fatal(err)
	}
	within(ctx, t, "Redis away", func() (string, bool) { return "up", !h.App.Book().Health().Up })
	do("take", map[string]string{"agent": "a18"})
	is(next(), 4, acd.TaskTaken, true)
	if err := h.Redis.Restart(ctx, false); err != nil {
		t.Fatal(err)
	}
	redisUp(ctx, t, h)
	do("close", map[string]string{"result": "fait"})
	for e = next(); e.name == "snapshot"; e = next() {
	}
	is(e, 5, acd.TaskDone, false)
	var revs []int64
	if err := h.App.Book().After(ctx, "", func(e acd.Entry) error {
		for _, n := range e.Tasks {
			revs = append(revs, n.Rev)
		}
		return nil
	}); err != nil || len(revs) == 0 || revs[len(revs)-1] != 5 {
		t.Errorf("the log tells of revisions %v, %v", revs, err)
	}
	found := false
	for _, rev := range revs {
		found = found || rev == 4
	}
	if !found {
		t.Errorf("what was done without Redis is not in the log: %v", revs)
	}
}
