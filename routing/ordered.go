package routing

import "math/bits"

// sortable is a key with a total order.
type sortable[K any] interface {
	comparable
	before(K) bool
}

// ordered is a set of keys kept in order: a skip list. Adding, removing and seeking cost the
// logarithm of its size; the first key and the next one are at hand. Heights come from a counter
// and not from chance, so that two engines fed alike do the same work; what it holds never depends
// on them. The zero value is empty.
type ordered[K sortable[K]] struct {
	next   [maxHeight]*node[K] // first node of each level
	height int                 // levels in use
	size   int
	mixed  uint64 // state of the height generator
	// spare are removed nodes of low heights, to be used again: keys come and go all day.
	spare  [lowHeight]*node[K]
	spares int
}

const (
	maxHeight = 18 // 4^18 keys keep the search logarithmic: more than memory holds
	lowHeight = 2  // fifteen nodes of sixteen
	maxSpares = 64
)

type node[K any] struct {
	key  K
	next []*node[K]
}

// low is a node of low height in one piece of memory.
type low[K any] struct {
	node[K]
	links [lowHeight]*node[K]
}

// node returns a new node of that height.
func (o *ordered[K]) node(key K, height int) *node[K] {
	if height > lowHeight {
		return &node[K]{key: key, next: make([]*node[K], height)}
	}
	n := o.spare[height-1]
	if n == nil {
		l := &low[K]{}
		l.next = l.links[:height]
		n = &l.node
	} else {
		o.spare[height-1] = n.next[0]
		o.spares--
	}
	n.key = key
	return n
}

// keep puts a removed node aside.
func (o *ordered[K]) keep(n *node[K]) {
	if h := len(n.next); h <= lowHeight && o.spares < maxSpares {
		var none K
		n.key = none
		clear(n.next)
		n.next[0] = o.spare[h-1]
		o.spare[h-1] = n
		o.spares++
	}
}

// first returns the node of the lowest key, nil when empty.
func (o *ordered[K]) first() *node[K] { return o.next[0] }

// after returns the node that follows n.
func (n *node[K]) after() *node[K] { return n.next[0] }

// seek returns the first node whose key is not before k.
func (o *ordered[K]) seek(k K) *node[K] {
	level := &o.next
	links := level[:]
	for i := o.height - 1; i >= 0; i-- {
		for links[i] != nil && links[i].key.before(k) {
			links = links[i].next
		}
	}
	return links[0]
}

// path fills in, for each level, the links that lead to the first key not before k.
func (o *ordered[K]) path(k K, to *[maxHeight][]*node[K]) {
	links := o.next[:]
	for i := o.height - 1; i >= 0; i-- {
		for links[i] != nil && links[i].key.before(k) {
			links = links[i].next
		}
		to[i] = links
	}
}

// add puts k in; a key that is present stays as it is.
func (o *ordered[K]) add(k K) {
	var path [maxHeight][]*node[K]
	o.path(k, &path)
	if o.height > 0 && path[0][0] != nil && path[0][0].key == k {
		return
	}
	h := o.nextHeight()
	for ; o.height < h; o.height++ {
		path[o.height] = o.next[:]
	}
	n := o.node(k, h)
	for i := range h {
		n.next[i], path[i][i] = path[i][i], n
	}
	o.size++
}

// remove takes k out; an absent key is no fault.
func (o *ordered[K]) remove(k K) {
	if o.size == 0 {
		return
	}
	var path [maxHeight][]*node[K]
	o.path(k, &path)
	n := path[0][0]
	if n == nil || n.key != k {
		return
	}
	for i := range n.next {
		path[i][i] = n.next[i]
	}
	o.keep(n)
	for o.height > 0 && o.next[o.height-1] == nil {
		o.height--
	}
	o.size--
}

// nextHeight gives one node in four a second level, one of four of those a third, and so on.
func (o *ordered[K]) nextHeight() int {
	o.mixed += 0x9e3779b97f4a7c15 // splitmix64: a counter, mixed
	z := o.mixed
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return min(1+bits.TrailingZeros64(z^z>>31|1<<62)/2, maxHeight)
}
