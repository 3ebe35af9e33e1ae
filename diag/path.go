package diag

import (
	"strconv"
	"strings"
)

// Join appends keys (string) and indexes (int) to a path: Join("queues", "rdv", "steps", 0) is
// "queues.rdv.steps[0]". A key that holds one of `.[]"` or is empty is quoted: reasons["rdv.irm"].
func Join(path string, parts ...any) string {
	var b strings.Builder
	b.WriteString(path)
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(p) + "]")
		case string:
			switch {
			case p == "" || strings.ContainsAny(p, `.[]"`):
				b.WriteString("[" + strconv.Quote(p) + "]")
			case b.Len() == 0:
				b.WriteString(p)
			default:
				b.WriteString("." + p)
			}
		}
	}
	return b.String()
}

// split undoes Join; a malformed rest is dropped.
func split(path string) []any {
	var parts []any
	for path != "" {
		switch {
		case path[0] == '.':
			path = path[1:]
		case strings.HasPrefix(path, `["`):
			quoted, err := strconv.QuotedPrefix(path[1:])
			if err != nil {
				return parts
			}
			key, err := strconv.Unquote(quoted)
			rest, ok := strings.CutPrefix(path[1+len(quoted):], "]")
			if err != nil || !ok {
				return parts
			}
			parts, path = append(parts, key), rest
		case path[0] == '[':
			number, rest, ok := strings.Cut(path[1:], "]")
			n, err := strconv.Atoi(number)
			if !ok || err != nil {
				return parts
			}
			parts, path = append(parts, n), rest
		default:
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			parts, path = append(parts, path[:end]), path[end:]
		}
	}
	return parts
}
