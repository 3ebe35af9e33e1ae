package main

import (
	"fmt"
	"strings"
)

const barWidth = 30

// show tells how far a step is. Steps that are done at once are not shown.
func (p *progressBar) show(step string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if total <= 0 {
		return
	}
	tenth := done * 10 / total
	switch {
	case p.terminal:
		full := done * barWidth / total
		fmt.Fprintf(p.w, "\r%s [%s%s] %d/%d", step, strings.Repeat("#", full), strings.Repeat(" ", barWidth-full), done, total)
		if done == total {
			fmt.Fprint(p.w, "\n")
		}
	case tenth != p.tenth:
		fmt.Fprintf(p.w, "%s: %d of %d\n", step, done, total)
	}
	p.tenth = tenth
}
