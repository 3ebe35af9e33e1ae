package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/history/ledger"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "deploy", "demo"))); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil { // somebody may have served it where it lies
		t.Fatal(err)
	}
	site := filepath.Join(dir, "site.yaml")
	s, err := loadSite(site)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), ledgerOptions(s, nil))
	if err != nil {
		t.Fatal(err)
	}
	var marks []string
	for n := range 3 {
		at := acd.Instant(1_780_315_200_000)
		if n == 1 {
			at = at.Add(-time.Hour)
		}
		h, err := l.Audit(t.Context(), ledger.Heard{At: at, Who: "claire", What: ledger.AuditListen, Recording: fmt.Sprintf("acc.c%d.r1", n)})
		if err != nil {
			t.Fatal(err)
		}
		marks = append(marks, h.Mark().String())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o    VerifyOptions
		out  []string
		fail string
	}{
		"whole":   {VerifyOptions{Marks: []string{marks[0], marks[2]}}, []string{"entries 1 to 3, from 2026-06-01T14:00:00+02:00", "\n" + marks[2] + "\nentry 2 is dated before an earlier one: was a clock wrong?\n"}, ""},
		"list":    {VerifyOptions{List: true}, []string{"2 2026-06-01T13:00:00+02:00 claire listen - - acc.c1.r1 "}, ""},
		"JSON":    {VerifyOptions{List: true, JSON: true}, []string{`{"seq":1,`, `"head":"` + marks[2], `"dated_before_earlier":[2]`}, ""},
		"cut off": {VerifyOptions{Marks: []string{"4" + marks[2][1:]}}, nil, "entry 4 of the audit was noted and is gone"},
		"anew":    {VerifyOptions{Marks: []string{"2" + marks[2][1:]}}, nil, "entry 2 of the audit is another"},
		"no mark": {VerifyOptions{Marks: []string{"2"}}, nil, "--mark takes"},
	} {
		var out strings.Builder
		err := Verify(t.Context(), site, c.o, &out)
		if (err != nil) != (c.fail != "") || err != nil && !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%s: %v", name, err)
		}
		for _, part := range c.out {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s lacks %q: %s", name, part, out.String())
			}
		}
		var broken ledger.AuditError
		if errors.As(err, &broken) && ExitCode(err) != ExitFailure {
			t.Errorf("%s: exit code %d", name, ExitCode(err))
		}
	}
}
