package acd

import "strings"

const slowly = "-slow"

// Slowly is the language as it is spoken to who needs time to follow. Only voices know it apart: where
// one does not have it, it speaks the language itself.
func (l Lang) Slowly() Lang { return l.Plain() + slowly }

// Plain is the language, however it is spoken.
func (l Lang) Plain() Lang { return Lang(strings.TrimSuffix(string(l), slowly)) }

// Slow reports whether it is spoken slowly.
func (l Lang) Slow() bool { return strings.HasSuffix(string(l), slowly) }
