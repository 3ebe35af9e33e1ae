// Package vault keeps what is personal unreadable at rest: messages that callers left, and the texts of
// tasks. It is not for secrets that somebody must be able to type again.
//
// There is one key of the site (history.key_file). Whatever is sealed has a random key of its own,
// wrapped by the site's: to destroy the few bytes of the wrapped key is to destroy the content, on disks
// and in backups that hold nothing else of it (crypto-erasure). A name goes into every seal, so that one
// content cannot be put in the place of another.
//
// Losing the key file loses everything sealed with it, and nothing else: calls do not need it. It belongs
// into the backup of secrets, apart from that of the data.
package vault
