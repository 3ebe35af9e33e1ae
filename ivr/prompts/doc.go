// Package prompts turns the texts of scenarios and system into sound files that Asterisk plays.
//
// Build produces every text once: a recording of the site where there is one, else speech of a
// configurable command, kept in a cache whose file names are the hash of what made them. Each sound
// exists at 8 kHz (.wav) and 16 kHz (.wav16), mono, 16 bit, with the same loudness, so that no caller
// hears a prompt jump. Conversion is pure Go.
//
// The text to speak is only ever written to the command's standard input, never to a command line,
// and no shell is involved: a text can be hostile. Names of people go through Speak, which writes to
// memory and forgets; nothing of them reaches the cache.
//
// Tones and music are computed here too, so that they are nobody's property.
package prompts
