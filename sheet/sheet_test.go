package sheet

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// all reads a table: "cell|cell@line:column" a line, and what ended it.
func all(content string, o Options) (lines []string, end error) {
	r, err := Open([]byte(content), o)
	if err != nil {
		return nil, err
	}
	for {
		cells, err := r.Next()
		if err != nil {
			return lines, err
		}
		line, column := r.Place(len(cells) - 1)
		lines = append(lines, fmt.Sprintf("%s@%d:%d", strings.Join(cells, "|"), line, column))
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	small := Options{MaxBytes: 1000}
	most := Options{MaxBytes: 1000, Most: true, Comments: true, Trim: true}
	lenient := Options{MaxBytes: 1000, Lenient: true}
	for name, c := range map[string]struct {
		text string
		o    Options
		want string
		end  error
	}{
		"semicolons":              {"a;b\nc;d\n", small, "a|b@1:3 c|d@2:3", io.EOF},
		"commas":                  {"a,b\nc,d;e", small, "a|b@1:3 c|d;e@2:3", io.EOF},
		"one column":              {"a\nb", small, "a@1:1 b@2:1", io.EOF},
		"mark":                    {"\xef\xbb\xbfa;b", small, "a|b@1:3", io.EOF},
		"line ends of all kinds":  {"a;b\r\nc;d\re;f\n\ng;h", small, "a|b@1:3 c|d@2:3 e|f@3:3 g|h@5:3", io.EOF},
		"characters, not bytes":   {"é;à;b", small, "é|à|b@1:5", io.EOF},
		"quotes":                  {"\"a;\"\"x\"\"\";\"b\nc\";d", small, `a;"x"|b` + "\nc|d@2:4", io.EOF},
		"nothing":                 {"", small, "", io.EOF},
		"the first wins":          {"a;b,c,d", small, "a|b,c,d@1:3", io.EOF},
		"the most wins":           {"a;b,c,d", most, "a;b|c|d@1:7", io.EOF},
		"tabs":                    {"a\tb\tc\n#\tno\n d\t e", most, "a|b|c@1:5  d| e@3:4", io.EOF},
		"spaces before":           {"a;b\nc; d", most, "a|b@1:3 c|d@2:4", io.EOF},
		"sep= of Excel":           {"sep=;\na;b", most, "a|b@2:3", io.EOF},
		"quote within":            {"a;b\nc;d\"e", small, "a|b@1:3", Error{Quotes, 2, 4}},
		"open quote":              {"a;b\nc;\"d\ne", small, "a|b@1:3", Error{Quotes, 3, 2}},
		"quote within, lenient":   {"a;b\nc;d\"e", lenient, "a|b@1:3 c|d\"e@2:3", io.EOF},
		"Latin-1, as Excel":       {"a;b\nété;libell\xe9", small, "", Error{NotUTF8, 2, 11}},
		"Latin-1, lenient":        {"a;libell\xe9", lenient, "a|libell\xe9@1:3", io.EOF},
		"a real U+FFFD":           {"a;\uFFFD", small, "a|\uFFFD@1:3", io.EOF},
		"UTF-16":                  {"\xff\xfea\x00;\x00", lenient, "", Error{Problem: UTF16}},
		"UTF-16, the other order": {"\xfe\xff\x00a", small, "", Error{Problem: UTF16}},
		"too large":               {strings.Repeat("a", 1001), small, "", Error{Problem: TooLarge}},
		"too long":                {"a\nb\nc", Options{MaxBytes: 1000, MaxLines: 2}, "a@1:1 b@2:1", Error{Problem: TooLong}},
	} {
		lines, end := all(c.text, c.o)
		if got := strings.Join(lines, " "); got != c.want || !errors.Is(end, c.end) {
			t.Errorf("%s: %q, %v\nwant %q, %v", name, got, end, c.want, c.end)
		}
	}
	if text := (Error{Quotes, 2, 3}).Error(); text != "line 2: quotes do not fit together" {
		t.Error(text)
	}
}

// Whatever a file holds, it is read to an end within its bounds, and places lie in it.
func FuzzTables(f *testing.F) {
	for _, s := range []string{"a;b\nc;d", "\xef\xbb\xbfé\t\"x\"\"\n\";", "sep=,\r\n#a,b\r\"", "\xff\xfea", "a;\xe9\n\"", "\"\n\n\";\r\r;"} {
		f.Add([]byte(s), true, true)
		f.Add([]byte(s), false, false)
	}
	f.Fuzz(func(t *testing.T, content []byte, lenient, most bool) {
		const mostLines = 20
		r, err := Open(content, Options{MaxBytes: 500, MaxLines: mostLines, Lenient: lenient, Most: most, Comments: most, Trim: most})
		if err != nil {
			if !errors.As(err, new(Error)) || len(content) <= 500 && errors.Is(err, Error{Problem: TooLarge}) {
				t.Fatal(err)
			}
			return
		}
		for n, wrong := 0, 0; ; {
			cells, err := r.Next()
			var bad Error
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.As(err, &bad) && bad.Problem == TooLong:
				if n < mostLines {
					t.Fatalf("too long after %d lines", n)
				}
				return
			case errors.As(err, &bad):
				if wrong++; wrong > 1+len(content) || bad.Line < 1 || bad.Column < 1 {
					t.Fatalf("%+v", bad)
				}
				continue
			case err != nil:
				t.Fatal(err)
			}
			n++
			last := 0
			for i := range cells {
				line, column := r.Place(i)
				if line < max(last, 1) || line > len(r.lines) || column < 1 || column > utf8.RuneCountInString(r.Text(line))+1 {
					t.Fatalf("cell %d at %d:%d", i, line, column)
				}
				last = line
			}
		}
	})
}
