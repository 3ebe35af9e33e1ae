// Package web is what other programs and people see of Accueil over HTTP: the /v1 API with its
// OpenAPI description, the stream of events, health, and Prometheus's page.
//
// It decides nothing about calls. Reads come from a Board (the fold of the log), changes go to the
// Desk, the Calls and the other ports declared in ports.go, and the figures come ready from Figures.
//
// Two rules shape it. A reader can never hurt a call or another reader: bodies, headers, times and
// streams are bounded, and a stream that does not read is cut. And who a caller is (name, number,
// note) leaves through one route only, the card of a contact, to the agent who has that contact or
// to a supervisor; events and lists hold ids, codes and instants.
//
// GET /v1/tasks is not served yet: nothing that is owed to a caller is stored in this version.
package web
