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
	hospital, _ := calendar.New("FR", nil)
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
	s.Entries = map[acd.EntryID]Entry{"1": {Scenario: "main"}, "2": {Scenario: "principal"}, "3": {Scenario: "interne"}, "4": {Scenario: "full"}, "5": {Scenario: "verbs", Language: "en"},
		"6": {Scenario: "horaires", Hours: s.Timetables["bureau"]}, "7": {Scenario: "ligne"}, "8": {Scenario: "messages"}}
	return s
}

// breakage breaks the named scenario, or now and then what the site says of queues, in one to three
// places.
func breakage(t *testing.T, dice *rand.Rand, good map[string]string, name string) (map[string][]byte, Site, string) {
	t.Helper()
	site := mutationSite()
	begins := map[string]string{"attente": "interne", "identification": "verbs", "patience": "ligne"}[name] // where callers meet it
	if begins == "" {
		begins = name
	}
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

func breakSite(dice *rand.Rand, site *Site) string {
	ids := slices.Sorted(maps.Keys(site.Queues))
	id := ids[dice.IntN(len(ids))]
	q := site.Queues[id]
	q.Fallback = []Fallback{{}, {Queue: id}, {Queue: ids[dice.IntN(len(ids))]}, {Node: "menu"}, {Node: "nowhere"}}[dice.IntN(5)]
	site.Queues[id] = q
	return fmt.Sprintf("fallback of %s is %+v", id, q.Fallback)
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
	switch v := item.Value.(type) { // a flag, a number
	case bool:
		item.Value = !v
	case uint64:
		item.Value = v + 1
	default:
		return "nothing"
	}
	return fmt.Sprintf("%s is %v", s.path, item.Value)
}

// --- naive callers --------------------------------------------------------------------------------

// stranded lets callers ring every entry, press and keep silent at random, and then do nothing. It says
// how one of them was left, "" when none was. It knows a script by its asks alone.
func stranded(p *Program, dice *rand.Rand, callers int) string {
	for _, entry := range slices.Sorted(maps.Keys(p.site.Entries)) {
		for range callers {
			s, err := p.Start(entry, "")
			if err != nil {
				return err.Error()
			}
			c := &naive{script: s, program: p, dice: dice, keys: dice.IntN(25), lang: s.Lang(), generous: dice.IntN(2) == 0, faulty: dice.IntN(6) == 0}
			if why := c.call(); why != "" {
				return fmt.Sprintf("entry %s, after %v at %q: %s", entry, s.Path(), s.Node(), why)
			}
		}
	}
	return ""
}

// naive is one caller with the world around his call.
type naive struct {
	script   acd.Script
	program  *Program
	dice     *rand.Rand
	lang     acd.Lang
	keys     int  // still to be pressed before he does nothing more
	generous bool // queues take him
	faulty   bool // speech may fail
	said     bool // something was said to its end since he last did something, or was led on
	chose    bool // the last thing was a key of his
	spoke    bool // the last answer had words
	pending  acd.Heard
}

// mostSteps is how long a caller who does nothing may be led about.
const mostSteps = 120

func (c *naive) scene() acd.Scene {
	figures := map[acd.QueueID]acd.Figures{}
	for q := range c.program.site.Queues {
		if c.dice.IntN(3) > 0 {
			figures[q] = acd.Figures{Agents: c.dice.IntN(3), Waiting: c.dice.IntN(12), Wait: time.Duration(c.dice.IntN(20)-1) * time.Minute}
		}
	}
	s := acd.Scene{Now: time.Unix(int64(c.dice.IntN(7*86400)), 0), Queues: figures, Caller: acd.CallerKinds()[c.dice.IntN(6)]}
	if c.dice.IntN(2) == 0 {
		s.Announced = []acd.AnnouncementID{"crise", "greve"}[:1+c.dice.IntN(2)]
	}
	return s
}

// call plays the call to its end.
func (c *naive) call() string {
	var next acd.Heard = acd.HeardStart{}
	if c.dice.IntN(8) == 0 {
		next = acd.HeardRefused{Why: acd.RefusedClosed}
	}
	idle := 0
	for {
		switch next.(type) {
		case acd.HeardKey:
			c.said, c.chose = false, true
		case acd.HeardSaid, acd.HeardSilence, acd.HeardElapsed:
			c.said, c.chose = c.said || c.spoke, false
		case acd.HeardStart:
		default:
			c.said, c.chose = false, false
		}
		asks := c.script.Handle(next, c.scene())
		if _, served := next.(acd.HeardServed); served && len(asks) == 0 {
			return ""
		}
		if len(asks) == 0 && !pressed(next) {
			return fmt.Sprintf("nothing follows %T", next)
		}
		then, arrived, why := c.take(asks)
		if why != "" || arrived {
			return why
		}
		if len(asks) > 0 {
			c.pending = then
		}
		if c.keys > 0 && c.dice.IntN(12) == 0 {
			c.keys--
			arrived, why := c.emergency()
			if why != "" || arrived {
				return why
			}
			next = c.pending
			continue
		}
		if c.keys > 0 && c.dice.IntN(3) > 0 {
			c.keys--
			next = acd.HeardKey{Key: "0123456789*#"[c.dice.IntN(12)]}
			continue
		}
		if idle++; c.keys == 0 && idle > mostSteps {
			return "goes round"
		}
		next = c.pending
	}
}

// pressed reports whether nothing need follow: a key that means nothing leaves things as they are, and
// so does a place that is granted twice.
func pressed(in acd.Heard) bool {
	_, key := in.(acd.HeardKey)
	return key
}

// emergency presses 9; among digits * comes first.
func (c *naive) emergency() (arrived bool, why string) {
	for _, keys := range []string{"9", "*9"} {
		for i := range keys {
			asks := c.script.Handle(acd.HeardKey{Key: keys[i]}, c.scene())
			then, arrived, why := c.take(asks)
			if why != "" || arrived {
				return arrived, why
			}
			if len(asks) > 0 {
				c.pending = then
			}
			if slices.ContainsFunc(asks, isInstruction) {
				return false, ""
			}
		}
	}
	return false, "key 9 does not read the emergency instruction"
}

// take hears an answer: what comes next if he does nothing, whether he has arrived, how he was left.
func (c *naive) take(asks []acd.Ask) (then acd.Heard, arrived bool, why string) {
	if len(asks) > 0 {
		c.spoke = false
	}
	for _, a := range asks {
		switch a := a.(type) {
		case acd.AskSay:
			for _, p := range a.Prompts {
				if text, ok := c.program.Text(p.ID, c.lang); p.ID != "" && !slices.Contains(Tones, p.ID) && (!ok || strings.TrimSpace(text) == "") {
					return nil, false, fmt.Sprintf("no text of %q in %s", p.ID, c.lang)
				}
			}
			c.spoke, then = true, acd.HeardSaid{}
			if c.faulty && c.dice.IntN(4) == 0 {
				then = acd.HeardFault{}
			}
		case acd.AskListen:
			then = acd.HeardSilence{}
		case acd.AskLanguage:
			c.lang = a.Lang
		case acd.AskRecord:
			then = acd.HeardRecorded{Kept: c.dice.IntN(2) == 0, Fault: c.faulty && c.dice.IntN(4) == 0}
		case acd.AskSurveyed:
			if s := a.Answer; s.CSAT < 0 || s.CSAT > acd.MostCSAT || s.NPS != nil && (*s.NPS < 0 || *s.NPS > acd.MostNPS) {
				return nil, false, fmt.Sprintf("answered with %+v", s)
			}
		case acd.AskWait:
			if c.keys == 0 {
				return nil, true, ""
			}
			if c.generous && c.dice.IntN(4) == 0 { // he is answered, and the agent hangs up first
				then = acd.HeardServed{}
				continue
			}
			then = acd.HeardElapsed{}
			if !c.generous && c.dice.IntN(4) == 0 {
				then = acd.HeardRefused{Why: acd.RefusedMaxWait}
			}
		case acd.AskQueue:
			then = acd.HeardQueued{}
			if !c.generous && c.dice.IntN(3) > 0 {
				then = acd.HeardRefused{Why: []acd.Refusal{acd.RefusedFull, acd.RefusedUnstaffed, acd.RefusedStore, acd.RefusedRatio}[c.dice.IntN(4)]}
			}
		case acd.AskTransfer:
			if c.generous {
				return nil, true, ""
			}
			then = acd.HeardTransfer{Ending: acd.NoAnswer}
		case acd.AskLookup:
			then = acd.HeardLookup{Outcome: []acd.LookupOutcome{acd.LookupFound, acd.LookupUnknown, acd.LookupError}[c.dice.IntN(3)],
				Values: map[string]string{"titre": []string{"medecin", "laboratoire", "?"}[c.dice.IntN(3)]}}
		case acd.AskSMS:
			then = acd.HeardSMS{Sent: c.dice.IntN(2) == 0}
		case acd.AskHangup:
			if !c.said && !c.faulty && !(c.chose && a.Reason == "info") {
				return nil, false, fmt.Sprintf("cut without a word, as %s", a.Outcome)
			}
			return nil, true, ""
		}
	}
	return then, false, ""
}
