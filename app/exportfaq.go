package app

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/knowledge"
	"accueil/knowledge/publish"
	"accueil/site"
)

// publishedMark is the file by which a folder is known to hold what was published.
const publishedMark = "faq.json"

// ExportFAQ writes what the hospital answers for everybody into a folder, which is made when there is none.
// Letters of articles that are gone are removed. Files are named on out; what is withheld, on talk.
func ExportFAQ(path, dir string, out, talk io.Writer) error {
	c, err := assembled(path)
	if err != nil {
		return err
	}
	s := c.site
	if s.Knowledge.Name == "" {
		return ExitError{ExitConfig, errors.New("nothing says what the hospital is called: write knowledge: {name: …} in the site file, with the name of a fact")}
	}
	for _, a := range c.knowledge.Articles() {
		if a.Withheld != nil {
			fmt.Fprintf(talk, "%s is left out: %s\n", a.ID, a.Withheld)
		}
	}
	files, err := publish.Files(publicSite(s, c.knowledge, c.entries))
	if err != nil {
		return err
	}
	if err := ownFolder(dir); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeWhole(filepath.Join(dir, filepath.FromSlash(name)), files[name], 0o644); err != nil {
			return err
		}
		fmt.Fprintln(out, filepath.Join(dir, filepath.FromSlash(name)))
	}
	letters, err := filepath.Glob(filepath.Join(dir, publish.Letters, "*.html"))
	if err != nil {
		return fmt.Errorf("list the letters: %w", err)
	}
	for _, letter := range letters {
		if _, ok := files[publish.Letters+"/"+filepath.Base(letter)]; ok {
			continue
		}
		if err := os.Remove(letter); err != nil {
			return fmt.Errorf("remove a letter that nobody approves any more: %w", err)
		}
		fmt.Fprintln(talk, "removed "+letter)
	}
	return nil
}

// publicSite is what everybody may be told.
func publicSite(s *site.Site, base *knowledge.Base, directory *knowledge.Directory) publish.Site {
	out := publish.Site{Name: s.Facts[s.Knowledge.Name].Text, Languages: s.Languages, Reasons: reasonLabels(s), Articles: base.Public(), Now: time.Now().In(s.Location)}
	all := facts(s)
	for _, name := range s.Knowledge.Contact {
		c := publish.Contact{Fact: name, Label: s.Facts[name].Label, Value: map[acd.Lang]knowledge.Part{}}
		for _, l := range s.Languages {
			c.Value[l] = all[name].Shown(name, l, out.Now)
		}
		out.Contact = append(out.Contact, c)
	}
	for _, e := range directory.Entries() {
		if e.Access != knowledge.Public || e.Kind != knowledge.Service {
			continue
		}
		x := publish.Service{ID: string(e.ID), Name: e.Name, Place: e.Place, Hours: map[acd.Lang][]string{}}
		for _, n := range e.Numbers {
			if strings.HasPrefix(n.Dial, "+") { // extensions are dialled inside
				x.Numbers = append(x.Numbers, n)
			}
		}
		for _, l := range s.Languages {
			x.Hours[l] = e.HoursIn(l, out.Now)
		}
		out.Services = append(out.Services, x)
	}
	return out
}

// ownFolder makes the folder, or sees that it is one of ours: files in it are replaced and removed.
func ownFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("look into the folder: %w", err)
	}
	ours := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == publishedMark })
	if len(entries) > 0 && !ours {
		return ExitError{ExitRefused, fmt.Errorf("%s has other files in it: name a new folder, or one that export faq has written", dir)}
	}
	if err := os.MkdirAll(filepath.Join(dir, publish.Letters), 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	return nil
}

// writeWhole writes a file whole: who reads it meanwhile has the one before.
func writeWhole(name string, content []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // nothing when all went well
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
