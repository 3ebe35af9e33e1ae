package newsite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accueil/app/newsite"
	"accueil/diag"
)

// TestAnswersThatAreRefused: each mistake is told once, at its line, in the reader's language.
func TestAnswersThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // the end of answers.yaml, from line 2 on: place and words
		"languages: fr, en, de":                 "2:12|la langue \"de\" n'est pas parlée",
		"languages: [fr, fr]":                   "2:1|donnée deux fois",
		"region: RX":                            "2:9|vouliez-vous dire « RE »",
		"regoin: RE":                            "2:1|unknown key",
		"name: '{next_opening}'":                "2:7|le caractère '{'",
		"name: 12":                              "2:7|n'a pas de lettre",
		"id: Mon Hôpital":                       "2:5|vouliez-vous dire « mon-hopital »",
		"trunk: operateur":                      "2:8|ni une adresse",
		"trunk: a b@sip.example.org":            "2:8|utilisateur SIP",
		"numbers: 15":                           "2:10|numéro d'urgence",
		"numbers: 3000, 3000":                   "2:10|écrit deux fois",
		"languages: fr\nnumbers: 3000:en":       "3:10|ne parle pas",
		"pbx: 10.0.0.5":                         "2:6|il manque les numéros",
		"pbx: 10.0.0.5 3xxx":                    "2:6|comprennent le 3000",
		"pbx: 10.0.0.5 1xx":                     "2:6|comprennent le 112",
		"pbx: 192.0.2.10 4xxx":                  "2:6|déjà l'adresse de l'opérateur",
		"pbx: 10.0.0.5 4.*":                     "2:6|ne décrit pas des numéros",
		"reception: lundy 8h-9h":                "2:12|vouliez-vous dire « lundi »",
		"desks: 0":                              "2:8|de 1 à 150",
		"desks: 20\nfirst_phone: 101":           "3:14|le 112 serait un téléphone",
		"desks: 20\nfirst_phone: 90":            "3:14|pas assez de numéros",
		"pbx: 10.0.0.5 4xxx\nfirst_phone: 4001": "3:14|derrière l'autocommutateur",
		"first_phone: 3000":                     "2:14|numéro d'appel",
		"services: [{label_fr: Labo, target: 102}]\nfirst_phone: 101": "3:14|destination d'un service",
		"full: rapel":                    "2:7|écrivez message, messagerie",
		"full: 15":                       "2:7|numéro d'urgence",
		"full: 102":                      "2:7|téléphone d'un agent",
		"night: 3000":                    "2:8|tournerait en rond",
		"reception: 24h/24\nnight: 4000": "3:8|ne ferme jamais",
		"services: [{label_fr: Labo, target: 15}]":                                                  "2:37|numéro d'urgence",
		"services: [{label_fr: Labo, kind: fille}]":                                                 "2:35|n'est pas un genre",
		"services: [{label_fr: Labo, kind: poste}]":                                                 "2:12|il manque le numéro",
		"services: [{label_fr: Labo, kind: file, target: accueil}]":                                 "2:49|déjà pris par le site",
		"services: [{label_fr: Labo, hours: 8h}]":                                                   "2:36|des jours puis des heures",
		"services: [{label_fr: Un libellé bien trop long pour être retenu au téléphone}]":           "2:23|trop long",
		"services: [{key: '9', label_fr: Labo}]":                                                    "2:18|n'est pas libre",
		"services: [{key: '8', label_fr: Labo}]":                                                    "2:18|n'est pas libre",
		"services: [{key: '1', label_fr: A}, {key: '1', label_fr: B}]":                              "2:43|deux fois",
		"services: [{key: '1', label_fr: A}, {label_fr: B}]":                                        "2:37|n'a pas de touche",
		"services: [{key: '11', label_fr: A}]":                                                      "2:18|pas celle d'un groupe",
		"services: [{key: '1', label_fr: A, kind: groupe}]":                                         "2:18|est vide",
		"services: [{label_fr: A, kind: groupe}]":                                                   "2:32|donnez une touche",
		"services: [{key: '1', label_fr: A, kind: groupe, hours: 24h/24}]":                          "2:12|ni destination ni horaires",
		"services: [{key: '1', label_fr: A, kind: groupe}, {key: '11', label_fr: B, kind: groupe}]": "2:57|deux niveaux",
		"services: [{label_fr: A}, {label_fr: B}, {label_fr: C}, {label_fr: D}, {label_fr: E}, {label_fr: F}, {label_fr: G}, {label_fr: H}]":      "2:1|8 services sans touche",
		"services: [{key: '1', label_fr: A}, {key: '2', label_fr: B}, {key: '3', label_fr: C}, {key: '4', label_fr: D}, {key: '5', label_fr: E}]": "2:118|plus de 4 choix",
	} {
		_, found := answersOf(text, "")
		if len(found) != 1 {
			t.Errorf("%s: %d findings: %v", text, len(found), found)
			continue
		}
		place, words, _ := strings.Cut(want, "|")
		if f := found[0]; !strings.HasPrefix(f.Position(), "answers.yaml:"+place) || !strings.Contains(f.Message.String(), words) || f.Excerpt == "" {
			t.Errorf("%s: %v, want %s", text, f, want)
		}
	}
	if _, found := answersOf("region: XX\ndesks: many\nfull: maybe", ""); len(found) != 3 {
		t.Errorf("not all mistakes are told: %v", found)
	}
	form := newsite.NewForm()
	if found := form.ReadAnswers("a.yaml", []byte("name: x"), newsite.English); len(found) != 1 || !strings.Contains(found[0].Message.String(), "begin the file with version: 1") {
		t.Errorf("without a version: %v", found)
	}
}

func TestTablesThatAreRefused(t *testing.T) {
	t.Parallel()
	const head = "key;label_fr;label_en;kind;target;hours\n"
	for text, want := range map[string]string{
		"\n":                                 "services.csv|est vide",
		"clé;libellé\n":                      "services.csv:1:1|la colonne \"clé\" est inconnue",
		"key;key\n":                          "services.csv:1:5|écrite deux fois",
		"key;hours\n":                        "services.csv:1:1|il manque la colonne label_fr",
		head + ";Labo;;;;lundy 8h-9h":        "services.csv:2:10|vouliez-vous dire « lundi »",
		head + "\n# note\n1;Labo;;poste;15;": "services.csv:4:15|numéro d'urgence",
		head + ";Été \xe9;;;;":               "services.csv:2:6|CSV UTF-8",
		head + ";Labo \"b;;;;":               "services.csv:2:7|des guillemets",
		head + "1;A;;;;;":                    "services.csv:2:9|7 colonnes au lieu de 6",
		"key,label_fr,hours\n1,A,lun 8h-9h, mar 8h-9h": "services.csv:2:16|4 colonnes au lieu de 3",
		head + ";;;entree;;":                           "services.csv:2:11|il manque la réponse, dans la colonne target",
		head + ";;;entree;17;\n;A;;;;":                 "services.csv:2:11|numéro d'urgence",
		head + "0;;;;;lun":                             "services.csv:2:7|il manque les heures",
		head + "9;A;;;;":                               "services.csv:2:1|n'est pas libre",
		head + "1;A;;;;\n1;B;;;;":                      "services.csv:3:1|deux fois",
		"\xff\xfek\x00":                                "services.csv:1:1|UTF-16",
	} {
		_, found := answersOf("", text)
		place, words, _ := strings.Cut(want, "|")
		if len(found) != 1 || !strings.HasPrefix(found[0].Position(), place) || !strings.Contains(found[0].Message.String(), words) {
			t.Errorf("%q: %v, want %s", text, found, want)
		}
	}
}

// TestTables: what spreadsheets save is the same table, whatever the separator, mark and line ends.
func TestTables(t *testing.T) {
	t.Parallel()
	const semicolons = "touche;libellé;label_en;genre;destination;horaires\n0;;;;;24h/24\n1;Rendez-vous;;file;;lun-ven 8h-18h, sam 9h-12h\n2;Maternité;;;4010;24h/24\n;;;entree;01 40 00 00 00;\n;;;entrée;0140000001:en;\n"
	want := ""
	for name, text := range map[string]string{
		"semicolons":                    semicolons,
		"a mark, CRLF and Excel's line": "\xef\xbb\xbfsep=;\r\n" + strings.ReplaceAll(semicolons, "\n", "\r\n"),
		"commas":                        "key,label_fr,label_en,kind,target,hours\n0,,,,,24h/24\n1,Rendez-vous,,file,,\"lun-ven 8h-18h, sam 9h-12h\"\n2,Maternité,,,4010,24h/24\n,,,entry,01 40 00 00 00,\n,,,entry,0140000001:en\n",
		"tabs, other order":             "hours\tkey\tlabel_fr\ttarget\tkind\n24h/24\t0\n# a note\nlun-ven 8h-18h, sam 9h-12h\t1\tRendez-vous\t\tqueue\n\n24h/24\t2\tMaternité\t4010\textension\n\t\t\t01 40 00 00 00\tentry\n\t\t\t0140000001:en\tentry\n",
	} {
		a, found := answersOf("", text)
		if len(found) > 0 {
			t.Errorf("%s: %v", name, found)
			continue
		}
		made, err := newsite.Build(a, newsite.English, dice())
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = made.Menu
		}
		if made.Menu != want || !strings.Contains(want, "extension 4010") || !strings.HasPrefix(want, "0140000000  Centre hospitalier (French)\n0140000001  Centre hospitalier (English)\n") {
			t.Errorf("%s:\n%s\nwant\n%s", name, made.Menu, want)
		}
	}
}

// FuzzForm: whatever stands in the files, a finding or answers come out.
func FuzzForm(f *testing.F) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "init.md"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(page), true)
	f.Add("key;label_fr\n1;\"a\n", false)
	f.Add("version: 1\nservices: [{label_fr: A, hours: 24/7}]\n", true)
	f.Fuzz(func(t *testing.T, text string, yaml bool) {
		form := newsite.NewForm()
		var found diag.Findings
		if yaml {
			found = form.ReadAnswers("a.yaml", []byte(text), newsite.English)
		} else {
			found = form.ReadTable("s.csv", []byte(text), newsite.English)
		}
		if found.Failed() {
			return
		}
		a, found := form.Answers(newsite.English)
		if found.Failed() {
			for _, f := range found {
				if f.Message == nil || f.File == "" && yaml {
					t.Errorf("a finding without words or place: %+v", f)
				}
			}
			return
		}
		if _, err := newsite.Build(a, newsite.French, dice()); err != nil {
			t.Error(err)
		}
	})
}
