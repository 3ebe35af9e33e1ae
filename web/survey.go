package web

import (
	"context"
	"strconv"

	"accueil/acd"
)

// Surveys are the answers of callers after their conversations. A database that is away is an
// acd.ErrUnavailable.
type Surveys interface {
	Surveys(context.Context, acd.SurveyQuery) ([]acd.SurveyRecord, error) // the latest first
	// Commented returns the contact's answers with a spoken comment; an acd.ErrNotFound when there are none
	// (any more).
	Commented(context.Context, acd.ContactID) (acd.SurveyRecord, error)
}

// AnsweredView is what a caller answered, as lists show it. Who talked with him is not in it.
type AnsweredView struct {
	Contact acd.ContactID `json:"contact"`
	Leg     acd.LegID     `json:"leg"`
	Entry   acd.EntryID   `json:"entry,omitempty"`
	Queue   acd.QueueID   `json:"queue,omitempty"`
	Reason  acd.ReasonID  `json:"reason,omitempty"`
	Lang    acd.Lang      `json:"language,omitempty"`
	Ended   string        `json:"ended" format:"date-time"`
	SurveyView
}

// AnsweredPage is one page of answers.
type AnsweredPage struct {
	Surveys []AnsweredView `json:"surveys"`
	Next    string         `json:"next,omitempty" doc:"Give it as after for the next page; absent on the last one."`
}

type surveysRequest struct {
	Queue   acd.QueueID `query:"queue" maxLength:"40"`
	From    string      `query:"from" maxLength:"40" doc:"Date of the site or RFC 3339 instant."`
	To      string      `query:"to" maxLength:"40" doc:"Same form; excluded."`
	Comment bool        `query:"comment" doc:"Those with a spoken comment only."`
	Limit   int         `query:"limit" minimum:"1" maximum:"500" default:"100"`
	After   string      `query:"after" maxLength:"120" doc:"next of the page before."`
}

func (s *Server) surveys(ctx context.Context, in *surveysRequest) (*page[AnsweredPage], error) {
	tz := s.Plan().TZ
	q := acd.SurveyQuery{Queue: in.Queue, Comment: in.Comment, Limit: in.Limit + 1} // one more tells whether there is a next page
	var ok bool
	if in.From != "" {
		if q.From, ok = moment(in.From, tz); !ok {
			return nil, wrong("query.from", "format")
		}
	}
	if in.To != "" {
		if q.To, ok = moment(in.To, tz); !ok {
			return nil, wrong("query.to", "format")
		}
	}
	if in.After != "" {
		at, leg, err := parseMark(in.After)
		if err != nil {
			return nil, wrong("query.after", "format")
		}
		q.Before, q.Leg = at, acd.LegID(leg)
	}
	v := AnsweredPage{Surveys: []AnsweredView{}}
	if s.Surveys == nil {
		return &page[AnsweredPage]{v}, nil
	}
	list, err := s.Surveys.Surveys(ctx, q)
	if err != nil {
		return nil, err
	}
	for i, a := range list {
		if i == in.Limit {
			last := list[i-1]
			v.Next = strconv.FormatInt(int64(last.Ended), 10) + "." + string(last.Leg)
			break
		}
		v.Surveys = append(v.Surveys, AnsweredView{
			Contact: a.Leg.Contact(), Leg: a.Leg, Entry: a.Entry, Queue: a.Queue, Reason: a.Reason, Lang: a.Lang, Ended: stamp(a.Ended, tz), SurveyView: surveyView(a.Answer),
		})
	}
	return &page[AnsweredPage]{v}, nil
}

func surveyView(s acd.Survey) SurveyView { return SurveyView{s.CSAT, s.NPS, s.Comment != ""} }

// comment plays what a caller said freely after his conversation. It is about the agent who served him,
// and not for him.
func (s *Server) comment(ctx context.Context, in *named) (*soundReply, error) {
	if s.Surveys == nil || s.Recordings == nil {
		return nil, errCode{code: codeNoRecording}
	}
	a, err := s.Surveys.Commented(ctx, acd.ContactID(in.ID))
	if isMissing(err) {
		return nil, errCode{code: codeNoRecording}
	}
	if err != nil {
		return nil, err
	}
	return s.play(ctx, Hearing{Recording: a.Answer.Comment, Contact: a.Leg.Contact()})
}
