package site

import (
	"time"

	"accueil/acd"
	"accueil/diag"
)

// Version is the only value of the key version.
const Version = 1

// Site is the whole site file.
type Site struct {
	// Version of the format; always 1.
	Version int `yaml:"version" schema:"required,min=1,max=1"`
	// ID names the site in keys, metrics and logs: lower-case letters, digits and dashes.
	ID string `yaml:"site" schema:"required,form=small letters\\, digits and dashes\\, 32 at most,pattern=^[a-z0-9][a-z0-9-]{0\\,31}$"`
	// Timezone of opening hours and reports, a name of the IANA database such as Europe/Paris or
	// Indian/Reunion.
	Timezone string `yaml:"timezone" schema:"required"`
	// Region of phone numbers written without a country: FR, RE, MQ, GP, GF, YT or another
	// ISO 3166 code.
	Region string `yaml:"region" schema:"required,form=two capital letters,pattern=^[A-Z]{2}$"`
	// Languages spoken to callers, the default first: fr, en.
	Languages []acd.Lang `yaml:"languages" schema:"required,minItems=1,enum=fr|en"`
	// Node is the name of this controller process; another one for each controller of a site.
	Node acd.NodeID `yaml:"node" schema:"form=small letters and digits\\, 16 at most,pattern=^[a-z0-9]{1\\,16}$,default=n1"`
	// Demo says that this site is a demonstration: passwords are public, so its secret files may be
	// readable by everybody. Never set it for a real hospital.
	Demo bool `yaml:"demo"`
	// DataDir holds the spool, the prompt cache and the history of this node.
	DataDir string `yaml:"data_dir" schema:"default=data"`
	// Listen says where this controller and its Asterisk accept connections.
	Listen Listen `yaml:"listen"`
	// Asterisk is the telephone server beside this controller.
	Asterisk Asterisk `yaml:"asterisk"`
	// Redis keeps the queues. Without addresses an embedded store is used, for a first look only.
	Redis Redis `yaml:"redis"`
	// History is the database of what is owed to callers.
	History History `yaml:"history"`
	// Voicemail says how what callers leave is kept.
	Voicemail Voicemail `yaml:"voicemail"`
	// API says who may use the HTTP interface.
	API API `yaml:"api"`
	// Prompts says how spoken texts are made.
	Prompts Prompts `yaml:"prompts"`
	// Music is a folder of WAV files, of any rate, up to three minutes each, played to who waits; the
	// built-in music when absent. accueil asterisk-config makes them ready.
	Music string `yaml:"music"`
	// Directory is a CSV file of known callers, "number;name" a line, from which the agent's card
	// takes the name; a third field may say who calls: patient, relative, professional, internal, relay.
	Directory string `yaml:"directory"`
	// Callers says how callers are known again, and which are not.
	Callers Callers `yaml:"callers"`
	// Callbacks say how people are called back who prefer that to waiting.
	Callbacks Callbacks `yaml:"callbacks"`
	// SMS is the service that sends text messages; scenarios send none without it.
	SMS SMS `yaml:"sms"`
	// EmergencyNumbers always go out from agents' phones, untouched, even when the controller is dead.
	EmergencyNumbers []string `yaml:"emergency_numbers" schema:"minItems=1,form=2 to 6 digits,pattern=^[0-9]{2\\,6}$,default=[15\\,17\\,18\\,112\\,114]"`
	// Trunks are the ways to other telephone systems: operator, the hospital's PBX.
	Trunks map[acd.TrunkID]Trunk `yaml:"trunks" schema:"required,minItems=1,form=small letters\\, digits and dashes\\, 32 at most,keys=^[a-z0-9][a-z0-9-]{0\\,31}$"`
	// Entries are the numbers that callers reach, as the trunk delivers them.
	Entries map[acd.EntryID]Entry `yaml:"entries" schema:"required,minItems=1,form=a number of 2 to 20 digits,keys=^[+]?[0-9]{2\\,20}$"`
	// Skills declares the names that agents' skills and queues' requirements may use.
	Skills []acd.SkillID `yaml:"skills" schema:"required,minItems=1,form=small letters\\, digits and underscores\\, a letter first,pattern=^[a-z][a-z0-9_]{0\\,31}$"`
	// Reasons are the causes of calls (motifs) and the queue each leads to.
	Reasons map[acd.ReasonID]Reason `yaml:"reasons" schema:"required,minItems=1,form=small letters and digits\\, parts joined by dots or dashes,keys=^[a-z0-9]+([._-][a-z0-9]+)*$"`
	// Queues are where callers wait.
	Queues map[acd.QueueID]Queue `yaml:"queues" schema:"required,minItems=1,form=small letters\\, digits and dashes\\, 32 at most,keys=^[a-z0-9][a-z0-9_-]{0\\,31}$"`
	// Announcements are messages that a supervisor switches on in seconds, for an entry or all, with
	// their text in each language.
	Announcements map[acd.AnnouncementID]map[acd.Lang]string `yaml:"announcements" schema:"form=small letters\\, digits and dashes\\, 32 at most,keys=^[a-z0-9][a-z0-9-]{0\\,31}$"`
	// Texts replace words of the system (accueil export prompts lists them), by id, in each language:
	// sys.operator, sys.closed. They may say facts.
	Texts map[string]map[acd.Lang]string `yaml:"texts" schema:"form=the id of a text of the system,keys=^[a-z][a-z0-9._-]{0\\,63}$"`
	// Lookups are the questions that scenarios may ask about a caller.
	Lookups map[acd.LookupID]Lookup `yaml:"lookups" schema:"form=small letters\\, digits and dashes\\, 32 at most,keys=^[a-z0-9][a-z0-9-]{0\\,31}$"`
	// Phones are devices; who sits at one changes by shift.
	Phones map[acd.PhoneID]Phone `yaml:"phones" schema:"required,minItems=1,form=letters\\, digits and dashes\\, 40 at most,keys=^[A-Za-z0-9][A-Za-z0-9_-]{0\\,39}$"`
	// Agents are the people who answer.
	Agents map[acd.AgentID]Agent `yaml:"agents" schema:"required,minItems=1,form=small letters\\, digits and dashes\\, 40 at most,keys=^[a-z0-9][a-z0-9_-]{0\\,39}$"`
	// Calendars are the holidays and exceptional days that timetables of scenarios follow.
	Calendars map[string]Calendar `yaml:"calendars" schema:"form=small letters\\, digits and dashes\\, 40 at most,keys=^[a-z0-9][a-z0-9_-]{0\\,39}$"`
	// Timetables are opening hours, by the name that scenarios, entries, reasons and queues use.
	Timetables map[string]Timetable `yaml:"timetables" schema:"form=letters\\, digits and dashes\\, a letter first\\, 40 at most,keys=^[A-Za-z][A-Za-z0-9_-]{0\\,39}$"`
	// Knowledge names the answers that are given on every channel.
	Knowledge Knowledge `yaml:"knowledge"`
	// Facts are what answers say and what may change: {{name}} in an article stands for it.
	Facts map[string]Fact `yaml:"facts" schema:"form=small letters and digits\\, parts joined by dots or dashes,keys=^[a-z0-9]+([._-][a-z0-9]+)*$"`
	// Fallback is the safety net that Asterisk alone rings when no controller takes a call.
	Fallback SafetyNet `yaml:"fallback" schema:"required"`

	// File is the site file as it was read, to place what is found later in it.
	File *diag.Doc `yaml:"-"`
	// Dir is the folder of the site file, absolute; relative paths start there.
	Dir string `yaml:"-"`
	// Location is Timezone, loaded.
	Location *time.Location `yaml:"-"`
	// Scenarios are the scenario files found in scenarios/ beside the site file.
	Scenarios map[acd.ScenarioID]string `yaml:"-"`
	// Articles are the files of knowledge.articles.
	Articles []string `yaml:"-"`
}

// Listen says where connections are accepted.
type Listen struct {
	// HTTP is host:port of the API, the metrics and the pages.
	HTTP string `yaml:"http" schema:"default=127.0.0.1:8080"`
	// SIP is host:port where Asterisk listens, UDP and TCP.
	SIP string `yaml:"sip" schema:"default=0.0.0.0:5060"`
	// RTP is the range of media ports, "first-last"; two for each leg of a call.
	RTP string `yaml:"rtp" schema:"form=first-last,pattern=^[0-9]+-[0-9]+$,default=10000-10999"`
	// TLS makes listen.http speak HTTPS alone; without it a proxy with TLS must stand in front for
	// everybody but this machine.
	TLS TLS `yaml:"tls"`

	// RTPFirst and RTPLast are RTP, read.
	RTPFirst, RTPLast int `yaml:"-"`
}

// TLS names a certificate. The files are read again when they change, within a minute and at a reload.
type TLS struct {
	// Certificate is a PEM file: the certificate of this name, then those between it and the root.
	Certificate string `yaml:"certificate" schema:"required"`
	// Key is the PEM file of its private key.
	Key string `yaml:"key" schema:"required"`
}

// Given reports whether the site has a certificate.
func (t TLS) Given() bool { return t.Certificate != "" && t.Key != "" }

// Asterisk is the telephone server.
type Asterisk struct {
	// URL of its REST interface, on loopback or a private network.
	URL string `yaml:"url" schema:"default=http://127.0.0.1:8088/ari"`
	// User of the controller; only the controller has its password.
	User string `yaml:"user" schema:"form=letters\\, digits and dashes\\, 32 at most,pattern=^[A-Za-z0-9_-]{1\\,32}$,default=accueil"`
	// PasswordFile holds the password of User.
	PasswordFile string `yaml:"password_file" schema:"required"`
	// ReaderPasswordFile holds the password of the read-only user "<user>-reader" for tools; no such
	// user when absent.
	ReaderPasswordFile string `yaml:"reader_password_file"`
	// CallRecords is the file of Asterisk's own call records (CEL), as our configuration has it written;
	// calls that came while no controller ran are counted from it.
	CallRecords string `yaml:"call_records" schema:"default=/var/log/asterisk/cel-custom/accueil-cel.csv"`
	// Recordings is Asterisk's own folder of recordings, which this program must be able to read and to
	// remove from: what callers say lies there in the clear until the recording is over.
	Recordings string `yaml:"recordings" schema:"default=/var/spool/asterisk/recording"`
	// Waiver accepts an Asterisk below the floor release: the written reason, shown at every start.
	Waiver string `yaml:"waiver"`

	// Password and ReaderPassword are the contents of the files.
	Password       Secret `yaml:"-"`
	ReaderPassword Secret `yaml:"-"`
}

// Redis is the store of queues and states, version 7.0 or later.
type Redis struct {
	// Addresses, host:port: one server, the Sentinels (with master) or nodes of a Cluster.
	Addresses Addresses `yaml:"addresses"`
	// Master is the name that the Sentinels know it by.
	Master string `yaml:"master"`
	// Cluster says that the addresses are nodes of a Redis Cluster.
	Cluster bool `yaml:"cluster"`
	// User of Redis's access list; the default user when absent.
	User string `yaml:"user"`
	// PasswordFile holds its password.
	PasswordFile string `yaml:"password_file"`

	// Password is the content of the file; empty without one.
	Password Secret `yaml:"-"`
}

// History is the database of what is owed to callers.
type History struct {
	// URL: sqlite:<file> or postgres://….
	URL string `yaml:"url" schema:"form=sqlite:<file> or postgres://…,pattern=^(sqlite:|postgres://|postgresql://),default=sqlite:<data_dir>/history.db"`
	// KeyFile holds the keys that names and numbers in the database are encrypted with, one of at least 32
	// characters a line, the one that encrypts first, the same on every node; made as history.key in
	// data_dir at the first start when absent. Keep a copy of it: without it nobody can be called back.
	KeyFile string `yaml:"key_file"`
	// Tasks says for how long things are owed and kept.
	Tasks Tasks `yaml:"tasks"`
	// Audit says for how long it is kept who heard or read what callers said.
	Audit Audit `yaml:"audit"`

	// Key is the content of KeyFile; empty without one.
	Key Secret `yaml:"-"`
}

// Tasks says for how long missed callers, voicemails and messages are owed and kept.
type Tasks struct {
	// Keep is how long something is owed when nobody handles it.
	Keep time.Duration `yaml:"keep" schema:"min=24h,max=720h,default=168h"`
	// Attempts is how often somebody is tried before he is given up.
	Attempts int `yaml:"attempts" schema:"min=1,max=10,default=3"`
	// Retry is how long to wait before the next attempt.
	Retry time.Duration `yaml:"retry" schema:"min=1m,max=24h,default=30m"`
	// Erase is how long after its end a task still tells name, number and text.
	Erase time.Duration `yaml:"erase" schema:"min=0s,max=720h,default=24h"`
	// Forget is how long after its end a task is kept, without them.
	Forget time.Duration `yaml:"forget" schema:"min=24h,max=17520h,default=2160h"`
}

// Audit says for how long it is kept who heard or read what callers said.
type Audit struct {
	// Keep is how long each entry is kept.
	Keep time.Duration `yaml:"keep" schema:"min=720h,max=43800h,default=8760h"`
}

// Voicemail says how the messages that callers leave, and the comments of the survey, are kept: encrypted,
// as files of data_dir/voicemail.
type Voicemail struct {
	// KeyFile holds the keys that they are encrypted with, one of at least 32 characters a line, the one that
	// encrypts first, for the owner alone; made as voicemail.key in data_dir with the first recording when
	// absent. Keep a copy of it apart from the backups.
	KeyFile string `yaml:"key_file" schema:"default=<data_dir>/voicemail.key"`
	// Keep is how long anything is kept at most, whatever became of its task.
	Keep time.Duration `yaml:"keep" schema:"min=24h,max=4380h,default=720h"`
	// TranscriptCommand writes a message down: it gets the sound, a wav file, on standard input and prints
	// the text. {lang} is replaced. No shell is involved. Nothing is written down when absent.
	TranscriptCommand []string `yaml:"transcript_command"`
}

// API says who may use the HTTP interface.
type API struct {
	// TokensFile lists the accounts, "name role sha256 [agent]" a line (docs/api.md); without it only
	// /livez, /readyz and /metrics answer.
	TokensFile string `yaml:"tokens_file"`
}

// Callers says how a caller is known again for a day, where a reason has a hold: by his number,
// disguised with a secret.
type Callers struct {
	// KeyFile holds the secret, at least 32 characters, the same on every node; made in data_dir at the
	// first start when absent.
	KeyFile string `yaml:"key_file"`
	// Shared lists numbers that many people call from (a care home, a call centre): who calls from one
	// is not known again.
	Shared []string `yaml:"shared" schema:"form=3 to 20 digits\\, + before a country,pattern=^[+]?[0-9]{3\\,20}$"`

	// Key is the content of KeyFile; empty without one.
	Key Secret `yaml:"-"`
}

// Prompts says how spoken texts are made.
type Prompts struct {
	// Command turns a text on standard input into a WAV file on standard output. {voice},
	// {lang} and {rate} are replaced. No shell is involved.
	Command []string `yaml:"command" schema:"default=[espeak-ng\\,--stdin\\,--stdout\\,-v\\,{voice}\\,-s\\,{rate}]"`
	// Voices is the name of the voice for each language, put in place of {voice}; the language's own
	// code when absent.
	Voices map[acd.Lang]string `yaml:"voices"`
	// Rate of speech in words a minute: slower than conversation, for people who are worried.
	Rate int `yaml:"rate" schema:"min=80,max=300,default=150"`
	// SlowRate is the rate for callers who need time to follow: of the kind relay, and those for whom a
	// scenario asks for it.
	SlowRate int `yaml:"slow_rate" schema:"min=60,max=300,default=110"`
	// Dir holds recorded prompts, <lang>/<id>.wav; one replaces the synthesised text of that id.
	Dir string `yaml:"dir"`
	// Cache keeps what was synthesised.
	Cache string `yaml:"cache" schema:"default=<data_dir>/prompts"`
}

// SafetyNet is the static group of phones.
type SafetyNet struct {
	// Ring lists the phones (sip or trunk) that ring together, from Asterisk alone.
	Ring []acd.PhoneID `yaml:"ring" schema:"required,minItems=1"`
}
