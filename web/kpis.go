package web

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"accueil/acd"
)

// kpiQuery are the reader's choices; every threshold is computed anew from what happened.
type kpiQuery struct {
	From         string    `query:"from" maxLength:"40" doc:"Date of the site or RFC 3339 instant; today's midnight when absent."`
	To           string    `query:"to" maxLength:"40" doc:"Same form; excluded. No end when absent."`
	By           string    `query:"by" enum:"none,queue,reason,entry,half_hour" default:"none"`
	ShortAbandon float64   `query:"short_abandon_s" minimum:"0" maximum:"3600" default:"10" doc:"Abandonments of at most this wait are short."`
	ServiceLevel []float64 `query:"service_level_s" maxItems:"10" doc:"Thresholds T, separated by commas; 30,60 when absent."`
}

// maxReports bounds how many reports are computed at once: each takes tens of milliseconds of a
// processor that calls need too.
const maxReports = 1

// addKPIs registers the figures. Their shape is that of Options.KPIShape, which this package does not
// know otherwise.
func (s *Server) addKPIs(r route) {
	op := s.operation(r)
	if s.KPIShape != nil {
		schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(s.KPIShape), true, "Figures")
		op.Responses = map[string]*huma.Response{"200": {
			Description: "The figures, each with its formula",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: schema}},
		}}
	}
	huma.Register(s.api, op, func(ctx context.Context, in *kpiQuery) (*page[any], error) {
		ctx, cancel := context.WithTimeout(ctx, actionTime)
		defer cancel()
		select {
		case s.reports <- struct{}{}:
			defer func() { <-s.reports }()
		case <-ctx.Done():
			return nil, s.problem(ctx, r.id, ctx.Err())
		}
		report, err := s.figures(in)
		if err != nil {
			return nil, s.problem(ctx, r.id, err)
		}
		return &page[any]{report}, nil
	})
}

func (s *Server) figures(in *kpiQuery) (any, error) {
	tz := s.Plan().TZ
	from, ok := moment(in.From, tz)
	if !ok {
		return nil, wrong("query.from", "format")
	}
	to, ok := moment(in.To, tz)
	if !ok {
		return nil, wrong("query.to", "format")
	}
	now := s.Board.Now()
	if from.Never() {
		from = midnight(now, tz)
	}
	if !to.Never() && from >= to {
		return nil, wrong("query.to", "order")
	}
	levels := make([]time.Duration, 0, len(in.ServiceLevel))
	for _, level := range in.ServiceLevel {
		if !(level >= 0.001 && level <= 86400) { // refuses NaN too
			return nil, wrong("query.service_level_s", "range")
		}
		levels = append(levels, duration(level))
	}
	if !(in.ShortAbandon >= 0) {
		return nil, wrong("query.short_abandon_s", "range")
	}
	report, err := s.Figures.KPIs(from, to, now, in.By, duration(in.ShortAbandon), levels)
	if err != nil {
		return nil, fmt.Errorf("compute figures: %w", err)
	}
	return report, nil
}

func duration(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// moment reads a date of the site (its midnight) or an instant; zero for nothing.
func moment(s string, tz *time.Location) (acd.Instant, bool) {
	if s == "" {
		return 0, true
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.ParseInLocation(layout, s, tz); err == nil && t.Year() >= 2000 && t.Year() < 3000 {
			return acd.At(t), true
		}
	}
	return 0, false
}

// midnight is the start of the site's day.
func midnight(now acd.Instant, tz *time.Location) acd.Instant {
	y, m, d := now.Time().In(tz).Date()
	return acd.At(time.Date(y, m, d, 0, 0, 0, 0, tz))
}
