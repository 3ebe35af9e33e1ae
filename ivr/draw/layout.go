package draw

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"accueil/ivr"
)

// Measures of the picture, in pixels.
const (
	charWidth  = 6.8 // of the text in boxes, at 12 px
	lineHeight = 16.0
	padding    = 10.0
	gapX       = 28.0
	gapY       = 64.0
	chipHeight = 20.0
	chipGap    = 6.0
	margin     = 24.0
	laneWidth  = 12.0 // of a way that passes a layer
)

// point is a place in the picture.
type point struct{ x, y float64 }

// rect is an upright rectangle.
type rect struct{ x, y, w, h float64 }

func (r rect) overlaps(o rect) bool {
	return r.x < o.x+o.w && o.x < r.x+r.w && r.y < o.y+o.h && o.y < r.y+r.h
}

// box is a node's place.
type box struct {
	rect
	id    string
	verb  string
	title string
	lines []string
}

// chip is a small label: that of a way at its beginning, or the name of a place further up.
type chip struct {
	rect
	text string
	back bool
	from string
}

// line is a way from one box to another; points are where it turns.
type line struct {
	from, to string
	points   []point
}

// layout is a drawn graph.
type layout struct {
	w, h  float64
	boxes []box
	chips []chip
	lines []line
}

// startID names the box of the arriving call; no node can have that name.
const startID = "→"

// vertex is a box, or the place where a long way passes a layer.
type vertex struct {
	id    string // "" of a passing place
	rank  int
	order int
	w, h  float64
	x     float64 // centre
	ins   []*vertex
	outs  []*vertex
	ways  []*arc // leaving a box, in the order of their labels
	above []*arc // arriving at a box
	node  box
}

// arc is a way between boxes and its passing places.
type arc struct {
	from, to *vertex
	label    string
	back     bool
	through  []*vertex
	port     point // where it leaves
	entry    point // where it arrives
}

// place computes the picture of the graph.
func place(g ivr.Graph, w Words) layout {
	l := layouter{words: w, byID: map[string]*vertex{}}
	l.build(g)
	l.rank()
	l.measure()
	l.pass()
	l.sort()
	l.spread()
	return l.finish()
}

type layouter struct {
	words Words
	all   []*vertex // boxes, in the order of the graph, the start first
	byID  map[string]*vertex
	rows  [][]*vertex
}

func (l *layouter) build(g ivr.Graph) {
	start := []string{}
	if g.Emergency {
		start = append(start, l.words.word("emergency"))
	}
	l.add(box{id: startID, verb: "start", title: l.words.word("start"), lines: start})
	for _, n := range g.Nodes {
		l.add(box{id: n.ID, verb: n.Verb, title: n.ID, lines: append([]string{}, l.words.lines(n)...)})
	}
	l.join(l.byID[startID], l.byID[g.Start], "")
	for _, n := range g.Nodes {
		for _, way := range n.Ways {
			l.join(l.byID[n.ID], l.byID[way.To], l.words.label(way))
		}
	}
}

// measure sizes the boxes: for their text, and for the labels of the ways that leave them.
func (l *layouter) measure() {
	for _, v := range l.all {
		wide := float64(len([]rune(v.node.title)))*(charWidth+1) + 60
		for _, text := range v.node.lines {
			wide = max(wide, float64(len([]rune(text)))*charWidth)
		}
		ports := 0.0
		for _, a := range v.ways {
			ports += a.width(l.words) + chipGap
		}
		v.w = max(wide+2*padding, ports+2*padding)
		v.h = 2*padding + lineHeight*float64(1+len(v.node.lines))
	}
}

func (l *layouter) add(b box) {
	v := &vertex{id: b.id, node: b}
	l.all = append(l.all, v)
	l.byID[b.id] = v
}

func (l *layouter) join(from, to *vertex, label string) {
	if from == nil || to == nil {
		return
	}
	from.ways = append(from.ways, &arc{from: from, to: to, label: label})
}

func chipWidth(text string) float64 {
	if text == "" {
		return laneWidth
	}
	return float64(len([]rune(text)))*charWidth + 12
}

// rank gives each box the layer under all that lead to it. Ways that go round are found first and lead
// back from then on.
func (l *layouter) rank() {
	const inside, done = 1, 2
	state := map[*vertex]int{}
	var order []*vertex
	var visit func(v *vertex)
	visit = func(v *vertex) {
		state[v] = inside
		for _, a := range v.ways {
			switch state[a.to] {
			case inside:
				a.back = true
			case 0:
				visit(a.to)
			}
		}
		state[v] = done
		order = append(order, v)
	}
	for _, v := range l.all {
		if state[v] == 0 {
			visit(v)
		}
	}
	for _, v := range slices.Backward(order) {
		for _, a := range v.ways {
			if !a.back {
				a.to.rank = max(a.to.rank, v.rank+1)
			}
		}
	}
	// What nothing leads to stands in the second layer, beside the first node.
	for _, v := range l.all[1:] {
		if v.rank == 0 {
			v.rank = 1
		}
	}
	for _, v := range slices.Backward(order) {
		for _, a := range v.ways {
			if !a.back {
				a.to.rank = max(a.to.rank, v.rank+1)
			}
		}
	}
}

// pass makes passing places for ways that are longer than one layer, and the rows.
func (l *layouter) pass() {
	for _, v := range l.all {
		l.put(v)
	}
	for _, v := range l.all {
		for _, a := range v.ways {
			if a.back {
				continue
			}
			last := v
			for r := v.rank + 1; r < a.to.rank; r++ {
				p := &vertex{rank: r, w: laneWidth}
				l.put(p)
				a.through = append(a.through, p)
				last.outs, p.ins = append(last.outs, p), append(p.ins, last)
				last = p
			}
			last.outs, a.to.ins = append(last.outs, a.to), append(a.to.ins, last)
			a.to.above = append(a.to.above, a)
		}
	}
}

func (l *layouter) put(v *vertex) {
	for len(l.rows) <= v.rank {
		l.rows = append(l.rows, nil)
	}
	v.order = len(l.rows[v.rank])
	l.rows[v.rank] = append(l.rows[v.rank], v)
}

// sort puts each row into an order with few crossings: by the middle of its neighbours, down and up
// until nothing more is gained.
func (l *layouter) sort() {
	best, kept := l.crossings(), l.orders()
	for range 12 {
		for _, row := range l.rows[1:] {
			arrange(row, func(v *vertex) []*vertex { return v.ins })
		}
		for _, row := range slices.Backward(l.rows) {
			arrange(row, func(v *vertex) []*vertex { return v.outs })
		}
		for _, row := range l.rows[1:] {
			arrange(row, func(v *vertex) []*vertex { return v.ins })
		}
		if n := l.crossings(); n < best {
			best, kept = n, l.orders()
		}
	}
	l.restore(kept)
}

func arrange(row []*vertex, near func(*vertex) []*vertex) {
	middle := map[*vertex]float64{}
	for _, v := range row {
		sum, n := 0.0, 0
		for _, o := range near(v) {
			sum, n = sum+float64(o.order)+0.001*float64(portOf(o, v)), n+1
		}
		middle[v] = float64(v.order)
		if n > 0 {
			middle[v] = sum / float64(n)
		}
	}
	slices.SortStableFunc(row, func(a, b *vertex) int { return cmp.Compare(middle[a], middle[b]) })
	for i, v := range row {
		v.order = i
	}
}

// portOf says which of the ways of one vertex leads to the other, so that keys 1, 2, 3 lead to boxes in
// that order.
func portOf(from, to *vertex) int { return max(slices.Index(from.outs, to), 0) }

func (l *layouter) orders() [][]*vertex {
	out := make([][]*vertex, len(l.rows))
	for i, row := range l.rows {
		out[i] = slices.Clone(row)
	}
	return out
}

func (l *layouter) restore(rows [][]*vertex) {
	l.rows = rows
	for _, row := range rows {
		for i, v := range row {
			v.order = i
		}
	}
}

func (l *layouter) crossings() int {
	n := 0
	for _, row := range l.rows {
		type pair struct{ a, b int }
		var pairs []pair
		for _, v := range row {
			for _, o := range v.outs {
				pairs = append(pairs, pair{v.order, o.order})
			}
		}
		for i, p := range pairs {
			for _, q := range pairs[i+1:] {
				if (p.a-q.a)*(p.b-q.b) < 0 {
					n++
				}
			}
		}
	}
	return n
}

// spread moves the boxes of each row under and over what they are joined to, without overlap.
func (l *layouter) spread() {
	for _, row := range l.rows {
		x := 0.0
		for _, v := range row {
			v.x = x + v.w/2
			x += v.w + gapX
		}
	}
	for turn := range 40 {
		rows := l.orders()
		if turn%2 == 1 {
			slices.Reverse(rows)
		}
		for _, row := range rows {
			settle(row)
		}
	}
	left := math.Inf(1)
	for _, row := range l.rows {
		for _, v := range row {
			left = min(left, v.x-v.w/2)
		}
	}
	for _, row := range l.rows {
		for _, v := range row {
			v.x += margin - left
		}
	}
}

func settle(row []*vertex) {
	wanted := make([]float64, len(row))
	for i, v := range row {
		wanted[i] = v.x
		if near := append(slices.Clone(v.ins), v.outs...); len(near) > 0 {
			sum := 0.0
			for _, o := range near {
				sum += o.x
			}
			wanted[i] = sum / float64(len(near))
		}
	}
	room := func(i int) float64 { return (row[i-1].w+row[i].w)/2 + gapX }
	// The mean of the leftmost and the rightmost arrangement that keeps the distances.
	right, leftward := make([]float64, len(row)), make([]float64, len(row))
	for i := range row {
		right[i] = wanted[i]
		if i > 0 {
			right[i] = max(right[i], right[i-1]+room(i))
		}
	}
	for i := len(row) - 1; i >= 0; i-- {
		leftward[i] = wanted[i]
		if i < len(row)-1 {
			leftward[i] = min(leftward[i], leftward[i+1]-room(i+1))
		}
	}
	for i, v := range row {
		v.x = (right[i] + leftward[i]) / 2
	}
}

// finish turns vertices into places.
func (l *layouter) finish() layout {
	var out layout
	y := margin
	tops, bottoms := make([]float64, len(l.rows)), make([]float64, len(l.rows))
	for r, row := range l.rows {
		tall := lineHeight
		for _, v := range row {
			tall = max(tall, v.h)
		}
		tops[r], bottoms[r] = y, y+tall
		y += tall + gapY
	}
	out.h = y - gapY + margin + chipHeight + chipGap
	for _, v := range l.all {
		b := v.node
		b.rect = rect{v.x - v.w/2, tops[v.rank], v.w, v.h}
		out.boxes = append(out.boxes, b)
		out.w = max(out.w, b.x+b.w+margin)
		l.ports(v, b, &out)
	}
	for _, v := range l.all {
		// Ways arrive side by side, in the order of where they come from.
		slices.SortStableFunc(v.above, func(a, b *arc) int { return cmp.Compare(a.comesFrom(), b.comesFrom()) })
		for i, a := range v.above {
			a.entry = point{v.x + (float64(i)-float64(len(v.above)-1)/2)*min(14, v.w/float64(len(v.above)+1)), tops[v.rank]}
		}
	}
	for _, v := range l.all {
		for _, a := range v.ways {
			if a.back {
				continue
			}
			points := []point{a.port}
			for _, p := range a.through {
				points = append(points, point{p.x, tops[p.rank]}, point{p.x, bottoms[p.rank]})
				out.w = max(out.w, p.x+margin)
			}
			out.lines = append(out.lines, line{v.id, a.to.id, append(points, a.entry)})
		}
	}
	return out
}

// comesFrom is the x from which the way reaches its last layer.
func (a *arc) comesFrom() float64 {
	if n := len(a.through); n > 0 {
		return a.through[n-1].x
	}
	return a.port.x
}

// ports puts the labels of a box's ways side by side under it: in the order of where they lead, so that
// they do not cross.
func (l *layouter) ports(v *vertex, b box, out *layout) {
	ways := slices.Clone(v.ways)
	slices.SortStableFunc(ways, func(a, c *arc) int { return cmp.Compare(a.goesTo(), c.goesTo()) })
	total := -chipGap
	for _, a := range ways {
		total += a.width(l.words) + chipGap
	}
	x, y := v.x-total/2, b.y+b.h+chipGap
	for _, a := range ways {
		w := a.width(l.words)
		switch {
		case a.back:
			out.chips = append(out.chips, chip{rect{x, y, w, chipHeight}, a.backText(l.words), true, v.id})
			out.w = max(out.w, x+w+margin)
		case a.label != "":
			out.chips = append(out.chips, chip{rect{x, y, w, chipHeight}, a.label, false, v.id})
			out.w = max(out.w, x+w+margin)
			a.port = point{x + w/2, y + chipHeight}
		default:
			a.port = point{x + w/2, b.y + b.h}
		}
		x += w + chipGap
	}
}

// backText names where a way leads back to.
func (a *arc) backText(w Words) string {
	text := fmt.Sprintf(w.word("up"), a.to.node.title)
	if a.label != "" {
		return a.label + " · " + text
	}
	return text
}

// width is that of the way's label.
func (a *arc) width(w Words) float64 {
	if a.back {
		return chipWidth(a.backText(w))
	}
	return chipWidth(a.label)
}

// goesTo is the x to which the way leads first; ways back stand at the right.
func (a *arc) goesTo() float64 {
	switch {
	case a.back:
		return math.Inf(1)
	case len(a.through) > 0:
		return a.through[0].x
	}
	return a.to.x
}
