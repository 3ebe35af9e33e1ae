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
	now := time.Now()
	for i, f := range found {
		out[i] = web.ArticleView{ID: string(f.ID), Lang: f.Lang, Title: f.Title[f.Lang], Agent: f.Text(knowledge.Agent, f.Lang, now).String(),
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
			if text := a.Text(ch, lang, time.Now()); text != nil {
				texts[lang] = text.String()
			}
		}
		if len(texts) > 0 {
			v.Texts[string(ch)] = texts
		}
	}
	return v, true
}

// numberViews are numbers as the API shows them.
func numberViews(numbers []knowledge.Number) []web.NumberView {
	out := make([]web.NumberView, len(numbers))
	for i, n := range numbers {
		out[i] = web.NumberView(n)
	}
	return out
}

func (k answers) SearchDirectory(ctx context.Context, q web.DirectoryQuestion) ([]web.DirectoryView, error) {
	found, err := k.a.library.Entries(ctx, knowledge.EntryQuestion{Words: q.Words, Kind: knowledge.EntryKind(q.Kind), All: q.Confidential, Limit: q.Limit})
	if err != nil {
		return nil, err
	}
	now := time.Now().In(k.a.live.Load().site.Location)
	out := make([]web.DirectoryView, len(found))
	for i, e := range found {
		out[i] = web.DirectoryView{ID: string(e.ID), Kind: string(e.Kind), Name: e.Name, Numbers: numberViews(e.Numbers), Place: e.Place,
			Hours: e.HoursIn(q.Lang, now), Confidential: e.Access == knowledge.Confidential}
		if of, ok := k.a.library.Entry(e.Service); ok {
			out[i].Service = of.Name
		}
		if e.Hours != nil {
			open := e.Hours.Open(now)
			out[i].Open = &open
			if next, ok := e.Hours.NextOpening(now); ok && !open {
				out[i].Opens = next.Format(time.RFC3339)
			}
		}
		if !q.Confidential {
			continue
		}
		if out[i].Note = e.Note; e.Kind == knowledge.Service {
			out[i].OnCall = k.OnCall(string(e.ID))
		}
	}
	return out, nil
}

func (k answers) OnCall(service string) []web.OnCallView {
	where := k.a.live.Load().site.Location
	var out []web.OnCallView
	for _, d := range k.a.library.OnCall(time.Now(), knowledge.EntryID(service)) {
		out = append(out, web.OnCallView{Service: string(d.Service), Role: d.Role, From: d.From.In(where).Format(time.RFC3339), To: d.To.In(where).Format(time.RFC3339),
			Numbers: numberViews(d.Numbers)})
	}
	return out
}

// withheld says why nobody may be told the article today, in English, also when its time ended while it was loaded.
func (k answers) withheld(a *knowledge.Article) string {
	return a.WithheldAt(time.Now().In(k.a.live.Load().site.Location)).String()
}
