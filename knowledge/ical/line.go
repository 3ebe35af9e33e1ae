package ical

import "strings"

// property is one line of a file (RFC 5545 §3.1), put together again where it was folded.
type property struct {
	line   int
	name   string
	params map[string]string
	value  string
}

// properties unfolds a file. Lines without a colon are left out.
func properties(content string) (out []property) {
	lines := strings.Split(strings.ReplaceAll(content, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); {
		first := i
		for i++; i < len(lines) && (strings.HasPrefix(lines[i], " ") || strings.HasPrefix(lines[i], "\t")); i++ {
			lines[i] = lines[i][1:]
		}
		head, value, ok := cutUnquoted(strings.Join(lines[first:i], ""), ':')
		if !ok {
			continue
		}
		name, rest, _ := cutUnquoted(head, ';')
		p := property{line: first + 1, name: strings.ToUpper(strings.TrimSpace(name)), params: map[string]string{}, value: value}
		for rest != "" {
			var param string
			param, rest, _ = cutUnquoted(rest, ';')
			key, v, _ := strings.Cut(param, "=")
			p.params[strings.ToUpper(key)] = strings.Trim(v, `"`)
		}
		out = append(out, p)
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

// texts undoes RFC 5545 §3.3.11. A comma that is not escaped stands between two texts.
func texts(value string) []string {
	out := []string{""}
	last := &out[0]
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == ',':
			out = append(out, "")
			last = &out[len(out)-1]
			continue
		case c == '\\' && i+1 < len(value):
			if i++; value[i] == 'n' || value[i] == 'N' {
				*last += "\n"
				continue
			}
			c = value[i]
		}
		*last += string([]byte{c})
	}
	return out
}

// text is a value that is one text, whether its commas are escaped or not.
func text(value string) string { return strings.TrimSpace(strings.Join(texts(value), ",")) }
