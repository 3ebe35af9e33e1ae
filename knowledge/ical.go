package knowledge

import (
	"fmt"
	"strings"
	"time"
)

// icalLine is one line of an iCalendar file (RFC 5545 §3.1), put together again where it was folded.
type icalLine struct {
	line   int
	name   string
	params map[string]string
	value  string
}

// readCalendar reads the events of an iCalendar file: CATEGORIES is the service, SUMMARY the role, CONTACT, or else
// DESCRIPTION, the numbers. An event that repeats is refused rather than read once.
func (t *table) readCalendar(content []byte, where *time.Location, each func()) {
	if len(content) > maxTableBytes {
		t.whole("", "the file is larger than %d MB", maxTableBytes>>20)
		return
	}
	t.columns = dutyColumns
	inside, nested, good, events := false, 0, true, 0
	for _, l := range icalLines(string(content)) {
		t.line = l.line
		switch {
		case l.name == "BEGIN" && strings.EqualFold(l.value, "VEVENT") && !inside:
			if events++; events > maxTableRows {
				t.whole("", "the file has more than %d events", maxTableRows)
				return
			}
			inside, good, t.row = true, true, map[string]string{}
			t.row["line"] = fmt.Sprint(l.line)
		case !inside:
		case l.name == "BEGIN": // an alarm within
			nested++
		case l.name == "END" && nested > 0:
			nested--
		case nested > 0:
		case l.name == "END":
			inside = false
			_, _ = fmt.Sscan(t.row["line"], &t.line)
			delete(t.row, "line")
			if t.row["numbers"] == "" {
				t.row["numbers"] = t.row["description"]
			}
			if good {
				each()
			}
		default:
			good = t.property(l, where) && good
		}
	}
	if inside {
		t.tell("", "export it again", "the last event has no end")
	}
	if events == 0 {
		t.whole("", "the calendar has no event")
	}
}

// property takes one property of an event; false when the event cannot be used.
func (t *table) property(l icalLine, where *time.Location) bool {
	switch l.name {
	case "CATEGORIES":
		t.row["service"] = strings.TrimSpace(unescape(l.value))
	case "SUMMARY":
		t.row["role"] = strings.Join(strings.Fields(unescape(l.value)), " ")
	case "CONTACT":
		t.row["numbers"] = numbersIn(l.value)
	case "DESCRIPTION":
		t.row["description"] = numbersIn(l.value)
	case "DTSTART", "DTEND":
		column := map[string]string{"DTSTART": "from", "DTEND": "to"}[l.name]
		at, ok := icalTime(l, where)
		if !ok {
			t.tell(column, "write it with a zone of the IANA database, in UTC, or without a zone", "this is no time")
			return false
		}
		t.row[column] = at.Format(time.RFC3339)
	case "RRULE", "RDATE", "DURATION":
		t.tell("", "export events one by one, each with its end (DTEND)", "an event with %s is not read", l.name)
		return false
	case "STATUS":
		return !strings.EqualFold(l.value, "CANCELLED")
	}
	return true
}

func numbersIn(value string) string {
	return strings.Join(strings.FieldsFunc(unescape(value), func(r rune) bool { return r == ',' || r == ';' || r == '\n' }), ",")
}

// icalTime reads a date, a time of the site's clock, of a zone, or in UTC.
func icalTime(l icalLine, where *time.Location) (time.Time, bool) {
	if zone := l.params["TZID"]; zone != "" {
		named, err := time.LoadLocation(strings.Trim(zone, `"`))
		if err != nil || zone == "Local" {
			return time.Time{}, false
		}
		where = named
	}
	for form, in := range map[string]*time.Location{"20060102T150405Z": time.UTC, "20060102T150405": where, "20060102": where} {
		if at, err := time.ParseInLocation(form, l.value, in); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// icalLines unfolds a file. Lines without a colon are left out.
func icalLines(content string) (out []icalLine) {
	var whole []icalLine
	for n, text := range strings.Split(strings.ReplaceAll(content, "\r\n", "\n"), "\n") {
		if last := len(whole) - 1; last >= 0 && text != "" && (text[0] == ' ' || text[0] == '\t') {
			whole[last].value += text[1:]
			continue
		}
		whole = append(whole, icalLine{line: n + 1, value: text})
	}
	for _, l := range whole {
		head, value, ok := cutUnquoted(l.value, ':')
		if !ok {
			continue
		}
		name, rest, _ := cutUnquoted(head, ';')
		l.name, l.value, l.params = strings.ToUpper(strings.TrimSpace(name)), value, map[string]string{}
		for rest != "" {
			var param string
			param, rest, _ = cutUnquoted(rest, ';')
			key, v, _ := strings.Cut(param, "=")
			l.params[strings.ToUpper(key)] = v
		}
		out = append(out, l)
	}
	return out
}

// cutUnquoted cuts at the first separator outside quotes.
func cutUnquoted(s string, sep byte) (before, after string, found bool) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// unescape undoes RFC 5545 §3.3.11.
func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n", `\N`, "\n").Replace(s)
}
