// Package wording holds what is said to people as sentences with arguments, and tells them late, in the
// reader's language.
//
// The English sentence, with its verbs, is the key of its forms in other languages, as gettext does it:
// who writes a check writes English where it belongs, and a table beside the package holds the French
// form. An argument that is itself a sentence, or an error that can tell itself, is told in the same
// language. A test of package app proves that each sentence has a form with the same arguments.
//
// It is a leaf: it knows no file, no site and no scenario, and imports the standard library only.
package wording
