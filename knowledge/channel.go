package knowledge

// Channel is a way in which an answer reaches somebody.
type Channel string

// The channels.
const (
	Voice  Channel = "voice"  // spoken to a caller
	SMS    Channel = "sms"    // short, plain
	Web    Channel = "web"    // the public page
	Letter Channel = "letter" // printed
	Agent  Channel = "agent"  // what an agent reads, and reads out
)

// Channels lists them in the order in which people are shown them.
func Channels() []Channel { return []Channel{Voice, SMS, Web, Letter, Agent} }

// flows reports whether the channel has no lines: a text there is one run of words.
func (c Channel) flows() bool { return c == Voice || c == SMS }
