package prompts

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"accueil/acd"
)

// distribution returns the files of the distribution's packages (asterisk-core-sounds-<lang>-wav)
// that say a number or a duration, in order; none when a piece is missing. The French package has no
// "une", so "vingt et une minutes" is spoken instead: a wrong gender hurts more than another voice.
func (b *builder) distribution(lang acd.Lang, id string) []string {
	names, ok := pieces(lang, id)
	if !ok {
		return nil
	}
	for _, dir := range b.options.Sounds {
		folders, _ := filepath.Glob(filepath.Join(dir, string(lang)+"_*"))
		for _, folder := range append([]string{filepath.Join(dir, string(lang))}, folders...) {
			if files := existing(folder, names); files != nil {
				return files
			}
		}
	}
	return nil
}

func existing(folder string, names []string) (files []string) {
	for _, name := range names {
		file := filepath.Join(folder, filepath.FromSlash(name)+".wav")
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			return nil
		}
		files = append(files, file)
	}
	return files
}

// pieces names the files of Asterisk's core sounds for one of our ids.
func pieces(lang acd.Lang, id string) (names []string, ok bool) {
	if lang != "fr" && lang != "en" {
		return nil, false
	}
	kind, rest, _ := strings.Cut(id, ".")
	switch kind {
	case "num":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 0 || n > maxNumber {
			return nil, false
		}
		return digits(lang, n, false), true
	case "dur":
		code, count, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 || n > maxNumber {
			return nil, false
		}
		one := map[string]string{"s": "second", "m": "minute", "h": "hour"}[code]
		many := map[string]string{"s": "seconds", "m": "minutes", "h": "hours"}[code]
		if one == "" {
			return nil, false
		}
		if n == 1 {
			many = one
		}
		return append(digits(lang, n, true), many), true
	}
	return nil, false
}

func digits(lang acd.Lang, n int, feminine bool) []string {
	file := func(n int) string {
		if n == 1 && feminine && lang == "fr" {
			return "digits/1F"
		}
		return "digits/" + strconv.Itoa(n)
	}
	tens, units := n/10*10, n%10
	if lang == "fr" && (tens == 70 || tens == 90) && units > 0 {
		tens, units = tens-10, units+10
	}
	switch {
	case n <= 20 || units == 0:
		return []string{file(n)}
	case lang == "fr" && slices.Contains([]int{21, 31, 41, 51, 61, 71}, n):
		return []string{file(tens), "digits/et", file(units)}
	}
	return []string{file(tens), file(units)}
}
