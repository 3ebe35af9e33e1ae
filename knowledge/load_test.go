package knowledge

import (
	"strings"
	"testing"
	"time"

	"accueil/acd"
)

func both(fr, en string) map[acd.Lang]string { return map[acd.Lang]string{"fr": fr, "en": en} }

func testSite(t testing.TB) Site {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return Site{
		Languages: []acd.Lang{"fr", "en"},
		Reasons:   map[acd.ReasonID]map[acd.Lang]string{"rdv.imagerie": both("rendez-vous d'imagerie", "imaging appointment"), "accueil": both("standard", "switchboard")},
		Facts: map[string]Fact{
			"adresse":   {Text: both("12 rue des Tilleuls, Lyon", "12 rue des Tilleuls, Lyon"), Spoken: map[acd.Lang]string{"fr": "douze rue des Tilleuls"}},
			"standard":  {Number: Number{Shown: "01 99 00 30 00", Dial: "+33199003000"}},
			"documents": {List: map[acd.Lang][]string{"fr": {"la carte Vitale", "l'ordonnance"}, "en": {"your card", "the prescription"}}},
			"heures":    {Hours: timetable(t, "FR", map[string][]string{"mon-fri": {"08:00-18:00"}, "sat": {"09:00-12:00"}})},
			"en-france": {Text: map[acd.Lang]string{"fr": "seulement en français"}},
		},
		Today: time.Date(2026, 11, 26, 12, 0, 0, 0, paris),
	}
}

// good has no mistake; its last day is the day on which it is read.
const good = `version: 1
title: {fr: "Quand ouvrez-vous ?", en: "When are you open?"}
questions: {fr: ["horaires du standard"]}
reasons: [accueil]
owner: Accueil
valid_until: 2026-11-26
approved_by: Direction
texts:
  voice: {fr: "Nous répondons {{heures}}, au {{adresse}}.", en: "We answer {{heures}}, at {{adresse}}."}
  sms: {fr: "Standard {{standard}}, {{ heures }}", en: "Call {{standard}}, {{heures}}"}
  web:
    fr: |
      Nous répondons :
      {{heures}}

      Apportez {{documents}},
      et appelez le {{standard}}.
    en: "We answer {{heures}}."
  letter: {fr: "Apportez {{documents}}.", en: "Bring {{documents}}."}
  agent: {fr: "{{standard}}", en: "{{standard}}"}
`

func one(t testing.TB, src string) (*Article, string) {
	t.Helper()
	base, findings := Load(map[string][]byte{"articles/ouverture.yaml": []byte(src)}, testSite(t))
	a, _ := base.Article("ouverture")
	return a, findings.String()
}

func TestTextsOfEveryChannel(t *testing.T) {
	t.Parallel()
	a, findings := one(t, good)
	if findings != "" {
		t.Fatal(findings)
	}
	for _, c := range []struct {
		ch   Channel
		lang acd.Lang
		want string
	}{
		{Voice, "fr", "Nous répondons du lundi au vendredi, de huit heures à dix-huit heures ; le samedi, de neuf heures à midi ; fermé les jours fériés, au douze rue des Tilleuls."},
		{Voice, "en", "We answer Monday to Friday, from eight a.m. to six p.m. ; Saturday, from nine a.m. to noon ; closed on public holidays, at 12 rue des Tilleuls, Lyon."},
		{SMS, "fr", "Standard 01 99 00 30 00, du lundi au vendredi de 8 h à 18 h, le samedi de 9 h à midi, fermé les jours fériés"},
		{Web, "fr", "Nous répondons :\n- du lundi au vendredi de 8 h à 18 h\n- le samedi de 9 h à midi\n- fermé les jours fériés\n\nApportez la carte Vitale et l'ordonnance, et appelez le 01 99 00 30 00."},
		{Letter, "en", "Bring your card and the prescription."},
		{Agent, "fr", "01 99 00 30 00"},
	} {
		if got := a.Text(c.ch, c.lang, time.Time{}).String(); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.ch, c.lang, got, c.want)
		}
	}
	if number := a.Text(Web, "fr", time.Time{})[1][5]; number.Dial != "+33199003000" || number.Fact != "standard" {
		t.Errorf("the number on the web: %+v", number)
	}
	if a.Text("fax", "fr", time.Time{}) != nil || a.Text(Voice, "de", time.Time{}) != nil {
		t.Error("a text that is not there")
	}
}

// TestAChangedFactChangesEveryChannel is the reason why facts are not typed.
func TestAChangedFactChangesEveryChannel(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{"ouverture.yaml": []byte(good)}
	before, _ := Load(files, testSite(t))
	site := testSite(t)
	site.Facts["heures"] = Fact{Hours: timetable(t, "FR", map[string][]string{"mon-fri": {"07:30-18:00"}})}
	site.Facts["standard"] = Fact{Number: Number{Shown: "01 99 00 40 00", Dial: "+33199004000"}}
	after, _ := Load(files, site)
	a, _ := before.Article("ouverture")
	b, _ := after.Article("ouverture")
	for _, ch := range []Channel{Voice, SMS, Web, Agent} {
		for _, lang := range site.Languages {
			if a.Text(ch, lang, time.Time{}).String() == b.Text(ch, lang, time.Time{}).String() {
				t.Errorf("%s in %s says the old fact: %q", ch, lang, b.Text(ch, lang, time.Time{}))
			}
		}
	}
}

func TestSays(t *testing.T) {
	t.Parallel()
	base, _ := Load(map[string][]byte{"a.yaml": []byte(good)}, testSite(t))
	count := map[string]int{}
	for _, s := range base.Says() {
		count[s.Fact]++
		if s.Line == 0 || s.Words == "" || s.Article != "a" {
			t.Errorf("%+v", s)
		}
	}
	if count["heures"] != 6 || count["standard"] != 5 || count["documents"] != 3 || count["adresse"] != 2 {
		t.Errorf("%v", count)
	}
	first := base.Says()[0]
	if first.Fact != "adresse" || first.Line != 9 || first.Channel != Voice {
		t.Errorf("%+v", first)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, c := range map[string]struct{ src, want string }{
		"expired":           {replace("2026-11-26", "2026-11-25"), `6:14: the time of the article "ouverture" is over since 2026-11-25`},
		"unapproved":        {replace("approved_by: Direction\n", ""), `nobody has approved the article "ouverture"`},
		"approved by space": {replace("Direction", `" "`), `nobody has approved`},
		"unknown fact":      {replace("{{standard}}, {{ heures }}", "{{standar}}"), `the site file has no fact "standar"`},
		"suggestion":        {replace("{{standard}}, {{ heures }}", "{{standar}}"), `did you mean "standard"?`},
		"fact in French":    {replace("Call {{standard}}", "{{en-france}}"), `the fact "en-france" has no words in language "en"`},
		"unclosed":          {replace("au {{adresse}}.\"", "au {{adresse.\""), `9:15: {{ is not closed with }}`},
		"unopened":          {replace("au {{adresse}}.\"", "au adresse}}.\""), `}} stands without {{`},
		"bad name":          {replace("{{ heures }}", "{{les heures}}"), `{{les heures}} is no name of a fact`},
		"missing language":  {replace(`, en: "Bring {{documents}}."`, ""), `the text for the channel "letter" is missing in language "en"`},
		"missing channel":   {replace("  agent: {fr: \"{{standard}}\", en: \"{{standard}}\"}\n", ""), `the text for the channel "agent" is missing`},
		"unknown channel":   {replace("  agent:", "  agents:"), `there is no channel "agents"`},
		"unknown language":  {replace(`, en: "Bring {{documents}}."`, `, en: "Bring it.", de: "Nein."`), `the site does not speak "de"`},
		"unknown reason":    {replace("[accueil]", "[acceuil]"), `4:11: the site has no reason "acceuil"`},
		"reason twice":      {replace("[accueil]", "[accueil, accueil]"), `the reason "accueil" is named twice`},
		"no reason":         {replace("reasons: [accueil]\n", ""), `reasons are missing`},
		"no owner":          {replace("owner: Accueil\n", ""), `owner is missing`},
		"no date":           {replace("valid_until: 2026-11-26\n", ""), `valid_until is missing`},
		"no such date":      {replace("2026-11-26", "2026-11-31"), `"2026-11-31" is no date`},
		"no title":          {replace(`, en: "When are you open?"`, ""), `title is missing in language "en"`},
		"empty text":        {replace(`"Apportez {{documents}}."`, `" "`), `the text is empty`},
		"unknown key":       {replace("owner:", "owners:"), `unknown key "owners"`},
		"no version":        {replace("version: 1\n", ""), `version is missing`},
		"other version":     {replace("version: 1\n", "version: 2\n"), `version 2 is not known`},
		"typed number":      {replace("{{standard}}, {{ heures }}", "01.99.00.30.00"), `the fact "standard" is typed here`},
		"typed address":     {replace("Apportez {{documents}}.", "Venez au 12 Rue des tilleuls, Lyon."), `the fact "adresse" is typed here`},
		"other number":      {replace("{{standard}}, {{ heures }}", "04 99 00 30 01"), `warning: "04 99 00 30 01" looks like a telephone number`},
		"typed hours":       {replace("{{standard}}, {{ heures }}", "de 8 h à 18 h"), `"8 h à 18 h" are hours of the fact "heures"`},
		"typed minutes":     {replace("{{standard}}, {{ heures }}", "jusqu'à 18h30"), `"18h30" looks like an opening hour`},
		"internal":          {replace("texts:\n", "internal: true\ntexts:\n"), `an internal article is for agents alone`},
		"long voice":        {replace("Nous répondons {{heures}}", strings.Repeat("Bonjour. ", 130)+"{{heures}}"), `more than the 1200 allowed`},
		"worth a warning":   {replace("Nous répondons {{heures}}", strings.Repeat("Bonjour. ", 40)+"{{heures}}"), `warning: with its facts the text takes about`},
		"long SMS":          {replace("Standard {{standard}}", strings.Repeat("être ", 60)), `with its facts the text takes 6 SMS, more than the 4 allowed`},
		"why long":          {replace("Standard {{standard}}", strings.Repeat("être ", 60)), `write it without 'ê'`},
		"not a mapping":     {"[]", `a group of keys is expected here`},
	} {
		if _, got := one(t, c.src); !strings.Contains(got, c.want) {
			t.Errorf("%s: want %q in\n%s", name, c.want, got)
		}
	}
	base, findings := Load(map[string][]byte{"Été.yaml": []byte(good), "a.yaml": []byte(good), "b/a.yaml": []byte(good)}, testSite(t))
	if len(findings) != 2 || base == nil || !strings.Contains(findings.String(), "cannot be the name") || !strings.Contains(findings.String(), `another article "a"`) {
		t.Errorf("%v", findings)
	}
}

// TestDurationsAreNotHours: what a patient must do before an examination is no opening hour.
func TestDurationsAreNotHours(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"À jeun 6 heures avant", "Arrivez 15 minutes avant", "24 heures après", "le 15 ou le 112", "en 2026-2027", "12 à 14 comprimés"} {
		src := strings.Replace(good, "Apportez {{documents}}.", text, 1)
		if _, got := one(t, src); got != "" {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// TestALenientLoadWithholds: a telephone system must start on the morning after an article's last day.
func TestALenientLoadWithholds(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	site.Lenient = true
	base, findings := Load(map[string][]byte{
		"bon.yaml":    []byte(good),
		"fini.yaml":   []byte(strings.Replace(good, "2026-11-26", "2026-11-25", 1)),
		"projet.yaml": []byte(strings.Replace(good, "approved_by: Direction\n", "", 1)),
	}, site)
	if findings.Failed() || len(findings) != 2 {
		t.Fatalf("%v", findings)
	}
	for id, want := range map[ArticleID]string{"bon": "", "fini": "its last day was 2026-11-25", "projet": "nobody approved it"} {
		if a, ok := base.Article(id); !ok || a.Withheld.String() != want {
			t.Errorf("%s: %v %+v", id, ok, a)
		}
	}
	if public := base.Public(); len(public) != 1 || public[0].ID != "bon" {
		t.Errorf("public: %v", public)
	}
	a, _ := base.Article("bon")
	if ends := a.Ends(site.Today.Location()); !ends.Equal(time.Date(2026, 11, 26, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("ends %v: the end of its last day on the site's clock", ends)
	}
}

func TestInternal(t *testing.T) {
	t.Parallel()
	src := good[:strings.Index(good, "texts:")] + "internal: true\ntexts:\n  agent: {fr: \"Procédure.\", en: \"Procedure.\"}\n"
	base, findings := Load(map[string][]byte{"a.yaml": []byte(src)}, testSite(t))
	if len(findings) > 0 || len(base.Public()) != 0 || len(base.Articles()) != 1 {
		t.Errorf("%v %v", findings, base.Public())
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(good)
	f.Add("texts: {voice: {fr: '{{{{}}'}}")
	f.Add("texts: {web: {fr: \"a\\n\\n{{x}}\\n\"}}")
	site := testSite(f)
	f.Fuzz(func(t *testing.T, src string) {
		base, _ := Load(map[string][]byte{"a.yaml": []byte(src)}, site)
		for _, a := range base.Articles() {
			for _, ch := range Channels() {
				for _, lang := range site.Languages {
					if said := a.Text(ch, lang, time.Time{}).String(); strings.Contains(said, "{{") {
						t.Errorf("a brace is said: %q", said)
					}
				}
			}
		}
	})
}
