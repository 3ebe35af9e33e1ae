// Package site reads the site file: what one hospital tells Accueil about its numbers, phones,
// agents, queues and reasons. It is for defaults only; live changes are overrides in the log
// (DESIGN §3). It does not read scenarios: it knows their files and the names of their nodes.
//
// Load is strict and shows every mistake at once, each with line, column, excerpt and, where a
// word was nearly right, a suggestion. A Site that Load returned without errors needs no further
// check by its readers: references lead somewhere, times and levels are within bounds, secrets
// are read, defaults are filled in. Paths in it are absolute.
//
// The field comments below are the reference: deploy/schema/site.schema.json and the tables of
// docs/site.md are generated from them.
package site

//go:generate go run ./schemagen -schema ../deploy/schema/site.schema.json -docs ../docs/site.md
