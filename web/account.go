package web

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"accueil/acd"
)

// Role is what an account may do.
type Role string

// The roles. An agent's account is bound to one agent and sees that agent's own; nobody else's
// individual figures.
const (
	RoleAgent      Role = "agent"
	RoleSupervisor Role = "supervisor"
	RoleAdmin      Role = "admin"
	RoleAuditor    Role = "auditor"
	RoleIntegrator Role = "integrator"
)

// Roles lists every role.
var Roles = []Role{RoleAgent, RoleSupervisor, RoleAdmin, RoleAuditor, RoleIntegrator}

// Account is who asks.
type Account struct {
	Name  string // shown in the log as the author of changes
	Role  Role
	Agent acd.AgentID // of RoleAgent
}

// HashToken returns what the token file holds of a token: the hexadecimal SHA-256. Tokens are long
// random strings, so nothing slower is needed.
func HashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// credential is one line of the token file.
type credential struct {
	account Account
	hash    [sha256.Size]byte
}

// maxTokenFile bounds the token file: 10,000 lines of 100 bytes.
const maxTokenFile = 1 << 20

// ErrTokenLine names a line of the token file that cannot be used.
type ErrTokenLine struct {
	Line int
	Why  string
}

func (e ErrTokenLine) Error() string { return fmt.Sprintf("token file, line %d: %s", e.Line, e.Why) }

// parseTokens reads lines of "name role sha256 [agent]"; # begins a comment.
func parseTokens(r io.Reader) ([]credential, error) {
	var out []credential
	lines := bufio.NewScanner(io.LimitReader(r, maxTokenFile))
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		f := strings.Fields(text)
		if len(f) == 0 {
			continue
		}
		c, why := parseCredential(f)
		if why == "" && slices.ContainsFunc(out, func(o credential) bool { return o.hash == c.hash }) {
			why = "this token is already on another line"
		}
		if why != "" {
			return nil, ErrTokenLine{n, why}
		}
		out = append(out, c)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read token file: %w", err)
	}
	return out, nil
}

func parseCredential(f []string) (credential, string) {
	if len(f) < 3 || len(f) > 4 {
		return credential{}, "expected: name role sha256 [agent]"
	}
	c := credential{account: Account{Name: f[0], Role: Role(f[1])}}
	if !slices.Contains(Roles, c.account.Role) {
		return credential{}, fmt.Sprintf("unknown role, expected one of %v", Roles)
	}
	if (c.account.Role == RoleAgent) != (len(f) == 4) {
		return credential{}, "role agent, and no other, names its agent"
	}
	if len(f) == 4 {
		c.account.Agent = acd.AgentID(f[3])
	}
	h, err := hex.DecodeString(f[2])
	if err != nil || len(h) != sha256.Size {
		return credential{}, "the third word must be 64 hexadecimal digits, the SHA-256 of the token"
	}
	c.hash = [sha256.Size]byte(h)
	return c, ""
}

// recheck is how often the token file's time is looked at, so that a withdrawn token dies soon.
const recheck = time.Second

// Tokens are the accounts of a token file, read again when the file changes. A changed file that
// cannot be read leaves the accounts as they were, and Err says so.
type Tokens struct {
	path string

	mu      sync.Mutex // guards all below
	creds   []credential
	stamp   os.FileInfo
	checked time.Time
	err     error
}

// LoadTokens reads the token file.
func LoadTokens(path string) (*Tokens, error) {
	t := &Tokens{path: path}
	if err := t.load(); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Tokens) load() error {
	f, err := os.Open(t.path)
	if err != nil {
		return fmt.Errorf("open token file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("look at token file: %w", err)
	}
	t.stamp = info
	creds, err := parseTokens(f)
	if err != nil {
		return err
	}
	t.creds = creds
	return nil
}

// Err is why the file's present content is not in force; nil when it is.
func (t *Tokens) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

func (t *Tokens) refresh(now time.Time) {
	if now.Sub(t.checked) < recheck {
		return
	}
	t.checked = now
	info, err := os.Stat(t.path)
	if err != nil {
		t.err = fmt.Errorf("look at token file: %w", err)
		return
	}
	if t.err == nil && os.SameFile(info, t.stamp) && info.ModTime().Equal(t.stamp.ModTime()) && info.Size() == t.stamp.Size() {
		return
	}
	t.err = t.load()
}

// Account returns who holds the token. All lines are compared, each in constant time, so that the
// time taken tells nothing.
func (t *Tokens) Account(token string, now time.Time) (Account, bool) {
	h := sha256.Sum256([]byte(token))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refresh(now)
	var who Account
	found := 0
	for _, c := range t.creds {
		if subtle.ConstantTimeCompare(c.hash[:], h[:]) == 1 {
			who, found = c.account, 1
		}
	}
	return who, found == 1
}

// reader is who reads an answer, and in which language.
type reader struct {
	account Account
	lang    acd.Lang
}

type readerKey struct{}

func withReader(ctx context.Context, r reader) context.Context {
	return context.WithValue(ctx, readerKey{}, r)
}

func readerOf(ctx context.Context) reader {
	r, _ := ctx.Value(readerKey{}).(reader)
	if r.lang == "" {
		r.lang = french
	}
	return r
}
