package web

import (
	"context"
	"encoding/hex"

	"accueil/acd"
)

// Audit tells who heard or read what callers said. A database that is away is an acd.ErrUnavailable.
type Audit interface {
	// Trail returns at most so many entries after the one of that number, oldest first.
	Trail(ctx context.Context, after int64, most int) ([]Heard, error)
}

// Heard is one entry of the audit.
type Heard struct {
	Seq       int64
	At        acd.Instant
	Who, What string
	Task      acd.TaskID
	Contact   acd.ContactID
	Recording string
	Hash      []byte
}

// HeardView is one entry of the audit.
type HeardView struct {
	Seq       int64         `json:"seq" doc:"From 1, without a gap."`
	At        string        `json:"at" format:"date-time"`
	Who       string        `json:"who" doc:"Account, or system."`
	What      string        `json:"what" enum:"listen,read,erase" doc:"A recording was played; number, name or text of a task was shown; a recording was erased."`
	Task      acd.TaskID    `json:"task,omitempty"`
	Contact   acd.ContactID `json:"contact,omitempty"`
	Recording string        `json:"recording,omitempty"`
	Hash      string        `json:"hash" doc:"SHA-256 over the entry and the hash of the one before; accueil verify recomputes all of them."`
}

// AuditPage is one page of the audit.
type AuditPage struct {
	Entries []HeardView `json:"entries"`
	Next    int64       `json:"next,omitempty" doc:"Give it as after for the next page; absent on the last one."`
}

type auditRequest struct {
	After int64 `query:"after" minimum:"0" doc:"next of the page before."`
	Limit int   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) audit(ctx context.Context, in *auditRequest) (*page[AuditPage], error) {
	v := AuditPage{Entries: []HeardView{}}
	if s.Audit == nil {
		return &page[AuditPage]{v}, nil
	}
	list, err := s.Audit.Trail(ctx, in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	for i, h := range list {
		if i == in.Limit {
			v.Next = list[i-1].Seq
			break
		}
		v.Entries = append(v.Entries, HeardView{h.Seq, stamp(h.At, s.Plan().TZ), h.Who, h.What, h.Task, h.Contact, h.Recording, hex.EncodeToString(h.Hash)})
	}
	return &page[AuditPage]{v}, nil
}
