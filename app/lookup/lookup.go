// Package lookup asks a service of the hospital about a caller: over HTTP, with a bound on everything,
// and an answer that can say nothing but what the site file declares.
//
// A question is a POST of JSON:
//
//	{"lookup": "dossier", "number": "+33612345678", "keyed": {"naissance": "07031950"}}
//
// The answer is 200 with JSON of at most 16 KiB:
//
//	{"outcome": "found", "values": {"secteur": "a"}}
//
// outcome is found or unknown. With "confidential": true, whatever else it says is dropped: it counts
// as unknown. Everything else (another status, a redirect, another type, a value that is not declared)
// is an error, and the call goes on by the way named for that. Nothing of question or answer is in an
// error.
package lookup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"time"

	"accueil/acd"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 16 << 10

// Service is one lookup as the site file declares it.
type Service struct {
	Name    acd.LookupID
	URL     string
	Token   string              // sent as a bearer token; empty for none
	Timeout time.Duration       // of the whole question
	Answers map[string][]string // variables with every value of each
}

// Question is what is asked. It is personal.
type Question struct {
	Number string // as normalised; empty when withheld
	Keyed  map[string]acd.Keyed
}

// Client asks services. It is safe for concurrent use.
type Client struct{ http *http.Client }

// New returns a client that follows no redirect and uses no proxy: a question goes where the site file
// says, and nowhere else.
func New() *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.MaxIdleConnsPerHost, transport.MaxConnsPerHost = 8, 32
	transport.MaxResponseHeaderBytes = maxAnswer
	return &Client{&http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

type body struct {
	Lookup acd.LookupID      `json:"lookup"`
	Number string            `json:"number,omitempty"`
	Keyed  map[string]string `json:"keyed,omitempty"`
}

type answer struct {
	Outcome      acd.LookupOutcome `json:"outcome"`
	Confidential bool              `json:"confidential"`
	Values       map[string]string `json:"values"`
}

// Ask puts the question. With an error the answer is acd.LookupError.
func (c *Client) Ask(ctx context.Context, s Service, q Question) (acd.HeardLookup, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	failed := acd.HeardLookup{Outcome: acd.LookupError}
	keyed := make(map[string]string, len(q.Keyed))
	for name, digits := range q.Keyed {
		keyed[name] = digits.Reveal()
	}
	payload, err := json.Marshal(body{s.Name, q.Number, keyed})
	if err != nil {
		return failed, fmt.Errorf("lookup %s: the question cannot be written", s.Name)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(payload))
	if err != nil {
		return failed, fmt.Errorf("lookup %s: its address cannot be used", s.Name)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if s.Token != "" {
		request.Header.Set("Authorization", "Bearer "+s.Token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return failed, fmt.Errorf("lookup %s: %w", s.Name, plain(err))
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return failed, fmt.Errorf("lookup %s: the service answered with status %d", s.Name, response.StatusCode)
	}
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return failed, fmt.Errorf("lookup %s: the answer is not JSON", s.Name)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return failed, fmt.Errorf("lookup %s: %w", s.Name, plain(err))
	case len(text) > maxAnswer:
		return failed, fmt.Errorf("lookup %s: the answer is longer than %d bytes", s.Name, maxAnswer)
	}
	heard, err := read(text, s.Answers)
	if err != nil {
		return failed, fmt.Errorf("lookup %s: %w", s.Name, err)
	}
	return heard, nil
}

// read takes an answer at its word, and only at the words declared.
func read(text []byte, declared map[string][]string) (acd.HeardLookup, error) {
	failed := acd.HeardLookup{Outcome: acd.LookupError}
	var a answer
	if json.Unmarshal(text, &a) != nil {
		return failed, errors.New("the answer cannot be read")
	}
	if a.Outcome != acd.LookupFound && a.Outcome != acd.LookupUnknown {
		return failed, errors.New("the answer has no outcome, found or unknown")
	}
	for name, value := range a.Values {
		if !slices.Contains(declared[name], value) {
			return failed, errors.New("the answer has a value that the site file does not declare")
		}
	}
	if a.Confidential || a.Outcome == acd.LookupUnknown {
		return acd.HeardLookup{Outcome: acd.LookupUnknown}, nil
	}
	return acd.HeardLookup{Outcome: acd.LookupFound, Values: a.Values}, nil
}

// plain says an error of the network without the address and what the other side wrote.
func plain(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer in time")
	case errors.Is(err, context.Canceled):
		return errors.New("the call has ended")
	}
	return errors.New("the service cannot be reached")
}
