package main

import (
	"fmt"
	"strings"
	"unicode"
)

// initialisms are written as golint and the protocol's readers expect.
var initialisms = map[string]string{
	"id": "ID", "ids": "IDs", "uri": "URI", "rtt": "RTT", "ssrc": "SSRC", "dtmf": "DTMF",
	"channelvars": "ChannelVars", "bridgevars": "BridgeVars", "setid": "SetID", "moh": "MOH",
}

// singular turns a resource into the prefix of its operations.
var singular = map[string]string{
	"applications": "Application", "asterisk": "Asterisk", "bridges": "Bridge",
	"channels": "Channel", "deviceStates": "DeviceState", "endpoints": "Endpoint",
	"events": "Event", "mailboxes": "Mailbox", "playbacks": "Playback",
	"recordings": "Recording", "sounds": "Sound",
}

// renamed are operations whose mechanical name would stutter or mislead.
var renamed = map[string]string{
	"EventUser":            "UserEvent",
	"EventClaimChannel":    "ClaimChannel",
	"ChannelRtpstatistics": "ChannelRTPStatistics",
	"RecordingStop":        "RecordingStopLive",
	"RecordingCancel":      "RecordingCancelLive",
}

// goName turns channel_id or channelId into ChannelID.
func goName(name string) string {
	var out strings.Builder
	for _, word := range words(name) {
		if fixed, ok := initialisms[strings.ToLower(word)]; ok {
			out.WriteString(fixed)
			continue
		}
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

// words splits at underscores and at the start of each capital run.
func words(name string) []string {
	var all []string
	for _, part := range strings.Split(name, "_") {
		start := 0
		runes := []rune(part)
		for i := 1; i < len(runes); i++ {
			if unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1]) {
				all = append(all, string(runes[start:i]))
				start = i
			}
		}
		if len(runes) > start {
			all = append(all, string(runes[start:]))
		}
	}
	return all
}

// argName is the Go name of a path parameter: channelId → channelID.
func argName(name string) string {
	n := goName(name)
	if n == "ID" {
		return "id"
	}
	return strings.ToLower(n[:1]) + n[1:]
}

func (o operation) goName() string {
	// channels.setChannelVar becomes ChannelSetVar: the resource is said once.
	nick := strings.Replace(goName(o.nickname), singular[o.resource], "", 1)
	name := singular[o.resource] + nick
	if fixed, ok := renamed[name]; ok {
		return fixed
	}
	return name
}

// goType is the Go type of a property of a model or event.
func (s *spec) goType(typ string) (string, error) {
	if elem, ok := listOf(typ); ok {
		inner, err := s.goType(elem)
		return "[]" + inner, err
	}
	switch typ {
	case "string":
		return "string", nil
	case "int", "long":
		return "int", nil
	case "double":
		return "float64", nil
	case "boolean":
		return "bool", nil
	case "Date":
		return "DateTime", nil
	case "object":
		return "Vars", nil
	}
	if s.byName[typ] != nil {
		return typ, nil
	}
	return "", fmt.Errorf("unknown type %q", typ)
}
