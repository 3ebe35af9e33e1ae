package app

import (
	"reflect"

	"accueil/site"
	"accueil/wording"
)

// withoutTLS is what Asterisk's configuration is written from.
func withoutTLS(l site.Listen) site.Listen {
	l.TLS = site.TLS{}
	return l
}

// needsRestart tells which keys of the site file differ from those that this process was started with and
// cannot take over: at each reload anew, until it is done.
func needsRestart(old, now *site.Site) []*wording.Text {
	var notes []*wording.Text
	for _, c := range []struct {
		key      string
		old, now any
	}{
		{"site", old.ID, now.ID}, {"node", old.Node, now.Node}, {"listen.http", old.Listen.HTTP, now.Listen.HTTP},
		{"asterisk", old.Asterisk, now.Asterisk}, {"redis", old.Redis, now.Redis}, {"data_dir", old.DataDir, now.DataDir},
		{"listen.tls (given or not)", old.Listen.TLS.Given(), now.Listen.TLS.Given()},
		{"timezone", old.Timezone, now.Timezone}, {"api.tokens_file", old.API.TokensFile, now.API.TokensFile},
		{"callers.key_file", old.Callers.Key, now.Callers.Key}, {"history", old.History, now.History},
		{"voicemail.key_file", old.Voicemail.KeyFile, now.Voicemail.KeyFile}, {"voicemail.keep", old.Voicemail.Keep, now.Voicemail.Keep},
	} {
		if !reflect.DeepEqual(c.old, c.now) {
			notes = append(notes, wording.Say("%s has changed: restart the controller for it (calls go on meanwhile)", c.key))
		}
	}
	return notes
}

// needsAsterisk tells that Asterisk's configuration has to be written again.
func needsAsterisk(old, now *site.Site) []*wording.Text {
	if !reflect.DeepEqual(old.Phones, now.Phones) || !reflect.DeepEqual(old.Trunks, now.Trunks) || !reflect.DeepEqual(old.Entries, now.Entries) ||
		!reflect.DeepEqual(old.Fallback, now.Fallback) || !reflect.DeepEqual(withoutTLS(old.Listen), withoutTLS(now.Listen)) {
		return []*wording.Text{wording.Say("phones, trunks, entries, listen or fallback have changed: write Asterisk's configuration again (accueil asterisk-config DIR) and reload it")}
	}
	return nil
}
