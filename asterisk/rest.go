package asterisk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// commandDeadline bounds a command whose context has no deadline. A
	// synchronous command behind a running prompt waits for its end (ARI 1.5);
	// two seconds of silence is the most a patient may hear.
	commandDeadline = 2 * time.Second

	// Asterisk closes idle connections after 15 s and all above its sessionlimit
	// of 100 without an answer: stay below both.
	idleTimeout  = 10 * time.Second
	maxConns     = 32
	maxBody      = 40 << 10 // what Asterisk reads of a request body
	maxAnswer    = 16 << 20 // a list of 5,000 channels has 4 MB
	maxText      = 8 << 10  // of one string in an answer; see clean
	dialTimeout  = time.Second
	tcpKeepAlive = 5 * time.Second
)

// RESTConfig says where ARI is and who we are.
type RESTConfig struct {
	URL      string // base, such as http://127.0.0.1:8088/ari
	User     string
	Password string

	// OnRequest learns of every exchange: the operation's name, the HTTP status
	// (0 = no answer) and how long it took. Nil = nobody. It must not block.
	OnRequest func(op string, status int, took time.Duration)
}

// REST executes ARI's operations, one method each (zz_operations.go). It is safe
// for concurrent use. Nothing is repeated: whether a repeat is harmless is the
// caller's knowledge.
//
// A REST made by [NewREST] commands at once; that of [Conn.REST] first passes
// the connection's gate.
type REST struct {
	base     *url.URL
	user     string
	password string
	http     *http.Client
	observe  func(op string, status int, took time.Duration)
	pass     func(context.Context) error // nil = no gate
}

// NewREST checks the configuration; it does not connect.
func NewREST(cfg RESTConfig) (*REST, error) {
	base, err := url.Parse(strings.TrimSuffix(cfg.URL, "/"))
	if err != nil {
		return nil, errors.New("asterisk: the ARI address is not a URL")
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("asterisk: the ARI address needs http:// or https:// and a host, has %q", base.Redacted())
	}
	if base.User != nil {
		return nil, errors.New("asterisk: the ARI address must not hold a password; give user and password apart")
	}
	observe := cfg.OnRequest
	if observe == nil {
		observe = func(string, int, time.Duration) {}
	}
	return &REST{
		base: base, user: cfg.User, password: cfg.Password, observe: observe,
		http: &http.Client{
			// Asterisk redirects nowhere; following one would carry the password along.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: tcpKeepAlive}).DialContext,
				MaxConnsPerHost:     maxConns,
				MaxIdleConnsPerHost: maxConns,
				IdleConnTimeout:     idleTimeout,
			},
		},
	}, nil
}

// Close drops idle connections. The REST stays usable.
func (c *REST) Close() { c.http.CloseIdleConnections() }

// gated is the same client behind a gate.
func (c *REST) gated(pass func(context.Context) error) *REST {
	behind := *c
	behind.pass = pass
	return &behind
}

// operation is one request as the generated methods describe it.
type operation struct {
	name   string
	method string
	path   string           // below base, segments escaped
	fill   func(*arguments) // nil = no parameters
	out    any              // nil, *[]byte for the raw body, or what JSON goes to
}

// do executes op within ctx, or commandDeadline when ctx has no deadline.
func (c *REST) do(ctx context.Context, op operation) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, commandDeadline)
		defer cancel()
	}
	if c.pass != nil {
		if err := c.pass(ctx); err != nil {
			return fmt.Errorf("%s: %w", op.name, err)
		}
	}
	request, err := c.request(ctx, op)
	if err != nil {
		return fmt.Errorf("asterisk: %s: %w", op.name, err)
	}
	start := time.Now()
	status, err := c.exchange(request, op.out)
	c.observe(op.name, status, time.Since(start))
	if err != nil || status >= 300 || status < 200 {
		return &Error{Op: op.name, Status: status, Cause: err}
	}
	return nil
}

func (c *REST) request(ctx context.Context, op operation) (*http.Request, error) {
	var args arguments
	args.inBody = op.method == http.MethodPost || op.method == http.MethodPut
	if op.fill != nil {
		op.fill(&args)
	}
	body, err := args.encodeBody()
	if err != nil {
		return nil, err
	}
	target := c.base.String() + op.path
	if len(args.query) > 0 {
		target += "?" + args.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, op.method, target, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the request cannot be written as HTTP") // the text would hold the URL
	}
	request.SetBasicAuth(c.user, c.password)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// exchange sends the request and reads the answer into out. The error says why
// there is no usable answer; a status that says no is not an error here.
func (c *REST) exchange(request *http.Request, out any) (status int, err error) {
	response, err := c.http.Do(request)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // the text of url.Error holds ids
		}
		return 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case response.StatusCode >= 300 || response.StatusCode < 200:
		return response.StatusCode, nil
	case err != nil:
		return response.StatusCode, err
	case len(body) > maxAnswer:
		return response.StatusCode, fmt.Errorf("more than %d bytes", maxAnswer)
	}
	return response.StatusCode, decodeAnswer(body, out)
}

func decodeAnswer(body []byte, out any) error {
	switch out := out.(type) {
	case nil:
		return nil
	case *[]byte:
		*out = body
		return nil
	}
	text, _ := clean(body, maxText)
	err := json.Unmarshal(text, out)
	if _, shape := errors.AsType[*json.UnmarshalTypeError](err); shape {
		return nil // that field stays empty; the rest is there
	}
	if err != nil {
		return errors.New("the answer is not JSON") // the text could quote it
	}
	return nil
}
