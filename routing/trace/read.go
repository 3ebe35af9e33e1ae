package trace

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is one past call.
type Call struct {
	Day      int           // of the file, from 1
	Arrived  time.Duration // after midnight of the day, at the voice menu
	Menu     time.Duration // spent there
	Wait     time.Duration // in the queue; 0 when served at once, or never queued
	Served   bool          // an agent talked with the caller; else he left
	Service  time.Duration // of the conversation
	Type     string        // what he called for
	Priority int           // as the file says it; 0 where it does not
	Agent    string        // who served him; "" where unknown
	Caller   string        // the same for two calls of one person; "" where unknown
}

// Queued is when the call entered the queue, after midnight of its day.
func (c Call) Queued() time.Duration { return c.Arrived + c.Menu }

// Left is when it left the queue: served, or given up.
func (c Call) Left() time.Duration { return c.Queued() + c.Wait }

// End is when it was over.
func (c Call) End() time.Duration { return c.Left() + c.Service }

// InQueue reports whether the call asked for an agent at all: it was served or it waited. One that
// left without either left in the menu.
func (c Call) InQueue() bool { return c.Served || c.Wait > 0 }

// The words of the outcome column.
const (
	outcomeServed = "AGENT"
	outcomeLeft   = "HANG"
)

// columns of a file, and whether it must have them.
var columns = map[string]bool{
	"day": true, "arrival_s": true, "ivr_s": false, "wait_s": true, "outcome": true, "service_s": true,
	"type": true, "priority": false, "agent": false, "caller": false,
}

// daySeconds is the length of a day. A file that writes instants of the day and lets a call cross
// midnight gives a negative duration: a day is missing from it. What would then last more than half a
// day is a mistake instead.
const daySeconds = 24 * 60 * 60

// maxDay bounds the day column: beyond it a duration since the file's first midnight would overflow.
const maxDay = 36_600

// Read reads calls from a CSV file with a header, which may be packed with gzip; in the order of day
// and arrival. Errors name the line.
//
//	day        number of the day, from 1
//	arrival_s  arrival at the voice menu, seconds after midnight, local time
//	ivr_s      seconds in the menu (may be absent: 0)
//	wait_s     seconds in the queue (0: served at once, or left in the menu)
//	outcome    AGENT (served) or HANG (left)
//	service_s  seconds of conversation
//	type       what the caller wanted
//	priority   a number (may be absent)
//	agent      who served, caller: who called (may be absent or empty)
func Read(r io.Reader) ([]Call, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("read the calls: unpack: %w", err)
		}
		in = bufio.NewReader(unpacked)
	}
	rows := csv.NewReader(in)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("read the calls: the file is empty: its header must name the columns")
	}
	if err != nil {
		return nil, fmt.Errorf("read the calls: header: %w", err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		if _, ok := at[name]; columns[name] && !ok {
			return nil, fmt.Errorf("read the calls: the header has no column %q; names stand between commas", name)
		}
	}
	var calls []Call
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the calls: %w", err)
		}
		c, err := parse(row, at)
		if err != nil {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("read the calls: line %d: %w", line, err)
		}
		calls = append(calls, c)
	}
	slices.SortStableFunc(calls, func(a, b Call) int {
		if a.Day != b.Day {
			return a.Day - b.Day
		}
		return int((a.Arrived - b.Arrived) / time.Second)
	})
	return calls, nil
}

func parse(row []string, at map[string]int) (Call, error) {
	var c Call
	text := func(name string) string {
		if i, ok := at[name]; ok {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	whole := func(name string) (int, error) {
		s := text(name)
		if s == "" && !columns[name] {
			return 0, nil
		}
		n, err := strconv.Atoi(s)
		if err != nil || n > math.MaxInt32 || n < math.MinInt32 {
			return 0, fmt.Errorf("%s: %q is not a whole number", name, s)
		}
		return n, nil
	}
	day, err := whole("day")
	if err != nil {
		return c, err
	}
	if day < 1 || day > maxDay {
		return c, fmt.Errorf("day: %d is not from 1 to %d", day, maxDay)
	}
	c.Day = day
	for _, f := range []struct {
		name string
		to   *time.Duration
	}{{"arrival_s", &c.Arrived}, {"ivr_s", &c.Menu}, {"wait_s", &c.Wait}, {"service_s", &c.Service}} {
		n, err := whole(f.name)
		if err != nil {
			return c, err
		}
		if f.name == "arrival_s" && (n < 0 || n >= daySeconds) {
			return c, fmt.Errorf("%s: %d s do not fit into a day", f.name, n)
		}
		if n < 0 {
			if n += daySeconds; n < 0 || n > daySeconds/2 {
				return c, fmt.Errorf("%s: %d s are negative, and not those of a call across midnight", f.name, n-daySeconds)
			}
		}
		*f.to = time.Duration(n) * time.Second
	}
	switch s := text("outcome"); s {
	case outcomeServed:
		c.Served = true
	case outcomeLeft:
	default:
		return c, fmt.Errorf("outcome: %q is neither %s nor %s", s, outcomeServed, outcomeLeft)
	}
	if c.Priority, err = whole("priority"); err != nil {
		return c, err
	}
	c.Type, c.Agent, c.Caller = text("type"), text("agent"), text("caller")
	return c, nil
}
