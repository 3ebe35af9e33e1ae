// Package knowledge holds the answers of a hospital: articles, each with its words for the voice, an
// SMS, the web, a letter and the agent, and the directory of services, people and rooms. It is the one
// source of what is said on every channel.
//
// What may change is never typed into an article. An address, a number, opening hours, the documents to
// bring are facts: {{address}} in a text stands for what the site file says, put into words for the
// channel: a number is dialled on the web and spoken in pairs on the phone, hours come from the
// timetable that opens the line. So a changed fact changes every channel at once, and Base.Says tells
// where.
//
// Load finds every mistake of the articles with its place, among them an article that nobody approved
// or whose time is over, and facts that somebody typed after all. It reads no file and knows no clock:
// the day is given. Library searches; Export writes pages; the directory is in this package too, and
// what it keeps confidential is handed out only to who asks for it by the name of All.
package knowledge
