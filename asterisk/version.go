package asterisk

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
)

// Version is that of an Asterisk, read from its own words: "22.10.1",
// "22.10.1+dfsg-1", "certified-22.8-cert3", "22.11.0-rc1".
type Version struct {
	Major, Minor, Patch int
	Cert                int // certified release: number after "cert", 0 = a standard release
	RC                  int // release candidate: its number, 0 = a release
	Text                string
}

// String is the version in Asterisk's words.
func (v Version) String() string { return v.Text }

var (
	standardForm  = regexp.MustCompile(`^(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:[-~]rc(\d{1,3}))?`)
	certifiedForm = regexp.MustCompile(`^certified[-/](\d{1,4})\.(\d{1,4})-cert(\d{1,3})`)
)

// ParseVersion refuses what is not a numbered release, such as a build of a
// development branch.
func ParseVersion(text string) (Version, error) {
	v := Version{Text: text}
	if m := standardForm.FindStringSubmatch(text); m != nil {
		v.Major, v.Minor, v.Patch, v.RC = number(m[1]), number(m[2]), number(m[3]), number(m[4])
		return v, nil
	}
	if m := certifiedForm.FindStringSubmatch(text); m != nil {
		v.Major, v.Minor, v.Cert = number(m[1]), number(m[2]), number(m[3])
		return v, nil
	}
	return v, fmt.Errorf("asterisk: %q is not a numbered release of Asterisk", text)
}

// number converts digits that a regular expression has bounded; "" is 0.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// Support is how far we vouch for a version.
type Support int

// The degrees of support.
const (
	Refused    Support = iota // too old, or known to crash: Conn does not start
	BestEffort                // works with what Capabilities says; has known holes
	Tested                    // at or above the floor release
)

func (s Support) String() string {
	return [...]string{"refused", "best effort", "tested"}[s]
}

// Support tells how far we vouch for v, and why not further.
func (v Version) Support() (Support, string) {
	switch {
	case v.Major < 20:
		return Refused, fmt.Sprintf("Asterisk %s is too old: this program needs 20 or later, best 22.10.1 or later", v)
	case v.Major == 22 && v.Minor == 11 && v.Patch == 0 && v.RC == 1:
		return Refused, "Asterisk 22.11.0-rc1 crashes on a websocket frame that any client may send; use 22.10.1 or a final release"
	case v.Cert > 0 && v.Major == 22 && (v.Minor > 8 || v.Minor == 8 && v.Cert >= 3):
		return Tested, ""
	case v.Cert == 0 && v.RC == 0 && v.Major == 22 && (v.Minor > 10 || v.Minor == 10 && v.Patch >= 1):
		return Tested, ""
	case v.Major == 22 || v.Major < 22:
		return BestEffort, fmt.Sprintf("Asterisk %s is older than 22.10.1 and has known security holes; it works as far as its ARI goes", v)
	}
	return BestEffort, fmt.Sprintf("Asterisk %s was not tested with this program; 22.10.1 was", v)
}

// Capabilities are what this Asterisk offers beyond the common ground of 20.
type Capabilities struct {
	Version         Version
	Support         Support
	Warning         string // why not Tested, for the operator; empty if it is
	StasisBroadcast bool   // dialplan application and POST /events/claim (22.10)
	Progress        bool   // POST /channels/{id}/progress (22.6)
	TransferControl bool   // POST /channels/{id}/transfer_progress (22.3)
	BulkVariables   bool   // POST /channels/{id}/variables (22.10)
}

// Probe asks Asterisk what it is and what it can. It fails on a version that is
// refused; that error is a sentence for the operator.
func (c *REST) Probe(ctx context.Context) (Capabilities, error) {
	info, err := c.AsteriskGetInfo(ctx, AsteriskGetInfoParams{Only: []string{"system"}})
	if err != nil {
		return Capabilities{}, fmt.Errorf("ask Asterisk for its version: %w", err)
	}
	var caps Capabilities
	text := ""
	if info.System != nil {
		text = info.System.Version
	}
	caps.Version, err = ParseVersion(text)
	if err != nil {
		caps.Support, caps.Warning = BestEffort, "this Asterisk does not say a release number; 22.10.1 was tested"
	} else if caps.Support, caps.Warning = caps.Version.Support(); caps.Support == Refused {
		return caps, &RefusedError{Sentence: caps.Warning}
	}
	for path, found := range map[string]*bool{
		"/channels/x/progress":          &caps.Progress,
		"/channels/x/transfer_progress": &caps.TransferControl,
		"/channels/x/variables":         &caps.BulkVariables,
		"/events/claim":                 &caps.StasisBroadcast,
	} {
		if *found, err = c.offers(ctx, path); err != nil {
			return caps, fmt.Errorf("ask Asterisk what it offers: %w", err)
		}
	}
	if caps.StasisBroadcast { // the claim is of no use without the dialplan application
		module, err := c.AsteriskGetModule(ctx, "app_stasis_broadcast.so")
		if err != nil && Status(err) == 0 {
			return caps, fmt.Errorf("ask Asterisk for a module: %w", err)
		}
		caps.StasisBroadcast = err == nil && module.Status == "Running"
	}
	return caps, nil
}

// RefusedError says, in one sentence for the operator, why this Asterisk is not used.
type RefusedError struct{ Sentence string }

func (e *RefusedError) Error() string { return e.Sentence }

// offers asks with OPTIONS whether a path exists; nothing is executed.
func (c *REST) offers(ctx context.Context, path string) (bool, error) {
	err := c.do(ctx, operation{"Options", http.MethodOptions, path, nil, nil})
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
