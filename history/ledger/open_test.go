package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	"go.uber.org/zap"

	"accueil/acd"
	"accueil/deploy/local"
	"accueil/seal"
)

// Whatever version a database has, one start brings it to this program's, with its tasks.
func TestMigrationsFromEveryVersion(t *testing.T) {
	t.Parallel()
	all, err := steps()
	if err != nil || len(all) == 0 {
		t.Fatal(len(all), err)
	}
	onBoth(t, func(t *testing.T, o Options) {
		o.Log = zap.NewNop()
		for _, from := range append([]Migration{{}}, all...) {
			own := o
			if file, ok := strings.CutPrefix(o.URL, "sqlite:"); ok {
				own.URL = fmt.Sprintf("sqlite:%s-%d", file, from.Version)
			} else {
				own.URL = postgres(t)
			}
			l := must[*Ledger](t)(connect(t.Context(), own))
			p := must[*goose.Provider](t)(l.provider())
			if from.Version > 0 {
				must[[]*goose.MigrationResult](t)(p.UpTo(t.Context(), from.Version))
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if pending := must[[]Migration](t)(Pending(t.Context(), own)); len(pending) != len(all)-int(from.Version) {
				t.Errorf("from %d: %d steps are pending", from.Version, len(pending))
			}
			l = open(t, own)
			add(t, l, missed(1), "p")
			if pending := must[[]Migration](t)(Pending(t.Context(), own)); len(pending) != 0 {
				t.Errorf("from %d: %d steps are pending after a start", from.Version, len(pending))
			}
			if look := must[Look](t)(Inspect(t.Context(), own)); look.Key != nil || !look.Sealed {
				t.Errorf("from %d: it looks like %+v", from.Version, look)
			}
		}
	})
}

// Each step can be taken back, so that a step that fails in the middle leaves nothing behind.
func TestMigrationsGoDownAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		o.Log = zap.NewNop()
		l := must[*Ledger](t)(connect(t.Context(), o))
		defer l.Close()
		p := must[*goose.Provider](t)(l.provider())
		for range 2 {
			must[[]*goose.MigrationResult](t)(p.Up(t.Context()))
			must[[]*goose.MigrationResult](t)(p.DownTo(t.Context(), 0))
		}
	})
}

func TestPendingMakesNoFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "none.db")
	if p := must[[]Migration](t)(Pending(t.Context(), Options{URL: "sqlite:" + file})); len(p) == 0 {
		t.Error("nothing is pending for a database that does not exist")
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the look made the file: %v", err)
	}
}

func TestANewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		if _, err := l.write.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, $1)`, true); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), o)
		var newer NewerError
		if !errors.As(err, &newer) || newer.Has != 99 || !strings.Contains(err.Error(), "restore the backup") {
			t.Errorf("%v", err)
		}
	})
}

// Many starts at once migrate once, and have one key.
func TestStartsAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		o.Seals = true
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				l, err := Open(t.Context(), o)
				if err != nil {
					t.Error(err)
					return
				}
				if ids, err := l.keysUsed(t.Context()); err != nil || len(ids) != 1 {
					t.Errorf("%d keys, %v", len(ids), err)
				}
				_ = l.Close()
			})
		}
		wg.Wait()
	})
}

func TestTheKey(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		task := add(t, l, missed(1), "p")
		info, err := os.Stat(o.KeyFile)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the key file: %v %v", info, err)
		}
		key, _ := os.ReadFile(o.KeyFile)
		if err := os.Remove(o.KeyFile); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), o); !errors.Is(err, ErrNoKey) || !strings.Contains(err.Error(), o.KeyFile) {
			t.Errorf("without the key: %v", err)
		}
		if _, err := os.Stat(o.KeyFile); err == nil {
			t.Error("a key was made that opens nothing")
		}
		if look := must[Look](t)(Inspect(t.Context(), o)); !errors.Is(look.Key, ErrNoKey) {
			t.Errorf("the doctor says %v", look.Key)
		}
		other := o
		other.Key = bytes.Repeat([]byte("k"), 32)
		if _, err := Open(t.Context(), other); !errors.Is(err, ErrWrongKey) {
			t.Errorf("with another key: %v", err)
		}
		other.Key = []byte("short")
		if _, err := Open(t.Context(), other); err == nil {
			t.Error("a short key was taken")
		}
		given := o
		given.Key = bytes.TrimSpace(key) // named in the site file instead
		if p := must[acd.TaskPersonal](t)(open(t, given).Reveal(t.Context(), task.ID, deed("read"))); p != secret {
			t.Error("the key opens nothing")
		}
	})
}

// A sealed value opens in its own row only, and not when a bit of it was changed.
func TestSealing(t *testing.T) {
	t.Parallel()
	ring := must[*seal.Ring](t)(seal.Parse(bytes.Repeat([]byte("k"), 32)))
	s := ring.For(purpose)
	sealed := sealFields(s, "t1", secret)
	if p, err := openFields(s, s.ID(), "t1", sealed); err != nil || p != secret {
		t.Errorf("%v", err)
	}
	if _, err := openFields(s, s.ID(), "t2", sealed); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("in another row: %v", err)
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := openFields(s, s.ID(), "t1", sealed); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("changed: %v", err)
	}
}

// Made by the version that had one key of 32 k's: its id, a mark of the number and the fields of task t1.
const (
	oldKey    = "d578f8c719337b97"
	oldMark   = "f40ab23033c45cd1e2c4f189887e3bf92e1d70a906d612f1c082fba74f6ccdb3"
	oldSealed = "01750848f2f6cd11128b60a8726e92cd5b30f45953e6504d404fea027267cc62d7134e4e224568e30c16ca234bde4ed45859a08d4c4f57a35c58bfbed35638e191f055d5b7b2cc1d3ed942a602291a705f8026ea8b9bc4eda4abad11701cb93803f6"
)

// What the first version of the program has sealed opens with the same key file.
func TestOldSeals(t *testing.T) {
	t.Parallel()
	ring := must[*seal.Ring](t)(seal.Parse(bytes.Repeat([]byte("k"), 32)))
	s := ring.For(purpose)
	old, err := hex.DecodeString(oldSealed)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := openFields(s, oldKey, "t1", old); err != nil || p != secret || s.ID() != oldKey {
		t.Errorf("key %s, %v", s.ID(), err)
	}
	if got := hex.EncodeToString(mark(s, "+33199000123")); got != oldMark {
		t.Errorf("mark %s", got)
	}
}

// A new key goes first in the file: it seals from now on, the old one opens, a person is known again under
// either. Sealing anew may be stopped at any time; then the old key can go. Without a key that is needed,
// that is told, by its id, and nothing is lost.
func TestKeysAreChanged(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		keys := func(keys ...string) Options { return withKeys(o, keys...) }
		keyA, keyB, keyC := keyOld, keyNew, strings.Repeat("c", 32)
		const callers = 2*resealBatch + 20
		l := open(t, keys(keyA))
		old := l.seals.ID()
		ids := make([]acd.TaskID, callers)
		for n := range ids {
			ids[n] = add(t, l, missed(n), secret.Number).ID
		}
		whole := func(l *Ledger) {
			t.Helper()
			for _, id := range ids {
				if p, err := l.Reveal(t.Context(), id, Deed{By: "t", What: "read", At: noon}); err != nil || p != secret {
					t.Fatalf("%s: %v", id, err)
				}
			}
		}
		owed := func(l *Ledger) int { t.Helper(); return owedTo(t, l, secret.Number) }

		if _, err := Open(t.Context(), keys(keyB)); !errors.Is(err, ErrWrongKey) || !strings.Contains(err.Error(), old) {
			t.Fatalf("with a new key alone: %v", err)
		}
		if look := must[Look](t)(Inspect(t.Context(), keys(keyB, keyA))); look.Key != nil || look.Known || look.Old[old] != callers || len(look.Missing) > 0 {
			t.Errorf("before the start with it: %+v", look)
		}
		l = open(t, keys(keyB, keyA))
		whole(l)
		late := add(t, l, missed(callers), secret.Number)
		if n := owed(l); n != callers+1 {
			t.Errorf("%d of %d tasks of one person are known", n, callers+1)
		}
		if look := must[Look](t)(Inspect(t.Context(), keys(keyB, keyA))); !look.Known || look.Old[old] != callers {
			t.Errorf("after it: %+v", look)
		}
		ctx, stop := context.WithCancel(t.Context())
		r, err := l.Reseal(ctx, func(done, total int) {
			if total != callers || done != resealBatch {
				t.Errorf("%d of %d", done, total)
			}
			stop()
		})
		if !errors.Is(err, context.Canceled) || r.Done != resealBatch {
			t.Errorf("stopped: %+v, %v", r, err)
		}
		whole(l)
		if n := owed(l); n != callers+1 {
			t.Errorf("%d tasks of one person are known in the middle of it", n)
		}
		if missing := must[map[string]int](t)(open(t, keys(keyB)).Missing(t.Context())); len(missing) != 1 || missing[old] != callers-resealBatch {
			t.Errorf("the old key went too early: %v", missing)
		}
		if _, err := open(t, keys(keyB)).Reveal(t.Context(), ids[callers-1], deed("read")); !errors.Is(err, seal.UnknownKeyError{ID: old}) {
			t.Errorf("without its key: %v", err)
		}
		if r := must[Resealed](t)(open(t, keys(keyB)).Reseal(t.Context(), func(int, int) {})); r != (Resealed{0, callers - resealBatch}) {
			t.Errorf("without the old key: %+v", r)
		}
		if r := must[Resealed](t)(l.Reseal(t.Context(), func(int, int) {})); r != (Resealed{callers - resealBatch, 0}) {
			t.Errorf("the rest: %+v", r)
		}
		l = open(t, keys(keyB)) // and the old key is gone
		whole(l)
		if n := owed(l); n != callers+1 {
			t.Errorf("%d tasks of one person are known after it", n)
		}
		if p := must[acd.TaskPersonal](t)(l.Reveal(t.Context(), late.ID, deed("read"))); p != secret {
			t.Errorf("sealed meanwhile: %+v", p)
		}
		if look := must[Look](t)(Inspect(t.Context(), keys(keyC, keyA))); !errors.Is(look.Key, ErrWrongKey) {
			t.Errorf("a key that nothing needs any more was taken: %+v", look)
		}
	})
}

// Nothing of a person stands in the files as it is, while he is owed something and after.
func TestNothingIsInClear(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := Options{URL: "sqlite:" + filepath.Join(dir, "history.db"), KeyFile: filepath.Join(dir, "history.key")}
	l := open(t, o)
	for n := range 50 {
		add(t, l, missed(n), secret.Number)
	}
	look := func() {
		t.Helper()
		read := 0
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			read += len(text)
			for _, mark := range []string{"199000123", secret.Name, "Testard", secret.Text} {
				if bytes.Contains(text, []byte(mark)) {
					t.Errorf("%s tells %q", filepath.Base(path), mark)
				}
			}
			return err
		})
		if err != nil || read < 10_000 {
			t.Errorf("%d bytes were searched, %v", read, err)
		}
	}
	look()
	must[Swept](t)(l.Sweep(t.Context(), noon.Add(9*24*time.Hour), Keep{Task: time.Hour}))
	must[Swept](t)(l.Sweep(t.Context(), noon.Add(10*24*time.Hour), Keep{Task: time.Hour}))
	look()
	info, err := os.Stat(filepath.Join(dir, "history.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database may be read by others: %v %v", info, err)
	}
}

func TestADamagedFileIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "history.db")
	o := Options{URL: "sqlite:" + file, KeyFile: filepath.Join(dir, "history.key")}
	if err := os.WriteFile(file, bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), o); !errors.Is(err, ErrDamaged) || !errors.Is(err, acd.ErrUnavailable) {
		t.Errorf("another file: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	l := open(t, o)
	for n := range 300 {
		add(t, l, missed(n), secret.Number)
	}
	if err := l.Close(); err != nil { // a checkpoint: all of it is in the file
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096 * 2; i < len(text)-4096; i += 16 { // pages behind the schema
		text[i] ^= 0xff
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), o); !errors.Is(err, ErrDamaged) {
		t.Errorf("a damaged file: %v", err)
	}
}

// A full disk refuses what is new, and what was kept can still be read.
func TestAFullDiskIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, Options{URL: "sqlite:" + filepath.Join(dir, "history.db"), KeyFile: filepath.Join(dir, "history.key")})
	task := add(t, l, missed(0), "p")
	var pages int
	if err := l.write.QueryRow(`PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := l.write.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)); err != nil {
		t.Fatal(err)
	}
	var err error
	for n := 1; n < 500 && err == nil; n++ {
		err = l.Fold(t.Context(), nil, func(b *Batch) error { return b.Add(missed(n), secret, "p", deed("open")) })
	}
	if !errors.Is(err, ErrDiskFull) || !errors.Is(err, acd.ErrUnavailable) {
		t.Fatalf("a full disk: %v", err)
	}
	if p, err := l.Task(t.Context(), task.ID); err != nil || p.ID != task.ID {
		t.Errorf("what was kept: %v", err)
	}
}

// A server that is away, or goes away, is an error without the address's password.
func TestAServerThatIsAway(t *testing.T) {
	t.Parallel()
	o := Options{URL: "postgres://accueil:geheim@127.0.0.1:1/accueil", KeyFile: filepath.Join(t.TempDir(), "k")}
	if _, err := Open(t.Context(), o); !errors.Is(err, acd.ErrUnavailable) || strings.Contains(err.Error(), "geheim") {
		t.Errorf("nobody listens: %v", err)
	}
	o.URL = "postgres://accueil:geheim@[::1/accueil"
	if _, err := Open(t.Context(), o); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("an address that is none: %v", err)
	}
	own, err := local.StartPostgres(t.Context(), local.PostgresOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Stop(context.Background()) })
	o.URL = own.URL("accueil")
	l := open(t, o)
	task := add(t, l, missed(1), "p")
	if err := own.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Task(t.Context(), task.ID); !errors.Is(err, acd.ErrUnavailable) {
		t.Errorf("a killed server: %v", err)
	}
	if err := own.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 50 { // the pool finds out with its next connection
		if _, err = l.Task(t.Context(), task.ID); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		t.Errorf("after the server's return: %v", err)
	}
}

// writerEnv makes the test binary a writer that tells what it was promised, until it is killed.
const writerEnv = "ACCUEIL_LEDGER_TEST_WRITER"

func beWriter() {
	url, key, _ := strings.Cut(os.Getenv(writerEnv), "|")
	ctx := context.Background()
	l, err := Open(ctx, Options{URL: url, KeyFile: key})
	if err != nil {
		fmt.Println("failed", err)
		return
	}
	for n := 0; ; n++ {
		at := Cursor{Gen: "g", Entry: fmt.Sprintf("%d-0", n), Seq: int64(n + 1), At: noon}
		task := missed(n)
		err := l.Fold(ctx, &at, func(b *Batch) error { return b.Add(task, secret, "p", deed("open")) })
		if err == nil {
			_, err = l.Change(ctx, task.ID, deed("take"), take("a01"))
		}
		if err != nil {
			fmt.Println("failed", err)
			return
		}
		fmt.Println("promised", task.ID)
	}
}

// A writer that is killed in the middle has kept all that it was promised, and the cursor stands where
// the tasks end.
func TestNothingPromisedIsLostToAKill(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		for round := range 3 {
			own := o
			if file, ok := strings.CutPrefix(o.URL, "sqlite:"); ok {
				own.URL = fmt.Sprintf("sqlite:%s-%d", file, round)
			} else {
				own.URL = postgres(t)
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), writerEnv+"="+own.URL+"|"+own.KeyFile)
			out := must[interface{ Read([]byte) (int, error) }](t)(cmd.StdoutPipe())
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			promised := map[acd.TaskID]bool{}
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				id, ok := strings.CutPrefix(lines.Text(), "promised ")
				if !ok {
					t.Fatal(lines.Text())
				}
				promised[acd.TaskID(id)] = true
				if len(promised) == 40+round*7 {
					_ = cmd.Process.Kill() // and read what it had said by then
				}
			}
			_ = cmd.Wait()
			l := open(t, own)
			tasks := must[[]acd.Task](t)(l.List(t.Context(), Query{Limit: 10_000}))
			for _, task := range tasks {
				if promised[task.ID] && task.State != acd.TaskTaken {
					t.Errorf("a change that was promised is lost: %s", task.State)
				}
				delete(promised, task.ID)
			}
			if len(promised) > 0 {
				t.Errorf("%d tasks that were promised are lost", len(promised))
			}
			if c := must[Cursor](t)(l.Cursor(t.Context())); c.Seq != int64(len(tasks)) {
				t.Errorf("the cursor is at %d, the tasks at %d", c.Seq, len(tasks))
			}
		}
	})
}

// A server that dies in the middle of writes has kept what was acknowledged, and the cursor with it.
func TestNothingPromisedIsLostWithTheServer(t *testing.T) {
	t.Parallel()
	own, err := local.StartPostgres(t.Context(), local.PostgresOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Stop(context.Background()) })
	o := Options{URL: own.URL("accueil"), KeyFile: filepath.Join(t.TempDir(), "history.key")}
	l := open(t, o)
	var promised []acd.TaskID
	for n := 0; ; n++ {
		if n == 50 {
			go func() { _ = own.Kill() }()
		}
		task := missed(n)
		err := l.Fold(t.Context(), &Cursor{Gen: "g", Entry: "e", Seq: int64(n + 1)}, func(b *Batch) error { return b.Add(task, secret, "p", deed("open")) })
		if err != nil {
			if !errors.Is(err, acd.ErrUnavailable) {
				t.Errorf("a dead server is told as %v", err)
			}
			break
		}
		promised = append(promised, task.ID)
	}
	if err := own.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := open(t, o)
	kept := map[acd.TaskID]bool{}
	for _, task := range must[[]acd.Task](t)(again.List(t.Context(), Query{Limit: 100_000})) {
		kept[task.ID] = true
	}
	for _, id := range promised {
		if !kept[id] {
			t.Fatalf("one of %d promised tasks is lost", len(promised))
		}
	}
	if c := must[Cursor](t)(again.Cursor(t.Context())); len(promised) < 50 || c.Seq != int64(len(kept)) {
		t.Errorf("%d promised, the cursor is at %d, the tasks at %d", len(promised), c.Seq, len(kept))
	}
}

// A row that somebody has spoilt hides no other.
func TestASpoiltRowHidesNoOther(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		for n := range 3 {
			add(t, l, missed(n), "p")
		}
		spoilt := must[[]acd.Task](t)(l.List(t.Context(), Query{}))[1].ID
		for column, value := range map[string]string{"state": "'gone'", "attempts": "'{'", "asked": "-1"} {
			if _, err := l.write.Exec(`UPDATE tasks SET `+column+` = `+value+` WHERE id = $1`, string(spoilt)); err != nil {
				t.Fatal(err)
			}
			if n := len(must[[]acd.Task](t)(l.List(t.Context(), Query{}))); n != 2 {
				t.Errorf("%d tasks beside a spoilt %s", n, column)
			}
			if _, err := l.Task(t.Context(), spoilt); !errors.Is(err, errRow) || strings.Contains(err.Error(), value) {
				t.Errorf("a spoilt %s is told as %v", column, err)
			}
		}
		err := l.Fold(t.Context(), nil, func(b *Batch) error {
			owed, err := b.OwedTo("p")
			if len(owed) != 2 {
				t.Errorf("%d tasks of the person", len(owed))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
