package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"accueil/asterisk"
	asteriskconf "accueil/deploy/asterisk"
	"accueil/history/ledger"
	"accueil/queues"
	"accueil/site"
)

// CheckStatus is how one thing is.
type CheckStatus string

// The statuses: failed endangers calls now, warning will.
const (
	CheckOK      CheckStatus = "ok"
	CheckWarning CheckStatus = "warning"
	CheckFailed  CheckStatus = "failed"
	CheckSkipped CheckStatus = "skipped"
)

// CheckSiteFile is the name of the first check, which alone stands when the site cannot be used.
const CheckSiteFile = "site file"

// HealthCheck is one line of the doctor.
type HealthCheck struct {
	Name   string      `json:"name"`
	Status CheckStatus `json:"status"`
	Found  string      `json:"found"`
	Remedy string      `json:"remedy,omitempty"`
}

// String is the line: status, what, what was found, and what to do.
func (c HealthCheck) String() string {
	s := fmt.Sprintf("%-8s %-22s %s", c.Status, c.Name, c.Found)
	if c.Remedy != "" {
		s += "\n" + strings.Repeat(" ", 32) + "→ " + c.Remedy
	}
	return s
}

// doctor gathers the lines.
type doctor struct {
	site   *site.Site
	rest   *asterisk.REST
	tel    *asterisk.Telephony
	caps   asterisk.Capabilities
	checks []HealthCheck
}

func (d *doctor) say(name string, status CheckStatus, found, remedy string) {
	if status == CheckOK {
		remedy = ""
	}
	d.checks = append(d.checks, HealthCheck{name, status, found, remedy})
}

// Doctor looks at everything that the node of a site needs; it changes nothing. With call it places a
// test call to itself through Asterisk.
func Doctor(ctx context.Context, path string, call bool) []HealthCheck {
	d := &doctor{}
	findings, ok := Check(path)
	if !ok {
		d.say(CheckSiteFile, CheckFailed, fmt.Sprintf("%d findings forbid its use", len(findings.Errors())), "accueil check "+path)
		return d.checks
	}
	s, err := loadSite(path)
	if err != nil {
		d.say(CheckSiteFile, CheckFailed, err.Error(), "accueil check "+path)
		return d.checks
	}
	d.site = s
	d.say(CheckSiteFile, CheckOK, fmt.Sprintf("%s, %d warnings", s.ID, len(findings.Warnings())), "")
	d.host(ctx)
	d.restarts()
	d.disk()
	d.certificate()
	d.redis(ctx)
	d.history(ctx)
	d.seals()
	if d.asterisk(ctx) {
		d.modules(ctx)
		d.sounds()
		d.records()
		d.recordings()
		d.endpoints(ctx)
		d.testCall(ctx, call)
	}
	return d.checks
}

// slowName is how long a lookup of the machine's own name may take: without DNS it stalls every SIP
// transaction for seconds (DESIGN §9).
const slowName = 250 * time.Millisecond

func (d *doctor) host(ctx context.Context) {
	name, err := os.Hostname()
	if err != nil {
		d.say("host name", CheckWarning, "the machine has no name", "set one: hostnamectl set-hostname")
		return
	}
	start := time.Now()
	limited, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	_, err = net.DefaultResolver.LookupHost(limited, name)
	if took := time.Since(start); err != nil || took > slowName {
		d.say("host name", CheckFailed, fmt.Sprintf("%s does not resolve at once (%s): each SIP message would wait for it", name, took.Round(time.Millisecond)),
			"add the line '127.0.1.1 "+name+"' to /etc/hosts")
	} else {
		d.say("host name", CheckOK, name+" resolves", "")
	}
	if year := time.Now().Year(); year < 2024 {
		d.say("clock", CheckFailed, "the clock is wrong", "set up NTP: timedatectl set-ntp true")
	} else {
		d.say("clock", CheckOK, time.Now().In(d.site.Location).Format("2006-01-02 15:04:05 MST"), "")
	}
}

// Little free space fails what a call writes; below leastFree nothing is certain.
const (
	leastFree = 200 << 20
	littleMB  = 2 << 30
)

func (d *doctor) disk() {
	d.space("disk", d.site.DataDir, "free some space: the spool of facts needs it when Redis is away")
}

// space tells how much room there is for a folder, or for the nearest one above that exists.
func (d *doctor) space(name, folder, remedy string) {
	dir := folder
	for {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		d.say(name, CheckWarning, err.Error(), "check its place in the site file")
		return
	}
	free := fs.Bavail * uint64(fs.Bsize)
	found := fmt.Sprintf("%d MB free for %s", free>>20, folder)
	switch {
	case free < leastFree:
		d.say(name, CheckFailed, found, remedy)
	case free < littleMB:
		d.say(name, CheckWarning, found, "free some space")
	default:
		d.say(name, CheckOK, found, "")
	}
}

// history looks at the database of what is owed. Calls do not need it: at worst it is a warning about
// them, and a failure for who is to be called back.
func (d *doctor) history(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	o := ledgerOptions(d.site, nil)
	look, err := ledger.Inspect(ctx, o)
	switch {
	case errors.Is(err, ledger.ErrDiskFull):
		d.say("history", CheckFailed, err.Error(), "free some space: missed callers wait in Redis meanwhile")
	case err != nil:
		d.say("history", CheckFailed, err.Error(), "history.url in the site file; callers wait in Redis for ten days at most, and their numbers for one")
	case look.Key != nil:
		d.say("history", CheckFailed, look.Key.Error(), "without that key nobody can be called back: take it from the backup")
	case len(look.Missing) > 0:
		d.say("history", CheckFailed, sealedWith(look.Missing, "tasks"), "put that key back as a line after the first of the key file")
	case len(look.Old) > 0:
		d.say("history", CheckWarning, "reachable; an old key is still needed", "accueil migrate --reseal, then take the old key out of the file")
	case len(look.Pending) > 0:
		d.say("history", CheckOK, fmt.Sprintf("reachable, %d steps to be taken at the next start", len(look.Pending)), "")
	default:
		d.say("history", CheckOK, "reachable and up to date", "")
	}
	if file, ok := strings.CutPrefix(d.site.History.URL, "sqlite:"); ok && err == nil {
		d.space("history disk", filepath.Dir(file), "free some space: what is owed to callers is written there")
	}
}

func (d *doctor) certificate() {
	t := d.site.Listen.TLS
	if !t.Given() {
		return
	}
	ends, err := t.Ends()
	left := int(time.Until(ends).Hours() / 24)
	found := fmt.Sprintf("%d days left", left)
	switch {
	case err != nil:
		d.say("certificate", CheckFailed, err.Error(), "listen.tls.certificate in the site file")
	case time.Now().After(ends):
		d.say("certificate", CheckFailed, "it has ended: nobody can use the API", "renew it; it is taken over within a minute")
	case time.Until(ends) < site.RenewBefore:
		d.say("certificate", CheckWarning, found, "renew it; it is taken over within a minute")
	default:
		d.say("certificate", CheckOK, found, "")
	}
}

func (d *doctor) redis(ctx context.Context) {
	s := d.site
	if len(s.Redis.Addresses) == 0 {
		d.say("redis", CheckWarning, "none configured: an embedded store keeps nothing", "set redis.addresses in the site file")
		return
	}
	h, err := queues.Inspect(ctx, queues.Options{
		Addresses: s.Redis.Addresses, Master: s.Redis.Master, Cluster: s.Redis.Cluster,
		Username: s.Redis.User, Password: s.Redis.Password.Reveal(), Site: s.ID, Node: s.Node,
	})
	if err != nil {
		d.say("redis", CheckFailed, err.Error(), "start Redis, or correct redis.addresses; calls go on without it, from this node's memory")
		return
	}
	d.say("redis", CheckOK, fmt.Sprintf("version %s, append-only file %t, eviction %s", h.Version, h.AOF, h.Eviction), "")
	for _, f := range h.Findings {
		d.say("redis setting", CheckWarning, f, "see docs/install.md, Redis")
	}
}

func (d *doctor) asterisk(ctx context.Context) bool {
	var err error
	d.rest, err = asterisk.NewREST(asterisk.RESTConfig{URL: d.site.Asterisk.URL, User: d.site.Asterisk.User, Password: d.site.Asterisk.Password.Reveal()})
	if err == nil {
		d.caps, err = d.rest.Probe(ctx)
	}
	if err != nil {
		d.say("asterisk", CheckFailed, err.Error(), "is it running, is ARI on at "+d.site.Asterisk.URL+", is the password the one of accueil_ari.conf?")
		return false
	}
	d.tel = asterisk.NewTelephony(d.rest, asteriskconf.App(d.site.Node))
	if d.caps.Warning != "" {
		d.say("asterisk", CheckWarning, fmt.Sprintf("%s: %s", d.caps.Version, d.caps.Warning), "install 22.10.1 or later")
	} else {
		d.say("asterisk", CheckOK, d.caps.Version.String(), "")
	}
	return true
}

func (d *doctor) modules(ctx context.Context) {
	loaded, err := d.rest.AsteriskListModules(ctx)
	if err != nil {
		d.say("modules", CheckFailed, err.Error(), "")
		return
	}
	running := map[string]bool{}
	for _, m := range loaded {
		running[m.Name] = m.Status == "Running"
	}
	var missing []string
	for _, m := range asteriskconf.NeededModules() {
		if !running[m] {
			missing = append(missing, m)
		}
	}
	if len(missing) > 0 {
		d.say("modules", CheckFailed, "missing: "+strings.Join(missing, ", "), "load them in modules.conf")
		return
	}
	if !d.caps.StasisBroadcast {
		d.say("modules", CheckWarning, "without app_stasis_broadcast a hung controller is noticed late", "load app_stasis_broadcast (22.10 and later)")
		return
	}
	d.say("modules", CheckOK, fmt.Sprintf("%d running", len(loaded)), "")
}

func (d *doctor) sounds() {
	entries, err := os.ReadDir(d.site.Prompts.Cache)
	if err != nil || len(entries) == 0 {
		d.say("sounds", CheckWarning, "no prompt is made yet", "they are made at the first start, or by accueil asterisk-config")
		return
	}
	d.say("sounds", CheckOK, d.site.Prompts.Cache, "")
}

// records are what calls without a controller are counted from.
func (d *doctor) records() {
	path := d.site.Asterisk.CallRecords
	f, err := os.Open(path)
	if err != nil {
		d.say("call records", CheckWarning, err.Error()+": calls that come while no controller runs are not counted",
			"cel.conf and cel_custom.conf as accueil asterisk-config writes them, a call since then, and the right to read for the controller's user; another place: asterisk.call_records in the site file")
		return
	}
	_ = f.Close()
	d.say("call records", CheckOK, path, "")
}

func (d *doctor) endpoints(ctx context.Context) {
	list, err := d.tel.ListEndpoints(ctx)
	if err != nil {
		d.say("phones", CheckFailed, err.Error(), "")
		return
	}
	state := map[string]string{}
	for _, e := range list {
		if e.Technology == "PJSIP" {
			state[e.Resource] = e.State
		}
	}
	for id, t := range d.site.Trunks {
		_, known := state[string(id)]
		switch found := state[string(id)+"-probe"]; {
		case !known:
			d.say("trunk "+string(id), CheckFailed, "Asterisk does not know it", "accueil asterisk-config, then reload Asterisk")
		case found != "online":
			d.say("trunk "+string(id), CheckWarning, "no answer from "+t.Host, "check the address and the firewall; calls are sent all the same, the peer may only not answer OPTIONS")
		default:
			d.say("trunk "+string(id), CheckOK, "answers", "")
		}
	}
	online, total, unknown := 0, 0, 0
	for id, p := range d.site.Phones {
		if p.Kind != site.PhoneSIP {
			continue
		}
		total++
		switch state[string(id)] {
		case "online":
			online++
		case "":
			unknown++
		}
	}
	found := fmt.Sprintf("%d of %d registered", online, total)
	switch {
	case unknown > 0:
		d.say("phones", CheckFailed, fmt.Sprintf("%s, %d not known to Asterisk", found, unknown), "accueil asterisk-config, then reload Asterisk")
	case online == 0:
		d.say("phones", CheckWarning, found, "nobody can be called: register a phone")
	default:
		d.say("phones", CheckOK, found, "")
	}
}
