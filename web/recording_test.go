package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"accueil/acd"
)

// shelfSounds are recordings by id; heard is who opened which.
type shelfSounds struct {
	sounds map[string]string
	heard  []string
	err    error
}

type sound struct{ *bytes.Reader }

func (sound) Close() error { return nil }

func (s *shelfSounds) Open(_ context.Context, h Hearing) (io.ReadSeekCloser, error) {
	if s.err != nil {
		return nil, s.err
	}
	id := h.Recording
	s.heard = append(s.heard, fmt.Sprintf("%s %s %s %s", h.By, h.Task, h.Contact, id))
	if h.At != noon.Add(10*time.Second) {
		return nil, errors.New("heard at another time")
	}
	if text, ok := s.sounds[id]; ok {
		return sound{bytes.NewReader([]byte(text))}, nil
	}
	return nil, acd.ErrNotFound{What: "recording", ID: id}
}

// A message is played to whoever may also read whom its task is owed to, which is noted, and is kept by
// nobody on the way.
func TestRecordingOfATask(t *testing.T) {
	t.Parallel()
	sounds := &shelfSounds{sounds: map[string]string{"acc.c1.r1": "RIFF the voice"}}
	h := newHospital(t, func(o *Options) { o.Recordings = sounds })
	h.scene()
	for id, recording := range map[acd.TaskID]string{"t1": "acc.c1.r1", "t2": "acc.gone.r1"} {
		task := h.shelf.tasks[id]
		task.Kind, task.Recording = acd.TaskVoicemail, recording
		h.shelf.tasks[id] = task
	}
	a := h.get("/v1/tasks/t1/recording", "tok-agent-a01")
	if a.status != http.StatusOK || a.body != "RIFF the voice" || a.header.Get("Content-Type") != "audio/wav" || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %q %v", a.status, a.body, a.header)
	}
	if got := strings.Join(h.shelf.read, ","); !strings.HasSuffix(got, " t1") {
		t.Errorf("noted: %s", got)
	}
	if got := strings.Join(sounds.heard, ","); got != "claire t1  acc.c1.r1" {
		t.Errorf("heard: %s", got)
	}
	noted := len(h.shelf.read)
	sounds.err = acd.ErrUnavailable // it cannot be noted
	if a := h.get("/v1/tasks/t1/recording", "tok-agent-a01"); a.status != http.StatusServiceUnavailable || strings.Contains(a.body, "RIFF") {
		t.Errorf("heard although nobody could note it: %d", a.status)
	}
	sounds.err = nil
	if h.get("/v1/tasks/t2/recording", "tok-supervisor"); len(h.shelf.read) != noted {
		t.Errorf("what was not played is in the story: %v", h.shelf.read[noted:])
	}
	for _, c := range []struct{ path, token string }{
		{"/v1/tasks/t1/recording", "tok-agent-a02"},  // not of a queue of his
		{"/v1/tasks/t2/recording", "tok-supervisor"}, // erased
		{"/v1/tasks/t3/recording", "tok-supervisor"}, // none
	} {
		if a := h.get(c.path, c.token); a.status != http.StatusNotFound || strings.Contains(a.body, "RIFF") {
			t.Errorf("%s as %s: %d", c.path, c.token, a.status)
		}
	}
	h.request("POST", "/v1/tasks/t1/take", "tok-supervisor", `{"agent":"a02"}`)
	if a := h.get("/v1/tasks/t1/recording", "tok-agent-a01"); a.status != http.StatusNotFound {
		t.Errorf("whoever cannot take it hears it: %d", a.status)
	}
	if a := h.get("/v1/tasks/t1/recording", "tok-agent-a02"); a.status != http.StatusOK {
		t.Errorf("who has it does not: %d", a.status)
	}
}

// Who asks in vain for what callers said, or for who heard it, is in the log, and nothing of persons with him.
func TestRefusalsAreLogged(t *testing.T) {
	t.Parallel()
	seen, logs := observer.New(zapcore.InfoLevel)
	h := newHospital(t, func(o *Options) { o.Log, o.Recordings = zap.New(seen), &shelfSounds{} })
	h.scene()
	const id = "0192f3a4-0000-7000-8000-000000000001"
	for _, c := range []struct{ path, token, account, operation, id, code string }{
		{"/v1/tasks/" + id + "/recording", "tok-auditor", "audit", "get-recording", id, codeForbidden},
		{"/v1/tasks/" + id + "/recording", "tok-agent-a01", "claire", "get-recording", id, codeNoTask},
		{"/v1/contacts/" + id + "/comment", "tok-agent-a01", "claire", "get-comment", id, codeForbidden},
		{"/v1/tasks/0612345678", "tok-agent-a02", "denis", "get-task", "", codeNoTask},
		{"/v1/audit", "tok-supervisor", "chef", "list-audit", "", codeForbidden},
		{"/v1/audit", "tok-nobody", "", "list-audit", "", codeUnauthorized},
	} {
		h.get(c.path, c.token)
		got := logs.FilterMessage("a request was refused").TakeAll()
		want := map[string]any{"account": c.account, "operation": c.operation, "id": c.id, "code": c.code}
		if len(got) != 1 || !maps.Equal(got[0].ContextMap(), want) {
			t.Errorf("%s as %s: %+v", c.path, c.token, got)
		}
		logs.TakeAll()
	}
	h.get("/v1/contacts/c9", "tok-agent-a01")
	for range 3 * maxFailures {
		h.get("/v1/audit", "tok-integrator")
	}
	if n := logs.FilterMessage("a request was refused").Len(); n < maxFailures || n > maxFailures+2 {
		t.Errorf("%d refusals were logged", n)
	}
}
