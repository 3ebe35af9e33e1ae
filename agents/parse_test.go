package agents

import (
	"slices"
	"testing"
	"time"

	"accueil/acd"
)

func TestParseCode(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Code{
		"*20":             {Kind: CodeLogin},
		"*20123":          {Kind: CodeLogin, Number: "123"},
		"*20123#":         {Kind: CodeLogin, Number: "123"},
		"*20007#0000":     {Kind: CodeLogin, Number: "007", PIN: "0000"},
		"*20123#0000#":    {Kind: CodeLogin, Number: "123", PIN: "0000"},
		"*20123##0000":    {Kind: CodeLogin, Number: "123", PIN: "0000"}, // keyed #, then asked for
		"*21":             {Kind: CodePause},
		"*211":            {Kind: CodePause, Reason: 1},
		"*219":            {Kind: CodePause, Reason: 9},
		"*22":             {Kind: CodeLogout},
		"*23":             {Kind: CodeWrapup},
		"*703000":         {Kind: CodeClosure, Entry: "3000"},
		"*703000#1234":    {Kind: CodeClosure, Entry: "3000", PIN: "1234"},
		"*20#1234":        {}, // a PIN of nobody
		"*20#":            {},
		"*2012a#1":        {},
		"*201#2#3":        {},
		"*20１":            {},
		"*210":            {},
		"*2112":           {},
		"*21#":            {},
		"*221":            {},
		"*23#":            {},
		"*70":             {},
		"*70#1234":        {},
		"*70/etc":         {},
		"*24":             {},
		"*2":              {},
		"*":               {},
		"":                {},
		"15":              {},
		"#20":             {},
		"*20" + long('1'): {},
	} {
		if got := ParseCode(s); got != want {
			t.Errorf("%q: %+v, want %+v", s, got, want)
		}
	}
	if got := CodeClosure.String() + CodeUnknown.String() + CodeKind(9).String() + CodeKind(-1).String(); got != "closureunknownCodeKind(9)CodeKind(-1)" {
		t.Error(got)
	}
}

func long(c byte) string { return string(slices.Repeat([]byte{c}, 38)) }

func FuzzParseCode(f *testing.F) {
	for _, s := range []string{"*20", "*20123#0000", "*219", "*703000#1", "*20##", "*7\x000", "*20\xff#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := ParseCode(s)
		if !digits(c.Number) || !digits(c.PIN) || !digits(c.Entry) || c.Reason < 0 || c.Reason > 9 {
			t.Errorf("%q: %+v", s, c)
		}
		if c.Kind == CodeUnknown && c != (Code{}) {
			t.Errorf("%q is unknown and says %+v", s, c)
		}
		if c.Kind != CodeUnknown && (len(s) < 3 || s[0] != '*') {
			t.Errorf("%q is no code: %+v", s, c)
		}
	})
}

func TestRoster(t *testing.T) {
	t.Parallel()
	people := []Person{
		{ID: "a01", Number: "01", Phone: "101", PIN: "0000"},
		{ID: "a02", Number: "2", Phone: "102"},
		{ID: "a03", Phone: "103"}, // two at one desk
		{ID: "a04", Number: "101", Phone: "103"},
		{ID: "a05", Phone: "0105"},
		{ID: "a06", Phone: "105"},
		{ID: "a07", Number: "00", Phone: "mobile-7"},
		{ID: "a08"},
	}
	for range 20 { // the order of maps must not matter
		r, err := NewRoster(people, []Device{{ID: "101", Registers: true}, {ID: "mobile-7"}}, "fr")
		if err != nil {
			t.Fatal(err)
		}
		for n, want := range map[string]acd.AgentID{
			"1": "a01", "01": "a01", "001": "a01", "02": "a02", "102": "a02", "0102": "a02",
			"101": "a04",         // a number of one's own goes before another's phone
			"103": "", "105": "", // nobody's alone
			"0": "a07", "000": "a07", "": "", "99": "",
		} {
			if p, ok := r.ByNumber(n); ok != (want != "") || p.ID != want {
				t.Fatalf("number %q is %q (%t), want %q", n, p.ID, ok, want)
			}
		}
		for phone, want := range map[acd.PhoneID]acd.AgentID{"101": "a01", "103": "", "mobile-7": "a07", "none": ""} {
			if a, ok := r.Usual(phone); ok != (want != "") || a != want {
				t.Fatalf("phone %s is %q's, want %q", phone, a, want)
			}
		}
	}
	for _, twice := range [][]Person{{{ID: "a", Number: "1"}, {ID: "b", Number: "1"}}, {{ID: "a", Number: "1"}, {ID: "b", Number: "01"}}} {
		if _, err := NewRoster(twice, nil, "fr"); err == nil {
			t.Errorf("%+v have one number between them", twice)
		}
	}
	if p := people[0]; !p.Is("0000") || p.Is("000") || p.Is("") || people[1].Is("") {
		t.Error("PINs are compared wrongly; without one nobody may log in by PIN")
	}
}

func TestBrief(t *testing.T) {
	t.Parallel()
	const now = acd.Instant(10_000_000)
	waits := func(d time.Duration) acd.Leg { return acd.Leg{Reason: "rdv", Lang: "fr", Enqueued: now.Add(-d)} }
	returned := waits(200 * time.Second)
	returned.Previous, returned.Return, returned.Lang = "c/1", acd.NoAnswer, "en"
	transferred := acd.Leg{Reason: "rdv", Lang: "fr", Previous: "c/1", Enqueued: now.Add(-time.Second), AgeFrom: now.Add(-5 * time.Minute)}
	foreign := waits(45 * time.Second)
	foreign.Lang = "en"
	found, unknown := waits(0), waits(0)
	found.Identity, unknown.Identity = acd.LookupFound, acd.LookupUnknown
	for name, c := range map[string]struct {
		mode BriefingMode
		leg  acd.Leg
		want []string
	}{
		"at once":            {BriefingShort, waits(0), []string{"reason.rdv"}},
		"identified":         {BriefingShort, found, []string{"reason.rdv", "sys.brief_identified"}},
		"not to be told of":  {BriefingShort, unknown, []string{"reason.rdv"}},
		"29 s":               {BriefingShort, waits(29_999 * time.Millisecond), []string{"reason.rdv"}},
		"30 s":               {BriefingShort, waits(30 * time.Second), []string{"reason.rdv", "sys.brief_waiting", "30s"}},
		"59.9 s":             {BriefingShort, waits(59_900 * time.Millisecond), []string{"reason.rdv", "sys.brief_waiting", "59s"}},
		"one minute":         {BriefingShort, waits(time.Minute), []string{"reason.rdv", "sys.brief_waiting", "1m0s"}},
		"one minute still":   {BriefingShort, waits(119 * time.Second), []string{"reason.rdv", "sys.brief_waiting", "1m0s"}},
		"two minutes":        {BriefingFull, waits(120 * time.Second), []string{"reason.rdv", "sys.brief_waiting", "2m0s"}},
		"age of the contact": {BriefingShort, transferred, []string{"sys.brief_transferred", "reason.rdv", "sys.brief_waiting", "5m0s"}},
		"another language":   {BriefingShort, foreign, []string{"reason.rdv", "sys.language_en", "sys.brief_waiting", "45s"}},
		"return, full":       {BriefingFull, returned, []string{"sys.return_no_answer", "reason.rdv", "sys.language_en", "sys.brief_waiting", "3m0s"}},
		"return, short":      {BriefingShort, returned, []string{"sys.return_no_answer", "reason.rdv", "sys.language_en"}},
		"beep":               {BriefingBeep, returned, []string{"sys.beep"}},
		"nothing known":      {BriefingShort, acd.Leg{}, []string{"sys.beep"}},
		"never queued":       {BriefingShort, acd.Leg{Reason: "rdv"}, []string{"reason.rdv"}},
		"clock behind":       {BriefingShort, waits(-time.Minute), []string{"reason.rdv"}},
	} {
		b := Brief(c.mode, "fr", c.leg, now, every(700*time.Millisecond))
		var got []string
		for _, p := range b.Prompts {
			if p.Duration != nil {
				got = append(got, p.Duration.String())
			} else {
				got = append(got, p.ID)
			}
		}
		if !slices.Equal(got, c.want) || b.Lang != "fr" || b.Name != (c.mode == BriefingFull) {
			t.Errorf("%s: %v (name first: %t), want %v", name, got, b.Name, c.want)
		}
		if want := map[BriefingMode]time.Duration{BriefingFull: fullLimit, BriefingShort: shortLimit, BriefingBeep: shortLimit}[c.mode]; b.Limit != want {
			t.Errorf("%s may take %v", name, b.Limit)
		}
	}
	for ending, want := range map[acd.Ending]string{acd.Busy: "sys.return_busy", acd.Refused: "sys.return_refused",
		acd.OfferFailed: "sys.return_failed", acd.AgentGone: "sys.return_failed"} {
		if b := Brief(BriefingShort, "fr", acd.Leg{Return: ending, Previous: "c/1"}, now, every(0)); b.Prompts[0].ID != want {
			t.Errorf("returned as %s: %v", ending, b.Prompts)
		}
	}
	// A slow voice says less, and the first phrase whatever it takes.
	for _, c := range []struct {
		mode   BriefingMode
		phrase time.Duration
		want   int
	}{
		{BriefingShort, 700 * time.Millisecond, 3}, {BriefingShort, time.Second, 3}, {BriefingShort, 1400 * time.Millisecond, 2}, {BriefingShort, 4 * time.Second, 1},
		{BriefingFull, 700 * time.Millisecond, 5}, {BriefingFull, time.Second, 3}, {BriefingFull, 1600 * time.Millisecond, 2}, {BriefingFull, 6 * time.Second, 1},
	} {
		if b := Brief(c.mode, "fr", returned, now, every(c.phrase)); len(b.Prompts) != c.want {
			t.Errorf("%s at %v a phrase: %d prompts, want %d", c.mode, c.phrase, len(b.Prompts), c.want)
		}
	}
}

// every is a voice that takes as long for each prompt.
func every(d time.Duration) Length {
	return func(_ acd.Lang, p []acd.Prompt) time.Duration { return time.Duration(len(p)) * d }
}
