// Package ical reads when things happen from iCalendar files (RFC 5545) as Outlook, Google Calendar, Zimbra and
// others export them: events once or repeated, with exceptions, in the zones that these products name.
//
// What repeats is spelled out within a window, by github.com/teambition/rrule-go. That library counts on the
// clock of the wall, without zone; the zone is ours, since neither its answer at a change of the clock nor its
// lack of zones that a file defines itself would do: a duty that begins at 22:00 begins at 22:00 on every wall, and
// ends when the wall says so too, whether the night has nine hours, ten or eleven. (RFC 5545 §3.8.5.3 would keep
// the exact length of an event with DTEND, so that twice a year nobody, or two people, were on call for an hour.)
//
// It does not know what the events mean; package knowledge makes duties of them.
package ical
