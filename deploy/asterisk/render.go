package asteriskconf

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"text/template"

	"accueil/acd"
	"accueil/site"
)

//go:embed templates/*.conf
var embedded embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"value": value}).ParseFS(embedded, "templates/*.conf"))

// App returns the name of the Stasis application that takes the node's calls. Its phones' events
// come in a second one, with "-phones" behind the name.
func App(node acd.NodeID) string { return "accueil-" + string(node) }

// EntryContext returns the dialplan context in which calls of the trunk arrive.
func EntryContext(t acd.TrunkID) string { return "accueil-trunk-" + string(t) }

// Contexts of the dialplan that other packages name.
const (
	NetContext    = "accueil-net"     // extension s: the safety net
	CallContext   = "accueil-entry"   // where a caller's channel is while the controller leads it
	PhonesContext = "accueil-phones"  // what agents' phones dial
	NoContext     = "accueil-nowhere" // empty: where forwarded calls end

	MusicWaiting = "accueil-music" // class of musiconhold: in a queue, on hold
	MusicSoft    = "accueil-soft"  // behind a prompt

	// SiteMusic is the folder, in that of all music, of what the site has of its own.
	SiteMusic = "site"
)

// Render returns the configuration files by name, for Asterisk's configuration folder. They hold
// passwords: write them readable for Asterisk alone.
func Render(s *site.Site, o Options) (map[string][]byte, error) {
	m, err := newModel(s, o)
	if err != nil {
		return nil, fmt.Errorf("write the configuration of asterisk: %w", err)
	}
	names, err := fs.Glob(embedded, "templates/*.conf")
	if err != nil {
		return nil, fmt.Errorf("write the configuration of asterisk: %w", err)
	}
	files := make(map[string][]byte, len(names))
	for _, name := range names {
		name = path.Base(name)
		var b bytes.Buffer
		if err := templates.ExecuteTemplate(&b, name, m); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
		files[name] = b.Bytes()
	}
	return files, nil
}

// Include is a line that an existing Asterisk needs.
type Include struct{ File, Line string }

// Includes returns the lines to add to an existing Asterisk's own files. Everything else that Render
// writes is then for comparison only.
func Includes() []Include {
	return []Include{
		{"ari.conf", "#include accueil_ari.conf"},
		{"extensions.conf", "#include accueil_extensions.conf"},
		{"musiconhold.conf", "#include accueil_musiconhold.conf"},
		{"pjsip.conf", "#include accueil_pjsip.conf"},
	}
}

// unsafe reports a text that could end a line of configuration or begin another meaning in it.
func unsafe(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) || strings.ContainsAny(s, `,;"'&|()[]{}$`)
}

// value writes a text into a configuration file: a semicolon begins a comment unless escaped. The
// loader has refused line ends and control characters.
func value(s string) (string, error) {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) || strings.TrimSpace(s) != s {
		return "", fmt.Errorf("a value with control characters or spaces around it cannot be written")
	}
	return strings.ReplaceAll(s, ";", `\;`), nil
}
