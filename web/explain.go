package web

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"accueil/acd"
)

// addShaped registers a route whose answer is computed from the log at some cost, one at a time. The
// answer's shape is that of a value which this package does not know otherwise.
func addShaped[I any](s *Server, r route, name string, shape any, handle func(context.Context, *I) (any, error)) {
	op := s.operation(r)
	if shape != nil {
		schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(shape), true, name)
		op.Responses = map[string]*huma.Response{"200": {
			Description: r.summary,
			Content:     map[string]*huma.MediaType{"application/json": {Schema: schema}},
		}}
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*page[any], error) {
		ctx, cancel := context.WithTimeout(ctx, actionTime)
		defer cancel()
		select {
		case s.reports <- struct{}{}:
			defer func() { <-s.reports }()
		case <-ctx.Done():
			return nil, s.problem(ctx, r.id, ctx.Err())
		}
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, r.id, err)
		}
		return &page[any]{out}, nil
	})
}

func (s *Server) explain(ctx context.Context, in *named) (any, error) {
	return s.Explainer.Explain(ctx, acd.ContactID(in.ID))
}

// wouldQuery is a question about a call that might come.
type wouldQuery struct {
	Reason string   `query:"reason" required:"true" maxLength:"100" doc:"A reason of the site."`
	Lang   string   `query:"lang" maxLength:"10" doc:"Language of the caller; the site's first when absent."`
	At     string   `query:"at" maxLength:"40" doc:"Date of the site, its date and time (2026-12-24 10:00) or RFC 3339 instant; now when absent."`
	Ready  []string `query:"ready" maxItems:"1000" doc:"Who is there, separated by commas; everyone when absent."`
}

func (s *Server) wouldHappen(ctx context.Context, in *wouldQuery) (any, error) {
	q := WouldQuestion{Reason: acd.ReasonID(in.Reason), Lang: acd.Lang(in.Lang)}
	var ok bool
	if q.At, ok = minute(in.At, s.Plan().TZ); !ok {
		return nil, wrong("query.at", "format")
	}
	for _, id := range in.Ready {
		q.Ready = append(q.Ready, acd.AgentID(id))
	}
	out, err := s.Explainer.WouldHappen(ctx, q)
	var unknown UnknownError
	if errors.As(err, &unknown) {
		lang := readerOf(ctx).lang
		d := Detail{Location: "query." + unknown.What, Code: unknown.What, Message: mistakes[unknown.What].in(lang)}
		if unknown.Suggestion != "" {
			d.Message += fmt.Sprintf(mistakes["meant"].in(lang), unknown.Suggestion)
		}
		return nil, errCode{codeInvalid, []Detail{d}}
	}
	return out, err
}

// minute reads what moment does, and a date with a time of day of the site.
func minute(s string, tz *time.Location) (acd.Instant, bool) {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, s, tz); err == nil && t.Year() >= 2000 && t.Year() < 3000 {
			return acd.At(t), true
		}
	}
	return moment(s, tz)
}
