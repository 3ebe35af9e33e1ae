package web

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestLocalSocket: who reaches the machine's own socket administers it without a token, and nobody else
// does.
func TestLocalSocket(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	path := filepath.Join(t.TempDir(), "s")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	h.server.StartLocal(ln)
	local := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	for route, want := range map[string]int{"POST /v1/config/reload": 200, "POST /v1/drain": 202, "GET /v1/queues": 200, "GET /v1/contacts/c1/card": 403} {
		method, at, _ := strings.Cut(route, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, "http://node"+at, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := local.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", route, res.StatusCode, want)
		}
		if what := h.lastAsked(); method == http.MethodPost && !strings.HasSuffix(what, " by local") {
			t.Errorf("%s is noted as %q", route, what)
		}
		if got := h.request(method, at, "", ""); got.status != 401 {
			t.Errorf("%s over TCP without a token: %d", route, got.status)
		}
	}
}
