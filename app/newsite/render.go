package newsite

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/template"

	"accueil/deploy/schema"
)

// File is one file of a site. Private ones are for their owner alone.
type File struct {
	Path    string // with slashes, from the folder of the site
	Data    []byte
	Private bool
}

// Site is what a set of answers becomes.
type Site struct {
	Files    []File // site.yaml last: without it a folder is no site
	Handover Handover
	Open     []string // what must be completed before the site goes live
	Menu     string   // the menu as text
}

// SiteFile is the path of the site file.
const SiteFile = "site.yaml"

//go:embed templates
var templates embed.FS

// Build makes the files of a site. Comments, and the page that says what comes next, are in the
// reader's language; dice gives the randomness of the secrets.
func Build(a Answers, l Lang, dice io.Reader) (Site, error) {
	v := a.view(l)
	files, handover, err := a.secrets(l, dice)
	if err != nil {
		return Site{}, err
	}
	readme := "README.md"
	if l == French {
		readme = "LISEZMOI.md"
	}
	for _, f := range []struct{ path, template string }{
		{"scenarios/principal.yaml", "principal.yaml.tmpl"}, {"scenarios/attente.yaml", "attente.yaml.tmpl"},
		{"tests/menu.yaml", "menu.yaml.tmpl"}, {readme, "readme.md.tmpl"}, {SiteFile, "site.yaml.tmpl"},
	} {
		text, err := v.render(f.template, l)
		if err != nil {
			return Site{}, err
		}
		if name := schemaOf[f.path]; name != "" { // first: where editors look for it
			text = append([]byte(schema.Hint(name, f.path)+"\n"), text...)
		}
		files = append(files, File{Path: f.path, Data: text})
	}
	schemas := schema.Files()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		files = slices.Insert(files, 0, File{Path: schema.Folder + "/" + name, Data: schemas[name]})
	}
	return Site{files, handover, v.Open, v.Shown}, nil
}

// schemaOf names the schema of a file, for the completion of editors.
var schemaOf = map[string]string{SiteFile: schema.Site, "tests/menu.yaml": schema.Tests}

// view is what the templates are given.
type view struct {
	Answers
	Outside    []string
	Patterns   []string
	Timetables []timetable
	Gate       string // the timetable outside which nothing at all is open; none when empty

	Reasons []reason
	Queues  []queue
	Choices []choice
	Agents  []agent
	Ring    []string
	Tests   []sample

	MaxWaiting        int
	ReceptionFallback string
	ReceptionHours    string
	Bilingual         bool
	SaysFull          bool // there is a message for whom nobody can take
	ServiceCloses     bool // an extension has hours
	Closes            bool // the line or the switchboard closes
	Ends              bool // a way leads to the end as closed

	Shown string
	Open  []string
}

type timetable struct {
	Name, Words string
	Hours       Hours
}

type reason struct {
	ID, Queue, Hours string
	Labels           map[string]string
	Points           int
}

type queue struct {
	ID, Skill, Hours, Fallback string
	Reason                     string // of the only service
	Shared                     bool
}

// choice is the node of a service.
type choice struct {
	ID, Keys, Transfer, Timetable string
	Shared                        bool
}

type agent struct {
	ID, Name, Phone string
	Supervisor      bool
}

// Bounds of a new queue and of the safety net.
const (
	placesForDesk = 3
	leastPlaces   = 10
	mostRinging   = 3
)

func (a Answers) view(l Lang) *view {
	v := &view{Answers: a, Outside: a.outside(), Bilingual: len(a.Languages) > 1, MaxWaiting: max(leastPlaces, placesForDesk*len(a.Phones)),
		Agents: a.agents(l), Ring: a.Phones[:min(mostRinging, len(a.Phones))]}
	for _, p := range a.PBX.Patterns {
		v.Patterns = append(v.Patterns, expression(p))
	}
	named := func(name string, h Hours) string { return v.timetable(name, h, l) }
	v.ReceptionHours = named("standard", a.Reception)
	v.services(named)
	v.Gate = named("ouverture", a.gate())
	v.Closes = v.Gate != "" || v.ReceptionHours != ""
	v.Ends = v.ServiceCloses || v.Closes && !a.Full.Voicemail
	v.fallbacks()
	v.Tests = v.samples()
	v.Shown = a.shown(l)
	v.Open = a.open(l)
	return v
}

// gate is when something of the menu is open.
func (a *Answers) gate() Hours {
	all := []Hours{a.Reception}
	for _, s := range a.Services() {
		all = append(all, s.Hours)
	}
	return Union(all...)
}

// timetable returns the name of these hours, the same for the same ones; none for what never closes.
func (v *view) timetable(name string, h Hours, l Lang) string {
	if h.IsAlways() {
		return ""
	}
	for _, t := range v.Timetables {
		if t.Hours.Equal(h) {
			return t.Name
		}
	}
	v.Timetables = append(v.Timetables, timetable{name, h.In(l), h})
	return name
}

// services makes queues, reasons and nodes of the services.
func (v *view) services(named func(string, Hours) string) {
	standard, after := map[string]string{}, map[string]string{}
	for _, lang := range v.Languages {
		standard[lang] = map[string]string{"fr": "standard", "en": "switchboard"}[lang]
		after[lang] = map[string]string{"fr": "après la consigne d'urgence", "en": "after the emergency instruction"}[lang]
	}
	users := map[string]int{}
	for _, s := range v.Services() {
		users[s.Queue]++
	}
	v.sharedHours(named)
	for _, c := range v.calls() {
		s := c.item.Service
		hours := named(s.ID, s.Hours)
		c := choice{ID: s.ID, Keys: c.keys, Transfer: s.Number, Timetable: hours}
		if s.Number != "" {
			v.ServiceCloses = v.ServiceCloses || hours != ""
			v.Choices = append(v.Choices, c)
			continue
		}
		c.Shared = v.Full.Callback && users[s.Queue] > 1
		v.Choices = append(v.Choices, c)
		r := reason{ID: s.ID, Queue: s.Queue, Labels: s.Labels}
		q := queue{ID: s.Queue, Skill: strings.ReplaceAll(s.Queue, "-", "_"), Reason: s.ID, Shared: users[s.Queue] > 1}
		if q.Shared { // the hours of each service are its own
			r.Hours = hours
		} else {
			q.Hours = hours
		}
		v.Reasons = append(v.Reasons, r)
		if !slices.ContainsFunc(v.Queues, func(o queue) bool { return o.ID == q.ID }) {
			v.Queues = append(v.Queues, q)
		}
	}
	v.Reasons = append(v.Reasons, reason{ID: "accueil", Queue: "accueil", Labels: standard},
		reason{ID: "urgence", Queue: "accueil", Labels: after, Points: 10})
}

// sharedHours gives a name of their own to hours that several services have.
func (v *view) sharedHours(named func(string, Hours) string) {
	all := v.Services()
	for i, s := range all {
		if slices.ContainsFunc(all[i+1:], func(o *Service) bool { return o.Hours.Equal(s.Hours) }) && !s.Hours.IsAlways() {
			named("services", s.Hours)
			return
		}
	}
}

// fallbacks say where each queue sends whom it cannot take: callers of a service to the switchboard,
// those of the switchboard where the hospital wants.
func (v *view) fallbacks() {
	own := func(string) string { return "accueil" }
	switch {
	case v.Full.Callback:
		v.ReceptionFallback, v.SaysFull = "rappel-standard", true
		own = func(queue string) string { return "rappel-" + queue }
	case v.Full.Voicemail:
		v.ReceptionFallback = "messagerie"
	case v.Full.Number != "":
		v.ReceptionFallback = v.Full.Number
	default:
		v.ReceptionFallback, v.SaysFull = "complet", true
	}
	for i := range v.Queues {
		v.Queues[i].Fallback = own(v.Queues[i].ID)
	}
}

// agents sit at one phone each; their names are for the hospital to write.
func (a *Answers) agents(l Lang) (out []agent) {
	width := max(2, len(itoa(len(a.Phones))))
	for i, phone := range a.Phones {
		out = append(out, agent{fmt.Sprintf("a%0*d", width, i+1), fmt.Sprintf("Agent %d", i+1), phone, i == 0})
	}
	return out
}

// open lists what only the hospital can complete.
func (a *Answers) open(l Lang) (out []string) {
	add := func(french, english string, args ...any) { out = append(out, say(french, english, args...).In(l)) }
	if slices.Contains(a.Assumed, "name") {
		add("`site.yaml`, `scenarios/principal.yaml` : le nom de l'hôpital n'a pas été donné", "`site.yaml`, `scenarios/principal.yaml`: the name of the hospital was not given")
	}
	switch {
	case a.Trunk.Registers():
		add("`secrets/operateur` : y écrire le mot de passe du compte %s, que l'opérateur a donné", "`secrets/operateur`: write the password of the account %s, as the operator gave it", a.Trunk.User)
	case slices.Contains(a.Trunk.Addresses, exampleTrunk):
		add("`trunks` : %s est une adresse d'exemple ; écrire celle de l'opérateur", "`trunks`: %s is an example; write the operator's address", exampleTrunk)
	}
	if slices.Contains(a.Assumed, "numbers") {
		add("`entries` : %s est un numéro d'exemple ; écrire ceux que l'opérateur livre", "`entries`: %s is an example; write the numbers that the operator delivers", a.Entries[0].Number)
	}
	if len(a.outside()) > 0 && a.PBX.Present() {
		add("`trunks` : ces numéros ne sont pas derrière l'autocommutateur, ils sortent par l'opérateur : %s", "`trunks`: these numbers are not behind the PBX, they go out through the operator: %s", strings.Join(a.outside(), ", "))
	}
	add("`agents` : les vrais noms, et le niveau de chacun dans chaque compétence", "`agents`: the real names, and each one's level in each skill")
	return out
}

func (v *view) render(name string, l Lang) ([]byte, error) {
	t, err := template.New(name).Option("missingkey=error").Funcs(v.functions(l)).ParseFS(templates, "templates/"+name)
	if err != nil {
		return nil, fmt.Errorf("read the template %s: %w", name, err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("write %s: %w", strings.TrimSuffix(name, ".tmpl"), err)
	}
	return b.Bytes(), nil
}

func (v *view) functions(l Lang) template.FuncMap {
	return template.FuncMap{
		"t":      func(french, english string) string { return Says{french, english}.In(l) },
		"q":      quote,
		"join":   func(all []string) string { return strings.Join(all, ", ") },
		"quoted": func(all []string) string { return strings.Join(each(all, quote), ", ") },
		"labels": func(labels map[string]string) string {
			return "{" + strings.Join(each(v.Languages, func(lang string) string { return lang + ": " + quote(labels[lang]) }), ", ") + "}"
		},
		"levels": func() string {
			return strings.Join(each(v.Languages, func(lang string) string {
				return lang + ": " + map[bool]string{true: "10", false: "5"}[lang == v.Languages[0]]
			}), ", ")
		},
		"press": func(lang string, i Item) string { return pressed(lang, i) },
		"human": func(lang string) string {
			return map[string]string{"fr": "Pour parler à quelqu'un, tapez 0.", "en": "To speak to someone, press 0."}[lang]
		},
		"other": func(lang string) string { // in the other one: who needs it reads it
			return map[string]string{"fr": "For English, press 8.", "en": "Pour le français, tapez 8."}[lang]
		},
		"node": func(i Item) string {
			if i.IsGroup() {
				return "menu-" + i.ID
			}
			return i.Service.ID
		},
	}
}

// pressed is how a choice is said.
func pressed(lang string, i Item) string {
	return upper(i.Label(lang)) + map[string]string{"fr": ", tapez ", "en": ", press "}[lang] + i.Key + "."
}

// quote writes a YAML text; what it would have to escape is refused in every answer.
func quote(s string) string { return `"` + s + `"` }

func each(all []string, f func(string) string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = f(s)
	}
	return out
}
