package trace_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"accueil/routing/trace"
)

const file = `day,arrival_s,ivr_s,wait_s,outcome,service_s,type,priority,agent,caller
2,100,5,0,AGENT,30,PS,0,a1,7
1,200,10,20,HANG,0,NW,2,,8
1,86390,5,0,AGENT,-86370,PS,0,a2,
1,150,10,0,HANG,0,PS,0,,
`

func TestReadOrdersAndRepairsMidnight(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(file)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*strings.Reader{strings.NewReader(file), strings.NewReader("\ufeff" + file), strings.NewReader(packed.String())} {
		calls, err := trace.Read(r)
		if err != nil {
			t.Fatal(err)
		}
		want := []trace.Call{
			{Day: 1, Arrived: 150 * time.Second, Menu: 10 * time.Second, Type: "PS"},
			{Day: 1, Arrived: 200 * time.Second, Menu: 10 * time.Second, Wait: 20 * time.Second, Type: "NW", Priority: 2, Caller: "8"},
			{Day: 1, Arrived: 86390 * time.Second, Menu: 5 * time.Second, Served: true, Service: 30 * time.Second, Type: "PS", Agent: "a2"},
			{Day: 2, Arrived: 100 * time.Second, Menu: 5 * time.Second, Served: true, Service: 30 * time.Second, Type: "PS", Agent: "a1", Caller: "7"},
		}
		if !reflect.DeepEqual(calls, want) {
			t.Errorf("got %+v", calls)
		}
	}
	calls, _ := trace.Read(strings.NewReader(file))
	if calls[0].InQueue() || !calls[1].InQueue() || !calls[2].InQueue() {
		t.Error("who left in the menu was in no queue; who waited or was served was")
	}
	if c := calls[1]; c.Queued() != 210*time.Second || c.Left() != 230*time.Second || c.End() != 230*time.Second {
		t.Errorf("%s %s %s", c.Queued(), c.Left(), c.End())
	}
}

func TestReadNamesTheLineOfAFault(t *testing.T) {
	t.Parallel()
	const header = "day,arrival_s,wait_s,outcome,service_s,type\n"
	for bad, want := range map[string]string{
		"":                       "header",
		"day,arrival_s\n":        "no column",
		header + "1,2,3,AGENT,4": "wrong number of fields",
		header + "1,2,3,AGENT,4,PS\n0,2,3,AGENT,4,PS": "line 3: day: 0",
		header + "1,x,3,AGENT,4,PS":                   `line 2: arrival_s: "x"`,
		header + "1,2,,AGENT,4,PS":                    `line 2: wait_s: ""`,
		header + "1,90000,3,AGENT,4,PS":               "line 2: arrival_s: 90000",
		header + "1,2,3,AGENT,-90000,PS":              "line 2: service_s",
		header + "1,2,-5,AGENT,4,PS":                  "line 2: wait_s: -5 s are negative",
		header + "1,2,3,GONE,4,PS":                    `line 2: outcome: "GONE"`,
		header + "1,2,99999999999,HANG,0,PS":          "line 2: wait_s",
		"\x1f\x8bnot really":                          "unpack",
	} {
		if _, err := trace.Read(strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", bad, err, want)
		}
	}
}

func TestAgentsAreWhatTheyDid(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("day,arrival_s,wait_s,outcome,service_s,type,agent\n")
	for i := range 600 { // a call a minute, PS, on two days with a pause after the 300th
		day, at := 1+i/300, 60*(i%300)
		kind := "PS"
		switch {
		case i < 5: // 5 of 600: enough of them, too few of his calls
			kind = "IN"
		case i < 20:
			kind = "NW"
		}
		fmt.Fprintf(&b, "%d,%d,10,AGENT,50,%s,a1\n", day, at, kind)
	}
	b.WriteString("1,36000,0,AGENT,60,NE,a1\n1,100,0,AGENT,60,NE,\n1,100,30,HANG,0,NE,\n2,30,0,AGENT,60,PS,a2\n")
	calls, err := trace.Read(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	agents := trace.Agents(calls, 0)
	if len(agents) != 2 || agents[0].ID != "a1" || agents[1].ID != "a2" || agents[0].Calls != 601 {
		t.Fatalf("got %+v", agents)
	}
	for kind, want := range map[string]bool{"PS": true, "NW": true, "IN": false, "NE": false, "": false} {
		if agents[0].Serves(kind) != want {
			t.Errorf("serves %s: %t", kind, !want)
		}
	}
	if agents[1].Serves("PS") {
		t.Error("one call makes no skill")
	}
	last := 299*60*time.Second + time.Minute
	want := []trace.Span{{1, 10 * time.Second, last}, {1, 10 * time.Hour, 10*time.Hour + time.Minute}, {2, 10 * time.Second, last}}
	if !reflect.DeepEqual(agents[0].Duty, want) {
		t.Errorf("duty %v", agents[0].Duty)
	}
	if d := trace.Agents(calls, 6*time.Hour)[0].Duty; len(d) != 2 {
		t.Errorf("with a gap of six hours: %v", d)
	}
}
