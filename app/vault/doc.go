// Package vault keeps whole contents, what callers have said, as sealed files of one folder (package
// seal), and shreds plain ones.
//
// The folder is locked while its key cannot be read: what is to be put there stays where it is, and
// nothing is lost. A key is made for a folder without contents, and for no other; a file that is put back
// is found by the next use.
package vault
