package main

import (
	"context"
	"strings"
	"testing"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	site := migrateSite(t, "sqlite:data/other.db")
	verify := func(args ...string) (int, string) {
		var out strings.Builder
		code := run(context.Background(), append([]string{"verify", "--site", site}, args...), strings.NewReader(""), &out, &out)
		return code, out.String()
	}
	if code, out := verify(); code != 0 || !strings.Contains(out, "nobody has heard") {
		t.Errorf("before there is a database: %d %q", code, out)
	}
	hash := strings.Repeat("ab", 32)
	if code, out := verify("--mark", "1:"+hash, "--json", "--list"); code != 1 || !strings.Contains(out, "entry 1 of the audit was noted and is gone") {
		t.Errorf("a database that is gone: %d %q", code, out)
	}
	for _, bad := range []string{"", "1", "x:" + hash, "0:" + hash, "1:abcd", "1:zz"} {
		if code, _ := verify("--mark", bad); code != 2 {
			t.Errorf("%q: %d", bad, code)
		}
	}
	site = migrateSite(t, "postgres://accueil:geheim@127.0.0.1:1/accueil")
	if code, out := verify(); code != exitDependency || strings.Contains(out, "geheim") {
		t.Errorf("%d %q", code, out)
	}
}
