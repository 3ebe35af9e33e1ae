package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/text/language"

	"accueil/acd"
)

const (
	french  acd.Lang = "fr"
	english acd.Lang = "en"
)

var tongues = language.NewMatcher([]language.Tag{language.French, language.English})

// preferred returns the language of the answer; French unless the reader asks for English more.
func preferred(acceptLanguage string) acd.Lang {
	if len(acceptLanguage) > 200 {
		return french
	}
	_, i := language.MatchStrings(tongues, acceptLanguage)
	if i == 1 {
		return english
	}
	return french
}

// Problem is an error as RFC 9457 writes it, in the reader's language. Programs branch on Code.
type Problem struct {
	Type   string   `json:"type" doc:"urn:accueil:problem: and the code."`
	Title  string   `json:"title"`
	Status int      `json:"status"`
	Detail string   `json:"detail,omitempty"`
	Code   string   `json:"code" doc:"Stable name of the error; branch on this."`
	Errors []Detail `json:"errors,omitempty"`
}

// Detail is one thing that is wrong with a request. The refused value is never repeated.
type Detail struct {
	Location string `json:"location,omitempty" doc:"Where, as in body.points."`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

func (p *Problem) Error() string { return p.Code }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType names the format of errors.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var _ huma.StatusError = (*Problem)(nil)

// newProblem writes the problem of a code in the language.
func newProblem(lang acd.Lang, code string, details ...Detail) *Problem {
	t, ok := problems[code]
	if !ok {
		code, t = codeInternal, problems[codeInternal]
	}
	p := &Problem{Type: "urn:accueil:problem:" + code, Status: t.status, Title: t.in(lang), Code: code}
	for _, d := range details {
		if d.Message == "" {
			d.Message = mistakes[d.Code].in(lang)
		}
		p.Errors = append(p.Errors, d)
	}
	return p
}

// errCode is an error that already knows its code.
type errCode struct {
	code    string
	details []Detail
}

func (e errCode) Error() string { return e.code }

// wrong says that one field of a request cannot be used.
func wrong(location, code string) error {
	return errCode{codeInvalid, []Detail{{Location: location, Code: code}}}
}

// problemOf finds the code of an error that a port returned; internal when it is none of those known.
func problemOf(ctx context.Context, err error) *Problem {
	lang := readerOf(ctx).lang
	var p *Problem
	var coded errCode
	var missing acd.ErrNotFound
	var illegal acd.ErrIllegal
	var others acd.ErrNotOwner
	var taken acd.ErrPersonTaken
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &coded):
		return newProblem(lang, coded.code, coded.details...)
	case errors.As(err, &missing):
		return newProblem(lang, notFound(missing.What))
	case errors.As(err, &illegal):
		return newProblem(lang, codeIllegal, Detail{Location: illegal.What, Code: "state", Message: illegal.State})
	case errors.As(err, &taken):
		return newProblem(lang, codePersonTaken)
	case errors.As(err, &others):
		return newProblem(lang, codeNotYours)
	case errors.Is(err, acd.ErrFull):
		return newProblem(lang, codeFull)
	case errors.Is(err, acd.ErrStale), errors.Is(err, acd.ErrEarly):
		return newProblem(lang, codeConflict)
	case errors.Is(err, acd.ErrUnavailable), errors.Is(err, acd.ErrNotLead):
		return newProblem(lang, codeUnavailable)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return newProblem(lang, codeTimeout)
	}
	return newProblem(lang, codeInternal)
}

func notFound(what string) string {
	if _, ok := problems[what+"_not_found"]; ok {
		return what + "_not_found"
	}
	if what == "leg" {
		return codeNoContact
	}
	return codeNotFound
}

// The framework makes its own errors (validation, negotiation, bodies) through these two package
// variables; they are the only way to give them our form and language, for the whole process.
func init() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return framework(preferred(ctx.Header("Accept-Language")), status, msg, errs)
	}
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return framework(french, status, msg, errs)
	}
}

func framework(lang acd.Lang, status int, msg string, errs []error) *Problem {
	code := codeInternal
	switch status {
	case http.StatusBadRequest:
		code = codeBadRequest
	case http.StatusNotAcceptable:
		code = codeNotAcceptable
	case http.StatusRequestTimeout:
		code = codeBodyTimeout
	case http.StatusRequestEntityTooLarge:
		code = codeTooLarge
	case http.StatusUnsupportedMediaType:
		code = codeMediaType
	case http.StatusUnprocessableEntity:
		code = codeInvalid
	case http.StatusInternalServerError:
		// A body that ends before its length is the sender's fault, not ours.
		if strings.HasPrefix(msg, "cannot read request body") {
			code = codeBadRequest
		}
	}
	var details []Detail
	for _, err := range errs {
		var coded errCode
		if errors.As(err, &coded) {
			details = append(details, coded.details...)
			continue
		}
		var d huma.ErrorDetailer
		if errors.As(err, &d) && len(details) < 20 {
			e := d.ErrorDetail()
			details = append(details, Detail{Location: bounded(e.Location, 100), Code: mistake(e.Message)})
		}
	}
	return newProblem(lang, code, details...)
}

// mistake is the code of one of the framework's validation messages.
func mistake(msg string) string {
	for _, m := range []struct{ begins, code string }{
		{"unexpected property", "unknown"}, {"unknown query", "unknown"},
		{"expected required", "required"}, {"required", "required"}, {"request body is required", "required"},
		{"expected value to be one of", "choice"},
		{"expected number >", "range"}, {"expected number <", "range"}, {"expected number to be", "range"},
		{"expected length", "length"}, {"expected array length", "length"}, {"expected object with", "length"},
		{"expected string to", "format"},
		{"expected", "type"}, {"invalid", "type"},
	} {
		if strings.HasPrefix(msg, m.begins) {
			return m.code
		}
	}
	return "invalid"
}

func bounded(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
