package asterisk_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"accueil/asterisk"
)

func TestVersionSupport(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]asterisk.Support{
		"22.10.1":                         asterisk.Tested,
		"22.10.1+dfsg+~cs6.17.60671434-1": asterisk.Tested,
		"22.10.2":                         asterisk.Tested,
		"22.11.0":                         asterisk.Tested,
		"22.11.0-rc2":                     asterisk.BestEffort,
		"22.11.0-rc1":                     asterisk.Refused,
		"22.11.0~rc1+dfsg-1":              asterisk.Refused,
		"22.10.1-rc1":                     asterisk.BestEffort,
		"22.10.0":                         asterisk.BestEffort,
		"22.2.0":                          asterisk.BestEffort,
		"20.6.0~dfsg+~cs6.13-2":           asterisk.BestEffort,
		"21.9.1":                          asterisk.BestEffort,
		"23.3.0":                          asterisk.BestEffort,
		"certified-22.8-cert3":            asterisk.Tested,
		"certified/22.8-cert3":            asterisk.Tested,
		"certified-22.8-cert2":            asterisk.BestEffort,
		"certified-20.7-cert9":            asterisk.BestEffort,
		"certified-18.9-cert10":           asterisk.Refused,
		"18.26.4":                         asterisk.Refused,
		"16.28.0~dfsg-0+deb11u4":          asterisk.Refused,
	} {
		v, err := asterisk.ParseVersion(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, why := v.Support()
		if got != want {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
		if (why == "") != (want == asterisk.Tested) {
			t.Errorf("%s: explanation %q", text, why)
		}
		if want == asterisk.Refused && !strings.Contains(why, "22.10.1") {
			t.Errorf("%s: the sentence does not say what to use instead: %q", text, why)
		}
	}
	for _, text := range []string{"", "GIT-master-1234", "twenty", "22", "22.10", "99999.1.1"} {
		if _, err := asterisk.ParseVersion(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// TestOldAsterisk: too old is refused with a sentence, old has less.
func TestOldAsterisk(t *testing.T) {
	t.Parallel()
	version := func(text string) *asterisk.REST {
		return fake(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/asterisk/info"):
				fmt.Fprintf(w, `{"system":{"version":%q}}`, text)
			case strings.HasSuffix(r.URL.Path, "/channels/x/progress"):
				w.WriteHeader(http.StatusNoContent)
			default:
				w.WriteHeader(http.StatusNotFound)
			}
		})
	}
	_, err := version("18.26.4").Probe(t.Context())
	if refused, ok := errors.AsType[*asterisk.RefusedError](err); !ok || !strings.Contains(refused.Error(), "18.26.4") {
		t.Errorf("18 gives %v", err)
	}
	caps, err := version("20.16.0").Probe(t.Context())
	must(t, err)
	if caps.Support != asterisk.BestEffort || caps.Warning == "" || !caps.Progress || caps.StasisBroadcast || caps.BulkVariables {
		t.Errorf("20 gives %+v", caps)
	}
	caps, err = version("GIT-master-1").Probe(t.Context())
	must(t, err)
	if caps.Support != asterisk.BestEffort || caps.Warning == "" {
		t.Errorf("a development build gives %+v", caps)
	}
}

// TestRefusedAsterisk: Run ends at once instead of trying for ever.
func TestRefusedAsterisk(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"system":{"version":"22.11.0-rc1"}}`)
	}))
	defer server.Close()
	conn, err := asterisk.NewConn(asterisk.ConnConfig{
		RESTConfig: asterisk.RESTConfig{URL: server.URL + "/ari"}, CallApp: "a", OnEvent: func(asterisk.Event) {},
	})
	must(t, err)
	if _, ok := errors.AsType[*asterisk.RefusedError](conn.Run(t.Context())); !ok {
		t.Error("Run goes on with an Asterisk that is refused")
	}
	if err := conn.Run(t.Context()); err == nil {
		t.Error("Run runs twice")
	}
}

// TestOffersOnLiveAsterisk: the question is answered with no by a real one too.
func TestOffersOnLiveAsterisk(t *testing.T) {
	t.Parallel()
	rest := newREST(t, needAsterisk(t))
	for path, want := range map[string]bool{
		"/channels/x/answer": true, "/channels/x/teleport": false, "/events/user/x": true, "/events/x": false,
	} {
		if got, err := rest.Offers(t.Context(), path); err != nil || got != want {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
}
