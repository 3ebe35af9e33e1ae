package knowledge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"accueil/acd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answersOf makes an article of a title, a text and reasons, as many as are wanted.
func answersOf(texts map[string][2]string) map[string][]byte {
	files := map[string][]byte{}
	for id, fr := range texts {
		files[id+".yaml"] = fmt.Appendf(nil, `version: 1
title: {fr: %q, en: %q}
reasons: [accueil]
owner: Accueil
valid_until: 2099-12-31
approved_by: Direction
texts:
  voice: {fr: %[3]q, en: x}
  sms: {fr: x, en: x}
  web: {fr: %[3]q, en: x}
  letter: {fr: x, en: x}
  agent: {fr: %[3]q, en: x}
`, fr[0], "answer "+id, fr[1])
	}
	return files
}

var hospital = map[string][2]string{
	"irm":         {"Préparer une IRM", "Retirez tout objet métallique. L'examen dure trente minutes."},
	"scanner":     {"Préparer un scanner", "Venez à jeun si une injection est prévue."},
	"radio":       {"Passer une radiographie", "Sans rendez-vous le matin, sur ordonnance."},
	"visites":     {"Heures de visite", "Les visites sont possibles l'après-midi, deux personnes à la fois."},
	"parking":     {"Où se garer ?", "Le stationnement est gratuit la première heure."},
	"rendez-vous": {"Prendre un rendez-vous de consultation", "Appelez le secrétariat du médecin."},
	"annuler":     {"Annuler ou déplacer une consultation", "Prévenez-nous quarante-huit heures avant."},
	"dossier":     {"Obtenir une copie de son dossier médical", "Écrivez à la direction avec une pièce d'identité."},
	"echo":        {"Préparer une échographie", "Buvez un demi-litre d'eau une heure avant."},
	"facture":     {"Régler une facture", "Au guichet des admissions ou par internet."},
	"maternite":   {"S'inscrire à la maternité", "Dès le troisième mois de grossesse."},
	"urgences":    {"Venir aux urgences", "Composez le 15 avant de venir."},
}

func library(t testing.TB, files map[string][]byte) *Library {
	t.Helper()
	base, findings := Load(files, testSite(t))
	if findings.Failed() {
		t.Fatal(findings)
	}
	l, err := NewLibrary(base, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func first(t testing.TB, l *Library, words string) ArticleID {
	t.Helper()
	found, err := l.Search(context.Background(), Question{Words: words, Lang: "fr", Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return ""
	}
	return found[0].ID
}

// TestSearch is what agents type: without accents, in a hurry, in the words of the caller.
func TestSearch(t *testing.T) {
	t.Parallel()
	l := library(t, answersOf(hospital))
	for words, want := range map[string]ArticleID{
		"irm": "irm", "IRM": "irm", "résonance magnétique": "irm", "resonance magnetique": "irm", "objets métalliques": "irm",
		"scanner": "scanner", "scaner": "scanner", "scannner": "scanner", "tdm": "scanner", "scan": "scanner",
		"radio": "radio", "radios": "radio", "rayons x": "radio", "radiografie": "radio",
		"échographie": "echo", "echographie": "echo", "écho": "echo", "echografie": "echo", "l'échographie": "echo",
		"rdv": "rendez-vous", "rendez vous": "rendez-vous", "prendre rdv": "rendez-vous", "rendé-vous consultation": "rendez-vous",
		"annulation consultation": "annuler", "annulé": "annuler", "deplacer": "annuler",
		"visite": "visites", "horaires de visite": "visites", "horaire visites": "visites", "viste": "visites",
		"se garer": "parking", "stationement": "parking", "parking": "parking",
		"dossier medical": "dossier", "compte rendu": "dossier", "factur": "facture", "payer": "facture",
		"accouchement": "maternite", "maternité": "maternite", "urgence": "urgences",
		"Qu'est-ce qu'il faut pour une I.R.M. ?": "irm",
	} {
		if got := first(t, l, words); got != want {
			t.Errorf("%q finds %q first, want %q", words, got, want)
		}
	}
	for _, words := range []string{"zzzzzz", "le la les", "???", "\x00\xff", "(*:^~)", strings.Repeat("a ", 5000), `"irm`} {
		if _, err := l.Search(context.Background(), Question{Words: words, Limit: 5}); err != nil {
			t.Errorf("%q: %v", words, err)
		}
	}
	if got := first(t, l, "zzzzzz"); got != "" {
		t.Errorf("nonsense finds %q", got)
	}
}

func TestSearchIsBoundedAndInAStatedOrder(t *testing.T) {
	t.Parallel()
	l := library(t, answersOf(hospital))
	ids := func(q Question) (out []ArticleID) {
		found, err := l.Search(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			out = append(out, f.ID)
		}
		return out
	}
	if got := ids(Question{Words: "préparer", Lang: "fr", Limit: 2}); len(got) != 2 {
		t.Errorf("%v", got)
	}
	before := ids(Question{Words: "préparer", Lang: "fr", Limit: 10})
	if len(before) != 3 {
		t.Errorf("%v", before)
	}
	for range 5 {
		if again := ids(Question{Words: "préparer", Lang: "fr", Limit: 10}); !slices.Equal(again, before) {
			t.Errorf("%v, then %v", before, again)
		}
	}
	if got := ids(Question{Limit: 100}); len(got) != len(hospital) || !slices.IsSorted(got) {
		t.Errorf("without words: %v", got)
	}
	if got := ids(Question{Words: "irm", Reason: "rdv.imagerie", Limit: 5}); len(got) != 0 {
		t.Errorf("of another reason: %v", got)
	}
	if got := ids(Question{Words: "answer irm", Lang: "en", Limit: 5}); len(got) == 0 || got[0] != "irm" {
		t.Errorf("in English: %v", got)
	}
}

// TestThePublicIsNotShownWhatIsNotForIt, whatever is asked, and gets what is for it all the same.
func TestThePublicIsNotShownWhatIsNotForIt(t *testing.T) {
	t.Parallel()
	files := answersOf(hospital)
	for i := range 30 { // better answers than the public one
		files[fmt.Sprintf("interne-%d.yaml", i)] = []byte("version: 1\ntitle: {fr: IRM IRM, en: MRI}\nreasons: [accueil]\nowner: x\nvalid_until: 2099-12-31\napproved_by: x\ninternal: true\ntexts: {agent: {fr: IRM, en: MRI}}\n")
	}
	l := library(t, files)
	found, err := l.Search(context.Background(), Question{Words: "irm", Public: true, Limit: 3})
	if err != nil || len(found) == 0 || found[0].ID != "irm" {
		t.Fatalf("%v %v", found, err)
	}
	for _, f := range found {
		if f.Internal {
			t.Errorf("the public is shown %s", f.ID)
		}
	}
	if got := first(t, l, "irm"); !strings.HasPrefix(string(got), "interne") {
		t.Errorf("an agent is shown %q first", got)
	}
	later := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	if found, err := l.Search(context.Background(), Question{Words: "irm", Public: true, Now: later, Limit: 3}); err != nil || len(found) != 0 {
		t.Errorf("after its last day the public is shown %v, %v", found, err)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	l := library(t, answersOf(hospital))
	done := make(chan struct{})
	go func() { // searches go on meanwhile
		defer close(done)
		for range 50 {
			if _, err := l.Search(context.Background(), Question{Words: "irm", Limit: 5}); err != nil {
				t.Error(err)
			}
		}
	}()
	base, _ := Load(answersOf(map[string][2]string{"neuf": {"La coronarographie", "Texte."}}), testSite(t))
	if err := l.Replace(base, nil); err != nil {
		t.Fatal(err)
	}
	<-done
	if first(t, l, "irm") != "" || first(t, l, "coronarographie") != "neuf" {
		t.Error("the articles before are found still")
	}
	empty, _ := Load(nil, testSite(t))
	if err := l.Replace(empty, nil); err != nil || first(t, l, "irm") != "" {
		t.Errorf("a site without articles: %v", err)
	}
}

func TestSynonymsOfASite(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	site.Synonyms = []string{"UPATOU, urgences"}
	base, _ := Load(answersOf(hospital), site)
	l, err := NewLibrary(base, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := first(t, l, "upatou"); got != "urgences" {
		t.Errorf("%q", got)
	}
}

// BenchmarkSearch has 2,000 articles and questions with mistakes: a question must be answered within 100 ms.
func BenchmarkSearch(b *testing.B) {
	files := map[string][2]string{}
	var words []string
	for _, a := range hospital {
		words = append(words, strings.Fields(a[0]+" "+a[1])...)
	}
	slices.Sort(words)
	for i := range 2000 {
		var text []string
		for j := range 60 {
			text = append(text, words[(i*7+j*13)%len(words)]+[]string{"", "", "", fmt.Sprint("mot", i%500)}[j%4])
		}
		files[fmt.Sprintf("article-%d", i)] = [2]string{strings.Join(text[:6], " "), strings.Join(text, " ")}
	}
	l := library(b, answersOf(files))
	questions := []string{"preparer une irm", "anuler consultaton", "ou se garer", "copie dossier médical direction", "échografie grossesse eau", "horaires de visite le soir"}
	for b.Loop() {
		for _, q := range questions {
			if _, err := l.Search(context.Background(), Question{Words: q, Lang: acd.Lang("fr"), Limit: 10}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*len(questions)), "ms/question")
}
