package site

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"accueil/acd"
	"accueil/diag"
	"accueil/seal"
	"accueil/wording"
)

// Bounds of what secret files hold.
const (
	maxSecret       = 512 // bytes
	maxPEM          = 1 << 20
	leastPassword   = 8  // characters, of a phone or trunk outside a demonstration
	leastARISecret  = 16 // characters; the holder of this one commands the telephone server
	leastCallersKey = 32 // characters; with it, and the store, numbers can be found by trying them all
)

// files reads what the site file names: secrets, and the names of scenarios.
func (c *checker) files() {
	if !c.disk {
		return
	}
	s := c.site
	c.certificate()
	c.secret("asterisk.password_file", s.Asterisk.PasswordFile, &s.Asterisk.Password, leastARISecret)
	c.secret("asterisk.reader_password_file", s.Asterisk.ReaderPasswordFile, &s.Asterisk.ReaderPassword, leastARISecret)
	c.secret("redis.password_file", s.Redis.PasswordFile, &s.Redis.Password, leastPassword)
	c.secret("callers.key_file", s.Callers.KeyFile, &s.Callers.Key, leastCallersKey)
	c.secret("sms.token_file", s.SMS.TokenFile, &s.SMS.Token, leastPassword)
	c.keys("history.key_file", s.History.KeyFile, &s.History.Key)
	if _, err := os.Stat(s.Voicemail.KeyFile); err == nil { // else it is made with the first recording
		c.keys("voicemail.key_file", s.Voicemail.KeyFile, new(Secret))
	}
	if s.API.TokensFile != "" {
		c.open("api.tokens_file", s.API.TokensFile, true)
	}
	if s.Directory != "" {
		c.open("directory", s.Directory, false)
	}
	for _, id := range sorted(s.Trunks) {
		t := s.Trunks[id]
		c.secret(diag.Join("trunks", string(id), "password_file"), t.PasswordFile, &t.Password, leastPassword)
		s.Trunks[id] = t
	}
	for _, id := range sorted(s.Phones) {
		p := s.Phones[id]
		c.secret(diag.Join("phones", string(id), "password_file"), p.PasswordFile, &p.Password, leastPassword)
		s.Phones[id] = p
	}
	for _, id := range sorted(s.Agents) {
		a := s.Agents[id]
		path := diag.Join("agents", string(id), "pin_file")
		if c.secret(path, a.PINFile, &a.PIN, 4) && !pin.MatchString(a.PIN.Reveal()) {
			c.fail(path, nil, "the file does not hold a PIN of 4 to 8 digits")
		}
		s.Agents[id] = a
	}
	for _, id := range sorted(s.Lookups) {
		l := s.Lookups[id]
		c.secret(diag.Join("lookups", string(id), "token_file"), l.TokenFile, &l.Token, leastPassword)
		s.Lookups[id] = l
	}
	c.articles()
	c.scenarios()
}

var pin = regexp.MustCompile(`^[0-9]{4,8}$`)

// secret reads one secret file and reports whether it could. Its content is never shown.
func (c *checker) secret(path, file string, into *Secret, least int) bool {
	if file == "" {
		return false
	}
	content, ok := c.open(path, c.abs(file), true)
	if !ok {
		return false
	}
	value := strings.TrimRight(string(content), "\r\n")
	switch {
	case value == "":
		c.fail(path, nil, "the file is empty")
	case len(value) > maxSecret || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }):
		c.fail(path, nil, "the file must hold one line of at most %d plain characters", maxSecret)
	case len(value) < least && !c.site.Demo:
		c.fail(path, nil, "the secret has fewer than %d characters", least)
	default:
		*into = NewSecret(value)
		return true
	}
	return false
}

// keys reads a file of keys (package seal). Its content is never shown.
func (c *checker) keys(path, file string, into *Secret) {
	if file == "" {
		return
	}
	content, ok := c.open(path, c.abs(file), true)
	if !ok {
		return
	}
	if _, err := seal.Parse(content); err != nil {
		c.fail(path, wording.Say("one key a line, the one that seals first; openssl rand -hex 32 makes one"), "%s", err)
		return
	}
	*into = NewSecret(string(content))
}

// open reads a file, at most what a certificate needs, and checks who may read it.
func (c *checker) open(path, file string, private bool) ([]byte, bool) {
	f, err := os.Open(file)
	if err != nil {
		var hint *wording.Text
		if errors.Is(err, fs.ErrNotExist) {
			hint = wording.Say("create it; the path starts at the folder of the site file")
		}
		c.fail(path, hint, "the file cannot be read: %s", wording.Reason(err))
		return nil, false
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		c.fail(path, nil, "this is not a file")
		return nil, false
	}
	if private && info.Mode().Perm()&0o007 != 0 && !c.site.Demo {
		c.fail(path, wording.Verbatim("chmod o= "+file), "everybody on this machine may read or change the file")
		return nil, false
	}
	content, err := io.ReadAll(io.LimitReader(f, maxPEM))
	if err != nil {
		c.fail(path, nil, "the file cannot be read: %s", wording.Reason(err))
		return nil, false
	}
	return content, true
}

// scenarios lists the scenario files and checks the names that entries, queues and fallbacks use.
func (c *checker) scenarios() {
	s := c.site
	s.Scenarios = map[acd.ScenarioID]string{}
	files, _ := filepath.Glob(filepath.Join(s.Dir, "scenarios", "*.yaml"))
	nodes, all := map[string]bool{}, true
	for _, file := range files {
		s.Scenarios[acd.ScenarioID(strings.TrimSuffix(filepath.Base(file), ".yaml"))] = file
		src, err := os.ReadFile(file)
		if err != nil {
			all = false
			continue
		}
		doc, _ := diag.ParseYAML(file, src)
		if doc == nil { // its own loader tells why
			all = false
			continue
		}
		for _, name := range doc.Root().Field("nodes").Keys() {
			nodes[name] = true
		}
	}
	for _, id := range sorted(s.Entries) {
		refers(c, diag.Join("entries", string(id), "scenario"), s.Entries[id].Scenario, s.Scenarios, "there is no scenario %q")
	}
	for _, id := range sorted(s.Queues) {
		q, path := s.Queues[id], diag.Join("queues", string(id))
		refers(c, diag.Join(path, "waiting"), q.Waiting, s.Scenarios, "there is no scenario %q")
		for _, w := range q.ways() {
			node := w.Target.Node
			if node == "" || !all || nodes[node] {
				continue
			}
			c.fail(diag.Join(diag.Join(path, w.path...), "goto"), diag.DidYouMean(node, append(names(s.Queues), names(nodes)...)),
				"%q is no queue, no number and no node of any scenario", node)
		}
	}
}
