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
