// Package numerals writes numbers as they are spoken: a synthesiser reads "08" and "21 minutes" as it
// likes, words it reads as they stand.
package numerals

import "accueil/acd"

// Most is the largest number that is written.
const Most = 999

var frenchUnits = []string{"zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
	"treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"}

var frenchTens = []string{"", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"}

var englishUnits = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
	"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}

var englishTens = []string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}

// Words writes 0 to Most; English for every language but French.
func Words(lang acd.Lang, n int) string {
	if lang == "fr" {
		return French(n, false)
	}
	return English(n)
}

// French writes 0 to Most as spoken in France; feminine is for what is counted ("une minute", "vingt et
// une minutes").
func French(n int, feminine bool) string {
	if n >= 100 {
		return frenchHundreds(n, feminine)
	}
	one := "un"
	if feminine {
		one = "une"
	}
	switch {
	case n == 1:
		return one
	case n < 20:
		return frenchUnits[n]
	}
	tens, units := n/10, n%10
	if tens == 7 || tens == 9 {
		units += 10
	}
	switch {
	case n == 80:
		return "quatre-vingts"
	case units == 0:
		return frenchTens[tens]
	case units == 1 && tens != 8:
		return frenchTens[tens] + " et " + one
	case units == 1:
		return frenchTens[tens] + "-" + one
	case units == 11 && tens == 7:
		return "soixante et onze"
	}
	return frenchTens[tens] + "-" + frenchUnits[units]
}

func frenchHundreds(n int, feminine bool) string {
	hundreds := "cent"
	if n >= 200 {
		hundreds = frenchUnits[n/100] + " cent"
	}
	switch {
	case n%100 != 0:
		return hundreds + " " + French(n%100, feminine)
	case n >= 200:
		return hundreds + "s"
	}
	return hundreds
}

// English writes 0 to Most.
func English(n int) string {
	switch {
	case n < 20:
		return englishUnits[n]
	case n >= 100 && n%100 == 0:
		return englishUnits[n/100] + " hundred"
	case n >= 100:
		return englishUnits[n/100] + " hundred and " + English(n%100)
	case n%10 == 0:
		return englishTens[n/10]
	}
	return englishTens[n/10] + "-" + englishUnits[n%10]
}

var englishOrdinals = [32]string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
	"eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
	"twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh", "twenty-eighth",
	"twenty-ninth", "thirtieth", "thirty-first"}

// Ordinal writes the first to the thirty-first in English: days of a month. In French only the first has
// a word of its own there.
func Ordinal(day int) string { return englishOrdinals[day] }
