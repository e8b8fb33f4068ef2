package uci

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"netifyd/core/config"
)

// Settings is what /etc/config/netifyd says.
type Settings struct {
	Config   *config.Config   // without interfaces: they are to be detected
	Flags    *config.Flags    // what "list options" asks for; its Interfaces are in Config
	Warnings []config.Warning // in the order of lines
}

// Load reads the file path as the agent's configuration. The error is
// config.Errors and says which option in which line is wrong, and what would
// be right.
func Load(path string) (*Settings, error) {
	f, err := Read(path)
	if err != nil {
		return nil, err
	}
	return f.Settings()
}

// Settings makes a configuration of a file. Every section type but netifyd,
// network and ns_config is a table of the TOML file, and every option a key.
func (f *File) Settings() (*Settings, error) {
	r := &reader{file: f, cfg: config.Default(), flags: &config.Flags{}, lines: map[string]int{}, auto: true,
		warnings: slices.Clone(f.Warnings)}
	r.cfg.Path = f.Path
	for i := range f.Sections {
		r.section(&f.Sections[i])
	}
	r.finish()
	r.validate()
	r.cfg.Lines = r.lines
	sort.SliceStable(r.errs, func(i, j int) bool { return r.errs[i].Line < r.errs[j].Line })
	if len(r.errs) > 0 {
		return nil, r.errs[:min(len(r.errs), maxErrors)]
	}
	sort.SliceStable(r.warnings, func(i, j int) bool { return r.warnings[i].Line < r.warnings[j].Line })
	return &Settings{r.cfg, r.flags, r.warnings}, nil
}

// reader gathers what a file says. Keys of lines are those of config.Error.
type reader struct {
	file     *File
	cfg      *config.Config
	flags    *config.Flags
	lines    map[string]int
	errs     config.Errors
	warnings []config.Warning

	streams  bool // a listener was given, the default is gone
	auto     bool // autoconfig
	autoLine int
	devices  []legacyItem // internal_if, external_if
	options  []legacyItem
}

func (r *reader) fail(line int, format string, args ...any) {
	r.errs = append(r.errs, &config.Error{Path: r.file.Path, Line: line, Text: fmt.Sprintf(format, args...)})
}

func (r *reader) warn(line int, format string, args ...any) {
	r.warnings = append(r.warnings, config.Warning{Path: r.file.Path, Line: line, Text: fmt.Sprintf(format, args...)})
}

func (r *reader) section(s *Section) {
	table, known := tableOf(s.Type)
	switch {
	case s.Type == "netifyd":
		r.agent(s)
	case s.Type == "network": // found by interfaces, and at the end
	case s.Type == "ns_config":
		r.bypass(s)
	case s.Type == "interface":
		r.iface(s)
	case !known:
		r.fail(s.Line, "unknown type of section %q: %s", shortened(s.Type), hint(s.Type, kinds()))
	default:
		r.table(s, table)
	}
}

// table reads a section whose options are the keys of a table.
func (r *reader) table(s *Section, table string) {
	if table == "listen" && !r.streams {
		r.cfg.Listeners, r.streams = nil, true
	}
	i := config.Add(r.cfg, table)
	prefix := table
	if config.Repeated(table) {
		prefix += "[" + strconv.Itoa(i) + "]"
		r.lines[prefix] = s.Line
		config.SetLine(r.cfg, table, i, s.Line)
		if name := config.Find(table, "name"); name != nil && s.Name != "" && table != "interface" {
			_ = name.Set(r.cfg, i, s.Name) // config rule 'night'
		}
	}
	for k := range s.Options {
		o := &s.Options[k]
		if named(s.Type, o.Name) == nil {
			r.set(s, table, prefix, i, o)
		}
	}
}

// set gives a key of a table the value of an option.
func (r *reader) set(s *Section, table, prefix string, i int, o *Option) {
	key := config.Find(table, o.Name)
	if key == nil {
		r.fail(o.Lines[0], "unknown option %s of config %s: %s", o.Name, s.Type, hint(o.Name, optionsOf(s.Type)))
		return
	}
	r.lines[prefix+"."+o.Name] = o.Lines[0]
	for n := 0; o.List && n < len(o.Lines); n++ {
		r.lines[prefix+"."+o.Name+"["+strconv.Itoa(n)+"]"] = o.Lines[n]
	}
	value := o.Value()
	if on, ok := truth(value); ok && key.Type == config.Bool {
		value = strconv.FormatBool(on)
	}
	if value == none && clearable(key) {
		value = ""
	}
	var err error
	switch {
	case o.List && key.Type == config.List:
		err = key.SetList(r.cfg, i, items(o))
	case o.List:
		r.fail(o.Lines[0], "%s.%s is written as a list: want one option", s.Type, o.Name)
	default:
		err = key.Set(r.cfg, i, value)
	}
	if err != nil {
		r.fail(o.Lines[0], "%s.%s is %q: want %s", s.Type, o.Name, shortened(strings.Join(o.Values, " ")), want(key))
	}
}

// none stands for an empty text, which UCI cannot hold, where the default is another.
const none = "none"

func clearable(o *config.Option) bool {
	return o.Type == config.Text && !config.Repeated(o.Table) && o.Get(config.Default(), 0) != ""
}

// items are the values of a list, without those that are empty.
func items(o *Option) []string {
	var all []string
	for _, v := range o.Values {
		if v = strings.TrimSpace(v); v != "" {
			all = append(all, v)
		}
	}
	return all
}

// want is what is right for a key, in the words of UCI.
func want(o *config.Option) string {
	switch o.Type {
	case config.Bool:
		return "1 or 0"
	case config.List:
		return "text in one line for each item"
	}
	return o.Want()
}

// iface reads an interface section, whose device may be that of a network.
func (r *reader) iface(s *Section) {
	name := s.Option("name")
	if name == nil {
		name = s.Option("device")
	}
	network := s.Option("network")
	i := len(r.cfg.Interfaces)
	if name == nil && network != nil {
		role := s.Option("role")
		n := r.file.network(network.Value())
		if n == nil {
			r.warn(network.Line(), "network %s has no device now, as far as the start script told: left out", shortened(network.Value()))
			return
		}
		r.table(s, "interface")
		r.cfg.Interfaces[i].Name = n.device
		if role == nil {
			r.cfg.Interfaces[i].Role = roleOf(network.Value())
		}
		r.lines[fmt.Sprintf("interface[%d].name", i)] = network.Line()
		return
	}
	r.table(s, "interface")
	if name != nil {
		r.cfg.Interfaces[i].Name = strings.TrimSpace(name.Value())
		r.lines[fmt.Sprintf("interface[%d].name", i)] = name.Line()
	}
}

// network is what the start script wrote of a network.
type network struct {
	name, device string
	auto         bool
	line         int
}

// networks are those that have a device. The sections have no names of their
// own, which could be those of other sections.
func (f *File) networks() []network {
	var all []network
	for _, s := range f.Type("network") {
		name, device, auto := s.Option("name"), s.Option("device"), s.Option("auto")
		if name == nil || device == nil {
			continue
		}
		n := network{name: name.Value(), device: device.Value(), line: s.Line}
		if auto != nil {
			n.auto, _ = truth(auto.Value())
		}
		all = append(all, n)
	}
	return all
}

func (f *File) network(name string) *network {
	for _, n := range f.networks() {
		if n.name == name {
			return &n
		}
	}
	return nil
}

// roleOf goes by the name, as the names of OpenWrt's networks tell.
func roleOf(network string) config.Role {
	if strings.HasPrefix(network, "wan") || strings.HasPrefix(network, "wwan") {
		return config.WAN
	}
	return config.LAN
}

// finish is for what several sections say together.
func (r *reader) finish() {
	r.legacy()
	if !r.auto {
		if len(r.cfg.Interfaces) == 0 && r.autoLine > 0 && len(r.errs) == 0 && len(r.file.Type("interface")) == 0 {
			r.fail(r.autoLine, "autoconfig is off and no interface is named: add a section interface, or set autoconfig to 1")
		}
		return
	}
	for _, n := range r.file.networks() {
		if !n.auto || slices.ContainsFunc(r.cfg.Interfaces, func(i config.Interface) bool { return i.Name == n.device }) {
			continue
		}
		r.lines[fmt.Sprintf("interface[%d]", len(r.cfg.Interfaces))] = n.line
		r.cfg.Interfaces = append(r.cfg.Interfaces, config.Interface{Name: n.device, Role: roleOf(n.name)})
	}
}

// validate adds what only the whole shows, each with the line of its key, in
// the words of UCI.
func (r *reader) validate() {
	if len(r.errs) > 0 {
		return // what is wrong already would only be said again
	}
	var wrong config.Errors
	if err := r.cfg.Validate(); !errors.As(err, &wrong) {
		return
	}
	words := strings.NewReplacer("listen.", "stream.", "[[listen]]", "config stream")
	for _, e := range wrong {
		e.Path, e.Line, e.Text = r.file.Path, config.LineOf(r.lines, e.Key), words.Replace(e.Text)
		r.errs = append(r.errs, e)
	}
}
