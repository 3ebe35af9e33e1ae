package queues

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// errBadContent says that Redis or the spool holds something this program did not write.
var errBadContent = errors.New("content is not ours")

// ErrClosed is returned by a Book that was closed.
var ErrClosed = errors.New("book is closed")

// Causes for which a Book does without Redis, as logs, metrics and Health name them.
const (
	CauseRefused  = "refused"  // nobody listens
	CauseTimeout  = "timeout"  // no answer in time
	CauseLost     = "lost"     // the connection broke
	CauseMisconf  = "misconf"  // persistence fails, so writes are refused
	CauseMemory   = "oom"      // maxmemory reached
	CauseReadOnly = "readonly" // a replica
	CauseLoading  = "loading"  // still reading its data from disk
	CauseBusy     = "busy"     // a script runs too long
	CauseCluster  = "cluster"  // no primary for our slot, or not enough replicas
	CauseDenied   = "denied"   // password or rights
	CauseScripts  = "noscript" // scripts were flushed and could not be loaded again
	CauseData     = "data"     // another data set, or a gap in the log
	CauseOther    = "other"
	CauseStarting = "starting" // not yet connected
)

// replies maps the first word of an error reply to its cause. LIBRARIES and RELIABILITY §2.
var replies = map[string]string{
	"MISCONF": CauseMisconf, "OOM": CauseMemory, "READONLY": CauseReadOnly, "LOADING": CauseLoading,
	"BUSY": CauseBusy, "UNKILLABLE": CauseBusy, "NOSCRIPT": CauseScripts, "CLUSTERDOWN": CauseCluster,
	"TRYAGAIN": CauseCluster, "NOREPLICAS": CauseCluster, "MASTERDOWN": CauseCluster, "MOVED": CauseCluster,
	"ASK": CauseCluster, "NOAUTH": CauseDenied, "WRONGPASS": CauseDenied, "NOPERM": CauseDenied,
}

// cause tells apart why Redis did not do what it was asked.
func cause(err error) string {
	var reply redis.Error
	var timeout net.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &reply):
		word, _, _ := strings.Cut(reply.Error(), " ")
		if c, ok := replies[word]; ok {
			return c
		}
		for word, c := range replies { // inside a script the word may follow a position
			if strings.Contains(reply.Error(), word+" ") {
				return c
			}
		}
		return CauseOther
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return CauseTimeout
	case strings.Contains(err.Error(), "connection refused"):
		return CauseRefused
	default:
		return CauseLost
	}
}

// errMoved says that another node wrote while this one was coming back; the next attempt sees it.
var errMoved = errors.New("data changed meanwhile")

// isReply reports whether Redis itself answered with an error, so that the script's effect is known.
func isReply(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply) && !errors.Is(err, redis.Nil)
}
