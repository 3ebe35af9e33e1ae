package local

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// The user of the default ari.conf. The server listens on loopback only and
// lives as long as a test; a site's own secret comes with its own ari.conf.
const (
	ARIUser     = "accueil"
	ARIPassword = "accueil"
)

// maxFiles bounds the descriptors of Asterisk: two calls' legs hold about
// eight, so the default soft limit of 1024 would end at some hundred calls.
const maxFiles = 65536

// asteriskConf is the main configuration: every folder that Asterisk writes
// to is inside the instance, every one it only reads is the root's.
//
// A caller's own asterisk.conf keeps its other sections; its [directories]
// would lead to another instance and are dropped.
func (a *Asterisk) asteriskConf(own []byte) string {
	var b strings.Builder
	b.WriteString("[directories]\n")
	for _, d := range []struct{ name, path string }{
		{"astetcdir", filepath.Join(a.Dir, "etc")},
		{"astmoddir", a.root.moduleDir},
		{"astvarlibdir", filepath.Join(a.Dir, "lib")},
		{"astdbdir", filepath.Join(a.Dir, "lib")},
		{"astkeydir", filepath.Join(a.Dir, "lib")},
		{"astdatadir", filepath.Join(a.Dir, "data")},
		{"astagidir", filepath.Join(a.Dir, "data", "agi-bin")},
		{"astspooldir", filepath.Join(a.Dir, "spool")},
		{"astrundir", a.runDir},
		{"astlogdir", filepath.Join(a.Dir, "log")},
		{"astsbindir", filepath.Dir(a.root.binary)},
	} {
		fmt.Fprintf(&b, "%s => %s\n", d.name, d.path)
	}
	if len(own) > 0 {
		b.WriteString(withoutSection(string(own), "directories"))
		return b.String()
	}
	files := uint64(maxFiles)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil && os.Getuid() != 0 {
		files = min(files, limit.Max)
	}
	fmt.Fprintf(&b, `[options]
verbose = 3
nocolor = yes
hideconnect = yes
live_dangerously = no
cache_media_frames = yes
maxfiles = %d
`, files)
	return b.String()
}

// withoutSection removes the section of that name from an Asterisk
// configuration, template suffixes like "(!)" included.
func withoutSection(conf, name string) string {
	var b strings.Builder
	skip := false
	for line := range strings.Lines(conf) {
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "[") {
			skip = strings.HasPrefix(t, "["+name+"]")
		}
		if !skip {
			b.WriteString(line)
		}
	}
	return b.String()
}

// defaultFiles are the configuration files of an instance whose caller gave
// none of that name: a SIP transport, ARI and media on loopback, and nothing
// that answers a call.
func (a *Asterisk) defaultFiles() map[string]string {
	return map[string]string{
		"modules.conf": a.modulesConf(),
		"logger.conf":  "[general]\ndateformat = %F %T.%3q\n[logfiles]\nconsole => notice,warning,error,verbose\n",
		"http.conf": fmt.Sprintf("[general]\nenabled = yes\nbindaddr = 127.0.0.1\nbindport = %d\nenable_static = no\nenable_status = no\n",
			a.HTTPPort),
		"ari.conf": fmt.Sprintf("[general]\nenabled = yes\n[%s]\ntype = user\npassword = %s\npassword_format = plain\n",
			ARIUser, ARIPassword),
		"pjsip.conf": fmt.Sprintf("[global]\ntype = global\nuser_agent = Accueil demo\n[transport-udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:%d\n",
			a.SIPPort),
		"rtp.conf": fmt.Sprintf("[general]\nrtpstart = %d\nrtpend = %d\nicesupport = no\nstrictrtp = yes\n",
			a.RTP.First, a.RTP.Last),
		"extensions.conf":       "[general]\nstatic = yes\nwriteprotect = yes\n[default]\n",
		"musiconhold.conf":      "[general]\ncachertclasses = no\n",
		"cdr.conf":              "[general]\nenable = no\n[csv]\nusegmtime = yes\n",
		"cel.conf":              "[general]\nenable = no\n",
		"features.conf":         "[general]\n",
		"acl.conf":              "",
		"ccss.conf":             "[general]\n",
		"indications.conf":      "[general]\ncountry = fr\n[fr]\ndescription = France\nringcadence = 1500,3500\ndial = 440\nbusy = 440/500,0/500\nring = 440/1500,0/3500\ncongestion = 440/250,0/250\n",
		"manager.conf":          "[general]\nenabled = no\n",
		"stasis.conf":           "",
		"udptl.conf":            "[general]\n",
		"codecs.conf":           "",
		"pjproject.conf":        "[startup]\ntype = startup\n",
		"websocket_client.conf": "",
	}
}

// modulesConf loads what the voice path needs and nothing else: a start takes
// a fraction of a second, and what is not loaded cannot be attacked. A module
// that this Asterisk does not have is left out.
func (a *Asterisk) modulesConf() string {
	var b strings.Builder
	b.WriteString("[modules]\nautoload = no\n")
	wanted := slices.Clone(modules)
	for file, needed := range modulesOf {
		if _, given := a.opts.Files[file]; given {
			wanted = append(wanted, needed...)
		}
	}
	slices.Sort(wanted)
	for _, name := range slices.Compact(wanted) {
		file := name + ".so"
		if _, err := os.Stat(filepath.Join(a.root.moduleDir, file)); err == nil {
			fmt.Fprintf(&b, "load = %s\n", file)
		}
	}
	return b.String()
}
