package newsite

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Service is one choice of the menu.
type Service struct {
	ID     string // of its reason; unique
	Labels map[string]string
	Queue  string // where its callers wait for an agent; empty for an extension
	Number string // the extension that rings instead
	Hours  Hours
}

// Item is a key of the menu: a service, or a group of them.
type Item struct {
	Key     string // one digit
	Service *Service
	ID      string // of a group
	Labels  map[string]string
	Items   []Item // of a group
}

// IsGroup reports whether other choices follow.
func (i Item) IsGroup() bool { return i.Service == nil }

// Label is how the choice is called in a language.
func (i Item) Label(lang string) string {
	if i.Service != nil {
		return i.Service.Labels[lang]
	}
	return i.Labels[lang]
}

// Kind says what a line of the table of services is.
type Kind string

// The kinds of line.
const (
	KindQueue     Kind = "file"   // agents answer
	KindExtension Kind = "poste"  // a telephone of the hospital rings
	KindGroup     Kind = "groupe" // a second menu follows
)

// kinds are the words for them in both languages.
var kinds = map[string]Kind{
	"file": KindQueue, "queue": KindQueue, "agents": KindQueue, "": "",
	"poste": KindExtension, "extension": KindExtension, "numero": KindExtension, "number": KindExtension,
	"groupe": KindGroup, "group": KindGroup, "menu": KindGroup,
}

// Line is one line of the table of services, as somebody wrote it. An empty Kind is a queue, or an
// extension where Target is a number.
type Line struct{ Key, LabelFR, LabelEN, Kind, Target, Hours string }

// Limits of a menu (DESIGN §8): at most four choices, at most two levels.
const (
	maxChoices = 4
	maxDirect  = maxChoices + maxChoices - 1 // that fit without a group of one's own
)

// UsualHours are those of a service that names none.
const UsualHours = "lun-ven 08:30-17:00"

// reserved are ids that a new site uses itself: nodes, queues, scenarios, trunks and the skills of
// languages, and what a requirement would misunderstand.
var reserved = []string{
	"accueil", "urgence", "standard", "bienvenue", "menu", "ouverture", "nuit", "garde", "ferme", "service-ferme", "au-revoir", "autre-langue", "en-anglais",
	"en-francais", "complet", "fin-complet", "messagerie", "operateur", "autocom", "principal", "attente", "hopital", "none", "null", "return", "services", "fr", "en", "and", "or", "not", "in", "true", "false", "nil", "any", "sys",
}

// isReserved covers the names that are made of ids as well.
func isReserved(id string) bool {
	return slices.Contains(reserved, id) || strings.HasPrefix(id, "rappel-") || strings.HasPrefix(id, "poste-") || strings.HasPrefix(id, "menu-") ||
		strings.HasPrefix(id, "file-") || strings.HasPrefix(id, "sys-")
}

// lineError is a mistake in one line: its index and, where known, the column.
type lineError struct {
	line   int
	column string
	says   Says
}

func (e lineError) Error() string { return e.says.Error() }

// Unwrap is the sentence.
func (e lineError) Unwrap() error { return e.says }

// table builds the menu of lines.
type table struct {
	a      *Answers
	taken  map[string]bool
	queues map[string]string // id by what was written as target
	items  []Item
	keyed  bool
}

// buildMenu reads the table into the answers' menu.
func (a *Answers) buildMenu(lines []Line) error {
	t := &table{a: a, taken: map[string]bool{}, queues: map[string]string{}}
	if len(lines) == 0 {
		return lineError{-1, "", say("il faut au moins un service", "at least one service is needed")}
	}
	t.keyed = slices.ContainsFunc(lines, func(l Line) bool { return l.Key != "" })
	for i, l := range lines {
		item, err := t.item(l)
		if err != nil {
			var column columnError
			_ = errors.As(err, &column) // none: the line as a whole
			return lineError{i, column.column, asSays(err)}
		}
		if err := t.place(l.Key, item); err != nil {
			return lineError{i, "key", asSays(err)}
		}
	}
	for i, l := range lines {
		if group := t.group(l.Key); group != nil && len(group.Items) == 0 && len(l.Key) == 1 {
			return lineError{i, "key", say("le groupe %s est vide : donnez-lui des services aux touches %s1, %s2, …", "the group %s is empty: give it services at the keys %s1, %s2, …", l.Key, l.Key, l.Key)}
		}
	}
	if !t.keyed {
		if err := t.number(); err != nil {
			return lineError{-1, "", asSays(err)}
		}
	}
	byKey := func(a, b Item) int { return cmp.Compare(a.Key, b.Key) }
	slices.SortFunc(t.items, byKey)
	for i := range t.items {
		slices.SortFunc(t.items[i].Items, byKey)
	}
	a.Menu = t.items
	return nil
}

// columnError is a mistake in a column of a line.
type columnError struct {
	column string
	says   Says
}

func (e columnError) Error() string { return e.says.Error() }

// Unwrap is the sentence.
func (e columnError) Unwrap() error { return e.says }

// asSays is the sentence of an error in both languages.
func asSays(err error) Says {
	var s Says
	if errors.As(err, &s) {
		return s
	}
	return Says{err.Error(), err.Error()}
}

// item reads a line: a service, or a group.
func (t *table) item(l Line) (Item, error) {
	labels, err := t.labels(l)
	if err != nil {
		return Item{}, err
	}
	kind, known := kinds[strings.ToLower(fold(strings.TrimSpace(l.Kind)))]
	if !known {
		return Item{}, columnError{"kind", say("%q n'est pas un genre : file (des agents répondent), poste (un numéro sonne) ou groupe", "%q is no kind: queue (agents answer), extension (a number rings) or group", l.Kind)}
	}
	target := strings.TrimSpace(l.Target)
	number := digitsOf(target)
	if kind == "" {
		kind = KindQueue
		if numberForm.MatchString(number) {
			kind = KindExtension
		}
	}
	if kind == KindGroup {
		if target != "" || strings.TrimSpace(l.Hours) != "" {
			return Item{}, columnError{"target", say("un groupe n'a ni destination ni horaires : ses services en ont", "a group has no target and no hours: its services have")}
		}
		if !t.keyed {
			return Item{}, columnError{"kind", say("avec un groupe, donnez une touche à chaque ligne : 2 au groupe, 21 et 22 à ses services", "with a group, give each line a key: 2 to the group, 21 and 22 to its services")}
		}
		return Item{ID: t.unique("menu-", labels[t.a.Languages[0]]), Labels: labels}, nil
	}
	id := t.unique("", labels[t.a.Languages[0]])
	s := &Service{ID: id, Labels: labels}
	if kind == KindExtension {
		if err := t.a.checkTarget(number, target); err != nil {
			return Item{}, columnError{"target", asSays(err)}
		}
		s.Number = number
	} else if s.Queue, err = t.queue(target, id); err != nil {
		return Item{}, columnError{"target", asSays(err)}
	}
	hours := strings.TrimSpace(l.Hours)
	if hours == "" {
		hours = UsualHours
	}
	if s.Hours, err = ParseHours(hours); err != nil {
		return Item{}, columnError{"hours", asSays(err)}
	}
	return Item{Service: s}, nil
}

// labels are in each language of the site; what is missing is proposed.
func (t *table) labels(l Line) (map[string]string, error) {
	fr, en := clean(l.LabelFR), clean(l.LabelEN)
	if !slices.Contains(t.a.Languages, "fr") && fr == "" {
		fr = en
	}
	if fr == "" {
		return nil, columnError{"label_fr", say("il manque le libellé en français (label_fr)", "the label in French is missing (label_fr)")}
	}
	if err := checkText(fr, maxLabel); err != nil {
		return nil, columnError{"label_fr", asSays(err)}
	}
	if en == "" {
		en = inEnglish(fr)
	}
	if err := checkText(en, maxLabel); err != nil {
		return nil, columnError{"label_en", asSays(err)}
	}
	out := map[string]string{}
	for _, lang := range t.a.Languages {
		out[lang] = map[string]string{"fr": fr, "en": en}[lang]
	}
	return out, nil
}

// unique makes an id of a label that nothing else has, with the prefix that it will be used with.
func (t *table) unique(prefix, label string) string {
	base := cmp.Or(slug(label), "service")
	if isReserved(base) {
		base = slug("service " + base)
	}
	id := base
	for n := 2; t.taken[prefix+id] || isReserved(id); n++ { // slug leaves room for two digits
		id = base + "-" + itoa(n)
	}
	t.taken[prefix+id] = true
	return id
}

// queue is the id of a service's queue: its own, or one that others of the same target share.
func (t *table) queue(target, own string) (string, error) {
	if target == "" {
		t.queues[own] = own
		return own, nil
	}
	id := slug(target)
	switch {
	case id == "":
		return "", say("%q n'est pas le nom d'une file", "%q is not the name of a queue", target)
	case isReserved(id):
		return "", say("le nom de file %q est déjà pris par le site ; choisissez-en un autre, ou laissez vide", "the name %q is the site's own; choose another name for the queue, or leave it out", target)
	}
	if before, ok := t.queues[id]; ok {
		return before, nil
	}
	if t.taken[id] && id != own {
		return "", say("%q est déjà le nom d'un service ; choisissez-en un autre pour la file, ou laissez vide", "%q is the name of a service already; choose another one for the queue, or leave it out", target)
	}
	t.taken[id], t.queues[id] = true, id
	return id, nil
}

// keys a caller may press here: 8 is the other language where there is one.
func (t *table) lastKey() byte {
	if len(t.a.Languages) > 1 {
		return '7'
	}
	return '8'
}

func (t *table) group(key string) *Item {
	for i := range t.items {
		if t.items[i].Key == key && t.items[i].IsGroup() {
			return &t.items[i]
		}
	}
	return nil
}

// place puts an item at its key.
func (t *table) place(key string, item Item) error {
	if !t.keyed {
		t.items = append(t.items, item)
		return nil
	}
	switch {
	case key == "":
		return say("cette ligne n'a pas de touche, d'autres en ont : donnez-en à toutes ou à aucune", "this line has no key and others have: give one to all, or to none")
	case len(key) > 2 || strings.Trim(key, "0123456789") != "":
		return say("%q n'est pas une touche : un chiffre, ou deux pour un service d'un groupe", "%q is no key: one digit, or two for a service of a group", key)
	}
	for i := range len(key) {
		if key[i] < '1' || key[i] > t.lastKey() {
			return say("la touche %q n'est pas libre : de 1 à %c (0 mène à un humain, 9 à la consigne d'urgence, 8 à l'autre langue)",
				"the key %q is not free: from 1 to %c (0 leads to a human, 9 to the emergency instruction, 8 to the other language)", string(key[i]), t.lastKey())
		}
	}
	under := &t.items
	if len(key) == 2 {
		if item.IsGroup() {
			return say("un groupe dans un groupe : un appelant s'y perd, deux niveaux suffisent", "a group within a group: callers are lost there, two levels are enough")
		}
		g := t.group(key[:1])
		if g == nil {
			return say("la touche %s n'est pas celle d'un groupe écrit plus haut", "the key %s is not that of a group further up", key[:1])
		}
		under = &g.Items
	}
	item.Key = key[len(key)-1:]
	if slices.ContainsFunc(*under, func(other Item) bool { return other.Key == item.Key }) {
		return say("la touche %s est donnée deux fois", "the key %s is given twice", key)
	}
	if len(*under) == maxChoices {
		return say("plus de %d choix : un appelant ne les retient pas ; faites un groupe (genre groupe, touche 4, puis 41, 42, …)",
			"more than %d choices: callers do not keep them in mind; make a group (kind group, key 4, then 41, 42, …)", maxChoices)
	}
	*under = append(*under, item)
	return nil
}

// number gives keys to a table without any: the first three choices, then the others one level below.
func (t *table) number() error {
	n := len(t.items)
	if n > maxDirect {
		return say("%d services sans touche : au-delà de %d, rangez-les en groupes qui portent un nom (genre groupe, touche 2 ; ses services 21, 22, …), 16 au plus",
			"%d services without keys: beyond %d, put them into groups that have a name (kind group, key 2; its services 21, 22, …), 16 at most", n, maxDirect)
	}
	if n > maxChoices {
		labels := map[string]string{}
		for _, lang := range t.a.Languages {
			labels[lang] = map[string]string{"fr": "autres services", "en": "other services"}[lang]
		}
		rest := slices.Clone(t.items[maxChoices-1:])
		t.items = append(t.items[:maxChoices-1], Item{ID: t.unique("menu-", "autres services"), Labels: labels, Items: rest})
		for i := range rest {
			rest[i].Key = itoa(i + 1)
		}
	}
	for i := range t.items {
		t.items[i].Key = itoa(i + 1)
	}
	return nil
}
