package wording_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"accueil/wording"
)

var french = wording.French(wording.FrenchForms(), wording.Forms{
	"there is no %s %q":       "il n'y a pas de %[1]s %[2]q",
	"%s is before %s: look":   "attention : %[2]s vient après %[1]s !",
	"queue":                   "file",
	"the file is closed: %v":  "le fichier est fermé : %v",
	"write %s == %q":          `écrivez %s == "%s"`,
	"the key %q":              "la touche %q",
	"%d of %d":                "%d sur %d",
	"one thing, this has %s":  "une seule chose, ici %s",
	"a caller gets there: %s": "le correspondant y arrive ainsi : %s",
	"presses %s":              "appuie sur %s",
	`with a != b ; "x" ?`:     `avec a != b ; "x" ?`,
})

func TestTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text             *wording.Text
		english, inParis string
	}{
		{wording.Say("there is no %s %q", wording.Sentence("queue"), "rdv"), `there is no queue "rdv"`, "il n'y a pas de file «\u00a0rdv\u00a0»"},
		{wording.Say("there is no %s %q", wording.Say("queue"), `a"b`), `there is no queue "a\"b"`, "il n'y a pas de file «\u00a0a\"b\u00a0»"},
		{wording.Say("%s is before %s: look", time.Hour, 90*time.Second), "1h is before 1m30s: look", "attention\u00a0: 1m30s vient après 1h\u00a0!"},
		{wording.Say("%s is before %s: look", 20*time.Minute, time.Duration(0)), "20m is before 0s: look", "attention\u00a0: 0s vient après 20m\u00a0!"},
		{wording.Say("the file is closed: %v", fmt.Errorf("%w", fs.ErrExist)), "the file is closed: file already exists", "le fichier est fermé\u00a0: file already exists"},
		{wording.Say("the file is closed: %v", wording.Reason(&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT})),
			"the file is closed: no such file or directory", "le fichier est fermé\u00a0: ce fichier ou ce dossier n'existe pas"},
		{wording.Say("write %s == %q", "lang", "en"), `write lang == "en"`, `écrivez lang == "en"`},
		{wording.Say("the key %q", '9'), "the key '9'", "la touche «\u00a09\u00a0»"},
		{wording.Say("%d of %d", 3, int64(7)), "3 of 7", "3 sur 7"},
		{wording.Say("one thing, this has %s", wording.List{"a", "b", "c"}), "one thing, this has a, b and c", "une seule chose, ici a, b et c"},
		{wording.Say("a caller gets there: %s", wording.Way{wording.Say("presses %s", "1"), wording.Verbatim("…")}), "a caller gets there: presses 1, …", "le correspondant y arrive ainsi\u00a0: appuie sur 1, …"},
		{wording.Say(`with a != b ; "x" ?`), `with a != b ; "x" ?`, "avec a != b\u00a0; \"x\"\u00a0?"},
		{wording.Say("no form of %s", "this"), "no form of this", "no form of this"},
		{wording.Verbatim("chmod o= x"), "chmod o= x", "chmod o= x"},
		{wording.Say(""), "", ""},
	} {
		if got := c.text.String(); got != c.english {
			t.Errorf("%q, want %q", got, c.english)
		}
		if got := c.text.In(french); got != c.inParis {
			t.Errorf("%q, want %q", got, c.inParis)
		}
	}
}

// An error is told in the reader's language wherever it can tell itself, and loses nothing where it cannot.
func TestTell(t *testing.T) {
	t.Parallel()
	key := wording.Say("the key %q", "0")
	wrapped := struct{ error }{key}
	for _, c := range []struct {
		err  error
		want string
	}{
		{key, "la touche «\u00a00\u00a0»"},
		{wrapped, `the key "0"`}, // says nothing of what is in it
		{fmt.Errorf("read: %w", key), `read: the key "0"`},
		{fmt.Errorf("%w", key), "la touche «\u00a00\u00a0»"},
		{errors.Join(key, errors.New("other")), "la touche «\u00a00\u00a0»\nother"},
		{errors.New("plain"), "plain"},
		{syscall.EACCES, "accès refusé"},
	} {
		if got := wording.Tell(c.err, french); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
		if got := wording.Tell(c.err, nil); got != c.err.Error() {
			t.Errorf("%v in English: %q", c.err, got)
		}
	}
	if said := wording.Say("the file is closed: %v", fs.ErrNotExist); !errors.Is(said, fs.ErrNotExist) {
		t.Error("a text hides the errors that it is made of")
	}
}

// Programs go by the sentence without its arguments.
func TestKey(t *testing.T) {
	t.Parallel()
	inner := wording.Say("the key %q", "0")
	for _, c := range []*wording.Text{inner, wording.Say("%s", inner), wording.Of(inner), wording.Say("%s", wording.Sentence("the key %q"))} {
		if got := c.Key(); got != "the key %q" {
			t.Errorf("%q", got)
		}
	}
	if got := wording.Of(errors.New("x")).Key(); got != "%s" || strings.Contains(got, "x") {
		t.Errorf("%q", got)
	}
}
