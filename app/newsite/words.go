package newsite

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold removes accents and opens ligatures.
func fold(s string) string {
	s = strings.NewReplacer("œ", "oe", "Œ", "OE", "æ", "ae", "Æ", "AE", "’", "'").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// maxID bounds ids of queues, skills and the site (as the site file does).
const maxID = 32

// slug makes an id of a name: small letters, digits and dashes, a letter first; "" of a name without
// any letter or digit.
func slug(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(fold(name)) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
			continue
		}
		gap = true
	}
	id := b.String()
	if id != "" && id[0] <= '9' {
		id = "s-" + id
	}
	if len(id) > maxID-3 { // room for a number that makes it unique
		id = strings.TrimRight(id[:maxID-3], "-")
	}
	return id
}

// siteID proposes the short name of a hospital, as people write it: ch-val-fleuri.
func siteID(name string) string {
	id := slug(name)
	for _, short := range []struct{ long, id string }{
		{"centre-hospitalier-universitaire", "chu"}, {"centre-hospitalier-regional", "chr"}, {"centre-hospitalier-intercommunal", "chi"},
		{"centre-hospitalier", "ch"}, {"hopital-prive", "hp"}, {"hopital", "h"}, {"clinique", "clinique"},
	} {
		full := slug(short.long)
		long := strings.ToLower(strings.Join(strings.FieldsFunc(fold(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "-"))
		if rest, ok := strings.CutPrefix(long, full); ok && (rest == "" || rest[0] == '-') {
			for _, filler := range []string{"-de-la-", "-de-l-", "-du-", "-des-", "-de-", "-d-"} {
				if after, ok := strings.CutPrefix(rest, filler); ok {
					rest = "-" + after
					break
				}
			}
			id = short.id + rest
			break
		}
	}
	if len(id) > maxID {
		id = strings.TrimRight(id[:maxID], "-")
	}
	return id
}

// Bounds of texts, in characters: what is read in one breath, four of which fit a menu.
const (
	maxName  = 80
	maxLabel = 40
)

// spoken are the characters besides letters that a name may hold: none of them has a meaning in YAML
// between quotes, nor in a text that is spoken.
const spoken = " 0123456789'’-–.,:;!?&()/+°%«»"

// checkText refuses what cannot be spoken, or would be more than text in the files.
func checkText(text string, most int) error {
	letters := false
	for _, r := range text {
		letters = letters || unicode.IsLetter(r)
		if !unicode.Is(unicode.Latin, r) && !strings.ContainsRune(spoken, r) {
			return say("le caractère %q n'est pas possible ici", "the character %q is not possible here", r)
		}
	}
	n := len([]rune(text))
	switch {
	case n == 0:
		return say("il faut un texte", "a text is needed")
	case !letters:
		return say("%q n'a pas de lettre : cela ne se prononce pas", "%q has no letter: it cannot be spoken", text)
	case n > most:
		return say("%d caractères, c'est trop long à entendre : %d au plus", "%d characters are too long to listen to: %d at most", n, most)
	}
	return nil
}

// clean joins words by single spaces, in the usual composed form.
func clean(text string) string { return strings.Join(strings.Fields(norm.NFC.String(text)), " ") }

// upper begins a sentence.
func upper(text string) string {
	r := []rune(text)
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}

// english are services that many hospitals have: the proposal for the English label.
var english = map[string]string{
	"rendez-vous": "appointments", "prise-de-rendez-vous": "appointments", "consultation": "consultations", "consultations": "consultations",
	"resultats": "test results", "resultats-d-examens": "test results", "admission": "admissions", "admissions": "admissions",
	"admission-et-sortie": "admission and discharge", "facturation": "billing", "imagerie": "imaging", "radiologie": "radiology",
	"laboratoire": "laboratory", "maternite": "maternity", "pediatrie": "paediatrics", "chirurgie": "surgery", "cardiologie": "cardiology",
	"pharmacie": "pharmacy", "urgences": "emergency department", "visites": "visits", "dialyse": "dialysis", "oncologie": "oncology",
	"secretariat": "secretariat", "direction": "management", "autres-services": "other services", "standard": "switchboard",
}

// inEnglish proposes the English of a French label: the label itself when none is known.
func inEnglish(label string) string {
	if e, ok := english[slug(label)]; ok {
		return e
	}
	return label
}
