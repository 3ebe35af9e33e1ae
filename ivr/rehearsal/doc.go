// Package rehearsal plays calls through scenarios without a telephone: the machine that serves real
// callers, in an invented world whose queues, extensions and clock the rehearsal decides. It is what
// `accueil try` shows and what scenario tests run on. It is pure: no clock, no files, no network.
package rehearsal
