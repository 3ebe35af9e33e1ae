package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/app/vault"
)

// Prompts of messages, each a tone of its own.
const (
	saysSpeak   = 60
	saysLeft    = 62
	saysAgain   = 64
	saysThanks  = 66
	saysUnheard = 68
	saysNothing = 70
)

const messageScenario = `version: 1
start: message
emergency_message: false
nodes:
  message:
    voicemail: {prompt: {fr: "Laissez un message, il sera enregistré.", en: "Leave a message, it will be recorded."}, version: "2026-11", reason: essai, max: 20s, min: 1s, silence: 3s}
`

// messages is a site with entry 3300, which takes messages, and 3301, whose queue keeps nobody longer than
// two seconds and then does.
func messages(t *testing.T) Options {
	return with(also(quick(), "court", "3301", "max_wait: 2s", "when_unstaffed: wait", "fallback: {goto: message}", `steps: [{require: "imagerie >= 9"}]`),
		map[string]string{"messagerie.yaml": messageScenario, "court.yaml": strings.Replace(messageScenario, "start: message", "start: file", 1) + "  file: {queue: court}\n"},
		append(recorded(t, map[string]int{"messagerie.message": saysSpeak, "court.message": saysSpeak, "sys.voicemail_kept": saysLeft, "sys.voicemail_again": saysAgain,
			"sys.voicemail_thanks": saysThanks, "sys.voicemail_unheard": saysUnheard, "sys.voicemail_none": saysNothing, "sys.emergency_instruction": saysInstruct,
			"sys.operator": saysOperator}),
			"\nentries:\n", "\nentries:\n  \"3300\": {trunk: operateur, scenario: messagerie}\n",
			"\ntrunks:\n", "\nvoicemail: {transcript_command: [wc, -c]}\ntrunks:\n")...)
}

// recording waits until the caller, silent, is being recorded, and returns his voice.
func (s *chapter) recording(ctx context.Context, p patient) float64 {
	s.t.Helper()
	voice := p.Tone()
	p.SendSilence()
	heard(ctx, s.t, p, saysSpeak)
	unheard(ctx, s.t, p, saysSpeak)
	s.reaches(ctx, p, acd.LegVoicemail)
	return voice
}

// records waits until Asterisk writes down what the caller says, or has nothing of him any more.
func (s *chapter) records(ctx context.Context, p patient, on bool) {
	s.t.Helper()
	within(ctx, s.t, fmt.Sprintf("the caller is recorded: %t", on), func() (string, bool) {
		files, _ := filepath.Glob(filepath.Join(s.h.Site.Asterisk.Recordings, "*"+string(p.contact)+"*"))
		return strings.Join(files, " "), (len(files) > 0) == on
	})
}

// speaks says something for so long.
func speaks(p patient, voice float64, d time.Duration) {
	p.SendTone(voice)
	time.Sleep(d)
	p.SendSilence()
}

// opened decrypts a recording; "" is none.
func opened(t *testing.T, h *Hospital, id string) []byte {
	t.Helper()
	box := must[*vault.Folder](t)(vault.OpenFolder(filepath.Join(h.Site.DataDir, "voicemail"), h.Site.Voicemail.KeyFile))
	if id == "" {
		t.Fatal("the leg names no recording")
	}
	return must[[]byte](t)(box.Get(id))
}

// says checks that the recording holds the voice for about so long, and nothing else that is as loud.
func says(t *testing.T, h *Hospital, id string, voice float64, want time.Duration) {
	t.Helper()
	file := opened(t, h, id)
	const rate, window = 8000, 400
	var with, other int
	for at := 44; at+2*window <= len(file); at += 2 * window {
		var re, im, all float64
		for i := range window {
			v := float64(int16(uint16(file[at+2*i]) | uint16(file[at+2*i+1])<<8))
			a := 2 * math.Pi * voice * float64(i) / rate
			re, im, all = re+v*math.Cos(a), im+v*math.Sin(a), all+v*v
		}
		switch tone := 2 * (re*re + im*im) / window; {
		case all/window < 300*300:
		case tone > 0.7*all:
			with++
		default:
			other++
		}
	}
	got := time.Duration(with) * window * time.Second / rate
	if (got-want).Abs() > 500*time.Millisecond || other > 2 {
		t.Errorf("the voice is in it for %v, want %v; %d windows of %d sound otherwise; %d bytes", got, want, other, with, len(file))
	}
}

// nothingRecorded checks that neither Asterisk nor we keep anything of the contact.
func nothingRecorded(ctx context.Context, t *testing.T, h *Hospital, c acd.ContactID) {
	t.Helper()
	within(ctx, t, "nothing is left of the recording", func() (string, bool) {
		var left []string
		for _, pattern := range []string{filepath.Join(h.Site.Asterisk.Recordings, "*"+string(c)+"*"), filepath.Join(h.Site.DataDir, "voicemail", "*"+string(c)+"*")} {
			found, _ := filepath.Glob(pattern)
			left = append(left, found...)
		}
		return strings.Join(left, ", "), len(left) == 0
	})
}

// inTheClear checks that Asterisk's folder holds nothing of the contact.
func inTheClear(t *testing.T, h *Hospital, c acd.ContactID) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(h.Site.Asterisk.Recordings, "*"+string(c)+"*")); len(left) > 0 {
		t.Errorf("in the clear: %v", left)
	}
}

// TestMessages leaves messages over real RTP, and looks at what was kept of them.
func TestMessages(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, messages(t))
	for name, life := range map[string]func(c *chapter){
		"# and kept": func(c *chapter) {
			p := c.patient(ctx, "3300")
			voice := c.recording(ctx, p)
			speaks(p, voice, 3*time.Second)
			press(ctx, c.t, p.Call, "#")
			heard(ctx, c.t, p, saysLeft)
			heard(ctx, c.t, p, saysAgain)
			press(ctx, c.t, p.Call, "1")
			heard(ctx, c.t, p, saysThanks)
			l := image(c.ends(ctx, p, acd.Voicemail, acd.LegVoicemail, ""), p.contact)
			gone(ctx, c.t, "the caller", p.Call)
			if l.Reason != "essai" || l.Arrived == 0 || !strings.Contains(strings.Join(l.Path, " "), "voicemail=announced@2026-11") {
				c.t.Errorf("left as %+v", l)
			}
			says(c.t, s.h, l.Recording, voice, 3*time.Second)
			inTheClear(c.t, s.h, p.contact)
			isOwed(ctx, c.t, s.h, l)
		},
		"hang-up": func(c *chapter) {
			p := c.patient(ctx, "3300")
			voice := c.recording(ctx, p)
			speaks(p, voice, 2*time.Second)
			c.hangup(ctx, p.Call)
			l := image(c.ends(ctx, p, acd.Voicemail, acd.LegVoicemail, ""), p.contact)
			says(c.t, s.h, l.Recording, voice, 2*time.Second)
			inTheClear(c.t, s.h, p.contact)
		},
		"silence, then said again": func(c *chapter) {
			p := c.patient(ctx, "3300")
			voice := c.recording(ctx, p)
			speaks(p, voice, 1500*time.Millisecond)
			heard(ctx, c.t, p, saysAgain) // three seconds of silence ended it
			c.records(ctx, p, false)      // it is put away
			press(ctx, c.t, p.Call, "2")
			c.records(ctx, p, true)
			speaks(p, voice, 3*time.Second)
			press(ctx, c.t, p.Call, "#")
			heard(ctx, c.t, p, saysAgain)
			c.hangup(ctx, p.Call)
			l := image(c.ends(ctx, p, acd.Voicemail, acd.LegVoicemail, ""), p.contact)
			says(c.t, s.h, l.Recording, voice, 3*time.Second)
			within(ctx, c.t, "the first one is erased", func() (string, bool) {
				files, _ := filepath.Glob(filepath.Join(s.h.Site.DataDir, "voicemail", "*"+string(p.contact)+"*"))
				return strings.Join(files, " "), len(files) == 1
			})
		},
		"nothing said": func(c *chapter) {
			p := c.patient(ctx, "3300")
			c.recording(ctx, p)
			heard(ctx, c.t, p, saysUnheard)
			heard(ctx, c.t, p, saysNothing)
			l := image(c.ends(ctx, p, acd.Abandoned, acd.LegVoicemail, "no_message"), p.contact)
			if l.Recording != "" {
				c.t.Errorf("a recording of nothing: %s", l.Recording)
			}
			nothingRecorded(ctx, c.t, s.h, p.contact)
		},
		"9 in the recording": func(c *chapter) {
			p := c.patient(ctx, "3300")
			voice := c.recording(ctx, p)
			speaks(p, voice, 2*time.Second)
			instructed(ctx, c.t, p)
			c.hangup(ctx, p.Call)
			l := image(c.ends(ctx, p, acd.Emergency, acd.LegVoicemail, "key_9"), p.contact)
			says(c.t, s.h, l.Recording, voice, 2*time.Second) // what he said before is not lost
		},
		"0 in the recording": func(c *chapter) {
			p := c.patient(ctx, "3300")
			voice := c.recording(ctx, p)
			speaks(p, voice, 2*time.Second)
			press(ctx, c.t, p.Call, "0")
			heard(ctx, c.t, p, saysOperator)
			l := c.reaches(ctx, p, acd.LegQueued)
			if l.Queue != "accueil" || l.Recording != "" {
				c.t.Errorf("queued as %+v", l)
			}
			c.hangup(ctx, p.Call)
			c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
			nothingRecorded(ctx, c.t, s.h, p.contact)
		},
		"after too long a wait": func(c *chapter) {
			p := c.queued(ctx, "3301")
			queued := c.leg(p)
			voice := c.recording(ctx, p)
			speaks(p, voice, 2*time.Second)
			c.hangup(ctx, p.Call)
			l := image(c.ends(ctx, p, acd.Voicemail, acd.LegVoicemail, "max_wait"), p.contact)
			if l.Enqueued != queued.Enqueued || l.Queue != "court" || l.FirstQueue != "court" || l.Reason != "court" {
				c.t.Errorf("his age or queue is lost: %+v, was %+v", l, queued)
			}
			says(c.t, s.h, l.Recording, voice, 2*time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) { life(s.in(t)) }) // one after the other: who waits for his turn here has used up the hospital's time
	}
	nothingLeft(ctx, t, s.h)
}

// isOwed checks that the message is a task with its age, its sound and what was written down of it.
func isOwed(ctx context.Context, t *testing.T, h *Hospital, l acd.Leg) {
	t.Helper()
	type task struct {
		Task, Contact, Kind, Queue, Reason string
		Person                             struct{ Number, Text string }
	}
	var mine task
	within(ctx, t, "the message is a task", func() (string, bool) {
		var list struct{ Tasks []task }
		get(ctx, t, h, "/v1/tasks?kind=voicemail", &list)
		for _, x := range list.Tasks {
			if x.Contact == string(l.ID.Contact()) {
				mine = x
			}
		}
		return fmt.Sprint(len(list.Tasks)), mine.Task != ""
	})
	if mine.Queue != "essai" || mine.Reason != "essai" {
		t.Errorf("owed as %+v", mine)
	}
	status, sound, err := h.Request(ctx, "GET", "/v1/tasks/"+mine.Task+"/recording", nil)
	if err != nil || status != http.StatusOK || !bytes.Equal(sound, opened(t, h, l.Recording)) {
		t.Errorf("%d, %d bytes, %v", status, len(sound), err)
	}
	within(ctx, t, "the message is written down", func() (string, bool) {
		var one task
		get(ctx, t, h, "/v1/tasks/"+mine.Task, &one)
		return one.Person.Text, one.Person.Text == fmt.Sprint(len(sound)) && one.Person.Number != ""
	})
}

// TestMessageWithoutRoom: a recording that cannot be kept is no dead end.
func TestMessageWithoutRoom(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, messages(t))
	c := s.in(t)
	if err := os.RemoveAll(s.h.Site.Asterisk.Recordings); err != nil {
		t.Fatal(err)
	}
	p := c.patient(ctx, "3300")
	p.SendSilence()
	heard(ctx, t, p, saysSpeak)
	heard(ctx, t, p, saysOperator)
	l := c.reaches(ctx, p, acd.LegQueued)
	if l.Queue != "accueil" {
		t.Errorf("queued in %s", l.Queue)
	}
	neverSilent(t, p)
	c.hangup(ctx, p.Call)
	c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
}

// TestMessageKilled kills the controller while callers are recorded: one goes on speaking, one hangs up
// meanwhile; both have left a message.
func TestMessageKilled(t *testing.T) {
	t.Parallel()
	o := messages(t)
	o.Binary = builtBinary(t)
	ctx, s := tell(t, o)
	c := s.in(t)
	stays := c.patient(ctx, "3300")
	stays.SendTone(c.recording(ctx, stays))
	leaves := c.patient(ctx, "3300")
	leaves.SendTone(c.recording(ctx, leaves))
	time.Sleep(2 * time.Second)
	leaves.SendSilence()
	s.h.Kill()
	c.hangup(ctx, leaves.Call)
	time.Sleep(time.Second)
	if err := s.h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	stays.SendSilence()
	press(ctx, t, stays.Call, "#")
	heard(ctx, t, stays, saysLeft)
	c.hangup(ctx, stays.Call)
	for _, x := range []struct {
		patient
		said time.Duration
	}{{stays, 3 * time.Second}, {leaves, 2 * time.Second}} {
		l := c.reaches(ctx, x.patient, acd.LegEnded)
		if l.End.Outcome != acd.Voicemail {
			t.Fatalf("ended as %+v", l.End)
		}
		// How long it took to come back is not ours to know exactly.
		if file := opened(t, s.h, l.Recording); time.Duration(len(file)-44)*time.Second/16000 < x.said {
			t.Errorf("%d bytes for %v", len(file), x.said)
		}
		inTheClear(t, s.h, x.contact)
	}
	nothingLeft(ctx, t, s.h)
}

// TestAudioOfNobody: a recording of which no log knows is kept sealed, not left in the clear.
func TestAudioOfNobody(t *testing.T) {
	t.Parallel()
	ctx, h := hospital(t, messages(t))
	h.StopApp()
	const id = "acc.0192aaaa-0000-7000-8000-000000000001.rx1"
	path := filepath.Join(h.Site.Asterisk.Recordings, id+".wav")
	if err := os.WriteFile(path, make([]byte, 20), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	within(ctx, t, "it is put away", func() (string, bool) {
		_, err := os.Stat(path)
		return path, errors.Is(err, os.ErrNotExist)
	})
	if got := opened(t, h, id); len(got) != 20 {
		t.Errorf("%d bytes", len(got))
	}
}
