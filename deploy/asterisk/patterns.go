package asteriskconf

import (
	"errors"
	"regexp/syntax"
	"slices"
	"strings"
)

// maxPatterns bounds what one expression may expand to.
const maxPatterns = 500

var errPattern = errors.New("it cannot be written as dialplan patterns")

// dialPatterns turns a regular expression for whole numbers into dialplan extensions: 4[0-9]{3}
// becomes _4XXX. Only numbers of known lengths can be written.
func dialPatterns(expr string) ([]string, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, errPattern
	}
	all, err := expand(re)
	if err != nil {
		return nil, err
	}
	slices.Sort(all)
	all = slices.Compact(all)
	out := make([]string, 0, len(all))
	for _, p := range all {
		switch {
		case p == "":
			return nil, errPattern
		case numeric(p):
			out = append(out, p)
		default:
			out = append(out, "_"+p)
		}
	}
	return out, nil
}

// expand returns every alternative as a text of digits, X and [classes].
func expand(re *syntax.Regexp) ([]string, error) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []string{""}, nil
	case syntax.OpLiteral:
		s := string(re.Rune)
		if !numeric(s) || re.Flags&syntax.FoldCase != 0 {
			return nil, errPattern
		}
		return []string{s}, nil
	case syntax.OpCharClass:
		return class(re.Rune)
	case syntax.OpCapture:
		return expand(re.Sub[0])
	case syntax.OpConcat:
		out := []string{""}
		for _, sub := range re.Sub {
			next, err := expand(sub)
			if err != nil {
				return nil, err
			}
			if out, err = cross(out, next); err != nil {
				return nil, err
			}
		}
		return out, nil
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			next, err := expand(sub)
			if err != nil || len(out)+len(next) > maxPatterns {
				return nil, errPattern
			}
			out = append(out, next...)
		}
		return out, nil
	case syntax.OpQuest:
		return repeat(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		return repeat(re.Sub[0], re.Min, re.Max)
	}
	return nil, errPattern
}

// maxDigits is more than any number has (E.164 §6: 15).
const maxDigits = 20

func repeat(re *syntax.Regexp, least, most int) ([]string, error) {
	if most < least || most > maxDigits {
		return nil, errPattern
	}
	one, err := expand(re)
	if err != nil {
		return nil, err
	}
	out, so := []string{}, []string{""}
	for n := 0; n <= most; n++ {
		if n >= least {
			out = append(out, so...)
		}
		if n < most {
			if so, err = cross(so, one); err != nil {
				return nil, err
			}
		}
	}
	if len(out) > maxPatterns {
		return nil, errPattern
	}
	return out, nil
}

func cross(a, b []string) ([]string, error) {
	if len(a)*len(b) > maxPatterns {
		return nil, errPattern
	}
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			if len(x)+len(y) > 20*maxDigits {
				return nil, errPattern
			}
			out = append(out, x+y)
		}
	}
	return out, nil
}

// class writes a class of digits; runes are pairs from-to.
func class(runes []rune) ([]string, error) {
	var digits strings.Builder
	for i := 0; i+1 < len(runes); i += 2 {
		if runes[i] < '0' || runes[i+1] > '9' {
			return nil, errPattern
		}
		for r := runes[i]; r <= runes[i+1]; r++ {
			digits.WriteRune(r)
		}
	}
	switch d := digits.String(); d {
	case "":
		return nil, errPattern
	case "0123456789":
		return []string{"X"}, nil
	default:
		if len(d) == 1 {
			return []string{d}, nil
		}
		return []string{"[" + d + "]"}, nil
	}
}
