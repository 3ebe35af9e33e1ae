// Package asteriskconf writes the Asterisk side of a site: endpoints, dialplan, ARI, records, from
// the site file alone.
//
// The files are hardened (docs and reasons stand in the templates as comments): ARI on loopback, no
// anonymous calls, no transfer or forwarding from phones, no pattern that a caller can reach, records
// and logs without numbers. They hold the safety net: what Asterisk does alone when no controller
// takes a call.
//
// Files named accueil_*.conf can be included by an existing Asterisk (see Includes); the others are
// the whole configuration of one that serves nothing else.
package asteriskconf
