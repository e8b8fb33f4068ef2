package query

// Kind of an argument.
type Kind uint8

// Kinds.
const (
	Text Kind = iota
	Number
	Flag
	Table // a JSON object
)

// String is the kind's name in the documentation.
func (k Kind) String() string { return [...]string{"text", "number", "true or false", "object"}[k] }

// Arg is an argument of a method.
type Arg struct {
	Name string
	Kind Kind
	Doc  string
}

// Method is one question. The table below dispatches, and docs/query.md is made from it.
type Method struct {
	Name    string
	Args    []Arg
	Change  bool // only for those who may change something
	Doc     string
	Example string // arguments of the example

	answer func(*Server, args) error
}

// Arguments that several methods take.
var (
	filterArg = Arg{"filter", Text, "which rows: words, and keys such as device:tv app:netflix port:443; ! negates"}
	deviceArg = Arg{"device", Text, "its hardware address, its address or its name"}
	macArg    = Arg{"mac", Text, "another name of device"}
	sortArg   = Arg{"sort", Text, "column to sort by, the largest first; -column: the smallest first"}
	offsetArg = Arg{"offset", Number, "rows to leave out at the beginning"}
	limitArg  = Arg{"limit", Number, "rows at the most; 50, and never more than 200"}
)

var methods []Method

// The table refers to functions that read it, so it is filled in here.
func init() {
	methods = []Method{
		{Name: "methods", Doc: "The questions that can be asked.", answer: (*Server).methods},
		{Name: "status", Doc: "How the agent does: what it captures, what it lost, its memory, its clients, and warnings.", answer: (*Server).status},
		{Name: "overview", Args: []Arg{{"since", Number, "the \"newest\" of the answer before: only the samples after it"}, {"by", Text, "what the lists are sorted by, and the time that down and up stand for: now (the default: rates, and bytes of today), today, month (this period of accounting)"}, {"limit", Number, "rows of each list at the most; 8, and never more than 50"}},
			Doc: "What is going on, at a glance: how many devices and flows, the rates of the last five minutes, the first devices and applications, and warnings.", Example: `{"by":"today"}`, answer: (*Server).overview},
		{Name: "flows", Args: []Arg{filterArg, {"criteria", Text, "which flows: an expression as rules have it"}, sortArg, offsetArg, limitArg}, Doc: "The flows of this moment. label is the application, else the protocol, by name. risks has the numbers of what is wrong with a flow (docs/risks.md), risk their score.", Example: `{"filter":"proto:https port:443","sort":"rate"}`, answer: (*Server).listFlows},
		{Name: "flow", Args: []Arg{{"digest", Text, "the flow's digest, or the first 8 digits of it or more"}}, Doc: "Every field of a flow's event, and its counters.", Example: `{"digest":"d404b7c0"}`, answer: (*Server).flow},
		{Name: "devices", Args: []Arg{filterArg, sortArg, offsetArg, limitArg}, Doc: "The devices of the network, with what each used of the Internet, today and in this period of accounting.", Example: `{"sort":"period_down"}`, answer: (*Server).listDevices},
		{Name: "device", Args: []Arg{deviceArg, macArg, {"period", Text, "of the applications: as of usage; today where it is left out"}, {"local", Flag, "true: traffic with other local devices in place of that with the Internet"}},
			Doc: "Everything of one device: who it is and why, its names and addresses, what it used in the last 24 hours, 31 days and 13 periods, and its applications.", Example: `{"device":"02:00:00:00:00:01"}`, answer: (*Server).device},
		{Name: "usage", Args: []Arg{{"by", Text, "what a row stands for: device, application (protocol says the same: one is named where no application is known), category, or device and one of the others: device,application (the default), device,category"}, {"period", Text, "hour, today (the default), yesterday, 7d, month (this period of accounting), last-month, 2026-10, 2026-10-17, or FROM..TO of two such dates"},
			{"step", Text, "hour, day or month: a row for each; left out: one sum"}, {"from", Number, "the steps from this time on, in place of period"}, {"count", Number, "so many steps; without from: the last ones, with that of now"}, {"device", Text, "only of this device: its hardware address, its address or its name"}, {"application", Text, "only of this application: its tag, or a protocol's name"}, {"local", Flag, "true: traffic between local devices in place of that with the Internet"}, offsetArg, limitArg},
			Doc: "Who used what: bytes, the largest first.", Example: `{"by":"application","period":"month"}`, answer: (*Server).listUsage},
		{Name: "hosts", Args: []Arg{{"by", Text, "what a row stands for: host (the default), or device,host"}, deviceArg, macArg, {"application", Text, "only of this application: its tag, or a protocol's name"}, offsetArg, limitArg},
			Doc: "The names of servers with the most bytes of the Internet since \"since\", today. A name has its exact bytes from the moment on that it is in the table; up to \"missing\" more may have come before; label is what a name was: the application, else the protocol. Bytes arrive at the end of a flow, and each interval while it lasts.", Example: `{"application":"netflix"}`, answer: (*Server).listHosts},
		{Name: "totals", Args: []Arg{{"by", Text, "device (the default), or application: the 64 largest, which are chosen anew once an hour, and the sum of the others"}, offsetArg, limitArg},
			Doc: "Bytes of the Internet since the start, as counters that never fall, for monitoring.", Example: `{"by":"application"}`, answer: (*Server).totals},
		{Name: "alerts", Args: []Arg{{"since", Number, "the oldest alerts with a higher number; without it the newest"}, limitArg}, Doc: "What a person should know, the oldest first: identifiers with arguments.", answer: (*Server).listAlerts},
		{Name: "device_set", Change: true, Args: []Arg{deviceArg, macArg, {"name", Text, "your name for it; empty takes it away"}, {"type", Text, "what it is; empty lets the rules say"}, {"hidden", Flag, "true: you do not want to see it"}, {"same_as", Text, "another device, which it is under a second hardware address: what it used and will use is the other's; empty parts them again"}}, Doc: "Name a device, say what it is, hide it, or join it to another.", Example: `{"device":"02:00:00:00:00:01","name":"tv"}`, answer: (*Server).setDevice},
		{Name: "device_forget", Change: true, Args: []Arg{deviceArg, macArg}, Doc: "Forget a device; what it used is counted as that of devices that are gone.", answer: (*Server).forgetDevice},
		{Name: "usage_commit", Change: true, Doc: "Write the history now.", answer: func(s *Server, _ args) error { return s.done(s.house.CommitUsage()) }},
		{Name: "usage_reset", Change: true, Args: []Arg{{"confirm", Flag, "true: you mean it"}}, Doc: "Forget everything that was used. Devices and their names stay.", answer: (*Server).resetUsage},
		{Name: "rules", Args: []Arg{offsetArg, limitArg}, Doc: "The rules that tell firewalls and shapers of flows, with what they did, and the targets that they write into.", answer: (*Server).listRules},
		{Name: "rule_explain", Args: []Arg{{"digest", Text, "the flow's digest, or the first 8 digits of it or more"}}, Doc: "What every rule asks of a flow, whether that holds, and which targets were told.", Example: `{"digest":"d404b7c0"}`, answer: (*Server).explainRules},
		{Name: "rule_pause", Change: true, Args: []Arg{{"rule", Text, "its name"}, {"minutes", Number, "for how long; 0 lets it go on"}, {"seconds", Number, "the same"}}, Doc: "Let a rule rest for a while: what it did is taken back until then. A pause outlives a restart of the agent, where the history is written.", Example: `{"rule":"night","minutes":30}`, answer: (*Server).pauseRule},
		{Name: "protocols", Doc: "Protocols: identifier, name and category.", Args: []Arg{{"version", Text, "of the list that the asker has: nothing is listed if it is still the same"}, offsetArg, limitArg}, answer: (*Server).protocols},
		{Name: "applications", Args: []Arg{{"version", Text, "of the catalogue that the asker has: nothing is listed if it is still the same"}, offsetArg, limitArg},
			Doc: "Applications: identifier, tag and category.", answer: (*Server).applications},
		{Name: "categories", Doc: "Categories of applications.", answer: (*Server).categories},
		{Name: "plan", Args: []Arg{{"values", Table, "settings to plan with, by their names in the configuration"}}, Doc: "The memory bill, of the configuration or of other settings.", Example: `{"values":{"flows.max":4096}}`, answer: (*Server).plan},
		{Name: "check", Args: []Arg{{"text", Text, "a configuration, in TOML or in OpenWrt's form"}}, Doc: "What is wrong with a configuration.", answer: (*Server).check},
	}
}

// Methods are all questions, in the order of the documentation. The slice is only to be read.
func Methods() []Method { return methods }

func find(name string) *Method {
	for i := range methods {
		if methods[i].Name == name {
			return &methods[i]
		}
	}
	return nil
}

// methods lists the questions themselves.
func (s *Server) methods(args) error {
	r := &s.reply
	r.table("methods", "name", "arguments", "changes", "what")
	for i := range methods {
		m := &methods[i]
		r.row()
		r.cell(m.Name)
		r.comma()
		r.b = append(r.b, '[')
		for _, a := range m.Args {
			r.cell(a.Name)
		}
		r.b = append(r.b, ']')
		r.flag(m.Change)
		r.cell(m.Doc)
		r.endRow()
	}
	r.endTable(len(methods))
	return nil
}
