package asterisk

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// clean prepares JSON that strangers could influence: it removes control and
// direction-changing characters from strings, raw or escaped, and cuts a string
// longer than limit bytes. It works on the text, before any decoding, so no field
// can be forgotten. Text outside strings is left to the decoder. The second
// result tells whether anything changed; if not, text itself is returned.
func clean(text []byte, limit int) ([]byte, bool) {
	if !needsCleaning(text, limit) {
		return text, false
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] != '"' {
			out = append(out, text[i])
			i++
			continue
		}
		out = append(out, '"')
		i++
		start := len(out)
		for i < len(text) && text[i] != '"' {
			size, keep := character(text[i:])
			if keep && len(out)-start+size <= limit {
				out = append(out, text[i:i+size]...)
			}
			i += size
		}
		if i < len(text) {
			out = append(out, '"')
			i++
		}
	}
	if bytes.Equal(out, text) {
		return text, false
	}
	return out, true
}

// needsCleaning is the fast path: most events hold no escape, no byte outside
// printable ASCII, and no long text.
func needsCleaning(text []byte, limit int) bool {
	run := 0 // bytes since the last quote
	for _, c := range text {
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' || c >= 0x7f || c == '\\' {
			return true
		}
		run++
		if c == '"' {
			run = 0
		}
		if run > limit {
			return true
		}
	}
	return false
}

// character measures the next character of a JSON string, escaped or not, and
// tells whether it may stay.
func character(text []byte) (size int, keep bool) {
	if text[0] != '\\' {
		r, n := utf8.DecodeRune(text)
		return n, harmless(r) && (r != utf8.RuneError || n > 1)
	}
	if len(text) < 2 {
		return 1, false
	}
	if text[1] != 'u' {
		return 2, bytes.IndexByte([]byte(`"\/`), text[1]) >= 0 // not \n \r \t \b \f
	}
	if len(text) < 6 {
		return len(text), false
	}
	code, err := strconv.ParseUint(string(text[2:6]), 16, 32)
	if err != nil {
		return 2, false
	}
	if code < 0xD800 || code > 0xDFFF {
		return 6, harmless(rune(code))
	}
	// Half of a surrogate pair: valid only together with its other half.
	if code < 0xDC00 && len(text) >= 12 && text[6] == '\\' && text[7] == 'u' {
		if low, err := strconv.ParseUint(string(text[8:12]), 16, 32); err == nil && low >= 0xDC00 && low <= 0xDFFF {
			return 12, true
		}
	}
	return 6, false
}

// harmless refuses C0 and C1 controls, line separators and the characters that
// reorder text: a caller's name must not rewrite the line it stands in.
func harmless(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return false
	case r == 0x2028, r == 0x2029, r == 0xFEFF:
		return false
	case r == 0x200b, r == 0x200e, r == 0x200f: // the joiners between are letters' business
		return false
	case r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069:
		return false
	}
	return true
}

// decodeStrict fills out completely and then tells the first oddity, if any:
// encoding/json skips what it cannot place and goes on (a test holds it to that).
func decodeStrict(text []byte, out any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(out)
}
