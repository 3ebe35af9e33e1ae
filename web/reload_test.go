package web

import (
	"context"
	"testing"
	"time"

	"accueil/acd"
)

// patient is a reload that notes how long it may take.
type patient struct{ may time.Duration }

func (p *patient) Reload(ctx context.Context, _ string, _ acd.Lang) ([]string, error) {
	if until, bound := ctx.Deadline(); bound {
		p.may = time.Until(until)
	}
	return nil, nil
}

// TestAReloadMaySpeakForLong: a slow voice has minutes for what is new, not the time of other requests.
func TestAReloadMaySpeakForLong(t *testing.T) {
	t.Parallel()
	p := &patient{}
	h := newHospital(t, func(o *Options) { o.Reloader = p })
	if got := h.request("POST", "/v1/config/reload", "tok-admin", ""); got.status != 200 || p.may < reloadTime-actionTime {
		t.Errorf("%d, it may take %v", got.status, p.may)
	}
}
