package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"accueil/site"
)

// NodeOptions say which running node is asked: with a token that which serves the URL, without one that
// of the site file on this machine, by its control socket.
type NodeOptions struct {
	Site           string
	URL, TokenFile string
	Lang           string // of the answers: fr or en
}

// node is a running node that is asked over HTTP.
type node struct {
	client *http.Client
	url    string
	token  string // empty on this machine
	lang   string
	where  string // for people
}

// mostAnswer bounds what is read of an answer.
const mostAnswer = 16 << 20

// findNode prepares to ask. A site file that cannot be read is told as a BuildError.
func findNode(o NodeOptions) (*node, error) {
	n := &node{client: &http.Client{}, lang: cmp.Or(o.Lang, "en")}
	if o.TokenFile == "" {
		s, err := loadSite(o.Site)
		if err != nil {
			return nil, err
		}
		n.local(s)
		return n, nil
	}
	token, err := os.ReadFile(o.TokenFile)
	if err != nil {
		return nil, fmt.Errorf("read the token (--token-file): %w", err)
	}
	n.url, n.token, n.where = strings.TrimSuffix(o.URL, "/"), strings.TrimSpace(string(token)), o.URL
	return n, nil
}

func (n *node) local(s *site.Site) {
	path := controlSocket(s.DataDir)
	n.url, n.where = "http://node", path
	n.client.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}
}

// ask sends a request without a body and decodes the answer into the value; nil wants none. most is how
// long the node may take. A refusal is a refusal.
func (n *node) ask(ctx context.Context, method, path string, most time.Duration, into any) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, n.url+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Language", n.lang)
	if n.token != "" {
		req.Header.Set("Authorization", "Bearer "+n.token)
	}
	res, err := n.client.Do(req)
	if errors.Is(err, os.ErrPermission) {
		return ExitError{ExitRefused, fmt.Errorf("%s may be opened by root and by the node's own user only: sudo -u accueil accueil …", n.where)}
	}
	if err != nil {
		return ExitError{ExitDependency, fmt.Errorf("no node answers at %s, is it running? %w", n.where, err)}
	}
	defer res.Body.Close()
	body := json.NewDecoder(io.LimitReader(res.Body, mostAnswer))
	if res.StatusCode/100 != 2 {
		r := refusal{status: res.StatusCode}
		_ = body.Decode(&r) // a proxy's page has none: the status tells
		return r
	}
	if into == nil {
		return nil
	}
	if err := body.Decode(into); err != nil {
		return fmt.Errorf("read the node's answer: %w", err)
	}
	return nil
}

// refusal is the node's problem+json.
type refusal struct {
	status int
	Title  string `json:"title"`
	Code   string `json:"code"`
	Errors []struct {
		Message string `json:"message"`
	} `json:"errors"`
}

func (r refusal) Error() string {
	return fmt.Sprintf("the node refuses (HTTP %d): %s", r.status, cmp.Or(r.Title, http.StatusText(r.status)))
}
