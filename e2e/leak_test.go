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

	"github.com/redis/go-redis/v9"

	"accueil/acd"
	"accueil/phones"
)

// The marks: what nobody but the agent may ever read. Each is long enough never to occur by chance.
const (
	markNumber = "63665073" // of every caller, with or without 0, +33 or 0033 before it
	markName   = "Zyxwvutsrq"
	markINS    = "185057800608436"
	markNote   = "mot-tres-confidentiel"
)

var marks = []string{markNumber, markName, markINS, markNote}

// TestNothingLeaks is SCENARIOS C21: calls of marked people through every part of the contact
// centre, then a search for the marks in everything that is written or shown. ACCUEIL_SOAK=1 makes
// it 1,000 calls.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	calls, beside := 200*soak(5), 12
	directory := filepath.Join(t.TempDir(), "directory.csv")
	csv := "number;name\n"
	for i := range 10 {
		csv += fmt.Sprintf("0%s%d;%s %d\n", markNumber, i, markName, i)
	}
	if err := os.WriteFile(directory, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, h := hospital(t, Options{Edit: func(y string) string {
		y = strings.NewReplacer("wrapup: 10s", "wrapup: 0s", "wrapup: 20s", "wrapup: 0s", "directory: directory.csv", fmt.Sprintf("directory: %q", directory),
			"skills: {fr: 10", "briefing: full, skills: {fr: 10").Replace(y)
		return y
	}})
	var seen Buffer // what the event stream told
	streaming, stop := context.WithCancel(ctx)
	streamed := make(chan error, 1)
	go func() { streamed <- follow(streaming, h, &seen) }()

	var voices []float64
	for i := range 8 {
		p := agentAt(ctx, t, h, acd.AgentID(fmt.Sprintf("a%02d", 13+i)), acd.PhoneID(fmt.Sprint(113+i)), i+1)
		// Half of them hear the whole briefing, with the caller's name.
		p.SetPolicy([]phones.Policy{sender, phones.AnswerAfter(0)}[i%2])
		voices = append(voices, p.Tone())
	}
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	todo := make(chan int, calls)
	for i := range calls {
		todo <- i
	}
	close(todo)
	var wg sync.WaitGroup
	for range beside {
		wg.Go(func() {
			for i := range todo {
				if err := marked(ctx, h, trunk, i, voices); err != nil {
					t.Logf("call %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	// One who is owed something for certain: he finds the line closed.
	put(ctx, t, h, "/v1/entries/3001/closed", map[string]bool{"closed": true})
	shut := must[*phones.Call](t)(trunk.Dial(ctx, "3001", phones.CallOptions{User: "0" + markNumber + "1", DisplayName: markName, Tone: phones.PatientVoice(1)}))
	if _, err := shut.WaitEnded(ctx); err != nil {
		t.Fatal(err)
	}
	// On a machine that is too slow for so many at once the dialplan's net takes a few; that is another
	// test's matter, and what it writes is searched too.
	contacts := 0
	until(ctx, t, h, "every contact's end", func(v *acd.View) bool {
		contacts = 0
		for _, l := range v.Image().Legs {
			if l.Live() {
				return false
			}
			if l.Initial() {
				contacts++
			}
		}
		return true
	})
	if contacts < calls*9/10 {
		t.Errorf("only %d of %d calls were led", contacts, calls)
	}
	nothingLeft(ctx, t, h)
	_, metrics, err := h.Request(ctx, http.MethodGet, "/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	clean(t, "the metrics", metrics)
	kept(ctx, t, h)
	stop()
	if err := <-streamed; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("the stream of events ended early: %v", err)
	}
	if !strings.Contains(seen.String(), "card") {
		t.Error("the stream told no card: the test has seen nothing")
	}
	clean(t, "the event stream", []byte(seen.String()))
	spoken, _ := filepath.Glob(filepath.Join("/dev/shm", fmt.Sprintf("accueil-speech-%d-*", os.Getpid()), "*"))
	if len(spoken) > 0 {
		t.Errorf("%d spoken names are left in memory", len(spoken))
	}
	personalOnly(ctx, t, h)
	h.StopApp()
	clean(t, "the log", []byte(h.Log.String()))
	cleanFiles(t, h.Dir) // Asterisk's logs, CDR, CEL; the site's data and spool
	cleanFiles(t, PromptCache())
	for _, f := range []string{"cdr", "cel", "log"} {
		if !anyFile(filepath.Join(h.Dir, "asterisk"), f) {
			t.Errorf("no %s file was searched: the test has seen nothing", f)
		}
	}
}

// marked is one call, in one of five ways.
func marked(ctx context.Context, h *Hospital, trunk *phones.Phone, i int, voices []float64) error {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	number := fmt.Sprintf("0%s%d", markNumber, i%10)
	if i%3 == 0 {
		number = "+33" + number[1:]
	}
	call, err := trunk.Dial(ctx, "3000", phones.CallOptions{User: number, DisplayName: markName + " " + markINS, Tone: phones.PatientVoice(i + 1)})
	if err != nil {
		return err
	}
	defer func() { _ = call.Hangup(context.WithoutCancel(ctx)) }()
	way := i % 5
	if way < 2 { // leaves in the menu
		return call.Ear().WaitEnergy(ctx)
	}
	if err := call.Press(ctx, []string{"0", "11", "3"}[i%3]); err != nil {
		return err
	}
	if way == 2 { // leaves while he waits or a phone rings
		return call.Ear().WaitEnergy(ctx)
	}
	if _, err := call.Ear().WaitVoice(ctx, voices...); err != nil {
		return fmt.Errorf("reached nobody: %w", err)
	}
	if way == 4 { // handed on with a note, to a ward that is busy: he comes back, and leaves
		for _, l := range h.App.Book().Legs() {
			if l.State != acd.LegTalking {
				continue
			}
			who, ok, err := h.App.Book().Personal(ctx, l.ID.Contact())
			if err != nil || !ok || !strings.HasSuffix(who.Number, number[len(number)-9:]) {
				continue
			}
			_, _, err = h.Request(ctx, http.MethodPost, "/v1/contacts/"+string(l.ID.Contact())+"/transfer",
				map[string]string{"kind": "blind", "to": "4014", "note": markNote})
			return err
		}
	}
	return nil
}

// kept shows that the database knows whom to call back, so that the search in its files proves something.
func kept(ctx context.Context, t *testing.T, h *Hospital) {
	t.Helper()
	var page struct{ Tasks []owedTask }
	var list []byte
	within(ctx, t, "a missed caller who is kept", func() (string, bool) {
		_, list = as(ctx, t, h, "demo-supervisor", http.MethodGet, "/v1/tasks", nil)
		return string(list), json.Unmarshal(list, &page) == nil && len(page.Tasks) > 0
	})
	if len(page.Tasks) == 0 {
		return
	}
	clean(t, "the list of tasks", list)
	if got := whose(ctx, t, h, "demo-supervisor", page.Tasks[0].Task); !strings.Contains(got, markNumber) {
		t.Error("the database does not know whom to call back: the test has seen nothing")
	}
}

// follow reads the event stream until the context ends.
func follow(ctx context.Context, h *Hospital, into io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL()+"/v1/events", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer demo-supervisor")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(into, res.Body)
	return err
}

// clean fails when a mark occurs.
func clean(t *testing.T, what string, text []byte) {
	t.Helper()
	if len(text) == 0 {
		t.Errorf("%s is empty: the test has seen nothing", what)
	}
	for _, mark := range marks {
		if i := bytes.Index(text, []byte(mark)); i >= 0 {
			t.Errorf("%s tells %q: …%.160q…", what, mark, text[max(0, i-80):min(len(text), i+80)])
		}
	}
}

func cleanFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil && len(text) > 0 {
			clean(t, path, text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func anyFile(dir, part string) (found bool) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.Contains(filepath.Base(path), part) {
			found = true
		}
		return nil
	})
	return found
}

// personalOnly finds the marks in the personal hashes of Redis and nowhere else; once those are
// gone, as they are 24 hours after the end at the latest, its rewritten file holds none.
func personalOnly(ctx context.Context, t *testing.T, h *Hospital) {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: h.Redis.Addr()})
	defer rdb.Close()
	found := 0
	keys := rdb.Scan(ctx, 0, "*", 1000).Iterator()
	var personal []string
	for keys.Next(ctx) {
		key := keys.Val()
		clean(t, "a key of Redis", []byte(key))
		text, err := content(ctx, rdb, key)
		if err != nil {
			t.Fatalf("read a key: %v", err)
		}
		if !strings.Contains(key, ":personal:") {
			clean(t, "redis "+key, append(text, ' '))
			continue
		}
		if bytes.Contains(text, []byte(markNumber)) {
			found++
		}
		ttl := must[time.Duration](t)(rdb.TTL(ctx, key).Result())
		if ttl <= 0 || ttl > 24*time.Hour {
			t.Errorf("%s lives for %v more; 24 h at most", key, ttl)
		}
		personal = append(personal, key)
	}
	if err := keys.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d personal hashes, %d with a number", len(personal), found)
	for _, key := range personal {
		if err := rdb.Del(ctx, key).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := rdb.BgRewriteAOF(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	within(ctx, t, "the end of the rewrite", func() (string, bool) {
		info, err := rdb.Info(ctx, "persistence").Result()
		return info, err == nil && strings.Contains(info, "aof_rewrite_in_progress:0") && strings.Contains(info, "aof_rewrite_scheduled:0")
	})
	cleanFiles(t, h.Redis.Dir)
	if !anyFile(h.Redis.Dir, "aof") {
		t.Error("redis has written no file: the test has seen nothing")
	}
}

// content is everything a key holds, as text.
func content(ctx context.Context, rdb *redis.Client, key string) ([]byte, error) {
	switch kind, err := rdb.Type(ctx, key).Result(); {
	case err != nil:
		return nil, err
	case kind == "hash":
		v, err := rdb.HGetAll(ctx, key).Result()
		return fmt.Append(nil, v), err
	case kind == "stream":
		v, err := rdb.XRange(ctx, key, "-", "+").Result()
		return fmt.Append(nil, v), err
	case kind == "zset":
		v, err := rdb.ZRange(ctx, key, 0, -1).Result()
		return fmt.Append(nil, v), err
	case kind == "set":
		v, err := rdb.SMembers(ctx, key).Result()
		return fmt.Append(nil, v), err
	case kind == "list":
		v, err := rdb.LRange(ctx, key, 0, -1).Result()
		return fmt.Append(nil, v), err
	default:
		v, err := rdb.Get(ctx, key).Result()
		return []byte(v), err
	}
}
