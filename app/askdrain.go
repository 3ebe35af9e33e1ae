package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// drainLook is how often the number of calls left is asked.
const drainLook = time.Second

// AskDrain asks a running node to take no new calls and waits until none is left, telling how many
// remain.
func AskDrain(ctx context.Context, url, tokenFile string, talk io.Writer) error {
	token, err := os.ReadFile(tokenFile)
	if err != nil {
		return fmt.Errorf("read the token (--token-file): %w", err)
	}
	client := &http.Client{Timeout: 10 * time.Second}
	ask := func(method, path string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(url, "/")+path, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		res, err := client.Do(req)
		if err != nil {
			return nil, ExitError{ExitDependency, fmt.Errorf("the node does not answer: %w", err)}
		}
		return res, nil
	}
	res, err := ask(http.MethodPost, "/v1/drain")
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	if res.StatusCode/100 != 2 {
		return ExitError{ExitRefused, fmt.Errorf("the node refuses (HTTP %d): the token must be an administrator's", res.StatusCode)}
	}
	last := -1
	for {
		res, err := ask(http.MethodGet, "/v1/contacts")
		if err != nil {
			return err
		}
		left, err := countContacts(res)
		if err != nil {
			return err
		}
		if left == 0 {
			fmt.Fprintln(talk, "no calls left: the node can be stopped")
			return nil
		}
		if left != last {
			fmt.Fprintf(talk, "%d calls in progress\n", left)
			last = left
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(drainLook):
		}
	}
}

func countContacts(res *http.Response) (int, error) {
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("list the calls: HTTP %d", res.StatusCode)
	}
	var list []json.RawMessage
	if err := json.NewDecoder(io.LimitReader(res.Body, 16<<20)).Decode(&list); err != nil {
		return 0, errors.Join(errors.New("the node's answer cannot be read"), err)
	}
	return len(list), nil
}
