package main

import (
	"errors"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"accueil/app"
)

func tryCommand() *cobra.Command {
	o := app.TryOptions{}
	cmd := &cobra.Command{
		Use:   "try SITE ENTRY",
		Short: "Walk through a menu in the terminal, as a caller would",
		Long: `Plays a call to the number ENTRY through the site's scenarios: prints what the caller hears and what
becomes of him, and reads his keys, a line each; an empty line is silence. It is the machine that serves
real callers, without a telephone, Asterisk or Redis.

--keys presses keys in advance and asks nothing: 0-9 * #, . for silence, a when an agent answers, m when
the queue gives up, h to hang up. It prints where that leads. Speaks French or English, as --words or
LANG says.`,
		Example: `  accueil try deploy/demo/site.yaml 3000 --at '2026-07-14 10:00'
  accueil try site.yaml 3000 --keys 12a
  accueil try site.yaml 3000 --full --keys 1,2 --json`,
		Args: args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, a []string) error {
			o.Site, o.Entry, o.Now = a[0], a[1], time.Now()
			o.Scripted = cmd.Flags().Changed("keys") || o.JSON
			switch {
			case o.Full && o.Unstaffed:
				return usageError{errors.New("queues are either --full or --unstaffed")}
			case !slices.Contains([]string{"", "accepted", "no_answer", "busy"}, o.Extension):
				return usageError{errors.New("--extension is accepted, no_answer or busy")}
			}
			var err error
			if o.Words, err = readersLanguage(o.Words, os.Getenv); err != nil {
				return usageError{err}
			}
			return app.Try(o, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.At, "at", "", `when the call comes, in the site's time: "2026-07-14 10:00" (now)`)
	f.StringVar(&o.Lang, "lang", "", "the caller's language (the entry's)")
	f.BoolVar(&o.Closed, "closed", false, "the entry is closed exceptionally")
	f.BoolVar(&o.Full, "full", false, "every queue is full")
	f.BoolVar(&o.Unstaffed, "unstaffed", false, "nobody is at work")
	f.StringVar(&o.Extension, "extension", "", "how an extension ends that rings: accepted, no_answer, busy")
	f.StringVar(&o.Caller, "caller", "", "who calls: patient, relative, professional, internal, relay (unknown)")
	f.StringSliceVar(&o.Announce, "announce", nil, "announcements that are switched on")
	f.StringVar(&o.Lookup, "lookup", "", "what lookups answer: found, unknown, error (error)")
	f.IntVar(&o.Position, "position", 0, "place of who waits (not known)")
	f.DurationVar(&o.Wait, "expected-wait", 0, "how long he is expected to wait (not known)")
	f.StringVar(&o.Keys, "keys", "", "press these and ask nothing")
	f.StringVar(&o.Words, "words", "", "fr or en: the language to talk in (from LANG)")
	f.BoolVar(&o.JSON, "json", false, "print JSON, and ask nothing")
	return cmd
}
