// Package seal makes what is personal unreadable at rest: fields of a database (Sealer.Seal) and whole
// contents (Sealer.Envelope). It is not for secrets that somebody must be able to type again.
//
// # Keys
//
// A key file holds one key a line, the one that seals first; the others still open. Whatever is sealed
// names its key by an id that tells nothing of it, so that what cannot be opened says which key is
// missing. For each purpose keys of its own are derived (HKDF, RFC 5869), so that one file might serve
// several without one's values opening as another's.
//
// # Values
//
// AES-256-GCM with a random nonce. The name of its place (a row, a file) goes into every seal, so that
// one value cannot be put in the place of another.
//
// An envelope seals a content under a random key of its own, and that key under the file's: to destroy
// the few bytes of its head is to destroy the content, on disks and in backups that hold nothing else of
// it (crypto-erasure), and a new key needs the head alone to be written anew.
//
// # Loss
//
// Losing a key loses what was sealed with it, and nothing else: calls do not need it. Nothing in this
// package makes a key in the place of one that is missing, unless it is asked to, and nothing destroys
// what it cannot open.
package seal
