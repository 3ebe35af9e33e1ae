package queues

import (
	"strings"

	"accueil/acd"
)

// keys builds every Redis key of one site; no other file and no script composes one. All share the
// hash tag {site}, so that a script may touch any of them on a cluster. The 1 is the layout's version.
//
//	{site}:1:meta             hash: gen, seq, seen (ms of the last open, which proves that writing works),
//	                          kept (ms, what the site's time is ahead of Redis's clock)
//	{site}:1:log              stream of entries
//	{site}:1:count            hash: metric and labels → integer
//	{site}:1:lead             hash: rev, holder, token, deadline (ms)
//	{site}:1:ids:<type>       set of the ids that live: leg, agent, phone, closure
//	{site}:1:<type>:<id>      hash: rev, op, state, due (ms), img (JSON), id and seq of its entry
//	{site}:1:queue:<queue>    sorted set of leg ids; score = enqueue ms - 60 000 x points
//	{site}:1:personal:<c>     hash: number, name, note; always with a TTL
//	{site}:1:caller:<ref>:<reason>  who answered the caller last for the reason, as "<ms> <agent>"; always with a TTL
//	{site}:1:rules            hash: hash of routing rules → when last used, and the rules (JSON)
//	{site}:1:images           hash: id of an entry → what the log had made of everything by then (JSON)
type keys struct{ prefix string }

func newKeys(site string) keys { return keys{"{" + site + "}:1:"} }

func (k keys) meta() string                    { return k.prefix + "meta" }
func (k keys) log() string                     { return k.prefix + "log" }
func (k keys) count() string                   { return k.prefix + "count" }
func (k keys) lead() string                    { return k.prefix + "lead" }
func (k keys) rules() string                   { return k.prefix + "rules" }
func (k keys) images() string                  { return k.prefix + "images" }
func (k keys) ids(typ string) string           { return k.prefix + "ids:" + typ }
func (k keys) queue(q acd.QueueID) string      { return k.prefix + "queue:" + string(q) }
func (k keys) personal(c acd.ContactID) string { return k.prefix + "personal:" + string(c) }
func (k keys) caller(r acd.CallerRef, reason acd.ReasonID) string {
	return k.prefix + "caller:" + string(r) + ":" + string(reason)
}

// entity is the key of what acd.LegKey and its like name ("leg:<id>").
func (k keys) entity(name string) string { return k.prefix + name }

// split cuts an entity's name into its type and its id.
func split(name string) (typ, id string) {
	typ, id, _ = strings.Cut(name, ":")
	return typ, id
}

// types lists the entity types, in the order of the index sets in a script's KEYS.
var types = []string{"leg", "agent", "phone", "closure"}
