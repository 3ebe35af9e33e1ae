package web

import (
	"strings"
	"testing"

	"accueil/acd"
)

// An announcement is switched by supervisors, shows with where and until when, is over by itself, and is
// no entry.
func TestAnnouncements(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	until := h.now.Add(3_600_000_000_000)
	h.do(acd.KindAnnouncement, func(tx *acd.Tx) error {
		tx.Announce("crise", true, []acd.EntryID{"3000"}, until, "chef")
		return nil
	})
	var all []AnnouncementView
	h.get("/v1/announcements", "tok-agent-a01").decode(t, &all)
	if len(all) != 2 || !all[0].On || all[0].By != "chef" || len(all[0].Entries) != 1 || all[0].Until == "" || all[1].On || all[1].Since != "" {
		t.Errorf("%+v", all)
	}
	var entries []EntryView
	if h.get("/v1/entries", "tok-admin").decode(t, &entries); len(entries) != 2 {
		t.Errorf("an announcement among the entries: %+v", entries)
	}
	snapshot := (&event{entry: h.view.Image(), plan: plan(), now: h.now}).view(Account{Role: RoleSupervisor})
	if len(snapshot.Announcements) != 1 || !snapshot.Announcements[0].On || len(snapshot.Entries) != 0 {
		t.Errorf("on the stream: %+v", snapshot)
	}
	if late := (&event{entry: h.view.Image(), plan: plan(), now: until}).view(Account{Role: RoleSupervisor}); late.Announcements[0].On {
		t.Errorf("after its end: %+v", late)
	}
	for body, want := range map[string]string{
		`{"on":true}`: "announcement greve true at [] until 0 by ",
		`{"on":true,"entries":["3001","3000","3001"]}`: "announcement greve true at [3000 3001] until 0 by ",
		`{"on":false}`: "announcement greve false at [] until 0 by ",
		`{"on":true,"until":"2099-01-01T00:00:00+01:00"}`: "announcement greve true at [] until 4070905200000 by ",
	} {
		if got := h.request("PUT", "/v1/announcements/greve", "tok-supervisor", body); got.status != 204 {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		} else if asked := h.lastAsked(); !strings.HasPrefix(asked, want) {
			t.Errorf("%s: asked %q, want %q", body, asked, want)
		}
	}
	for _, c := range []struct {
		id, token, body string
		status          int
	}{
		{"nulle", "tok-supervisor", `{"on":true}`, 404}, {"crise", "tok-agent-a01", `{"on":true}`, 403},
		{"crise", "tok-supervisor", `{"on":true,"entries":["9"]}`, 422}, {"crise", "tok-supervisor", `{"on":true,"until":"2001-01-01T00:00:00Z"}`, 422},
		{"crise", "tok-supervisor", `{"on":true,"until":"soon"}`, 422}, {"crise", "tok-supervisor", `{}`, 422},
	} {
		if got := h.request("PUT", "/v1/announcements/"+c.id, c.token, c.body); got.status != c.status {
			t.Errorf("%+v: %d %s", c, got.status, got.body)
		}
	}
}
