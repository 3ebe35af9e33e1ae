package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr"
	"accueil/knowledge"
	"accueil/wording"
)

// recordedFacts warns of texts with facts that are recorded: callers hear the fact of the day on which that
// was done.
func recordedFacts(c *config, recorded func(acd.Lang, string) bool) (findings diag.Findings) {
	if c.program == nil || recorded == nil {
		return nil
	}
	warn := func(fact string, lang acd.Lang, text, file string, line, column int) {
		parts := c.program.Parts(text, lang)
		if !slices.Contains(parts, text) && recorded(lang, text) {
			findings = append(findings, diag.Finding{File: file, Line: line, Column: column, Severity: diag.Warning,
				Message:    wording.Say("the recording of %q in language %q is not heard: the special days that come are said within the text", text, lang),
				Suggestion: wording.Say("record its parts instead: %s", strings.Join(parts, ", "))})
		}
		for _, text := range parts {
			if !recorded(lang, text) {
				continue
			}
			findings = append(findings, diag.Finding{File: file, Line: line, Column: column, Severity: diag.Warning,
				Message:    wording.Say("the text %q is recorded in language %q and says the fact %q: a change of the fact is not heard", text, lang, fact),
				Suggestion: wording.Say("record it again after a change, or remove the recording")})
		}
	}
	for _, f := range c.program.FactsSaid() {
		warn(f.Fact, f.Lang, f.Text, cmp.Or(f.File, f.Site), f.Line, f.Column)
	}
	for _, s := range c.knowledge.Says() {
		if s.Channel == knowledge.Voice {
			warn(s.Fact, s.Lang, ivr.ArticleText(string(s.Article)), s.File, s.Line, s.Column)
		}
	}
	return findings
}

// typedFacts tells of facts that are typed into what callers hear in menus and announcements. An error keeps a site
// from being put into force with it, not one that runs from starting.
func typedFacts(c *config, j judgement) (findings diag.Findings) {
	if c.program == nil {
		return nil
	}
	typed := knowledge.NewTyped(facts(c.site), c.site.Languages)
	for _, text := range c.program.Writings() {
		for _, f := range typed.Find(text.Words) {
			finding := diag.Finding{File: cmp.Or(text.File, text.Site), Line: text.Line, Column: text.Column, Severity: f.Severity, Message: f.Message, Suggestion: f.Suggestion}
			if j == leniently {
				finding.Severity = diag.Warning
			}
			findings = append(findings, finding)
		}
	}
	return findings
}

// scenarioSays lists what menus and announcements say, as articles do.
func scenarioSays(p *ivr.Program) (out []knowledge.Saying) {
	for _, f := range p.FactsSaid() {
		out = append(out, knowledge.Saying{Fact: f.Fact, Channel: knowledge.Voice, Lang: f.Lang, File: cmp.Or(f.File, f.Site), Line: f.Line, Column: f.Column, Words: f.Words})
	}
	return out
}

// ListFacts lists every place where an answer, a menu or an announcement says a fact; facts that nothing says are told on talk.
func ListFacts(path string, asJSON bool, out, talk io.Writer) error {
	c, err := assembled(path)
	if err != nil {
		return err
	}
	s := c.site
	says := append(c.knowledge.Says(), scenarioSays(c.program)...)
	slices.SortStableFunc(says, func(a, b knowledge.Saying) int { return cmp.Compare(a.Fact, b.Fact) })
	for i := range says {
		if short, err := filepath.Rel(s.Dir, says[i].File); err == nil && filepath.IsAbs(says[i].File) {
			says[i].File = short
		}
	}
	if asJSON {
		if says == nil {
			says = []knowledge.Saying{} // an empty list, not null
		}
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(says)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	said := map[string]bool{}
	for _, p := range says {
		said[p.Fact] = true
		place := p.File
		if p.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.Fact, p.Channel, p.Lang, place, p.Words)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	unsaid := slices.DeleteFunc(slices.Sorted(maps.Keys(s.Facts)), func(name string) bool { return said[name] })
	if len(unsaid) > 0 {
		fmt.Fprintln(talk, "Nothing says: "+strings.Join(unsaid, ", "))
	}
	return nil
}
