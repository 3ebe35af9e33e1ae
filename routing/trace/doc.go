// Package trace reads past calls from a file and works out who could serve what, and when: what a
// simulation, a staffing plan and a measured estimate all begin with.
//
// A file of calls says who served whom. It does not say what an agent was able to do, nor when he was
// there; both are worked out here from what he did, by rules that are written beside Serves and
// DutyGap. They are a reading of the file and not part of it: whoever shows figures made from them
// says so.
package trace
