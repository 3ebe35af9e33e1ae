package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// reloadTime bounds a reload: a site's scenarios are proved and its new texts spoken in it, a second for
// most changes, minutes where a slow voice has to speak all of them.
const reloadTime = 5 * time.Minute

// addReload registers the reload, whose answer may take longer than that of any other route.
func (s *Server) addReload(r route) {
	op := s.operation(r)
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		_, w := humago.Unwrap(ctx)
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(reloadTime + answerTime))
		next(ctx)
	})
	huma.Register(s.api, op, within(s, r, reloadTime, s.reload))
}

// ReloadView is what a reload met.
type ReloadView struct {
	Notes []string `json:"notes" doc:"Live overrides that the files do not undo, and the like."`
}

// maxReloadErrors bounds how many lines of a refused configuration are returned.
const maxReloadErrors = 50

func (s *Server) reload(ctx context.Context, _ *none) (*page[ReloadView], error) {
	notes, err := s.Reloader.Reload(ctx, readerOf(ctx).account.Name, readerOf(ctx).lang)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return nil, err
	}
	if err != nil {
		refused := errCode{code: codeReload}
		for line := range strings.Lines(err.Error()) {
			if line = strings.TrimRight(line, "\r\n"); line != "" && len(refused.details) < maxReloadErrors {
				refused.details = append(refused.details, Detail{Code: "site", Message: bounded(line, 400)})
			}
		}
		return nil, refused
	}
	if notes == nil {
		notes = []string{}
	}
	return &page[ReloadView]{ReloadView{notes}}, nil
}
