package asterisk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// notebook is a file of call records and its reader.
type notebook struct {
	t            *testing.T
	path, cursor string
	r            *Records
}

func newNotebook(t *testing.T) *notebook {
	dir := t.TempDir()
	n := &notebook{t: t, path: filepath.Join(dir, "accueil-cel.csv"), cursor: filepath.Join(dir, "cursor.json")}
	n.restart()
	return n
}

// restart is a new process: only what was saved is known.
func (n *notebook) restart() {
	n.t.Helper()
	r, err := OpenRecords(n.path, n.cursor)
	if err != nil {
		n.t.Fatal(err)
	}
	n.r = r
}

func (n *notebook) write(text string) {
	n.t.Helper()
	f, err := os.OpenFile(n.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		n.t.Fatal(err)
	}
}

// reads checks which calls end, in their order.
func (n *notebook) reads(want ...string) []CallRecord {
	n.t.Helper()
	got, err := n.r.Read()
	if err != nil {
		n.t.Fatal(err)
	}
	var ids []string
	for _, c := range got {
		ids = append(ids, c.Channel)
	}
	if fmt.Sprint(ids) != fmt.Sprint(want) {
		n.t.Errorf("read %v, want %v", ids, want)
	}
	return got
}

func line(second int, event, id, linked, account string) string {
	return fmt.Sprintf("%s,2026-11-25T22:30:%02d.115419+0000,PJSIP/operateur-00000000,%s,%s,%s\n", event, second, id, linked, account)
}

func start(id string) string { return line(1, "CHAN_START", id, id, "operateur") }
func end(id string) string   { return line(9, "CHAN_END", id, id, "3000") }

func TestRecordsOfACall(t *testing.T) {
	n := newNotebook(t)
	n.reads() // there is no file yet
	n.write(start("1.0") + line(2, "ANSWER", "1.0", "1.0", "3000") + line(2, "CHAN_START", "1.1", "1.0", "") +
		line(3, "ANSWER", "1.1", "1.0", "3000") + line(3, "BRIDGE_ENTER", "1.1", "1.0", "") + line(4, "BRIDGE_ENTER", "1.0", "1.0", "3000") +
		start("acc.x.1.a1") + end("acc.x.1.a1") + line(5, "CHAN_END", "1.1", "1.0", "") + line(8, "BRIDGE_ENTER", "1.0", "1.0", "3000"))
	n.reads()
	n.write(end("1.0") + line(9, "LINKEDID_END", "1.0", "1.0", "3000"))
	c := n.reads("1.0")[0]
	if c.Account != "3000" || c.Began.Second() != 1 || c.Answered.Second() != 2 || c.Joined.Second() != 4 || c.Ended.Second() != 9 || c.Began.Nanosecond() != 115419000 {
		t.Errorf("%+v", c)
	}
	n.reads()
	if n.r.Bad() != 0 {
		t.Errorf("%d bad lines", n.r.Bad())
	}
}

// A restart reads on from what was saved; calls under way are known again; the same file read twice
// tells nothing twice.
func TestRecordsOverARestart(t *testing.T) {
	n := newNotebook(t)
	n.write(start("0.0")) // before us
	n.reads()
	n.write(start("1.0") + line(2, "ANSWER", "1.0", "1.0", "3000") + start("1.1") + end("1.1"))
	n.reads("1.1")
	n.restart() // not saved: the first call is before us now, as all of it
	n.reads()
	n = newNotebook(t)
	n.reads()
	n.write(start("1.0") + line(2, "ANSWER", "1.0", "1.0", "3000") + start("1.1") + end("1.1"))
	n.reads("1.1")
	if err := n.r.Save(); err != nil {
		t.Fatal(err)
	}
	n.restart()
	n.reads()
	n.write(end("1.0") + end("1.1"))
	if c := n.reads("1.0")[0]; c.Answered.Second() != 2 {
		t.Errorf("%+v", c)
	}
	n.restart()
	n.reads("1.0") // again, since that was not saved
}

func TestRecordsOfLinesThatAreNone(t *testing.T) {
	n := newNotebook(t)
	n.reads()
	n.write(start("1.0") + "CHAN_END,20") // the last line is being written
	n.reads()
	n.write("26-11-25T22:30:09.115419+0000,PJSIP/operateur-00000000,1.0,1.0,3000\n")
	n.reads("1.0")
	for i, bad := range []string{"\n", "garbage\n", "CHAN_START,now,x,1.1,1.1,\n", "CHAN_START,2026-11-25T22:30:09.1+0000,x,,1.1,\n",
		"CHAN_START,2026-11-25T22:30:09.1+0000,x,1.1,1.1,a b\n", "CHAN_START,2026-11-25T22:30:09.1+0000,x,1\x00,1\x00,\n",
		strings.Repeat("x", 3*recordLine) + "\n"} {
		n.write(bad)
		n.reads()
		if n.r.Bad() != i+1 {
			t.Errorf("%.40q: %d bad lines, want %d", bad, n.r.Bad(), i+1)
		}
	}
	n.write(line(2, "SOMETHING_NEW", "1.9", "1.9", "") + start("1.2") + end("1.2"))
	n.reads("1.2")
}

// The file is put away for a new one: what it had left is read first; packed or gone, that is counted.
func TestRecordsAreRotated(t *testing.T) {
	n := newNotebook(t)
	n.reads()
	n.write(start("1.0") + start("1.1") + end("1.1"))
	n.reads("1.1")
	n.write(start("1.2") + end("1.2"))
	if err := os.Rename(n.path, n.path+".1"); err != nil {
		t.Fatal(err)
	}
	if _, err := n.r.Read(); err == nil {
		t.Error("a file that has gone is not missed")
	}
	n.write(start("2.0") + end("1.0") + end("2.0"))
	n.reads("1.2", "1.0", "2.0")
	if err := os.Remove(n.path); err != nil {
		t.Fatal(err)
	}
	n.write(start("3.0") + end("3.0"))
	n.reads("3.0")
	if n.r.Bad() != 1 {
		t.Errorf("%d bad, want 1 for the lost rest", n.r.Bad())
	}
	if err := os.Truncate(n.path, 0); err != nil {
		t.Fatal(err)
	}
	n.reads()
	n.write(start("4.0") + end("4.0"))
	n.reads("4.0")
}

func TestRecordsOfADeadAsterisk(t *testing.T) {
	n := newNotebook(t)
	n.reads()
	n.write(start("1.0") + line(2, "ANSWER", "1.0", "1.0", "3000") + start("1.1"))
	n.reads()
	began := n.r.open["1.1"].Began
	if got := n.r.Died(began); len(got) != 0 {
		t.Errorf("died: %+v", got)
	}
	if got := n.r.Died(began.Add(1)); len(got) != 2 || !got[0].Cut || got[0].Ended.Second() > 2 {
		t.Errorf("died: %+v", got)
	}
	n.write(end("1.0"))
	n.reads()
}

func TestRecordsAreBounded(t *testing.T) {
	n := newNotebook(t)
	n.reads()
	var b strings.Builder
	for i := range recordOpen + 10 {
		b.WriteString(start(fmt.Sprintf("1.%d", i)))
	}
	n.write(b.String())
	n.reads()
	if len(n.r.open) != recordOpen || n.r.Bad() != 10 {
		t.Errorf("%d open, %d bad", len(n.r.open), n.r.Bad())
	}
}

func TestRecordsWithATornCursor(t *testing.T) {
	n := newNotebook(t)
	n.write(start("1.0") + end("1.0"))
	if err := os.WriteFile(n.cursor, []byte(`{"file":"x","off`), 0o600); err != nil {
		t.Fatal(err)
	}
	n.restart()
	n.reads()
	n.write(start("1.1") + end("1.1"))
	n.reads("1.1")
}

func FuzzRecords(f *testing.F) {
	f.Add(start("1.0") + end("1.0"))
	f.Add("CHAN_END,,,,,\n,\x00")
	f.Fuzz(func(t *testing.T, text string) {
		r := &Records{open: map[string]*CallRecord{}}
		for l := range strings.Lines(text) {
			if c, over := r.take(strings.TrimRight(l, "\r\n")); over && (c.Channel == "" || c.Began.IsZero()) {
				t.Errorf("%q ends %+v", l, c)
			}
		}
	})
}
