package diag

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"accueil/wording"
)

// Bounds of a file that a person writes. Beyond them it is a mistake or an attack.
const (
	MaxBytes   = 1 << 20
	MaxNodes   = 100_000 // aliases followed
	MaxDepth   = 64
	maxExcerpt = 100 // characters
)

// Doc is one parsed file. It is immutable and safe for concurrent use.
type Doc struct {
	file  string
	lines []string
	root  *Node
}

// ParseYAML reads one YAML document. It accepts a byte order mark and CRLF line ends. The document
// is nil when it cannot be read at all; duplicate keys are findings beside a document whose first
// value counts.
func ParseYAML(file string, src []byte) (doc *Doc, findings Findings) {
	d := &Doc{file: file}
	if len(src) > MaxBytes {
		return nil, Findings{{File: file, Message: wording.Say("the file has %d bytes, more than the %d allowed", len(src), MaxBytes)}}
	}
	if bytes.HasPrefix(src, []byte{0xff, 0xfe}) || bytes.HasPrefix(src, []byte{0xfe, 0xff}) {
		return nil, Findings{{File: file, Line: 1, Column: 1, Message: wording.Say("the file is UTF-16"), Suggestion: wording.Say("save it as UTF-8")}}
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	src = bytes.ReplaceAll(src, []byte("\r"), []byte("\n"))
	d.lines = strings.Split(strings.ToValidUTF8(string(src), "\uFFFD"), "\n")
	if fs := d.checkText(src); len(fs) > 0 {
		return nil, fs
	}
	if fs := d.checkDepth(); len(fs) > 0 {
		return nil, fs
	}
	// The parser is young and its input is anybody's: a panic of it is a finding, not our end.
	defer func() {
		if r := recover(); r != nil {
			doc, findings = nil, Findings{{File: file, Message: wording.Say("the file cannot be read as YAML")}}
		}
	}()
	tree, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, d.syntax(err)
	}
	bodies := 0
	var b builder
	b.doc, b.anchors = d, map[string]*Node{}
	for _, document := range tree.Docs {
		if document == nil || document.Body == nil {
			continue
		}
		if bodies++; bodies > 1 {
			t := document.Body.GetToken()
			b.add(t, wording.Say("a second document begins here"), wording.Say("keep one document in a file"))
			break
		}
		d.root = b.node(document.Body, 0)
	}
	if d.root == nil {
		d.root = &Node{Line: 1, Column: 1, size: 1}
	}
	if b.fatal {
		return nil, b.findings.Sorted()
	}
	return d, b.findings.Sorted()
}

// File returns the name the document was parsed under.
func (d *Doc) File() string { return d.file }

// Root returns the document's value.
func (d *Doc) Root() *Node { return d.root }

func (d *Doc) checkText(src []byte) (fs Findings) {
	line, start := 1, 0
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		var bad, hint *wording.Text
		switch {
		case r == utf8.RuneError && size == 1:
			bad, hint = wording.Say("this is not UTF-8 text"), wording.Say("save the file as UTF-8")
		case r == '\n':
			line, start = line+1, i+1
		case r < ' ' && r != '\t', r == 0x7f, r >= 0x80 && r < 0xa0 && r != 0x85:
			bad, hint = wording.Say("a control character (U+%04X) stands here", r), wording.Say("delete it")
		}
		if bad != nil {
			column := utf8.RuneCount(src[start:i]) + 1
			fs = append(fs, d.at(line, column, "", Error, bad, hint))
			if len(fs) == 20 {
				return fs
			}
			next := bytes.IndexByte(src[i:], '\n') // one finding a line
			if next < 0 {
				return fs
			}
			i += next
			continue
		}
		i += size
	}
	return fs
}

// checkDepth refuses nesting that would exhaust the parser's stack, which cannot be recovered from.
// It counts roughly: brackets in texts count as well, no honest file comes near the bound.
func (d *Doc) checkDepth() Findings {
	open := 0
	var indents []int
	for i, line := range d.lines {
		text := strings.TrimLeft(line, " ")
		if text == "" || text[0] == '#' {
			continue
		}
		indent := len(line) - len(text)
		for len(indents) > 0 && indents[len(indents)-1] >= indent {
			indents = indents[:len(indents)-1]
		}
		indents = append(indents, indent)
		markers := 0
		for rest := text; len(rest) > 1 && strings.ContainsRune("-?:", rune(rest[0])) && (rest[1] == ' ' || rest[1] == '\t'); {
			rest = strings.TrimLeft(rest[1:], " \t")
			markers++
		}
		markers += strings.Count(line, "? ")/2 + strings.Count(line, "!")/8 + strings.Count(line, "&")/8
		open += strings.Count(line, "[") + strings.Count(line, "{") - strings.Count(line, "]") - strings.Count(line, "}")
		open = max(open, 0)
		deepest := max(markers+len(indents), strings.Count(line, "[")/4, strings.Count(line, "{")/4, open)
		if deepest > 4*MaxDepth {
			return Findings{d.at(i+1, 1, "", Error, wording.Say("the file is nested too deeply"), nil)}
		}
	}
	return nil
}

func (d *Doc) syntax(err error) Findings {
	var at interface {
		GetMessage() string
		GetToken() *token.Token
	}
	if !errors.As(err, &at) || at.GetToken() == nil || at.GetToken().Position == nil {
		return Findings{{File: d.file, Message: wording.Say("the file cannot be read as YAML: %s", firstLine(err.Error()))}}
	}
	p := at.GetToken().Position
	if f, found := d.slip(p.Line); found {
		return Findings{f}
	}
	message, suggestion := syntaxText(firstLine(at.GetMessage()))
	f := d.at(p.Line, p.Column, "", Error, message, suggestion)
	// A tab where spaces must stand is named in many ways by parsers; people need to hear "tab".
	for i, line := range d.lines {
		lead := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if tab := strings.IndexByte(lead, '\t'); tab >= 0 && lead != line && i+1 >= p.Line-1 && i+1 <= p.Line+1 {
			f = d.at(i+1, tab+1, "", Error, wording.Say("a tab stands where only spaces are allowed"), wording.Say("indent with spaces"))
			break
		}
	}
	return Findings{f}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}
