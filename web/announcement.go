package web

import (
	"context"
	"maps"
	"slices"
	"time"

	"accueil/acd"
)

// AnnouncementView says whether an announcement is on, and where.
type AnnouncementView struct {
	Announcement acd.AnnouncementID `json:"announcement"`
	On           bool               `json:"on"`
	Entries      []acd.EntryID      `json:"entries" doc:"Where it is heard; everywhere when empty."`
	Until        string             `json:"until,omitempty" format:"date-time" doc:"When it ends by itself."`
	Since        string             `json:"since,omitempty" format:"date-time"`
	By           string             `json:"by,omitempty"`
}

func announcementView(id acd.AnnouncementID, c acd.Closure, now acd.Instant, tz *time.Location) AnnouncementView {
	v := AnnouncementView{Announcement: id, On: c.On(now), Entries: []acd.EntryID{}, Since: stamp(c.Since, tz), By: c.By}
	if v.On {
		v.Entries, v.Until = append(v.Entries, c.Entries...), stamp(c.Until, tz)
	}
	return v
}

func (s *Server) announcements(context.Context, *none) (*page[[]AnnouncementView], error) {
	plan, now := s.Plan(), s.Board.Now()
	said := map[acd.AnnouncementID]acd.Closure{}
	for _, c := range s.Board.Closures() {
		if id, ok := c.Announcement(); ok {
			said[id] = c
		}
	}
	out := []AnnouncementView{}
	for _, id := range slices.Sorted(slices.Values(plan.Announcements)) {
		out = append(out, announcementView(id, said[id], now, plan.TZ))
	}
	return &page[[]AnnouncementView]{out}, nil
}

// AnnouncementRequest switches an announcement on or off.
type AnnouncementRequest struct {
	On      bool          `json:"on"`
	Entries []acd.EntryID `json:"entries,omitempty" nullable:"false" maxItems:"100" doc:"Where it is heard; everywhere when absent."`
	Until   *time.Time    `json:"until,omitempty" doc:"When it ends by itself; when it is switched off where absent."`
}

func (s *Server) setAnnouncement(ctx context.Context, in *change[AnnouncementRequest]) (*done, error) {
	plan, id := s.Plan(), acd.AnnouncementID(in.ID)
	if !slices.Contains(plan.Announcements, id) {
		return nil, errCode{code: codeNoAnnouncement}
	}
	entries := map[acd.EntryID]bool{}
	for _, entry := range in.Body.Entries {
		if !slices.Contains(plan.Entries, entry) {
			return nil, wrong("body.entries", "entry")
		}
		entries[entry] = true
	}
	until, err := s.later(in.Body.Until)
	if err != nil {
		return nil, err
	}
	return &done{}, s.Closer.SetAnnouncement(ctx, id, in.Body.On, slices.Sorted(maps.Keys(entries)), until, readerOf(ctx).account.Name)
}
