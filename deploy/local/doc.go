// Package local runs private Asterisk, Redis and PostgreSQL servers as child processes,
// for the demo and for tests only: a hospital's own servers are started by
// its system, never by this package.
//
// Every server lives in one folder and on ports that no other test process
// holds, so any number of them can run side by side, beside the machine's own
// services, without root, without chroot and without a container.
//
// A child belongs to the process that started it. It is its own process group
// (Ctrl-C in the terminal reaches only the parent, which then stops its
// children in order), and the kernel kills it when the parent dies, however
// the parent dies. Linux only, because of that last promise.
package local
