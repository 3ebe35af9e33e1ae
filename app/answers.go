package app

import (
	"context"
	"time"

	"accueil/acd"
	"accueil/knowledge"
	"accueil/web"
)

// answers answers the API with the articles in force (web.Knowledge).
type answers struct{ a *App }

func (k answers) SearchArticles(ctx context.Context, q web.ArticleQuestion) ([]web.ArticleView, error) {
	found, err := k.a.library.Search(ctx, knowledge.Question{Words: q.Words, Lang: q.Lang, Reason: q.Reason, Public: !q.Internal,
		Now: time.Now().In(k.a.live.Load().site.Location), Limit: q.Limit})
	if err != nil {
		return nil, err
	}
	out := make([]web.ArticleView, len(found))
	for i, f := range found {
		out[i] = web.ArticleView{ID: string(f.ID), Lang: f.Lang, Title: f.Title[f.Lang], Agent: f.Text(knowledge.Agent, f.Lang).String(),
			Reasons: f.Reasons, Internal: f.Internal, Withheld: k.withheld(f.Article)}
	}
	return out, nil
}

func (k answers) Article(id string, internal bool) (web.FullArticleView, bool) {
	a, ok := k.a.library.Article(knowledge.ArticleID(id))
	if !ok || !internal && (a.Internal || k.withheld(a) != "") {
		return web.FullArticleView{}, false
	}
	v := web.FullArticleView{ID: id, Title: a.Title, Reasons: a.Reasons, Owner: a.Owner, ApprovedBy: a.ApprovedBy,
		ValidUntil: a.ValidUntil.Format(time.DateOnly), Internal: a.Internal, Withheld: k.withheld(a), Texts: map[string]map[acd.Lang]string{}}
	for _, ch := range knowledge.Channels() {
		texts := map[acd.Lang]string{}
		for _, lang := range k.a.live.Load().site.Languages {
			if text := a.Text(ch, lang); text != nil {
				texts[lang] = text.String()
			}
		}
		if len(texts) > 0 {
			v.Texts[string(ch)] = texts
		}
	}
	return v, true
}

// withheld says why nobody may be told the article today, also when its time ended while it was loaded.
func (k answers) withheld(a *knowledge.Article) string {
	return a.WithheldAt(time.Now().In(k.a.live.Load().site.Location))
}
