package app

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"accueil/knowledge"
)

// ListFacts lists every place where an answer says a fact; facts that nothing says are told on talk.
func ListFacts(path string, asJSON bool, out, talk io.Writer) error {
	s, err := loadSite(path)
	if err != nil {
		return err
	}
	c, findings := assemble(s)
	if c == nil {
		return BuildError{findings}
	}
	says := c.knowledge.Says()
	for i := range says {
		if short, err := filepath.Rel(s.Dir, says[i].File); err == nil {
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
		fmt.Fprintf(w, "%s\t%s\t%s\t%s:%d:%d\t%s\n", p.Fact, p.Channel, p.Lang, p.File, p.Line, p.Column, p.Words)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	unsaid := slices.DeleteFunc(slices.Sorted(maps.Keys(s.Facts)), func(name string) bool { return said[name] })
	if len(unsaid) > 0 {
		fmt.Fprintln(talk, "No article says: "+strings.Join(unsaid, ", "))
	}
	return nil
}
