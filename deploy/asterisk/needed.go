package asteriskconf

import (
	"slices"
	"strings"
)

// NeededModules lists the modules, as Asterisk names their files, without which calls do not work.
// What can be missing with a warning (StasisBroadcast, logs, echo) is not among them.
func NeededModules() []string {
	optional := append([]string{"app_echo", "app_playtones", "res_cdrel_custom", "cdr_custom", "cel_custom", "res_security_log", "func_version", "app_cdr"}, broadcast...)
	var out []string
	for _, m := range modules {
		if !slices.Contains(optional, m) && !strings.HasPrefix(m, "codec_") && !strings.HasPrefix(m, "format_") {
			out = append(out, m+".so")
		}
	}
	return out
}
