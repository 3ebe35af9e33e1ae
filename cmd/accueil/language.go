package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// readersLanguage is the language to speak to the reader: the one asked for, else that of the
// environment; French unless English is meant.
func readersLanguage(asked string, env func(string) string) (string, error) {
	return language(asked, "fr", env)
}

// findingsLanguage is the language in which a command tells what is wrong: the one asked for, else that
// of the environment. Where that says neither, as on machines whose programs read it, English; but what a
// command says that speaks French then is in one language.
func findingsLanguage(cmd *cobra.Command, env func(string) string) (string, error) {
	otherwise := "en"
	if cmd.LocalNonPersistentFlags().Lookup("lang") != nil {
		otherwise = "fr"
	}
	lang, err := language(cmp.Or(flagOf(cmd, "words"), flagOf(cmd, "lang")), otherwise, env)
	if err != nil {
		return "", usageError{err}
	}
	return lang, nil
}

// language is fr or en: as asked, else as the environment says, else otherwise.
func language(asked, otherwise string, env func(string) string) (string, error) {
	switch asked {
	case "fr", "en":
		return asked, nil
	case "":
	default:
		return "", fmt.Errorf("this is told in fr or en, not in %q", asked)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := strings.ToLower(env(name)); v != "" {
			for _, known := range []string{"fr", "en"} {
				if strings.HasPrefix(v, known) {
					return known, nil
				}
			}
			break
		}
	}
	return otherwise, nil
}

func flagOf(cmd *cobra.Command, name string) string {
	if f := cmd.Flags().Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}
