// Package newsite turns a few answers about a hospital into the files of its site: site file,
// scenarios, secrets, tests of the menu, and a page that says what to do next.
//
// It reads answers in three forms (a conversation, a YAML file, a CSV table of services), all through
// the same setters, so that a mistake is told in the same words wherever it is made, in French or in
// English. What it gives is bytes by path: it touches no disk, no clock and no terminal but the reader
// and writer it is handed, and takes its randomness from its caller. Whether the site can be used is
// not judged here: app has it checked, and its tests played, before anything is put into place.
package newsite
