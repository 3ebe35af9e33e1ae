package main

import "testing"

// Where nothing says which language, programs read what check prints, and people what init asks.
func TestFindingsLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ command, asked, lang, want string }{
		{"check", "", "", "en"}, {"check", "", "C.UTF-8", "en"}, {"check", "", "fr_FR.UTF-8", "fr"}, {"check", "fr", "en_GB", "fr"}, {"check", "en", "fr_FR", "en"},
		{"serve", "", "fr_FR", "fr"}, {"init", "", "C", "fr"}, {"init", "", "en_US", "en"}, {"check", "de", "", ""},
	} {
		root := newRoot()
		cmd, _, err := root.Find([]string{c.command})
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.ParseFlags([]string{"--lang=" + c.asked}); err != nil {
			t.Fatal(err)
		}
		got, err := findingsLanguage(cmd, func(name string) string { return map[string]string{"LANG": c.lang}[name] })
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}
