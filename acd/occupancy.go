package acd

import (
	"math"
	"math/bits"
)

// Occupancy is the share of an agent's time that contacts took: time with at least one contact, its
// after-call work included, over that time and the idle time (KPI.md). Ringing, pauses, calls of his
// own and being away are neither, and stop its clock. Recent time weighs more: what lies
// OccupancyHalfLife back counts half. It begins at nothing with each login.
//
// It is folded from image to image, in whole numbers, so that every reader of the log has the same.
// While nothing changes it falls (or rises) for everybody alike: two agents who both wait keep their
// order, and so each has a fixed Rank.
type Occupancy struct {
	Share int64   `json:"share"` // of occupancyOne, at At
	At    Instant `json:"at"`    // when he last began to be occupied, idle or neither
}

// OccupancyHalfLife is half of the window, in ms: about 35 minutes; a power of two keeps the arithmetic exact.
const OccupancyHalfLife = 1 << halfLifeBits

const (
	halfLifeBits = 21
	shareBits    = 50 // exact in the numbers of JSON
	occupancyOne = 1 << shareBits
)

// activity is what an agent's time counts as.
type activity int

const (
	neither activity = iota
	idle
	occupied
)

func (a Agent) activity() activity {
	switch a.State {
	case AgentBusy, AgentWrapup:
		return occupied
	case AgentReady:
		if len(a.Legs) > 0 {
			return occupied
		}
		return idle
	}
	return neither
}

// Occupied returns the agent's occupancy at now, in thousandths.
func (a Agent) Occupied(now Instant) int64 {
	o := a.Occupancy.fold(a.activity(), now)
	return (o.Share*1000 + occupancyOne/2) >> shareBits
}

// OccupancyRank orders agents who are ready by occupancy, lowest first, for as long as they stay so:
// those with a contact in hand after those without.
func (a Agent) OccupancyRank() int64 {
	if a.activity() == occupied {
		// What is left of him falls by half in every half-life.
		return math.MaxInt64/2 - cooling(occupancyOne-a.Occupancy.Share, a.Occupancy.At)
	}
	return cooling(a.Occupancy.Share, a.Occupancy.At)
}

// fold brings the occupancy to now, when the time since At counted as this.
func (o Occupancy) fold(as activity, now Instant) Occupancy {
	if o.At.Never() { // an image of an older log
		o.At = now
	}
	span := int64(max(0, now-o.At))
	switch {
	case as == idle:
		o.Share = fade(o.Share, span)
	case as == occupied:
		o.Share = occupancyOne - fade(occupancyOne-o.Share, span)
	}
	o.At = max(o.At, now)
	return o
}

// fadeBy holds, for each bit of a span in ms, what is left of a share after it. Square roots are exact
// to the last bit on every machine (IEEE 754), so these numbers are the same everywhere.
var fadeBy = func() (by [halfLifeBits]int64) {
	left := 0.5
	for bit := halfLifeBits - 1; bit >= 0; bit-- {
		left = math.Sqrt(left)
		by[bit] = int64(math.Round(left * occupancyOne))
	}
	return by
}()

// fade returns what is left of a share after so many ms: half for each half-life.
func fade(share, ms int64) int64 {
	halves := ms >> halfLifeBits
	if halves > shareBits {
		return 0
	}
	share >>= halves
	for bit := range halfLifeBits {
		if ms&(1<<bit) != 0 {
			share = int64(product(uint64(share), uint64(fadeBy[bit]), shareBits))
		}
	}
	return share
}

// cooling is the instant at which a share that is so large at that instant would have been whole: the
// earlier, the smaller. It does not change as the share fades. It counts in 1/1024 ms, so that shares
// that differ have different ones.
func cooling(share int64, at Instant) int64 {
	const (
		fine    = 10 // bits of a millisecond
		oneBits = 61 // of the fraction below
	)
	if share <= 0 {
		return math.MinInt64 / 4
	}
	// The logarithm by repeated squaring, one bit at a time.
	top := bits.Len64(uint64(share)) - 1
	log := int64(top-shareBits) << (halfLifeBits + fine)
	x := uint64(share) << (oneBits - top) // from 1 to 2
	for bit := halfLifeBits + fine - 1; bit >= 0; bit-- {
		if x = product(x, x, oneBits); x >= 2<<oneBits {
			x >>= 1
			log |= 1 << bit
		}
	}
	return int64(at)<<fine + log
}

// product multiplies two numbers that count in parts of 2^bits.
func product(a, b uint64, shift uint) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi<<(64-shift) | lo>>shift
}
