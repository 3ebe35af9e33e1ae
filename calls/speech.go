package calls

import (
	"slices"
	"time"

	"accueil/acd"
)

// say speaks to the caller, after what is being said already, and posts the sound that follows in
// the same breath. It reports false when nothing of it can be spoken.
func (m *machine) say(prompts []acd.Prompt, follow string) bool {
	media, length, err := m.env.voice.Media(m.tongue(), prompts)
	if err != nil || len(media) == 0 {
		m.music(&m.caller, follow)
		return false
	}
	if !m.caller.speaking() {
		m.arm(tPlay, playGrace)
	}
	id := m.id("p")
	m.caller.plays = append(m.caller.plays, id)
	m.do(doPlay{Channel: m.caller.id, Playback: id, Media: media})
	m.caller.music = follow
	m.do(doMusic{m.caller.id, follow})
	m.deadlines[tPlay] = m.deadlines[tPlay].Add(length)
	return true
}

// tongue is the language as the caller is spoken to.
func (m *machine) tongue() acd.Lang {
	if m.slow || m.kind == acd.CallerRelay {
		return m.lang.Slowly()
	}
	return m.lang
}

// sayTo speaks to the other side, which hears nothing else meanwhile.
func (m *machine) sayTo(p *party, lang acd.Lang, prompts []acd.Prompt, name bool) (time.Duration, bool) {
	media, length, err := m.env.voice.Media(lang, prompts)
	if err != nil || len(media) == 0 {
		return 0, false
	}
	id := m.id("p")
	p.plays = append(p.plays, id)
	m.do(doPlay{Channel: p.id, Playback: id, Media: media, NameFirst: name, Lang: lang})
	return length, true
}

// hush stops what is being spoken to the party; its end is then not news.
func (m *machine) hush(p *party) {
	for _, id := range p.plays {
		m.do(doStopPlay{id})
	}
	p.plays = nil
	if p == &m.caller {
		m.disarm(tPlay)
	}
}

func (m *machine) music(p *party, class string) {
	if p.music != class {
		p.music = class
		m.do(doMusic{p.id, class})
	}
}

func (m *machine) quiet(p *party) {
	m.hush(p)
	if p.music != "" {
		m.do(doStopMusic{p.id})
		p.music = ""
	}
}

// follow is the sound under which the caller waits in this phase.
func (m *machine) follow() string {
	switch m.phase {
	case inMenu, inMessage, surveying:
		return MusicSoft
	}
	return MusicWaiting
}

func (m *machine) played(ev evPlayed) {
	for _, p := range []*party{&m.caller, &m.agent, &m.third} {
		i := slices.Index(p.plays, ev.Playback)
		if i < 0 {
			continue
		}
		p.plays = slices.Delete(p.plays, i, i+1)
		if p.speaking() {
			return
		}
		switch p {
		case &m.caller:
			m.disarm(tPlay)
			if m.netLate {
				m.rearm()
			}
			if ev.Failed {
				m.arm(tFault, faultGrace)
				return
			}
			m.spoken()
		case &m.agent:
			m.agentSpoken()
		}
		return
	}
}
