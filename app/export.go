package app

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"

	"accueil/ivr/prompts"
)

// ExportPrompts lists every spoken text with its length, to be recorded.
func ExportPrompts(ctx context.Context, path string, asJSON bool, out io.Writer, progress func(step string, done, total int)) error {
	c, err := assembled(path)
	if err != nil {
		return err
	}
	if _, err := c.speak(ctx, systemSounds(), func(done, total int) { progress("prompts", done, total) }); err != nil {
		return err
	}
	defer c.voice.Close()
	rows := prompts.ExportList(c.voice, c.program.Texts())
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	}
	w := csv.NewWriter(out)
	w.Comma = ';'
	_ = w.Write([]string{"language", "id", "seconds", "recorded", "text"})
	for _, r := range rows {
		_ = w.Write([]string{string(r.Lang), r.ID, fmt.Sprintf("%.1f", r.Seconds), fmt.Sprint(r.Recorded), r.Text})
	}
	w.Flush()
	return w.Error()
}
