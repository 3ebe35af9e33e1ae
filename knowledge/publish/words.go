package publish

import (
	"fmt"
	"time"

	"accueil/acd"
)

// words are what pages say by themselves.
type words struct {
	Language  string // its own name
	Title     string
	Skip      string
	Contents  string
	Contact   string
	Updated   string
	Emergency string
	Also      string
	Recipient string // placeholders of a letter
	Date      string
	Subject   string
	Dear      string
	Regards   string
	Signature string
	Colon     string
	Services  string

	months [12]string
}

var french = words{
	Language: "Français", Title: "Questions fréquentes", Skip: "Aller aux réponses", Contents: "Questions", Contact: "Nous joindre",
	Updated: "Mis à jour le", Emergency: "En cas d'urgence vitale, appelez le 15 ou le 112 (114 par SMS pour les personnes sourdes ou malentendantes).",
	Also: "Dans une autre langue", Recipient: "[Nom et adresse du destinataire]", Date: "[Date]", Subject: "Objet :", Dear: "Madame, Monsieur,",
	Regards: "Nous vous prions d'agréer, Madame, Monsieur, l'expression de nos salutations distinguées.", Signature: "[Signature]", Colon: "\u00a0:", Services: "Services de l'hôpital",
	months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
}

var english = words{
	Language: "English", Title: "Frequently asked questions", Skip: "Skip to the answers", Contents: "Questions", Contact: "Contact us",
	Updated: "Updated on", Emergency: "If someone's life is in danger, call 15 or 112 (114 by text message if you are deaf or hard of hearing).",
	Also: "In another language", Recipient: "[Name and address]", Date: "[Date]", Subject: "Subject:", Dear: "Dear Sir or Madam,",
	Regards: "Yours faithfully,", Signature: "[Signature]", Colon: ":", Services: "Departments",
	months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// wordsOf are those of the language; English for every one but French.
func wordsOf(lang acd.Lang) words {
	if lang == "fr" {
		return french
	}
	return english
}

func (w words) date(t time.Time) string {
	return fmt.Sprintf("%d %s %d", t.Day(), w.months[t.Month()-1], t.Year())
}
