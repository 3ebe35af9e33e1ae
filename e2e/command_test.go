package e2e

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"accueil/app"
)

// TestDoctorAndDrain asks a running node as an administrator does: the doctor's test call arrives at
// the controller, and in the safety net once the node has been drained.
func TestDoctorAndDrain(t *testing.T) {
	t.Parallel()
	ctx, h := hospital(t, Options{})
	testCall(ctx, t, h, app.CheckOK)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("demo-admin\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, way := range []app.NodeOptions{{URL: h.URL(), TokenFile: token}, {Site: h.SitePath}} { // from elsewhere, and as root of its machine
		if err := app.AskDrain(ctx, way, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	testCall(ctx, t, h, app.CheckWarning)
}

func testCall(ctx context.Context, t *testing.T, h *Hospital, want app.CheckStatus) {
	t.Helper()
	checks := app.Doctor(ctx, h.SitePath, true)
	i := slices.IndexFunc(checks, func(c app.HealthCheck) bool { return c.Name == "test call" })
	if i < 0 || checks[i].Status != want {
		t.Errorf("the test call should be %s: %v", want, checks)
	}
}
