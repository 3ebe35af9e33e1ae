package web

import (
	"context"
	"slices"

	"accueil/acd"
)

// Knowledge answers questions with the articles in force.
type Knowledge interface {
	// SearchArticles lists those that answer best, best first; all of them when no words are asked.
	SearchArticles(context.Context, ArticleQuestion) ([]ArticleView, error)
	// Article is one of them; false when there is none, or it is internal and the reader may not see
	// such.
	Article(id string, internal bool) (FullArticleView, bool)
	// SearchDirectory lists the entries that answer best, best first; all of them when no words are asked.
	SearchDirectory(context.Context, DirectoryQuestion) ([]DirectoryView, error)
	// OnCall lists who is on call now, of one service or of all.
	OnCall(service string) []OnCallView
}

// DirectoryQuestion is what is asked of the directory.
type DirectoryQuestion struct {
	Words        string
	Kind         string   // "" for any
	Lang         acd.Lang // of the words in the answer
	Confidential bool     // confidential entries, and who is on call, are shown too
	Limit        int
}

// DirectoryView is a service, a person or a room.
type DirectoryView struct {
	ID           string       `json:"id"`
	Kind         string       `json:"kind" enum:"service,person,room"`
	Name         string       `json:"name"`
	Numbers      []NumberView `json:"numbers" nullable:"false" doc:"In the order in which they are tried."`
	Service      string       `json:"service,omitempty" doc:"The name of the service that it belongs to."`
	Place        string       `json:"place,omitempty"`
	Hours        []string     `json:"hours,omitempty" doc:"In words, a line for the days that have the same."`
	Open         *bool        `json:"open,omitempty" doc:"Whether it is open now; absent when nothing is said of its hours."`
	Opens        string       `json:"opens,omitempty" format:"date-time" doc:"When it opens next; of one that is closed."`
	Confidential bool         `json:"confidential,omitempty" doc:"For agents and supervisors alone: never confirm it to anybody."`
	Note         string       `json:"note,omitempty" doc:"For agents and supervisors."`
	OnCall       []OnCallView `json:"on_call,omitempty" doc:"Who is on call now; for agents and supervisors."`
}

// NumberView is a telephone number.
type NumberView struct {
	Shown string `json:"shown" doc:"As people write it."`
	Dial  string `json:"dial" doc:"As it is dialled, also for a transfer."`
}

// OnCallView is somebody on call.
type OnCallView struct {
	Service string       `json:"service"`
	Role    string       `json:"role"`
	From    string       `json:"from" format:"date-time"`
	To      string       `json:"to" format:"date-time"`
	Numbers []NumberView `json:"numbers" nullable:"false" doc:"In the order in which they are tried."`
}

// directoryQuery is the request for entries.
type directoryQuery struct {
	Q        string `query:"q" maxLength:"200" doc:"A name in any spelling, or digits of a number; all entries without."`
	Kind     string `query:"kind" enum:"service,person,room" doc:"Only entries of that kind."`
	Language string `query:"language" enum:"fr,en" default:"fr" doc:"Of the hours in words."`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"10"`
}

func (s *Server) directory(ctx context.Context, in *directoryQuery) (*page[[]DirectoryView], error) {
	out := []DirectoryView{}
	if s.Knowledge != nil {
		found, err := s.Knowledge.SearchDirectory(ctx, DirectoryQuestion{in.Q, in.Kind, acd.Lang(in.Language), slices.Contains(serving, readerOf(ctx).account.Role), in.Limit})
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return &page[[]DirectoryView]{out}, nil
}

// onCallQuery is the request for who is on call.
type onCallQuery struct {
	Service string `query:"service" maxLength:"100" doc:"The id of a service; all of them when absent."`
}

func (s *Server) onCall(_ context.Context, in *onCallQuery) (*page[[]OnCallView], error) {
	out := []OnCallView{}
	if s.Knowledge != nil {
		out = append(out, s.Knowledge.OnCall(in.Service)...)
	}
	return &page[[]OnCallView]{out}, nil
}

// ArticleQuestion is what is asked.
type ArticleQuestion struct {
	Words    string
	Lang     acd.Lang     // of the words; "" for any
	Reason   acd.ReasonID // "" for any
	Internal bool         // those for agents alone, and those that may not be told any more, are shown too
	Limit    int
}

// ArticleView is an article in a list.
type ArticleView struct {
	ID       string         `json:"id"`
	Lang     acd.Lang       `json:"language" doc:"In which it was found, and is shown here."`
	Title    string         `json:"title"`
	Agent    string         `json:"agent" doc:"What an agent reads out, with the facts of today."`
	Reasons  []acd.ReasonID `json:"reasons" nullable:"false"`
	Internal bool           `json:"internal,omitempty" doc:"For agents alone."`
	Withheld string         `json:"withheld,omitempty" doc:"Why nobody may be told it; absent for one that may."`
}

// FullArticleView is an article with its texts.
type FullArticleView struct {
	ID         string                         `json:"id"`
	Title      map[acd.Lang]string            `json:"title"`
	Reasons    []acd.ReasonID                 `json:"reasons" nullable:"false"`
	Owner      string                         `json:"owner" doc:"Who keeps it right."`
	ApprovedBy string                         `json:"approved_by"`
	ValidUntil string                         `json:"valid_until" format:"date" doc:"Its last day."`
	Internal   bool                           `json:"internal,omitempty"`
	Withheld   string                         `json:"withheld,omitempty"`
	Texts      map[string]map[acd.Lang]string `json:"texts" doc:"By channel (voice, sms, web, letter, agent) and language, with the facts of today."`
}

// articleQuery is the request for a list.
type articleQuery struct {
	Q        string       `query:"q" maxLength:"200" doc:"Words, in any spelling; all articles without."`
	Language acd.Lang     `query:"language" maxLength:"10" doc:"Of the words; any when absent."`
	Reason   acd.ReasonID `query:"reason" maxLength:"100" doc:"Only articles of that reason."`
	Limit    int          `query:"limit" minimum:"1" maximum:"100" default:"10"`
}

// internals may read what is for agents alone.
var internals = []Role{RoleAgent, RoleSupervisor, RoleAdmin}

func (s *Server) articles(ctx context.Context, in *articleQuery) (*page[[]ArticleView], error) {
	plan := s.Plan()
	if _, ok := plan.Reasons[in.Reason]; in.Reason != "" && !ok {
		return nil, wrong("query.reason", "reason")
	}
	if in.Language != "" && in.Language != french && in.Language != english {
		return nil, wrong("query.language", "lang")
	}
	out := []ArticleView{}
	if s.Knowledge != nil {
		found, err := s.Knowledge.SearchArticles(ctx, ArticleQuestion{in.Q, in.Language, in.Reason, slices.Contains(internals, readerOf(ctx).account.Role), in.Limit})
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return &page[[]ArticleView]{out}, nil
}

func (s *Server) article(ctx context.Context, in *named) (*page[FullArticleView], error) {
	if s.Knowledge != nil {
		if a, ok := s.Knowledge.Article(in.ID, slices.Contains(internals, readerOf(ctx).account.Role)); ok {
			return &page[FullArticleView]{a}, nil
		}
	}
	return nil, errCode{code: codeNoArticle}
}
