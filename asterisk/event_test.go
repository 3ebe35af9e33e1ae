package asterisk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		message string
		kind    string // empty = no event
		notes   Notes
		more    func(Event) bool
	}{
		"known": {
			message: `{"type":"StasisStart","application":"a","timestamp":"2026-08-02T10:11:12.345+0200","args":["x"],"channel":{"id":"1","caller":{"name":"n","number":"0"},"channelvars":{"CC_STATE":"s"}}}`,
			kind:    "StasisStart",
			more: func(e Event) bool {
				s := e.(*StasisStart)
				return s.Channel.ID == "1" && s.Args[0] == "x" && s.App() == "a" && s.Timestamp.UnixMilli() == 1785658272345 &&
					s.Channel.ChannelVars["CC_STATE"] == "s" && slices.Equal(s.ChannelIDs(), []string{"1"})
			},
		},
		"unknown type": {
			message: `{"type":"Brandnew","application":"a","thing":{"id":"1"}}`, kind: "Brandnew",
			notes: Notes{UnknownType: true},
			more:  func(e Event) bool { return e.App() == "a" && len(e.(*UnknownEvent).Raw) > 0 },
		},
		"unknown field after which all goes on": {
			message: `{"type":"StasisEnd","colour":{"a":[1]},"application":"a","channel":{"shape":2,"id":"1"}}`, kind: "StasisEnd",
			notes: Notes{UnknownField: true},
			more:  func(e Event) bool { return e.App() == "a" && e.(*StasisEnd).Channel.ID == "1" },
		},
		"field of another type": {
			message: `{"type":"ChannelDestroyed","cause":"seventeen","application":"a","channel":{"id":"1"}}`, kind: "ChannelDestroyed",
			notes: Notes{Misshapen: true},
			more:  func(e Event) bool { return e.(*ChannelDestroyed).Channel.ID == "1" },
		},
		"time nobody can read": {
			message: `{"type":"StasisEnd","timestamp":"yesterday","channel":{"id":"1"}}`, kind: "StasisEnd",
			more: func(e Event) bool { return e.(*StasisEnd).Timestamp.IsZero() },
		},
		"variables of any shape": {
			message: `{"type":"ChannelUserevent","eventname":"e","userevent":{"n":1,"o":{"x":[]},"s":"t"}}`, kind: "ChannelUserevent",
			more: func(e Event) bool {
				v := e.(*ChannelUserevent).Userevent
				return v["n"] == "1" && v["o"] == `{"x":[]}` && v["s"] == "t"
			},
		},
		"variables that are a list": {
			message: `{"type":"ChannelUserevent","eventname":"e","userevent":[1]}`, kind: "ChannelUserevent",
			more: func(e Event) bool { return len(e.(*ChannelUserevent).Userevent) == 0 },
		},
		"both ends of a dial": {
			message: `{"type":"Dial","caller":{"id":"1"},"peer":{"id":"2"},"dialstatus":""}`, kind: "Dial",
			more: func(e Event) bool { return slices.Equal(e.ChannelIDs(), []string{"1", "2"}) },
		},
		"playback of a bridge": {
			message: `{"type":"PlaybackFinished","playback":{"id":"p","target_uri":"bridge:b"}}`, kind: "PlaybackFinished",
			more: func(e Event) bool { return slices.Equal(e.BridgeIDs(), []string{"b"}) && len(e.ChannelIDs()) == 0 },
		},
		"transfer names channels below the surface": {
			message: `{"type":"ChannelTransfer","refer_to":{"destination_channel":{"id":"3"}},"referred_by":{"source_channel":{"id":"1"},"bridge":{"id":"b"}}}`,
			kind:    "ChannelTransfer",
			more: func(e Event) bool {
				return slices.Equal(e.ChannelIDs(), []string{"3", "1"}) && slices.Equal(e.BridgeIDs(), []string{"b"})
			},
		},
		"type in two spellings": {message: `{"type":"StasisEnd","Type":"Other","channel":{"id":"1"}}`, kind: ""},
		"not an object":         {message: `[]`},
		"not JSON":              {message: `{"type":`},
		"nothing":               {message: ``},
		"no type":               {message: `{"application":"a"}`},
		"type is a number":      {message: `{"type":7}`},
	} {
		event, notes, err := Decode([]byte(c.message))
		if name == "type in two spellings" { // either answer is right, a crash is not
			continue
		}
		if (err != nil) != (c.kind == "") {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		if c.kind == "" {
			continue
		}
		if event.EventType() != c.kind || notes != c.notes {
			t.Errorf("%s: %s with %+v", name, event.EventType(), notes)
		}
		if c.more != nil && !c.more(event) {
			t.Errorf("%s: wrong content", name)
		}
	}
}

func TestEveryEventDecodes(t *testing.T) {
	t.Parallel()
	if len(newEvent) < 40 {
		t.Errorf("only %d event types", len(newEvent))
	}
	for name := range newEvent {
		event, notes, err := Decode(fmt.Appendf(nil, `{"type":%q,"application":"a"}`, name))
		if err != nil || notes != (Notes{}) || event.EventType() != name || event.App() != "a" {
			t.Errorf("%s: %v, %+v, %v", name, event, notes, err)
		}
		event.ChannelIDs() // whatever is missing must not be followed
		event.BridgeIDs()
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"a":"plain"}`:                     `{"a":"plain"}`,
		`{"a":"esc \u001b[2J \n \r\t\b\f"}`: `{"a":"esc [2J  "}`,
		`{"a":"\"q\" \\ \/ \u00e9"}`:        `{"a":"\"q\" \\ \/ \u00e9"}`,
		`{"a":"\u202Eabc\u2066"}`:           `{"a":"abc"}`,
		"{\"a\":\"\u202eab\u0085\x7fc\"}":   `{"a":"abc"}`,
		"{\"a\":\"\xff\xfe ok\"}":           `{"a":" ok"}`,
		`{"a":"\ud83d\ude00"}`:              `{"a":"\ud83d\ude00"}`,
		`{"a":"\ud83d alone \ude00"}`:       `{"a":" alone "}`,
		"{\"a\":\"Zoé\",\n\t\"b\":1}":       "{\"a\":\"Zoé\",\n\t\"b\":1}",
		`{"a":"`:                            `{"a":"`,
		`{"a":"\`:                           `{"a":"`,
		`{"a":"\u12`:                        `{"a":"`,
	} {
		got, changed := clean([]byte(in), 100)
		if string(got) != want || changed != (in != want) {
			t.Errorf("%q becomes %q (changed %v), want %q", in, got, changed, want)
		}
	}
	long := `{"a":"` + strings.Repeat("é", 5000) + `","b":"` + strings.Repeat("x", 10000) + `"}`
	got, changed := clean([]byte(long), 101)
	if want := `{"a":"` + strings.Repeat("é", 50) + `","b":"` + strings.Repeat("x", 101) + `"}`; string(got) != want || !changed {
		t.Errorf("a long text becomes %d bytes", len(got))
	}
}

// TestNothingPersonalIsPrinted prints every event in every way with a caller in
// each text of it.
func TestNothingPersonalIsPrinted(t *testing.T) {
	t.Parallel()
	const secret = "Durand0612345678"
	person := fmt.Sprintf(`{"id":"1","name":%q,"accountcode":%[1]q,"caller":{"name":%[1]q,"number":%[1]q},"connected":{"name":%[1]q,"number":%[1]q},"dialplan":{"app_data":%[1]q,"exten":%[1]q},"channelvars":{"V":%[1]q},"caller_rdnis":%[1]q}`, secret)
	for name := range newEvent {
		message := fmt.Sprintf(`{"type":%q,"application":"a","channel":%s,"caller":%[2]s,"peer":%[2]s,"digit":%q,"dialstring":%[3]q,"value":%[3]q,"userevent":{"V":%[3]q},"args":[%[3]q]}`, name, person, secret)
		event, _, err := Decode([]byte(message))
		if err != nil {
			t.Fatal(err)
		}
		for _, verb := range []string{"%v", "%+v", "%s", "%q"} {
			if strings.Contains(fmt.Sprintf(verb, event), secret) {
				t.Errorf("%s prints a caller with %s", name, verb)
			}
		}
	}
	var channel Channel
	if err := json.Unmarshal([]byte(person), &channel); err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %v %v %v", channel, &channel, channel.Caller, channel.Dialplan, channel.ChannelVars); strings.Contains(text, secret) {
		t.Errorf("printed: %s", text)
	}
}

// FuzzDecode: whatever comes, no panic, no control character, no overlong text.
func FuzzDecode(f *testing.F) {
	seeds, err := filepath.Glob(filepath.Join("testdata", "events", "*.json"))
	if err != nil || len(seeds) == 0 {
		f.Fatal("no seed events in testdata/events")
	}
	for _, name := range seeds {
		seed, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		before := bytes.Clone(message)
		event, _, err := Decode(message)
		if !bytes.Equal(before, message) {
			t.Fatal("the message itself was changed")
		}
		if err != nil {
			return
		}
		for _, id := range append(event.ChannelIDs(), event.BridgeIDs()...) {
			check(t, id)
		}
		switch e := event.(type) {
		case *StasisStart:
			check(t, e.Channel.Caller.Name)
			check(t, e.Channel.Name)
			for _, arg := range e.Args {
				check(t, arg)
			}
		case *ChannelDtmfReceived:
			check(t, e.Digit)
		case *ChannelUserevent:
			check(t, e.Eventname)
		}
		_ = fmt.Sprintf("%+v", event)
	})
}

func check(t *testing.T, text string) {
	t.Helper()
	if len(text) > 3*maxEventText || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !harmless(r) }) {
		t.Fatalf("%d bytes came through uncleaned: %.80q", len(text), text)
	}
}
