package publish

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/knowledge"
)

func both(fr, en string) map[acd.Lang]string { return map[acd.Lang]string{"fr": fr, "en": en} }

// attack is a text that tries to leave every place where it may stand.
const attack = `</title></style><script>alert(1)</script><img src=x onerror="alert(2)"> ' " & javascript:alert(3)`

// article is one of ours, of a title and a text on every channel.
func article(title, text, more string) []byte {
	texts := ""
	for _, ch := range knowledge.Channels() {
		texts += fmt.Sprintf("  %s: {fr: %q, en: %q}\n", ch, text, text)
	}
	return fmt.Appendf(nil, "version: 1\ntitle: {fr: %q, en: %q}\nquestions: {fr: [%q]}\nreasons: [accueil]\nowner: Proprietaire\nvalid_until: 2027-01-31\n%stexts:\n%s", title, title, title, more, texts)
}

func written(t *testing.T, files map[string][]byte) (Site, map[string][]byte) {
	t.Helper()
	facts := map[string]knowledge.Fact{
		"nom":    {Text: both("Nom "+attack, "Nom "+attack)}, // a fact may not be typed into an article
		"numero": {Number: knowledge.Number{Shown: "01 99 00 30 00", Dial: `+33199003000" onclick="alert(4)`}},
		"liste":  {List: map[acd.Lang][]string{"fr": {attack, "b"}, "en": {attack, "b"}}},
	}
	base, findings := knowledge.Load(files, knowledge.Site{
		Languages: []acd.Lang{"fr", "en"}, Reasons: map[acd.ReasonID]map[acd.Lang]string{"accueil": both("é"+attack, attack)}, Facts: facts,
		Today: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), Lenient: true,
	})
	if findings.Failed() {
		t.Fatal(findings)
	}
	s := Site{
		Name: both(attack, attack), Languages: []acd.Lang{"fr", "en"}, Reasons: map[acd.ReasonID]map[acd.Lang]string{"accueil": both("é"+attack, attack)},
		Articles: base.Public(), Now: time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC),
	}
	for _, name := range []string{"nom", "numero", "liste"} {
		c := Contact{Fact: name, Label: both(attack, attack), Value: map[acd.Lang]knowledge.Part{}}
		for _, l := range s.Languages {
			c.Value[l] = facts[name].Shown(name, l, time.Time{})
		}
		s.Contact = append(s.Contact, c)
	}
	s.Services = []Service{{ID: "un", Name: attack, Place: attack, Numbers: []knowledge.Number{{Shown: "01 99 00 30 03", Dial: "+33199003003"}},
		Hours: map[acd.Lang][]string{"fr": {attack}}}}
	out, err := Files(s)
	if err != nil {
		t.Fatal(err)
	}
	return s, out
}

var hostile = map[string][]byte{
	"un.yaml":      article(attack, "Texte "+attack+"\n{{liste}}\n\nAppelez le {{numero}}, {{nom}}.", "approved_by: Approbateur\n"),
	"deux.yaml":    article("Deux", "Texte de deux.", "approved_by: Approbateur\n"),
	"interne.yaml": []byte("version: 1\ntitle: {fr: SECRET-INTERNE, en: SECRET-INTERNE}\nreasons: [accueil]\nowner: x\nvalid_until: 2027-01-31\napproved_by: x\ninternal: true\ntexts: {agent: {fr: SECRET-INTERNE, en: SECRET-INTERNE}}\n"),
	"projet.yaml":  article("SECRET-PROJET", "SECRET-PROJET", ""),
	"fini.yaml":    []byte(strings.Replace(string(article("SECRET-FINI", "SECRET-FINI", "approved_by: x\n")), "2027-01-31", "2026-01-31", 1)),
}

var tag = regexp.MustCompile(`<(/?)([a-zA-Z!][a-zA-Z0-9]*)([^>]*)>`)

// TestNothingOfAnArticleIsMarkup: whatever is written is shown as text.
func TestNothingOfAnArticleIsMarkup(t *testing.T) {
	t.Parallel()
	_, files := written(t, hostile)
	allowed := strings.Fields("! a address article body br dd dl dt footer h1 h2 h3 head header html li main meta nav p section strong style time title ul")
	for name, content := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		page := string(content)
		for _, m := range tag.FindAllStringSubmatch(page, -1) {
			if !slices.Contains(allowed, strings.TrimSuffix(strings.ToLower(m[2]), "doctype")) && !strings.HasPrefix(m[2], "!") {
				t.Errorf("%s has the element %s", name, m[0])
			}
			if strings.Contains(m[3], "on") && regexp.MustCompile(`\son[a-z]+=`).MatchString(m[3]) {
				t.Errorf("%s runs a script: %s", name, m[0])
			}
		}
		for _, link := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !regexp.MustCompile(`^(#[a-z0-9-]+|tel:(&#43;)?[0-9]+|faq\.(fr|en)\.html)$`).MatchString(link[1]) {
				t.Errorf("%s leads to %q", name, link[1])
			}
		}
		if strings.Count(page, "<style>") != 1 || strings.Count(page, "<title>") != 1 {
			t.Errorf("%s: an article has closed a part of the page", name)
		}
		if !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;") {
			t.Errorf("%s does not show the text as it is written", name)
		}
	}
	if strings.ContainsAny(string(files["faq.json"]), "<>&") {
		t.Error("faq.json could close a page that it is put into")
	}
}

// TestPagesLoadNothing: a page put on any server asks nobody for anything, and tells nobody who reads it.
func TestPagesLoadNothing(t *testing.T) {
	t.Parallel()
	_, files := written(t, map[string][]byte{"deux.yaml": article("Deux", "Texte.", "approved_by: x\n")})
	if len(files) != 7 {
		t.Errorf("%d files", len(files))
	}
	for name, content := range files {
		for _, loads := range []string{"http://", "https://", " src=", "<link", "@import", "url(", "<iframe", "<script", "//cdn"} {
			if page := strings.ReplaceAll(string(content), "&lt;script", ""); strings.Contains(page, loads) && !strings.Contains(name, "json") && !strings.Contains(attack, loads) {
				t.Errorf("%s has %s", name, loads)
			}
		}
		if strings.HasSuffix(name, ".html") && !strings.Contains(string(content), `content="default-src 'none'; style-src 'unsafe-inline'"`) {
			t.Errorf("%s has no policy", name)
		}
	}
}

// TestNothingPrivateIsPublished: what is for agents, not approved or over, and who wrote and approved it.
func TestNothingPrivateIsPublished(t *testing.T) {
	t.Parallel()
	_, files := written(t, hostile)
	for name, content := range files {
		for _, secret := range []string{"SECRET", "Proprietaire", "Approbateur"} {
			if strings.Contains(string(content), secret) || strings.Contains(name, strings.ToLower(strings.TrimPrefix(secret, "SECRET-"))) {
				t.Errorf("%s says %s", name, secret)
			}
		}
	}
	if !strings.Contains(string(files["faq.fr.html"]), "Texte de deux.") {
		t.Error("what is public is not there")
	}
}

// TestPagesAreAccessible as far as a program can see: language, one title, headings in order, a way past
// the list of questions, links that lead somewhere.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	_, files := written(t, hostile)
	for name, content := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		page := string(content)
		lang := strings.Split(name, ".")[1]
		if !strings.Contains(page, `<html lang="`+lang+`">`) || strings.Count(page, "<h1>") != 1 {
			t.Errorf("%s: language or title", name)
		}
		level := 1
		for _, h := range regexp.MustCompile(`<h([1-6])>`).FindAllStringSubmatch(page, -1) {
			next := int(h[1][0] - '0')
			if next > level+1 {
				t.Errorf("%s: a heading of level %d after one of %d", name, next, level)
			}
			level = next
		}
		ids := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if ids[m[1]] {
				t.Errorf("%s: the id %s is there twice", name, m[1])
			}
			ids[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !ids[m[1]] {
				t.Errorf("%s: a link leads to %s, which is nowhere", name, m[1])
			}
		}
		for _, element := range strings.Fields("ul li p dl dt dd article section main nav header footer address") {
			if strings.Count(page, "<"+element+">")+strings.Count(page, "<"+element+" ") != strings.Count(page, "</"+element+">") {
				t.Errorf("%s: %s is not closed", name, element)
			}
		}
	}
	fr := string(files["faq.fr.html"])
	if !strings.HasPrefix(fr[strings.Index(fr, "<body>"):], "<body>\n<a class=\"skip\" href=\"#main\">") || !strings.Contains(fr, "1 février 2026") || !strings.Contains(fr, "<h2>É") {
		t.Error("the French page")
	}
	if !strings.Contains(string(files["faq.en.html"]), `<a href="faq.fr.html" lang="fr" hreflang="fr">Français</a>`) {
		t.Error("no way to the other language")
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	_, files := written(t, hostile)
	var got jsonSite
	if err := json.Unmarshal(files["faq.json"], &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 1 || len(got.Articles) != 2 || len(got.Contact) != 3 || len(got.Services) != 1 || got.Services[0].Numbers[0].Dial != "+33199003003" || got.Name["fr"] != attack {
		t.Errorf("%+v", got)
	}
	un := got.Articles[1]
	if un.ID != "un" || un.ValidUntil != "2027-01-31" || un.Title["fr"] != attack || un.Texts["agent"] != nil ||
		!strings.HasSuffix(un.Texts["web"]["fr"], "Appelez le 01 99 00 30 00, Nom "+attack+".") {
		t.Errorf("%+v", un)
	}
}
