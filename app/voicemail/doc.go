// Package voicemail keeps what callers say where they are recorded: messages, and comments of the survey.
//
// Asterisk writes a recording in the clear into its own folder. As soon as it is over it is measured,
// sealed (package vault) and shredded there. What a crash or a full disk leaves behind is looked for at
// the start and every few seconds: nothing stays there for a minute that could be put away. What nobody
// wants (the caller said it again, or talked with somebody after all) is erased; what no log knows is
// kept and told, for a message must not be lost.
//
// A recording is named by an id without anything personal. Every opening is written to the log with who
// and which, never what. Nothing is kept longer than the site file says, whatever the tasks do.
package voicemail
