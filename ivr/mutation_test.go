package ivr

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"accueil/acd"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// TestBreakagesAreFound breaks the good scenarios of the repository at random: links, texts, languages,
// verbs, fallbacks. Whatever Load accepts is then called by naive callers, who know nothing of the
// machine but what it says and asks; where one of them is stranded, Prove must say so. ACCUEIL_SOAK makes it 1,000
// breakages of each scenario.
func TestBreakagesAreFound(t *testing.T) {
	t.Parallel()
	good := goodScenarios(t)
	each := 1000 / len(good)
	if os.Getenv("ACCUEIL_SOAK") != "" {
		each = 1000
	}
	for name := range good {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !hasEntry(good, name) {
				t.Fatal("nobody calls it: no breakage of it could strand anybody")
			}
			seed := fnv.New64a() // its own for each scenario, the same in every run
			_, _ = seed.Write([]byte(name))
			dice := rand.New(rand.NewPCG(20261126, seed.Sum64()))
			refused, accepted := 0, 0
			for i := range each {
				files, site, what := breakage(t, dice, good, name)
				p, fs := Load(files, site)
				if p == nil {
					if refused++; fs.Err() == nil {
						t.Fatalf("breakage %d (%s) is refused without a word", i, what)
					}
					continue
				}
				accepted++
				if why := stranded(p, dice, 30); why != "" && !p.Prove().Failed() {
					t.Fatalf("breakage %d (%s) strands a caller: %s\n%s", i, what, why, files[name+".yaml"])
				}
			}
			t.Logf("%d breakages: %d refused, %d accepted", each, refused, accepted)
			if refused < each/10 || accepted == 0 {
				t.Errorf("the breakages are no fair trial: %d refused, %d accepted", refused, accepted)
			}
		})
	}
}

// hasEntry reports whether callers come to a scenario: through an entry, or one that meets it.
func hasEntry(good map[string]string, name string) bool {
	begins := met(name)
	for _, e := range mutationSite().Entries {
		if string(e.Scenario) == begins && good[begins] != "" {
			return true
		}
	}
	return false
}

// met is the scenario in which callers meet one that is no entry's.
func met(name string) string {
	if begins := map[string]string{"attente": "interne", "identification": "verbs", "patience": "ligne"}[name]; begins != "" {
		return begins
	}
	return name
}

// TestGoodScenariosStrandNobody, in no world; and those that are broken have every verb between them, and every
// world is met.
func TestGoodScenariosStrandNobody(t *testing.T) {
	t.Parallel()
	good := goodScenarios(t)
	all := ""
	for _, name := range slices.Sorted(maps.Keys(good)) {
		all += good[name]
		site := mutationSite()
		files := whole(&site, good, name)
		p, fs := Load(files, site)
		if p == nil {
			t.Errorf("%s: %v", name, fs)
			continue
		}
		met := map[string]bool{}
		dice := rand.New(rand.NewPCG(20261127, 1))
		if why := strandedIn(p, dice, 300, met); why != "" {
			t.Errorf("%s: %s", name, why)
		}
		for _, w := range surroundings {
			if !met[w.name] {
				t.Errorf("%s: nobody calls when %s", name, w.name)
			}
		}
		for when := range instants {
			if !met[when] {
				t.Errorf("%s: nobody calls on %s", name, when)
			}
		}
	}
	for _, v := range verbOrder {
		if !regexp.MustCompile(`(?m)[ {]` + string(v) + `:`).MatchString(all) {
			t.Errorf("no good scenario says %s: none of its breakages is tried", v)
		}
	}
}

// TestNaiveCallersAreStranded: the callers of the test above notice what they are there for. Each of
// these programs is one that Load or Prove refuses, put together without them.
func TestNaiveCallersAreStranded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(p *Program)
		want  string
	}{
		"sound":           {func(*Program) {}, ""},
		"circle of words": {func(p *Program) { p.scenarios["main"].nodes["say"].next = link{node: "say"} }, "goes round"},
		"a missing text":  {func(p *Program) { dropText(p, "main.menu", "en") }, "no text"},
		"cut":             {func(p *Program) { p.scenarios["main"].start = "fin" }, "without a word"},
		"no emergency": {func(p *Program) {
			p.scenarios["main"].nodes["menu"].act, p.scenarios["main"].nodes["menu"].verb = deaf{}, "deaf"
		}, "nothing follows"},
		"dead node": {func(p *Program) {
			p.scenarios["main"].nodes["say"].act, p.scenarios["main"].nodes["say"].verb = mute{}, "mute"
		}, "nothing follows"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := strings.Replace(loop, "nodes:\n", "nodes:\n  fin: {hangup: closed}\n", 1)
			p, fs := Load(map[string][]byte{"main.yaml": []byte(src)}, testSite())
			if p == nil {
				t.Fatal(fs)
			}
			c.spoil(p)
			got := stranded(p, rand.New(rand.NewPCG(1, 2)), 200)
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func dropText(p *Program, id string, lang acd.Lang) {
	p.texts = slices.DeleteFunc(p.texts, func(t Text) bool { return t.ID == id && t.Lang == lang })
}

// deaf asks for a key and takes none; mute says nothing and waits for nothing.
type (
	deaf struct{}
	mute struct{}
)

func (deaf) ways() (all, idle []link) { return nil, nil }
func (deaf) enter(*walk, *node, time.Time) ([]acd.Ask, link) {
	return []acd.Ask{acd.AskListen{For: time.Second}}, link{}
}
func (deaf) hear(*walk, *node, acd.Heard, time.Time) []acd.Ask { return nil }
func (deaf) awaits(*walk) acd.Heard                            { return acd.HeardSilence{} }
func (mute) ways() (all, idle []link)                          { return nil, nil }
func (mute) enter(*walk, *node, time.Time) ([]acd.Ask, link)   { return nil, link{} }
func (mute) hear(*walk, *node, acd.Heard, time.Time) []acd.Ask { return nil }
func (mute) awaits(*walk) acd.Heard                            { return acd.HeardSaid{} }

// --- breakages ------------------------------------------------------------------------------------

// goodScenarios are those of the repository that callers begin with or call, by name; the waiting ones
// are broken too.
func goodScenarios(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{"main": loop}
	for _, pattern := range []string{"../deploy/demo/scenarios/*.yaml", "testdata/scenarios/*.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range names {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out[strings.TrimSuffix(filepath.Base(name), ".yaml")] = string(src)
		}
	}
	return out
}

var firstNode = regexp.MustCompile(`(?m)^start: (\S+)`)

// mutationSite is a site in which all of them are good.
func mutationSite() Site {
	s := testSite()
	label := map[acd.Lang]string{"fr": "x", "en": "x"}
	hospital, _ := calendar.New("FR", []calendar.Exception{{From: "2026-12-24", Hours: "08:00-10:00", Label: calendar.Names{"fr": "veille", "en": "eve"}}, {From: "2026-12-28"}})
	s.Calendars = map[string]*calendar.Calendar{"hopital": hospital}
	week := func(days, hours string) *Timetable {
		return calendar.ParseWeek(map[string][]string{days: {hours}}, time.UTC, hospital, func(key string, _, message *wording.Text) { panic(key + ": " + message.String()) })
	}
	s.Timetables = map[string]*Timetable{"jour-et-nuit": week("every day", "00:00-24:00"), "bureau": week("mon-fri", "08:00-18:00"), "matin": week("mon", "09:15-11:00")}
	for _, r := range []acd.ReasonID{"rdv.consultation", "rdv.imagerie", "resultats", "admission", "urgence", "messages"} {
		s.Reasons[r] = Reason{Label: label, Queue: "rdv"}
	}
	s.Queues["rdv"] = Queue{Fallback: Fallback{Queue: "accueil"}, Waiting: "attente", Overflow: map[acd.Refusal]Fallback{acd.RefusedMaxWait: {Node: "secours"}}}
	s.Queues["resultats"] = Queue{Fallback: Fallback{Number: "4000"}}
	s.Queues["admission"] = Queue{Fallback: Fallback{Node: "secours"}, DissuadeUnstaffed: true}
	s.Queues["accueil"] = Queue{Survey: true}
	s.Queues["attentive"] = Queue{Waiting: "patience"}
	s.Reasons["attentive"] = Reason{Label: label, Queue: "attentive", WaitingInfo: label}
	s.Reasons["resultats"], s.Reasons["admission"] = Reason{Label: label, Queue: "resultats"}, Reason{Label: label, Queue: "admission"}
	s.Extension = func(n string) bool { return len(n) == 4 && n[0] == '4' }
	s.Announcements = map[acd.AnnouncementID]map[acd.Lang]string{"crise": label, "greve": label}
	s.Lookups = map[acd.LookupID]Lookup{"annuaire": {Timeout: time.Second, Answers: map[string][]string{"titre": {"medecin", "laboratoire"}}}, "dossier": {Timeout: time.Second, TakesKeys: true}}
	s.Articles = map[string]Article{"documents": {Texts: label}, "horaires-visites": {Texts: label}, "venir-a-l-hopital": {Texts: label}, "documents-imagerie": {Texts: label}}
	s.Facts = map[string]map[acd.Lang]string{"hopital": label}
	s.SMS = true
	s.Requirement = func(string) error { return nil }
	s.Callable = func(string) bool { return true }
	s.Hours = map[string]*Timetable{"horaires": s.Timetables["bureau"]}
	s.Entries = map[acd.EntryID]Entry{"1": {Scenario: "main"}, "2": {Scenario: "principal"}, "3": {Scenario: "interne"}, "4": {Scenario: "full"}, "5": {Scenario: "verbs", Language: "en"},
		"6": {Scenario: "horaires", Hours: s.Timetables["bureau"]}, "7": {Scenario: "ligne"}, "8": {Scenario: "messages"},
		"9": {Scenario: "callbacks"}}
	return s
}

// whole is what callers of a scenario meet: the files, and the site with the entries that lead there.
func whole(site *Site, good map[string]string, name string) map[string][]byte {
	begins := met(name)
	waiting := good["attente"]
	if !strings.Contains(good[begins], "\n  rappel:") { // what it offers is elsewhere: its first node will do
		waiting = strings.Replace(waiting, "to: rappel", "to: "+firstNode.FindStringSubmatch(good[begins])[1], 1)
	}
	files := map[string][]byte{"attente.yaml": []byte(waiting)}
	if begins == "ligne" {
		files["patience.yaml"] = []byte(good["patience"])
	} else { // what it offers is there only
		delete(site.Queues, "attentive")
		delete(site.Reasons, "attentive")
	}
	for _, n := range []string{begins, "identification"} {
		files[n+".yaml"] = []byte(good[n])
	}
	maps.DeleteFunc(site.Entries, func(_ acd.EntryID, e Entry) bool { return string(e.Scenario) != begins })
	return files
}

// breakage breaks the named scenario, or now and then what the site says of queues, in one to three
// places.
func breakage(t *testing.T, dice *rand.Rand, good map[string]string, name string) (map[string][]byte, Site, string) {
	t.Helper()
	site := mutationSite()
	files := whole(&site, good, name)
	var doc yaml.MapSlice
	if err := yaml.Unmarshal([]byte(good[name]), &doc); err != nil {
		t.Fatal(err)
	}
	var what []string
	for range 1 + dice.IntN(3) {
		if dice.IntN(12) == 0 {
			what = append(what, breakSite(dice, &site))
			continue
		}
		what = append(what, breakFile(dice, &doc))
	}
	src, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	files[name+".yaml"] = src
	return files, site, strings.Join(what, "; ")
}

// breakSite changes what the site file says of a queue, a reason or an entry.
func breakSite(dice *rand.Rand, site *Site) string {
	ids := slices.Sorted(maps.Keys(site.Queues))
	id := ids[dice.IntN(len(ids))]
	q := site.Queues[id]
	way := []Fallback{{}, {Queue: id}, {Queue: ids[dice.IntN(len(ids))]}, {Node: "menu"}, {Node: "nowhere"}, {Number: "4000"}, {Number: "nobody"}}[dice.IntN(7)]
	what := ""
	switch dice.IntN(7) {
	case 0, 1:
		q.Fallback, what = way, fmt.Sprintf("fallback of %s is %+v", id, way)
	case 2:
		why := []acd.Refusal{acd.RefusedFull, acd.RefusedRatio, acd.RefusedMaxWait, acd.RefusedClosed}[dice.IntN(4)]
		q.Overflow = maps.Clone(q.Overflow)
		if q.Overflow == nil {
			q.Overflow = map[acd.Refusal]Fallback{}
		}
		q.Overflow[why], what = way, fmt.Sprintf("who finds %s %s goes to %+v", id, why, way)
	case 3:
		q.Hours, what = site.Timetables[[]string{"bureau", "matin"}[dice.IntN(2)]], "hours of "+string(id)
	case 4:
		waits := []acd.ScenarioID{"", "attente", "patience", "main", "nowhere"}
		q.Waiting = waits[dice.IntN(len(waits))]
		what = fmt.Sprintf("who waits in %s hears %q", id, q.Waiting)
	case 5:
		q.DissuadeUnstaffed, what = !q.DissuadeUnstaffed, string(id)+" when nobody is there"
	case 6:
		reasons := slices.Sorted(maps.Keys(site.Reasons))
		r := reasons[dice.IntN(len(reasons))]
		reason := site.Reasons[r]
		reason.Queue = id
		site.Reasons[r] = reason
		return fmt.Sprintf("reason %s leads to %s", r, id)
	}
	site.Queues[id] = q
	return what
}

// place is a value somewhere in a document.
type spot struct {
	path string
	in   *yaml.MapSlice // the mapping that holds it
	i    int
}

func spots(path string, m *yaml.MapSlice, out *[]spot) {
	for i := range *m {
		key := fmt.Sprint((*m)[i].Key)
		*out = append(*out, spot{path + "." + key, m, i})
		switch v := (*m)[i].Value.(type) {
		case yaml.MapSlice:
			inner := v
			(*m)[i].Value = &inner
			spots(path+"."+key, &inner, out)
		case *yaml.MapSlice:
			spots(path+"."+key, v, out)
		case []any:
			for k := range v {
				if inner, ok := v[k].(yaml.MapSlice); ok {
					v[k] = &inner
					spots(fmt.Sprintf("%s.%s[%d]", path, key, k), &inner, out)
				} else if inner, ok := v[k].(*yaml.MapSlice); ok {
					spots(fmt.Sprintf("%s.%s[%d]", path, key, k), inner, out)
				}
			}
		}
	}
}

func breakFile(dice *rand.Rand, doc *yaml.MapSlice) string {
	var all []spot
	spots("", doc, &all)
	nodes := []string{linkReturn, "nowhere"}
	var bodies []spot
	for _, s := range all {
		if strings.Count(s.path, ".") == 2 && strings.HasPrefix(s.path, ".nodes.") {
			bodies = append(bodies, s)
			nodes = append(nodes, strings.TrimPrefix(s.path, ".nodes."))
		}
	}
	s := all[dice.IntN(len(all))]
	item := &(*s.in)[s.i]
	switch dice.IntN(8) {
	case 0: // a key goes: a link, a language, a text, a fallback, a node
		*s.in = slices.Delete(*s.in, s.i, s.i+1)
		return "without " + s.path
	case 1, 2, 3: // a link leads elsewhere
		var links []spot
		for _, l := range all {
			if v, ok := (*l.in)[l.i].Value.(string); ok && slices.Contains(nodes, v) {
				links = append(links, l)
			}
		}
		if len(links) == 0 {
			return "nothing"
		}
		l := links[dice.IntN(len(links))]
		to := nodes[dice.IntN(len(nodes))]
		if dice.IntN(4) == 0 && strings.HasPrefix(l.path, ".nodes.") { // to itself
			to, _, _ = strings.Cut(strings.TrimPrefix(l.path, ".nodes."), ".")
		}
		(*l.in)[l.i].Value = to
		return l.path + " leads to " + to
	case 4: // another verb, or another key
		keys := append(words(verbOrder), "fr", "en", "0", "9", "*", "1", "next", "none")
		item.Key = keys[dice.IntN(len(keys))]
		return s.path + " is called " + fmt.Sprint(item.Key)
	case 5: // an empty value
		if _, text := item.Value.(string); text {
			item.Value = ""
			return s.path + " is empty"
		}
		return "nothing"
	case 6: // two nodes change places
		if len(bodies) < 2 {
			return "nothing"
		}
		a, b := bodies[dice.IntN(len(bodies))], bodies[dice.IntN(len(bodies))]
		(*a.in)[a.i].Value, (*b.in)[b.i].Value = (*b.in)[b.i].Value, (*a.in)[a.i].Value
		return a.path + " and " + b.path + " change places"
	}
	switch v := item.Value.(type) { // a flag, a number, a time, hours, a condition
	case bool:
		item.Value = !v
	case uint64:
		item.Value = v + 1
	case string:
		others := []string{"0s", "1h", "closed", "00:00-24:00", `caller == "relay"`, `lang == "fr"`, "fr", "en", "return", `position > 3`}
		item.Value = others[dice.IntN(len(others))]
	default:
		return "nothing"
	}
	return fmt.Sprintf("%s is %v", s.path, item.Value)
}
