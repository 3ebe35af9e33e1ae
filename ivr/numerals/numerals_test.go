package numerals

import "testing"

func TestWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][2]string{
		0: {"zéro", "zero"}, 1: {"un", "one"}, 16: {"seize", "sixteen"}, 17: {"dix-sept", "seventeen"}, 20: {"vingt", "twenty"},
		22: {"vingt-deux", "twenty-two"}, 61: {"soixante et un", "sixty-one"}, 69: {"soixante-neuf", "sixty-nine"}, 70: {"soixante-dix", "seventy"},
		77: {"soixante-dix-sept", "seventy-seven"}, 90: {"quatre-vingt-dix", "ninety"}, 21: {"vingt et un", "twenty-one"}, 30: {"trente", "thirty"},
		71: {"soixante et onze", "seventy-one"}, 72: {"soixante-douze", "seventy-two"}, 80: {"quatre-vingts", "eighty"},
		81: {"quatre-vingt-un", "eighty-one"}, 91: {"quatre-vingt-onze", "ninety-one"}, 99: {"quatre-vingt-dix-neuf", "ninety-nine"},
		100: {"cent", "one hundred"}, 112: {"cent douze", "one hundred and twelve"}, 200: {"deux cents", "two hundred"},
		115: {"cent quinze", "one hundred and fifteen"}, 999: {"neuf cent quatre-vingt-dix-neuf", "nine hundred and ninety-nine"},
	} {
		if got := [2]string{Words("fr", n), Words("en", n)}; got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{1: "une", 21: "vingt et une", 81: "quatre-vingt-une", 101: "cent une", 11: "onze"} {
		if got := French(n, true); got != want {
			t.Errorf("%d of something feminine: %q, want %q", n, got, want)
		}
	}
}

func TestEveryNumberHasItsOwnWords(t *testing.T) {
	t.Parallel()
	for _, write := range []func(int) string{English, func(n int) string { return French(n, false) }} {
		seen := map[string]int{}
		for n := range Most + 1 {
			if before, twice := seen[write(n)]; twice {
				t.Errorf("%d and %d are both %q", before, n, write(n))
			}
			seen[write(n)] = n
		}
	}
}

func TestOrdinal(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for day := 1; day <= 31; day++ {
		if word := Ordinal(day); word == "" || seen[word] {
			t.Errorf("%d is %q", day, word)
		} else {
			seen[word] = true
		}
	}
	if Ordinal(1) != "first" || Ordinal(12) != "twelfth" || Ordinal(22) != "twenty-second" || Ordinal(31) != "thirty-first" {
		t.Error(Ordinal(1), Ordinal(12), Ordinal(22), Ordinal(31))
	}
}
