// Package calendar knows when a place is open: a week of hours on the clock of a zone, the public
// holidays of a part of France in any year, and exceptional days. It is pure; the instant is given.
package calendar
