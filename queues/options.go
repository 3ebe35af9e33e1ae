package queues

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"go.uber.org/zap"

	"accueil/acd"
)

// Options says where the data set of a site is and who opens it. Site and Node are required.
type Options struct {
	Addresses []string // host:port; none = an embedded store that keeps nothing
	Master    string   // name of the primary that Sentinels at Addresses watch
	Cluster   bool
	Username  string
	Password  string

	Site     string
	Node     acd.NodeID
	Asterisk string // name of the node's Asterisk, kept for the log
	SpoolDir string // folder for facts and the fold; empty keeps them in memory only

	Log        *zap.Logger           // nil = nowhere
	Registerer prometheus.Registerer // nil = nowhere

	TrimKeep   time.Duration // least age of entries that are dropped; 48 h when zero
	TrimMost   time.Duration // age at which entries are dropped whoever wants them (KeepFrom); 10 days when zero
	Lease      time.Duration // of the lead; 1.5 s when zero, renewed three times in it
	NoCampaign bool          // never ask for the lead
	OpenWait   time.Duration // how long Open tries to reach Redis before it starts without; 2 s when zero
}

// Timings (DESIGN §5).
const (
	defaultTrimKeep = 48 * time.Hour
	defaultTrimMost = 10 * 24 * time.Hour // a task lives for a week: what is older would be late
	defaultLease    = 1500 * time.Millisecond
	defaultOpenWait = 2 * time.Second
	hotTimeout      = 300 * time.Millisecond // dial, and one trip of what a call waits for
	slowTimeout     = 5 * time.Second        // one trip of what no call waits for: coming back, the past
	pingEvery       = 250 * time.Millisecond
	readBlock       = 500 * time.Millisecond
	clockEvery      = 10 * time.Second
	foldEvery       = 5 * time.Second
	trimEvery       = time.Minute
	inspectEvery    = 30 * time.Second
	archiveEvery    = time.Minute
)

func (o *Options) complete() error {
	if o.Site == "" || strings.ContainsAny(o.Site, "{}\x00\n ") {
		return fmt.Errorf("open the book: site %q is not a name", o.Site)
	}
	if o.Node == "" {
		return errors.New("open the book: the node has no name")
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	o.Log = o.Log.Named("queues")
	if o.TrimKeep == 0 {
		o.TrimKeep = defaultTrimKeep
	}
	if o.TrimMost == 0 {
		o.TrimMost = max(defaultTrimMost, o.TrimKeep)
	}
	if o.Lease == 0 {
		o.Lease = defaultLease
	}
	if o.OpenWait == 0 {
		o.OpenWait = defaultOpenWait
	}
	return nil
}

// client makes one connection pool whose answers may take that long. The other settings are those of
// the hot path (RELIABILITY §2): an operation is repeated by the Book, which knows what a repeat means,
// never by the library. A context shortens the wait for an answer; it cannot lengthen it.
func (o *Options) client(pool int, answer time.Duration) redis.UniversalClient {
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: o.Addresses, MasterName: o.Master, IsClusterMode: o.Cluster,
		Username: o.Username, Password: o.Password,
		ContextTimeoutEnabled: true, MaxRetries: -1, DialerRetries: 1, MaxRedirects: 3,
		DialTimeout: hotTimeout, ReadTimeout: answer, WriteTimeout: answer, PoolTimeout: hotTimeout,
		PoolSize: pool, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}
