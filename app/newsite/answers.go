package newsite

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Answers are what is known about a hospital. They are filled through set and buildMenu only, which
// check each answer against those before it.
type Answers struct {
	Name      string
	ID        string
	Region    Region
	Languages []string // the default first
	Trunk     Trunk
	Entries   []Entry
	PBX       PBX
	Reception Hours // of the switchboard, key 0
	Menu      []Item
	Phones    []string // one a desk
	Full      Full
	Night     string // the number that answers when the switchboard is closed; none when empty

	// Assumed are the keys of answers that were taken from the defaults.
	Assumed []string
}

// Full says what happens to callers for whom there is no place.
type Full struct {
	Callback  bool
	Voicemail bool   // they leave a message, outside the hours too
	Number    string // of an extension; with none of them they hear a message
}

// Services lists the services of the menu in the order of their keys.
func (a *Answers) Services() (out []*Service) {
	for _, i := range a.Menu {
		if !i.IsGroup() {
			out = append(out, i.Service)
		}
		for _, j := range i.Items {
			out = append(out, j.Service)
		}
	}
	return out
}

// Speaks reports whether callers hear the language.
func (a *Answers) Speaks(lang string) bool { return slices.Contains(a.Languages, lang) }

// A question is one answer that is asked for: how, with which example, what Enter means, and how it is
// read. Questions stand in the order in which they are asked, and read.
type question struct {
	key     string
	number  int // of the ten; several belong together
	ask     Says
	example Says
	usual   func(*Answers) Says
	set     func(*Answers, string) error
}

func always(french, english string) func(*Answers) Says {
	return func(*Answers) Says { return Says{french, english} }
}

func same(text string) func(*Answers) Says { return always(text, text) }

func both(text string) Says { return Says{text, text} }

// keyServices is the question with a table for an answer.
const keyServices = "services"

// lastQuestion is the number of the last of them.
const lastQuestion = 10

var questions = []question{
	{"name", 1, Says{"Nom de l'établissement, comme les appelants l'entendent", "Name of the hospital, as callers hear it"},
		both("Centre hospitalier de Val-Fleuri"), same("Centre hospitalier"), (*Answers).setName},
	{"id", 1, Says{"Nom court : lettres, chiffres et tirets", "Short name: letters, digits and dashes"},
		both("ch-val-fleuri"), func(a *Answers) Says { return both(cmp.Or(siteID(a.Name), "hopital")) }, (*Answers).setID},
	{"region", 2, Says{"Région (fuseau horaire et jours fériés) : FR, ALSACE-MOSELLE, GP, MQ, GF, RE ou YT", "Region (clock and public holidays): FR, ALSACE-MOSELLE, GP, MQ, GF, RE or YT"},
		both("RE"), same("FR"), (*Answers).setRegion},
	{"languages", 3, Says{"Langues parlées aux appelants, la première par défaut", "Languages spoken to callers, the default first"},
		both("fr, en"), same("fr, en"), (*Answers).setLanguages},
	{"trunk", 4, Says{"Ligne de l'opérateur : son adresse, ou le compte où s'enregistrer", "The operator's line: its address, or the account to register with"},
		Says{"198.51.100.10, ou 0140000000@sip.operateur.fr", "198.51.100.10, or 0140000000@sip.operator.fr"}, same(exampleTrunk), (*Answers).setTrunk},
	{"numbers", 5, Says{"Numéros que composent les appelants, tels que l'opérateur les livre ; :en pour accueillir en anglais", "Numbers that callers dial, as the operator delivers them; :en to greet in English"},
		both("0140000000, 0140000001:en"), same("3000"), (*Answers).setNumbers},
	{"pbx", 6, Says{"Autocommutateur de l'hôpital : adresse et numéros qui sont derrière (x : un chiffre quelconque), ou non", "The hospital's PBX: its address and the numbers behind it (x: any digit), or no"},
		both("10.0.0.5 4xxx, 51xx"), always("non", "no"), (*Answers).setPBX},
	{"reception", 7, Says{"Horaires du standard (touche 0)", "Hours of the switchboard (key 0)"},
		Says{"lun-ven 8h-18h, sam 9h-12h, ou 24h/24", "mon-fri 8:00-18:00, sat 9:00-12:00, or 24/7"}, always("lun-ven 08:00-18:00, sam 08:00-12:00", "mon-fri 08:00-18:00, sat 08:00-12:00"), (*Answers).setReception},
	{keyServices, 7, Says{"Services du menu, un par un ; une réponse vide termine", "Services of the menu, one by one; an empty answer ends them"},
		Says{"rendez-vous", "rendez-vous"}, nil, nil},
	{"desks", 8, Says{"Nombre de postes d'agents", "How many agents' desks"}, both("6"), same("4"), (*Answers).setDesks},
	{"first_phone", 8, Says{"Numéro du premier téléphone ; les autres suivent", "Number of the first telephone; the others follow"},
		both("101"), func(a *Answers) Says { return both(a.freePhones()) }, (*Answers).setFirstPhone},
	{"full", 9, Says{"Quand personne ne peut prendre l'appel : message, messagerie, rappel, ou le numéro d'un poste", "When nobody can take the call: message, voicemail, callback, or the number of an extension"},
		Says{"rappel", "callback"}, always("message", "message"), (*Answers).setFull},
	{"night", 10, Says{"Numéro de garde quand le standard est fermé, ou non", "Number that answers when the switchboard is closed, or no"},
		both("4000"), always("non", "no"), (*Answers).setNight},
}

// exampleTrunk is an address that is nobody's (RFC 5737): calls only come once it has been replaced.
const exampleTrunk = "192.0.2.10"

func (a *Answers) setName(text string) error {
	a.Name = clean(text)
	return checkText(a.Name, maxName)
}

func (a *Answers) setID(text string) error {
	text = strings.TrimSpace(text)
	if !idForm.MatchString(text) {
		return say("%q n'est pas un nom court : petites lettres, chiffres et tirets, %d au plus", "%q is no short name: small letters, digits and dashes, %d at most", text, maxID).hint(siteID(text))
	}
	a.ID = text
	return nil
}

func (a *Answers) setRegion(text string) (err error) {
	a.Region, err = parseRegion(text)
	return err
}

func (a *Answers) setLanguages(text string) error {
	names := map[string]string{"fr": "fr", "francais": "fr", "french": "fr", "en": "en", "anglais": "en", "english": "en"}
	a.Languages = nil
	for part := range strings.FieldsFuncSeq(strings.ToLower(fold(text)), func(r rune) bool { return strings.ContainsRune(",; /+", r) }) {
		lang, known := names[part]
		switch {
		case part == "et" || part == "and":
		case !known:
			return say("la langue %q n'est pas parlée par cette version : fr et en", "the language %q is not spoken by this version: fr and en", part)
		case a.Speaks(lang):
			return say("la langue %s est donnée deux fois", "the language %s is given twice", lang)
		default:
			a.Languages = append(a.Languages, lang)
		}
	}
	if len(a.Languages) == 0 {
		return say("il faut une langue : fr, en, ou fr, en", "a language is needed: fr, en, or fr, en")
	}
	return nil
}

func (a *Answers) setTrunk(text string) (err error) {
	a.Trunk, err = parseTrunk(text)
	return err
}

func (a *Answers) setNumbers(text string) error {
	a.Entries = nil
	for _, part := range list(text) {
		number, lang, _ := strings.Cut(part, ":")
		number, lang = digitsOf(number), strings.ToLower(strings.TrimSpace(lang))
		switch {
		case !entryForm.MatchString(number):
			return say("%q n'est pas un numéro : 2 à 20 chiffres", "%q is not a number: 2 to 20 digits", part)
		case shortened.MatchString(number):
			return lostZero(number)
		case emergency(number):
			return say("le %s est un numéro d'urgence", "%s is an emergency number", number)
		case lang != "" && !a.Speaks(lang):
			return say("%q : le site ne parle pas %q", "%q: the site does not speak %q", part, lang)
		case a.isEntry(number):
			return say("le numéro %s est écrit deux fois", "the number %s is written twice", number)
		}
		a.Entries = append(a.Entries, Entry{number, lang})
	}
	if len(a.Entries) == 0 {
		return say("il faut un numéro", "a number is needed")
	}
	return nil
}

func (a *Answers) isEntry(number string) bool {
	return slices.ContainsFunc(a.Entries, func(e Entry) bool { return e.Number == number })
}

func (a *Answers) setPBX(text string) error {
	p, err := parsePBX(text)
	if err != nil {
		return err
	}
	if slices.Contains(a.Trunk.Addresses, p.Address) {
		return say("%s est déjà l'adresse de l'opérateur", "%s is the operator's address already", p.Address)
	}
	for _, number := range a.used() {
		if p.Reaches(number) {
			return say("les numéros de l'autocommutateur comprennent le %s, qui est pris", "the numbers behind the PBX include %s, which is taken", number)
		}
	}
	a.PBX = p
	return nil
}

// used are the numbers that have a meaning already.
func (a *Answers) used() []string {
	out := []string{"15", "17", "18", "112", "114"}
	for _, e := range a.Entries {
		out = append(out, e.Number)
	}
	return out
}

func (a *Answers) setReception(text string) (err error) {
	a.Reception, err = ParseHours(text)
	return err
}

// checkTarget refuses a number that callers cannot be sent to.
func (a *Answers) checkTarget(number, written string) error {
	switch {
	case written == "":
		return say("il manque le numéro du poste", "the number of the extension is missing")
	case !numberForm.MatchString(number):
		return say("%q n'est pas un numéro de poste : 2 à 20 chiffres", "%q is not the number of an extension: 2 to 20 digits", written)
	case shortened.MatchString(number) && !a.PBX.Reaches(number):
		return lostZero(number)
	case emergency(number):
		return say("le %s est un numéro d'urgence : personne n'y est envoyé, la consigne dit de le composer", "%s is an emergency number: nobody is sent there, the instruction says to dial it", number)
	case a.isEntry(number):
		return say("le %s est un numéro d'appel de ce site : l'appelant tournerait en rond", "%s is a number of this site that callers dial: they would go round in a circle", number)
	case slices.Contains(a.Phones, number):
		return say("le %s est le téléphone d'un agent", "%s is the telephone of an agent", number)
	}
	return nil
}

// maxDesks is beyond what one controller was measured with.
const maxDesks = 150

func (a *Answers) setDesks(text string) error {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 || n > maxDesks {
		return say("%q : un nombre de 1 à %d", "%q: a number from 1 to %d", text, maxDesks)
	}
	a.Phones = make([]string, n)
	return nil
}

// setFirstPhone numbers the phones of all desks.
func (a *Answers) setFirstPhone(text string) error {
	phones, err := a.phonesFrom(digitsOf(strings.TrimSpace(text)), len(a.Phones))
	if err == nil {
		a.Phones = phones
	}
	return err
}

func (a *Answers) phonesFrom(first string, n int) (out []string, err error) {
	start, err := strconv.Atoi(first)
	if err != nil || len(first) < 2 || len(first) > 6 || first[0] == '+' || first[0] == '-' {
		return nil, say("%q n'est pas un numéro de téléphone interne : 2 à 6 chiffres", "%q is not the number of an internal telephone: 2 to 6 digits", first)
	}
	targets := a.targets()
	for i := range n {
		number := fmt.Sprintf("%0*d", len(first), start+i)
		switch {
		case len(number) != len(first):
			return nil, say("%d téléphones à partir du %s : il n'y a pas assez de numéros de %d chiffres", "%d telephones from %s on: there are not enough numbers of %d digits", n, first, len(first))
		case emergency(number):
			return nil, say("le %s serait un téléphone, c'est un numéro d'urgence", "%s would be a telephone and is an emergency number", number)
		case a.isEntry(number):
			return nil, say("le %s est un numéro d'appel de ce site", "%s is a number that callers dial", number)
		case a.PBX.Reaches(number):
			return nil, say("le %s est derrière l'autocommutateur", "%s is behind the PBX", number)
		case slices.Contains(targets, number):
			return nil, say("le %s est déjà la destination d'un service", "%s is where a service leads already", number)
		}
		out = append(out, number)
	}
	return out, nil
}

// targets are the extensions that the menu leads to.
func (a *Answers) targets() (out []string) {
	for _, s := range a.Services() {
		if s.Number != "" {
			out = append(out, s.Number)
		}
	}
	return out
}

// freePhones proposes a first number from which all phones have one of their own.
func (a *Answers) freePhones() string {
	for _, first := range []string{"101", "201", "301", "601", "701", "801", "1001", "2001", "6001", "7001", "8001", "60001"} {
		if _, err := a.phonesFrom(first, len(a.Phones)); err == nil {
			return first
		}
	}
	return "101"
}

func (a *Answers) setFull(text string) error {
	a.Full = Full{}
	switch word := strings.ToLower(fold(strings.TrimSpace(text))); word {
	case "message":
		return nil
	case "rappel", "callback":
		a.Full.Callback = true
		return nil
	case "messagerie", "repondeur", "voicemail":
		a.Full.Voicemail = true
		return nil
	}
	number := digitsOf(text)
	if !numberForm.MatchString(number) {
		return say("%q : écrivez message, messagerie, rappel, ou le numéro d'un poste", "%q: write message, voicemail, callback, or the number of an extension", text)
	}
	a.Full.Number = number
	return a.checkTarget(number, text)
}

func (a *Answers) setNight(text string) error {
	a.Night = ""
	if none(text) {
		return nil
	}
	if a.Reception.IsAlways() {
		return say("le standard ne ferme jamais : il n'a pas besoin de numéro de garde", "the switchboard never closes: it needs no number for the night")
	}
	number := digitsOf(text)
	if err := a.checkTarget(number, text); err != nil {
		return err
	}
	a.Night = number
	return nil
}

// outside are the numbers that are not behind the PBX and that callers are sent to: the operator's
// trunk leads there.
func (a *Answers) outside() []string {
	var out []string
	for _, n := range append(a.targets(), a.Full.Number, a.Night) {
		if n != "" && !a.PBX.Reaches(n) && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}
