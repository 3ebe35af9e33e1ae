package routing

import "math/bits"

// stepSet is a set of steps of a queue; bit k stands for step k, from 0.
type stepSet uint16

func (s stepSet) has(k int) bool        { return s&(1<<k) != 0 }
func (s stepSet) with(k int) stepSet    { return s | 1<<k }
func (s stepSet) first() int            { return bits.TrailingZeros16(uint16(s)) } // of a set that is not empty
func (stepSet) only(k int) stepSet      { return 1 << k }
func (s stepSet) without(k int) stepSet { return s &^ (1 << k) }
