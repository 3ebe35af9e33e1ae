package site

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// maxCallerID bounds what is looked at: longer than any number with its SIP parameters, far shorter
// than what a hostile peer sends.
const maxCallerID = 64 // bytes

// NormalizeCallerID returns a number in E.164 form (+33612345678), a short or internal number as its
// bare digits (15, 3639, 4012), or "" for what is no number: withheld, a name, garbage. It is safe on
// any input. The region is the site's; see Site.Region.
func NormalizeCallerID(raw, region string) string {
	if len(raw) > maxCallerID {
		return ""
	}
	raw, _, _ = strings.Cut(strings.TrimSpace(raw), ";")
	digits, international, ok := strip(raw)
	switch {
	case !ok || digits == "":
		return ""
	case !international && short(digits, region):
		return digits
	case international:
		digits = "+" + digits
	case strings.HasPrefix(digits, "00"):
		digits = "+" + digits[2:]
	}
	n, err := phonenumbers.Parse(digits, region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return ""
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	// Some impossible numbers lose zeros at each reading: they would never be found again.
	if again, err := phonenumbers.Parse(e164, region); err != nil || phonenumbers.Format(again, phonenumbers.E164) != e164 {
		return ""
	}
	return e164
}

// strip keeps the digits of a number as people and exchanges write it.
func strip(raw string) (digits string, international, ok bool) {
	var out []byte
	for i := range len(raw) {
		switch c := raw[i]; {
		case c >= '0' && c <= '9':
			out = append(out, c)
		case c == '+' && len(out) == 0 && !international:
			international = true
		case c == ' ' || c == '.' || c == '-' || c == '/' || c == '(' || c == ')':
		default:
			return "", false, false
		}
	}
	// "+33 (0)6 12…" is how many people write their number; the 0 belongs to the national form.
	if international && strings.Contains(raw, "(0)") && strings.HasPrefix(string(out), "330") {
		out = append([]byte("33"), out[3:]...)
	}
	return string(out), international, len(out) <= 20
}

// french are the regions that share France's numbering plan of short numbers (Arcep): emergency and
// services with two, three or four digits, 10xx, 116xxx and 118xxx with more.
var french = map[string]bool{"FR": true, "RE": true, "YT": true, "GP": true, "MQ": true, "GF": true, "PM": true, "BL": true, "MF": true}

// short reports a number that has no international form: the library would read 3639 as a national
// number with a country in front.
func short(digits, region string) bool {
	if len(digits) <= 5 {
		return len(digits) >= 2 // emergency, services of four digits, extensions of the hospital
	}
	return french[region] && len(digits) == 6 && (strings.HasPrefix(digits, "116") || strings.HasPrefix(digits, "118"))
}
