package app

import (
	"os"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr"
	"accueil/knowledge"
	"accueil/site"
	"accueil/wording"
)

// judgement says what becomes of an answer that may not be told.
type judgement bool

const (
	strictly  judgement = false // it forbids the site
	leniently judgement = true  // it is withheld
)

// articles reads the articles that the site names; a base without any where it names none.
func articles(s *site.Site, j judgement) (*knowledge.Base, diag.Findings) {
	files := map[string][]byte{}
	var findings diag.Findings
	for _, path := range s.Articles {
		text, err := os.ReadFile(path)
		if err != nil {
			findings = append(findings, diag.Finding{File: path, Message: wording.Say("the article cannot be read: %v", err)})
			continue
		}
		files[path] = text
	}
	base, more := knowledge.Load(files, knowledge.Site{
		Languages: s.Languages, Reasons: reasonLabels(s), Facts: facts(s), Synonyms: s.Knowledge.Synonyms,
		Today: time.Now().In(s.Location), Lenient: j == leniently,
	})
	return base, append(findings, more...)
}

func reasonLabels(s *site.Site) map[acd.ReasonID]map[acd.Lang]string {
	out := map[acd.ReasonID]map[acd.Lang]string{}
	for id, r := range s.Reasons {
		out[id] = r.Label
	}
	return out
}

// facts are those of the site file, ready to be said.
func facts(s *site.Site) map[string]knowledge.Fact {
	out := map[string]knowledge.Fact{}
	for name, f := range s.Facts {
		fact := knowledge.Fact{Text: f.Text, Spoken: f.Spoken, List: f.List, Hours: s.Timetables[f.Hours].Hours}
		if f.Number != "" {
			fact.Number = knowledge.Number{Shown: s.ShownNumber(f.Number), Dial: site.NormalizeCallerID(f.Number, s.Region)}
		}
		out[name] = fact
	}
	return out
}

// spokenFacts are the facts as scenarios speak them.
func spokenFacts(s *site.Site) map[string]map[acd.Lang]string {
	out := map[string]map[acd.Lang]string{}
	for name, f := range facts(s) {
		out[name] = map[acd.Lang]string{}
		for _, l := range s.Languages {
			out[name][l] = f.Voiced(l)
		}
	}
	return out
}

// hourFacts are the timetables of facts that are opening hours.
func hourFacts(s *site.Site) map[string]*ivr.Timetable {
	out := map[string]*ivr.Timetable{}
	for name, f := range s.Facts {
		if t := s.Timetables[f.Hours].Hours; t != nil {
			out[name] = t
		}
	}
	return out
}

// spokenArticles are the articles as scenarios speak them; mark stands behind hours (ivr.Site.SpecialMark).
func spokenArticles(base *knowledge.Base, s *site.Site, j judgement, mark func(string) string) map[string]ivr.Article {
	out := map[string]ivr.Article{}
	for _, a := range base.Articles() {
		if a.Internal {
			out[string(a.ID)] = ivr.Article{Refused: wording.Say("it is for agents alone")}
			continue
		}
		spoken := ivr.Article{Texts: map[acd.Lang]string{}, Until: a.Ends(s.Location)}
		if j == leniently {
			spoken.Withheld = a.Withheld
		} else {
			spoken.Refused = a.Withheld
		}
		for _, l := range s.Languages {
			if spoken.Texts[l] = a.Spoken(l, mark); spoken.Texts[l] == "" {
				spoken.Refused = wording.Say("it has mistakes")
			}
		}
		out[string(a.ID)] = spoken
	}
	return out
}
