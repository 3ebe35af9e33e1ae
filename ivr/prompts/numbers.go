package prompts

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"accueil/acd"
	"accueil/ivr/numerals"
)

// Numbers and durations that are made at start. Larger ones are put together from them.
const (
	maxNumber = 99
	maxHours  = 24
)

// unit is what a duration counts.
type unit struct {
	code            string
	french, english string // singular, regular plurals
}

var (
	seconds = unit{"s", "seconde", "second"}
	minutes = unit{"m", "minute", "minute"}
	hours   = unit{"h", "heure", "hour"}
)

// counted writes "une minute", "vingt et une minutes"; English for every other language.
func counted(lang acd.Lang, n int, u unit) string {
	number, word, plural := numerals.English(n), u.english, n != 1
	if lang.Plain() == "fr" {
		number, word, plural = numerals.French(n, true), u.french, n >= 2
	}
	if plural {
		word += "s"
	}
	return number + " " + word
}

func numberID(n int) string           { return "num." + strconv.Itoa(n) }
func durationID(n int, u unit) string { return "dur." + u.code + "." + strconv.Itoa(n) }

// numberTexts lists what is spoken for numbers and durations in a language, by id.
func numberTexts(lang acd.Lang) map[string]string {
	out := map[string]string{}
	for n := range maxNumber + 1 {
		out[numberID(n)] = numerals.English(n)
		if lang.Plain() == "fr" {
			out[numberID(n)] = numerals.French(n, false)
		}
	}
	for n := secondStep; n < 60; n += secondStep {
		out[durationID(n, seconds)] = counted(lang, n, seconds)
	}
	for n := 1; n < 60; n++ {
		out[durationID(n, minutes)] = counted(lang, n, minutes)
	}
	for n := 1; n <= maxHours; n++ {
		out[durationID(n, hours)] = counted(lang, n, hours)
	}
	return out
}

// numberIDs is how a number is put together: whole up to 99, else two digits at a time as telephone
// numbers are said, a single first digit when the count is odd.
func numberIDs(n int) ([]string, error) {
	if n < 0 {
		return nil, fmt.Errorf("speak number: %d is negative", n)
	}
	if n <= maxNumber {
		return []string{numberID(n)}, nil
	}
	digits := strconv.Itoa(n)
	var out []string
	if len(digits)%2 == 1 {
		out, digits = append(out, numberID(int(digits[0]-'0'))), digits[1:]
	}
	for ; digits != ""; digits = digits[2:] {
		pair, _ := strconv.Atoi(digits[:2])
		if pair < 10 {
			out = append(out, numberID(0))
		}
		out = append(out, numberID(pair))
	}
	return out, nil
}

// secondStep is how finely durations below a minute are said: nobody acts on single seconds.
const secondStep = 5

// durationIDs says fives of seconds below a minute, then minutes, then hours and minutes, rounded
// down; the least is five seconds.
func durationIDs(d time.Duration) []string {
	switch {
	case d < time.Minute:
		return []string{durationID(max(1, int(d/time.Second)/secondStep)*secondStep, seconds)}
	case d < time.Hour:
		return []string{durationID(int(d/time.Minute), minutes)}
	}
	h := int(d / time.Hour)
	if h > maxHours {
		return []string{durationID(maxHours, hours)}
	}
	out := []string{durationID(h, hours)}
	if m := int(d % time.Hour / time.Minute); m > 0 {
		out = append(out, durationID(m, minutes))
	}
	return out
}

// Words is how a number or a duration is said, as text.
func Words(lang acd.Lang, p acd.Prompt) string {
	var ids []string
	switch {
	case p.Number != nil:
		ids, _ = numberIDs(*p.Number) // a negative one says nothing
	case p.Duration != nil:
		ids = durationIDs(*p.Duration)
	}
	texts := numberTexts(lang)
	for i, id := range ids {
		ids[i] = texts[id]
	}
	return strings.Join(ids, " ")
}

// digitIDs are the prompts of digits read one by one. The error does not show them.
func digitIDs(k acd.Keyed) (ids []string, err error) {
	for _, r := range k.Reveal() {
		if r < '0' || r > '9' {
			return nil, fmt.Errorf("%w: a key that is no digit", ErrUnknownPrompt)
		}
		id, err := numberIDs(int(r - '0'))
		if err != nil {
			return nil, err
		}
		ids = append(ids, id...)
	}
	return ids, nil
}
