// Package phones holds SIP phones that a program can use the way people use
// theirs: register, call, ring, answer or not, listen, press keys, hang up, or
// fall silent in every way a real phone does. Whole-system tests, benchmarks
// and the simulated people of the demo are built on it.
//
// It is not a softphone and not for a production call path: it sends tones
// instead of a voice, has no jitter buffer and accepts media from anyone.
//
// The parts, from the wire upward:
//
//   - A [Phone] is one SIP socket: registration, incoming and outgoing calls.
//     Signalling transactions are sipgo's; dialogs are ours, because a test
//     phone must also misbehave (no ACK, lost BYE, no answer at all).
//   - A [Call] is one dialog and its RTP socket. Every stage is a channel or a
//     Wait method with a context, so that nobody has to sleep.
//   - An [Ear] measures what the call hears: energy of each 20 ms frame, tones,
//     gaps, silences, keys received by RFC 4733.
//   - A [Policy] says what a phone does with an incoming call.
//   - A [Script] is a list of steps for one call; [Patient] and [Agent] are
//     people with a temper and a seeded random source; [Curve] says how many of
//     them call at what time of day; [Services] are the extensions of the
//     hospital's own PBX.
//
// All audio of a process is sent by one goroutine (see pacer) and received by
// one goroutine a call: two hundred calls cost about a tenth of a core (5 µs for
// each 20 ms of a call, sent and heard; see BenchmarkAudio).
//
// Every phone sends its own tone, so "A hears B" is a measurement:
//
//	err := a.Ear().WaitTone(ctx, b.Tone())
package phones
