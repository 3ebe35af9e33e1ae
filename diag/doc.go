// Package diag says what is wrong in a file that a person wrote, where, and what was probably meant.
//
// It reads YAML into a tree that keeps every position, decodes it strictly (all unknown keys and all
// type errors at once, not the first one only), and gives loaders the same positions for what they
// alone can know: a queue that does not exist, a text that lacks a language.
//
// It is a leaf: it knows no site and no scenario. It never prints and never logs; an excerpt masks
// the value of a key that looks like a secret.
package diag
