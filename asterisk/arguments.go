package asterisk

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// arguments collects the parameters of one operation. Those of POST and PUT go
// into the JSON body: variables and caller ids then stand in no URL (Asterisk
// reads 4,096 bytes of one, and logs can hold it), and a list item may hold a comma.
type arguments struct {
	inBody bool
	query  url.Values
	fields map[string]any
	whole  any // a body that is not an object of parameters
}

func (a *arguments) put(name string, value any, text string) {
	if a.inBody {
		if a.fields == nil {
			a.fields = map[string]any{}
		}
		a.fields[name] = value
		return
	}
	if a.query == nil {
		a.query = url.Values{}
	}
	a.query.Set(name, text)
}

func (a *arguments) text(name, value string) { a.put(name, value, value) }

func (a *arguments) optionalText(name, value string) {
	if value != "" {
		a.text(name, value)
	}
}

func (a *arguments) list(name string, values []string) {
	if len(values) > 0 {
		a.put(name, values, strings.Join(values, ","))
	}
}

func (a *arguments) number(name string, value int) { a.put(name, value, strconv.Itoa(value)) }

func (a *arguments) optionalNumber(name string, value *int) {
	if value != nil {
		a.number(name, *value)
	}
}

func (a *arguments) optionalFlag(name string, value *bool) {
	if value != nil {
		a.put(name, *value, strconv.FormatBool(*value))
	}
}

// object is a named part of the body, such as variables.
func (a *arguments) object(name string, value any) {
	a.inBody = true
	switch v := value.(type) {
	case Vars:
		if len(v) == 0 {
			return
		}
	case []ConfigTuple:
		if len(v) == 0 {
			return
		}
	}
	a.put(name, value, "")
}

// body is the whole body.
func (a *arguments) body(value any) { a.whole = value }

// encodeBody is nil when there is nothing to say.
func (a *arguments) encodeBody() ([]byte, error) {
	value := a.whole
	if value == nil {
		if len(a.fields) == 0 {
			return nil, nil
		}
		value = a.fields
	}
	body, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("parameters of %d bytes; Asterisk reads %d", len(body), maxBody)
	}
	return body, nil
}

// segment escapes a path parameter. "." and ".." would be resolved by HTTP
// clients on the way, so their dots are escaped too.
func segment(value string) string {
	if value == "." || value == ".." {
		return strings.ReplaceAll(value, ".", "%2E")
	}
	return url.PathEscape(value)
}
