package ledger

import (
	"bufio"
	"bytes"
	"context"
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
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				l, err := Open(t.Context(), o)
				if err != nil {
					t.Error(err)
					return
				}
				if ids, err := l.keyIDs(t.Context()); err != nil || len(ids) != 1 {
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
	s := must[*sealer](t)(newSealer(bytes.Repeat([]byte("k"), 32)))
	sealed := s.seal("t1", secret)
	if p, err := s.open("t1", sealed); err != nil || p != secret {
		t.Errorf("%v", err)
	}
	if bytes.Equal(sealed, s.seal("t1", secret)) {
		t.Error("the same twice looks the same")
	}
	if _, err := s.open("t2", sealed); err == nil {
		t.Error("it opens in another row")
	}
	for i := range sealed {
		broken := bytes.Clone(sealed)
		broken[i] ^= 1
		if _, err := s.open("t1", broken); err == nil {
			t.Errorf("byte %d may be changed", i)
		}
	}
	for n := range sealed {
		if _, err := s.open("t1", sealed[:n]); err == nil && n > 0 {
			t.Errorf("%d bytes of it open", n)
		}
	}
	other := must[*sealer](t)(newSealer(bytes.Repeat([]byte("l"), 32)))
	if _, err := other.open("t1", sealed); err == nil || other.id == s.id || bytes.Equal(other.known("p"), s.known("p")) {
		t.Error("two keys do the same")
	}
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
