package prompts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr"
	"accueil/wording"
)

// pipeline is raised when the conversion changes, so that old files are made anew.
const pipeline = "1"

// Options says where speech comes from and goes to.
type Options struct {
	// Command reads a text on standard input and writes a WAV file to standard output; DefaultCommand
	// when empty.
	Command []string
	// Voices names the voice for each language; the language's code when absent.
	Voices map[acd.Lang]string
	Rate   int // words a minute; DefaultRate when 0
	// SlowRate is the speed for who needs time to follow (acd.Lang.Slowly); 0 makes no such sounds. What
	// is recorded is recorded once more for it, <lang>-slow/<id>.wav, or played as it is.
	SlowRate int
	// Languages to speak, the first being the one for unknown languages.
	Languages []acd.Lang
	// Cache is the folder of produced sounds.
	Cache string
	// Recorded is the folder of the site's recordings, <lang>/<id>.wav; none when empty.
	Recorded string
	// Sounds lists folders of the distribution's recordings (<folder>/<lang>/digits/7.wav).
	Sounds []string
	// Memory is where names are spoken to; shared memory when empty.
	Memory string
	// Workers bounds how many commands run at once; 2 when 0.
	Workers int
	// Progress is told how many of all sounds are there, from one goroutine at a time; may be nil.
	Progress func(done, total int)
}

// job is one sound to have.
type job struct {
	lang  acd.Lang
	id    string
	text  string   // empty: only a recording can give it
	files []string // the recording, perhaps in pieces; none: speech
	tone  func() sound
}

// Build makes every sound that is missing and returns the voice. Findings are about recordings; a
// bad one forbids nothing when its text can be spoken instead. The error is about the rest: a
// command that cannot run, a folder that cannot be written. Cancelling ctx stops it between sounds;
// what is made stays.
func Build(ctx context.Context, o Options, texts []ivr.Text) (*Voice, diag.Findings, error) {
	if len(o.Languages) == 0 {
		return nil, nil, errors.New("build prompts: no language given")
	}
	cache, err := filepath.Abs(o.Cache)
	if err != nil {
		return nil, nil, fmt.Errorf("build prompts: %w", err)
	}
	first := o.Languages[0]
	if o.SlowRate > 0 {
		o.Languages, texts = alsoSlowly(o.Languages, texts)
	}
	b := builder{options: o, cache: cache, engine: newEngine(ctx, o)}
	jobs := b.jobs(texts)
	for _, lang := range o.Languages {
		if err := os.MkdirAll(filepath.Join(cache, string(lang)), 0o755); err != nil {
			return nil, nil, fmt.Errorf("build prompts: %w", err)
		}
	}
	clips, err := b.run(ctx, jobs)
	if err != nil {
		return nil, b.findings.Sorted(), err
	}
	memory, err := memoryDir(o.Memory)
	if err != nil {
		return nil, b.findings.Sorted(), err
	}
	return &Voice{engine: b.engine, clips: clips, first: first, memory: memory, spoken: map[string]bool{}}, b.findings.Sorted(), nil
}

// alsoSlowly adds each language as it is spoken slowly.
func alsoSlowly(langs []acd.Lang, texts []ivr.Text) ([]acd.Lang, []ivr.Text) {
	allLangs, allTexts := slices.Clone(langs), slices.Clone(texts)
	for _, l := range langs {
		allLangs = append(allLangs, l.Slowly())
	}
	for _, t := range texts {
		allTexts = append(allTexts, ivr.Text{ID: t.ID, Lang: t.Lang.Slowly(), Text: t.Text})
	}
	return allLangs, allTexts
}

type builder struct {
	options Options
	cache   string
	engine  *engine

	mu       sync.Mutex // guards what follows
	findings diag.Findings
	done     int
}

// jobs lists what to have, each once: texts, numbers, tones, and recordings that no text names.
func (b *builder) jobs(texts []ivr.Text) []job {
	byKey := map[[2]string]*job{}
	add := func(j job) {
		if slices.Contains(b.options.Languages, j.lang) {
			byKey[[2]string{string(j.lang), j.id}] = &j
		}
	}
	for _, t := range texts {
		add(job{lang: t.Lang, id: t.ID, text: t.Text})
	}
	for _, lang := range b.options.Languages {
		for id, text := range numberTexts(lang) {
			add(job{lang: lang, id: id, text: text, files: b.distribution(lang, id)})
		}
		add(job{lang: lang, id: "sys.beep", tone: beep})
	}
	recorded := map[*job]bool{}
	for _, r := range b.recordings() {
		if j := byKey[[2]string{string(r.lang), r.id}]; j != nil {
			j.files = r.files
			recorded[j] = true
		} else {
			add(r)
		}
	}
	for key, j := range byKey { // what is recorded at its usual speed only is played so (Voice.Media)
		if j.lang.Slow() && len(j.files) == 0 && recorded[byKey[[2]string{string(j.lang.Plain()), key[1]}]] {
			delete(byKey, key)
		}
	}
	jobs := make([]job, 0, len(byKey))
	for _, j := range byKey {
		jobs = append(jobs, *j)
	}
	slices.SortFunc(jobs, func(a, b job) int { return cmp.Or(cmp.Compare(a.lang, b.lang), cmp.Compare(a.id, b.id)) })
	return jobs
}

// run makes all sounds with a few workers; the first error stops the rest.
func (b *builder) run(ctx context.Context, jobs []job) (map[acd.Lang]map[string]clip, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	todo := make(chan int)
	made := make([]clip, len(jobs))
	var wg sync.WaitGroup
	for range max(1, cmp.Or(b.options.Workers, 2)) {
		wg.Go(func() {
			for i := range todo {
				c, err := b.make(ctx, jobs[i])
				if err != nil {
					stop(fmt.Errorf("make prompt %q in language %q: %w", jobs[i].id, jobs[i].lang, err))
					continue
				}
				made[i] = c
				b.progress(len(jobs))
			}
		})
	}
	for i := range jobs {
		select {
		case todo <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(todo)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	clips := map[acd.Lang]map[string]clip{}
	for i, j := range jobs {
		if clips[j.lang] == nil {
			clips[j.lang] = map[string]clip{}
		}
		if made[i].stem != "" {
			clips[j.lang][j.id] = made[i]
		}
	}
	return clips, nil
}

func (b *builder) progress(total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	if b.options.Progress != nil {
		b.options.Progress(b.done, total)
	}
}

// make has one sound: from the cache, the recording, or the command. A recording that is no good
// gives way to speech.
func (b *builder) make(ctx context.Context, j job) (clip, error) {
	if j.tone != nil && len(j.files) == 0 {
		return b.store(b.stem(j.lang, "tone-"+j.id+"-"+pipeline), func() (sound, error) { return j.tone(), nil })
	}
	if len(j.files) > 0 {
		c, err := b.recording(j)
		if err == nil {
			return c, nil
		}
		b.complain(j.files[0], wording.Of(err))
		if j.text == "" && j.tone == nil {
			return clip{}, nil
		}
		j.files = nil
		return b.make(ctx, j)
	}
	if plain(j.text) == "" {
		return clip{}, ErrNoSpeech
	}
	return b.store(b.stem(j.lang, b.engine.key(j.lang, j.text)), func() (sound, error) { return b.engine.speak(ctx, j.lang, j.text) })
}

func (b *builder) stem(lang acd.Lang, name string) string {
	return filepath.Join(b.cache, string(lang), name)
}

// store returns what the cache has, else makes it.
func (b *builder) store(stem string, produce func() (sound, error)) (clip, error) {
	if length, ok := cached(stem); ok {
		return clip{stem: stem, length: length}, nil
	}
	s, err := produce()
	if err != nil {
		return clip{}, err
	}
	if err := writeBoth(stem, s); err != nil {
		return clip{}, err
	}
	return clip{stem: stem, length: s.length()}, nil
}

func (b *builder) complain(file string, message *wording.Text) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.findings = append(b.findings, diag.Finding{File: file, Message: message, Severity: diag.Warning,
		Suggestion: wording.Say("record it again as WAV, 16 bit, mono; until then its text is spoken by the machine")})
}

// Row is one prompt for whoever records: `accueil export prompts`.
type Row struct {
	ID       string   `json:"id"`
	Lang     acd.Lang `json:"lang"`
	Text     string   `json:"text"`
	Seconds  float64  `json:"seconds"`
	Recorded bool     `json:"recorded"`
}

// ExportList lists every text with the length it has now, sorted by language then id. Seconds are 0
// without a voice.
func ExportList(v *Voice, texts []ivr.Text) []Row {
	rows := make([]Row, 0, len(texts))
	add := func(t ivr.Text) {
		r := Row{ID: t.ID, Lang: t.Lang, Text: t.Text}
		if v != nil {
			c := v.clips[t.Lang][t.ID]
			r.Seconds, r.Recorded = c.length.Seconds(), c.recorded
		}
		rows = append(rows, r)
	}
	langs := map[acd.Lang]bool{}
	for _, t := range texts {
		add(t)
		langs[t.Lang] = true
	}
	for _, lang := range slices.Sorted(maps.Keys(langs)) {
		for id, text := range numberTexts(lang) {
			add(ivr.Text{ID: id, Lang: lang, Text: text})
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Lang, b.Lang), cmp.Compare(a.ID, b.ID)) })
	return rows
}
