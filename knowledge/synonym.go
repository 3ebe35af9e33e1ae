package knowledge

import (
	"slices"
	"strings"
)

// synonym is words that mean the same to people who call a hospital, folded and without accents.
type synonym []string

// usual are those of every hospital; a site adds its own.
var usual = []string{
	"rdv, rendez-vous, rendez vous",
	"irm, résonance magnétique",
	"scanner, scan, tdm, tomodensitométrie",
	"radio, radios, radiographie, rayons x",
	"écho, échographie",
	"prise de sang, bilan sanguin, analyses, analyse de sang",
	"ordonnance, prescription",
	"carte vitale, sécu, sécurité sociale, assurance maladie, cpam",
	"mutuelle, complémentaire santé",
	"maternité, accouchement, naissance",
	"pédiatrie, enfant, enfants",
	"parking, stationnement, se garer, garer",
	"facture, paiement, payer, régler",
	"dossier médical, compte rendu, compte-rendu",
	"médecin, docteur, dr",
	"papiers, documents",
	"horaires, heures, heure",
	"dermato, dermatologie",
	"cardio, cardiologie",
	"gynéco, gynécologie",
	"ophtalmo, ophtalmologie, yeux",
	"kiné, kinésithérapie",
	"anesthésie, anesthésiste",
	"mri, magnetic resonance, irm",
	"ct, scan, scanner, cat scan",
	"x-ray, x ray, xray, radiography",
	"appointment, booking",
	"ultrasound, echography",
	"blood test, blood tests",
	"bill, invoice, payment",
	"car park, parking",
}

// synonyms reads groups of words with commas between, after the usual ones.
func synonyms(groups []string) (out []synonym) {
	for _, group := range append(slices.Clone(usual), groups...) {
		var s synonym
		for word := range strings.SplitSeq(group, ",") {
			if word = folded(plain(word)); word != "" {
				s = append(s, word)
			}
		}
		out = append(out, s)
	}
	return out
}

// meant is every word for those in a text without accents, to be put after it.
func meant(text string, all []synonym) string {
	var out strings.Builder
	text = folded(text)
	for _, s := range all {
		if slices.ContainsFunc(s, func(word string) bool { return holdsWords(text, word) }) {
			out.WriteString(" . " + strings.Join(s, " . "))
		}
	}
	return out.String()
}

// holdsWords reports whether a text holds the words, whole.
func holdsWords(text, words string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], words)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(words)
		if (from == 0 || !wordByte(text[from-1])) && (to == len(text) || !wordByte(text[to])) {
			return true
		}
		at = from + 1
	}
}

func wordByte(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b >= 0x80 }
