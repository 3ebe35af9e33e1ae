// Package asterisk is the only package that speaks ARI, Asterisk's REST
// interface. It translates: Asterisk's events become typed Go values, and what
// call control wants becomes operations. It decides nothing about a call.
//
// Three layers, each usable alone:
//
//   - [REST], the operations, and the events and models beside them, generated
//     from Asterisk's own JSON description (files zz_*.go);
//   - [Conn], one websocket for the applications of a node: connects,
//     reconnects, proves that events really arrive, and stops every command
//     once another process has taken over;
//   - [Telephony], the dozen gestures that call control needs, each bounded in
//     time and harmless when repeated.
//
// # What is true when
//
// A 2xx answer means that Asterisk queued the command, not that it happened.
// Every step has a confirming event; the event may come before the answer, so
// callers choose every id and store it before they command.
//
// A lost socket changes nothing for the callers: channels, bridges, prompts and
// music go on. Events of the gap are lost and nothing marks the gap. Therefore
// each connection is a new generation: events are held back while
// ConnConfig.OnConnected compares the present state with what the process
// believed, then delivered in order.
//
// Any read-write user of ARI may command any channel, and Asterisk does not stop
// a controller that was replaced. The fence is ours: see [Conn] and [ErrFenced].
//
// # Hostile input
//
// Caller ids, SIP headers and user events are written by strangers. Control
// characters are removed and long texts cut before anything is decoded
// (clean.go); an event of unknown type or shape is counted and never stops the
// reader. No type here prints a name, a number or a digit: String withholds them.
package asterisk

//go:generate go run ./gen
