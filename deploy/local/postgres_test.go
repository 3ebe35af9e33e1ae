package local

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestPostgresKeepsItsDataOverACrash(t *testing.T) {
	t.Parallel()
	ctx := within(t, time.Minute)
	p, err := StartPostgres(ctx, PostgresOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		if conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Port))); err == nil {
			_ = conn.Close()
			t.Error("it still listens after its stop")
		}
	})
	sql := func(query string) string {
		out, err := exec.CommandContext(ctx, filepath.Join(p.bin, "psql"), "-qAt", "-c", query, p.URL("other")).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", query, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if err := p.Create(ctx, "other"); err != nil {
		t.Fatal(err)
	}
	sql("CREATE TABLE a (n int); INSERT INTO a VALUES (7)")
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	if got := sql("SELECT n FROM a"); got != "7" {
		t.Errorf("after a crash it says %q", got)
	}
	if _, err := StartPostgres(ctx, PostgresOptions{Port: p.Port}); err == nil || !strings.Contains(err.Error(), "postgres") {
		t.Errorf("a second server on the same port: %v", err)
	}
}
