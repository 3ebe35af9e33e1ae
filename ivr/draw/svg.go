package draw

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"accueil/ivr"
)

// style colours the picture in both schemes, and for paper.
const style = `
svg{font:12px system-ui,sans-serif;background:#fff;color:#1b1f24}
.box{fill:#f3f5f7;stroke:#66707a}.menu .box,.hours .box,.language .box,.if .box,.lookup .box,.collect .box,.consent .box{fill:#e7f0fb;stroke:#2f6db5}
.queue .box,.transfer .box,.callback .box,.voicemail .box{fill:#e5f5ea;stroke:#2c7a47}.hangup .box{fill:#fbeceb;stroke:#b0413a}.start .box{fill:#1b1f24;stroke:#1b1f24}
.title{font-weight:600;fill:#1b1f24}.verb{fill:#4d5761}.text{fill:#1b1f24}.start .title,.start .text{fill:#fff}
.way{fill:none;stroke:#66707a;stroke-width:1.4}.arrow{fill:#66707a}
.chip rect{fill:#fff;stroke:#66707a}.chip text{fill:#1b1f24;text-anchor:middle}.back rect{stroke-dasharray:3 3}
@media (prefers-color-scheme:dark){svg{background:#15181c;color:#e8ebee}
.box{fill:#23282e;stroke:#8d98a3}.menu .box,.hours .box,.language .box,.if .box,.lookup .box,.collect .box,.consent .box{fill:#1c2d42;stroke:#6aa5e6}
.queue .box,.transfer .box,.callback .box,.voicemail .box{fill:#183323;stroke:#5fbf82}.hangup .box{fill:#3d2221;stroke:#e0857e}.start .box{fill:#e8ebee;stroke:#e8ebee}
.title,.text{fill:#e8ebee}.verb{fill:#aab4be}.start .title,.start .text{fill:#15181c}.way{stroke:#8d98a3}.arrow{fill:#8d98a3}
.chip rect{fill:#15181c;stroke:#8d98a3}.chip text{fill:#e8ebee}}
@media print{svg{background:none}}`

// SVG draws the graph. The result stands alone: nothing is loaded.
func SVG(g ivr.Graph, w Words) []byte {
	l := place(g, w)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" lang="%s" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="title desc">`+"\n",
		html.EscapeString(string(w.Lang)), l.w, l.h, l.w, l.h)
	fmt.Fprintf(&b, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n<style>%s\n</style>\n",
		escape(fmt.Sprintf(w.word("title"), g.Scenario)), escape(w.word("desc")), style)
	b.WriteString(`<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="arrow" d="M0 0L8 4L0 8z"/></marker></defs>` + "\n")
	for _, a := range l.lines {
		fmt.Fprintf(&b, `<path class="way" marker-end="url(#arrow)" d="%s"/>`+"\n", curve(a.points))
	}
	for _, x := range l.boxes {
		round := 4
		if x.verb == "hangup" || x.verb == "start" {
			round = 14
		}
		fmt.Fprintf(&b, `<g class="%s"><rect class="box" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%d"/>`, escape(x.verb), x.x, x.y, x.w, x.h, round)
		y := x.y + padding + 11
		fmt.Fprintf(&b, `<text class="title" x="%.1f" y="%.1f">%s</text>`, x.x+padding, y, escape(x.title))
		if x.verb != "start" {
			fmt.Fprintf(&b, `<text class="verb" x="%.1f" y="%.1f" text-anchor="end">%s</text>`, x.x+x.w-padding, y, escape(w.word(x.verb)))
		}
		for _, text := range x.lines {
			y += lineHeight
			fmt.Fprintf(&b, `<text class="text" x="%.1f" y="%.1f">%s</text>`, x.x+padding, y, escape(text))
		}
		b.WriteString("</g>\n")
	}
	for _, c := range l.chips {
		class := "chip"
		if c.back {
			class = "chip back"
		}
		fmt.Fprintf(&b, `<g class="%s"><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="9"/><text x="%.1f" y="%.1f">%s</text></g>`+"\n",
			class, c.x, c.y, c.w, c.h, c.x+c.w/2, c.y+14, escape(c.text))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func escape(s string) string { return html.EscapeString(s) }

// curve leads through the points, straight down at each of them.
func curve(ps []point) string {
	var b strings.Builder
	fmt.Fprintf(&b, "M%.1f %.1f", ps[0].x, ps[0].y)
	for i := 1; i < len(ps); i++ {
		p, q := ps[i-1], ps[i]
		bend := (q.y - p.y) / 2
		fmt.Fprintf(&b, "C%.1f %.1f %.1f %.1f %.1f %.1f", p.x, p.y+bend, q.x, q.y-bend, q.x, q.y)
	}
	return b.String()
}
