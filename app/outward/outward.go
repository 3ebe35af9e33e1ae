// Package outward is how the program speaks to the services that a site file names: to them, and to
// nobody else, with a bound on everything, and without a word about whom in an error.
package outward

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 16 << 10

// Client speaks to services. It is safe for concurrent use.
type Client struct{ http *http.Client }

// New returns a client that follows no redirect and uses no proxy.
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

// Request is one POST of JSON.
type Request struct {
	URL   string
	Token string // sent as a bearer token; empty for none
	Key   string // sent as Idempotency-Key; empty for none
	Body  any
	// Answered says that the body of the answer is wanted: JSON of 16 KiB at most.
	Answered bool
}

// Post sends the request and returns the answer, which must have the status 200 (201, 202 and 204 are
// the same where no answer is wanted). Its errors say nothing of address, question and answer.
func (c *Client) Post(ctx context.Context, r Request) ([]byte, error) {
	payload, err := json.Marshal(r.Body)
	if err != nil {
		return nil, errors.New("the question cannot be written")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(payload))
	if err != nil {
		return nil, errors.New("the address of the service cannot be used")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if r.Token != "" {
		request.Header.Set("Authorization", "Bearer "+r.Token)
	}
	if r.Key != "" {
		request.Header.Set("Idempotency-Key", r.Key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, plain(err)
	}
	defer func() { _ = response.Body.Close() }()
	switch {
	case response.StatusCode == http.StatusOK:
	case !r.Answered && (response.StatusCode == http.StatusCreated || response.StatusCode == http.StatusAccepted || response.StatusCode == http.StatusNoContent):
	default:
		return nil, fmt.Errorf("the service answered with status %d", response.StatusCode)
	}
	if !r.Answered {
		return nil, nil
	}
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, errors.New("the answer is not JSON")
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, plain(err)
	case len(text) > maxAnswer:
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return text, nil
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
