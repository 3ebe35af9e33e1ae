package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"accueil/wording"
)

// ReloadOptions say which node reads its files again, and how its answer is told.
type ReloadOptions struct {
	Node NodeOptions
	JSON bool
}

// say tells the reader a sentence.
func (o ReloadOptions) say(talk io.Writer, t *wording.Text) {
	fmt.Fprintln(talk, t.In(Language(o.Node.Lang)))
}

// reloadTime is how long a reload may take: a slow voice may have hundreds of texts to speak.
const reloadTime = 6 * time.Minute

// reloaded is what is printed as JSON.
type reloaded struct {
	Reloaded bool     `json:"reloaded"`
	Notes    []string `json:"notes,omitempty"`  // what the files do not undo, and what needs more
	Errors   []string `json:"errors,omitempty"` // why nothing has changed
}

// AskReload asks a running node to read its site's files again and tells what it answers. A refusal
// changes nothing and is exit code 3.
func AskReload(ctx context.Context, o ReloadOptions, out, talk io.Writer) error {
	n, err := findNode(o.Node)
	var build BuildError
	if errors.As(err, &build) { // a file that this command cannot read, the node cannot either
		return tellReload(o, reloaded{Errors: build.Findings.Lines(Language(o.Node.Lang))}, out, talk)
	}
	if err != nil {
		return err
	}
	o.say(talk, wording.Say("Checking all files and speaking what is new…"))
	var answer reloaded
	err = n.ask(ctx, http.MethodPost, "/v1/config/reload", reloadTime, &answer)
	var refused refusal
	switch {
	case errors.As(err, &refused) && refused.status == http.StatusUnprocessableEntity:
		for _, e := range refused.Errors {
			answer.Errors = append(answer.Errors, e.Message)
		}
	case errors.As(err, &refused):
		return ExitError{ExitRefused, err}
	case err != nil:
		return err
	default:
		answer.Reloaded = true
	}
	return tellReload(o, answer, out, talk)
}

func tellReload(o ReloadOptions, r reloaded, out, talk io.Writer) error {
	if o.JSON {
		if err := json.NewEncoder(out).Encode(r); err != nil {
			return err
		}
	} else {
		for _, line := range append(r.Errors, r.Notes...) {
			fmt.Fprintln(out, line)
		}
	}
	if !r.Reloaded {
		o.say(talk, wording.Say("Nothing has changed: the running version stays. Mend this and try again."))
		return ExitError{Code: ExitConfig}
	}
	o.say(talk, wording.Say("It is live. Calls in progress end with the menu they began with."))
	return nil
}
