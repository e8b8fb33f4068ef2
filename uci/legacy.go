package uci

import (
	"fmt"
	"strconv"
	"strings"

	"netifyd/core/config"
)

// legacyItem is one value of a list that holds flags of the command line.
type legacyItem struct {
	flag  string // -I or -E; "" for options
	value string
	line  int
}

// agent reads a section of type netifyd.
func (r *reader) agent(s *Section) {
	for k := range s.Options {
		o := &s.Options[k]
		n := named("netifyd", o.Name)
		switch {
		case n == nil:
			r.fail(o.Lines[0], "unknown option %s of config netifyd: %s", o.Name, hint(o.Name, optionsOf("netifyd")))
		case o.Name == "exclude":
			r.exclude(items(o), o.Lines[0])
		case n.List:
			r.gather(o)
		case o.List:
			r.fail(o.Lines[0], "netifyd.%s is written as a list: want one option", o.Name)
		case !r.plain(n, o):
			r.fail(o.Line(), "netifyd.%s is %q: want %s", o.Name, shortened(o.Value()), n.Takes)
		}
	}
}

func (r *reader) exclude(list []string, line int) {
	r.cfg.Capture.Exclude = append(r.cfg.Capture.Exclude, list...)
	r.lines["capture.exclude"] = line
}

// bypass reads the lists of NethSecurity's section: "ADDRESS|description".
func (r *reader) bypass(s *Section) {
	for k := range s.Options {
		o := &s.Options[k]
		if o.Name != "bypassv4" && o.Name != "bypassv6" {
			r.warn(o.Lines[0], "ns_config.%s has no meaning here", o.Name)
			continue
		}
		for i, v := range o.Values {
			address, _, _ := strings.Cut(v, "|")
			if address = strings.TrimSpace(address); address != "" {
				r.exclude([]string{address}, o.Lines[i])
			}
		}
	}
}

// isMemory tells sizes as the Go runtime reads them in GOMEMLIMIT.
func isMemory(text string) bool {
	number := strings.TrimRight(text, "KMGiB")
	_, err := strconv.ParseUint(number, 10, 63)
	switch text[len(number):] {
	case "", "B", "KiB", "MiB", "GiB":
		return err == nil
	}
	return false
}

// plain checks an option that is one value; autoconfig is kept.
func (r *reader) plain(n *Name, o *Option) bool {
	text := o.Value()
	switch n.Option {
	case "memory_limit":
		return isMemory(text)
	case "processors":
		v, err := strconv.Atoi(text)
		return err == nil && v >= 1 && v <= 256
	case "nice":
		v, err := strconv.Atoi(text)
		return err == nil && v >= -20 && v <= 19
	}
	on, ok := truth(text)
	if n.Option == "autoconfig" && ok {
		r.auto, r.autoLine = on, o.Line()
	}
	return ok
}

func (r *reader) gather(o *Option) {
	flag := map[string]string{"internal_if": "-I", "external_if": "-E"}[o.Name]
	for i, v := range o.Values {
		if strings.TrimSpace(v) == "" {
			continue
		}
		item := legacyItem{flag, v, o.Lines[i]}
		if flag == "" {
			r.options = append(r.options, item)
		} else {
			r.devices = append(r.devices, item)
		}
	}
}

// legacy does what the lists of flags say, as a command line would.
func (r *reader) legacy() {
	for _, d := range r.devices {
		words, err := split(d.value)
		var flags *config.Flags
		if err == nil {
			flags, err = config.ParseFlags(append([]string{d.flag}, words...))
		}
		if err == nil && (flags.Command != config.CommandRun || flags.ConfigPath != "" || flags.UCIPath != "") {
			err = fmt.Errorf("want a device, and behind it -A, -F or -N")
		}
		if err != nil {
			r.fail(d.line, "%q: %v", shortened(d.value), err)
			continue
		}
		r.addInterfaces(flags.Interfaces, d.line)
	}
	r.flagOptions()
}

func (r *reader) addInterfaces(list []config.Interface, line int) {
	for _, i := range list {
		r.lines[fmt.Sprintf("interface[%d]", len(r.cfg.Interfaces))] = line
		r.cfg.Interfaces = append(r.cfg.Interfaces, i)
	}
}

// flagOptions reads all items of "list options" as one command line. An error
// is that of the first item that no item behind it mends.
func (r *reader) flagOptions() {
	var line []string
	ends := make([]int, len(r.options)) // words up to and with each item
	for i, o := range r.options {
		words, err := split(o.value)
		if err != nil {
			r.fail(o.line, "options holds %q: %v", shortened(o.value), err)
			return
		}
		line = append(line, words...)
		ends[i] = len(line)
	}
	flags, err := config.ParseFlags(line)
	if err != nil {
		culprit := len(ends) - 1
		for culprit > 0 {
			if _, before := config.ParseFlags(line[:ends[culprit-1]]); before == nil {
				break
			}
			culprit--
		}
		r.fail(r.options[culprit].line, "options holds %q: %v", shortened(r.options[culprit].value), err)
		return
	}
	if len(r.options) == 0 {
		return
	}
	first := r.options[0].line
	if flags.Command != config.CommandRun {
		r.fail(first, "options holds the command %s: want flags only", flags.Command)
		return
	}
	if flags.ConfigPath != "" || flags.UCIPath != "" {
		r.warn(first, "options names another configuration: ignored, this file is the configuration")
	}
	for _, w := range flags.Warnings {
		r.warn(first, "options: %s", w.Text)
	}
	r.addInterfaces(flags.Interfaces, first)
	r.use(flags)
}

// use puts flags over the configuration, as config.Apply does.
func (r *reader) use(f *config.Flags) {
	if f.Interval != 0 {
		r.cfg.UpdateInterval = f.Interval
	}
	if f.Debug {
		r.cfg.LogLevel = "debug"
	}
	f.Interfaces, f.Warnings, f.ConfigPath, f.UCIPath = nil, nil, "", ""
	r.flags = f
}

// split gives the words of a value as a shell would, with quotes. Words behind
// -F that no quotes hold together are one filter, up to the next flag.
func split(text string) ([]string, error) {
	s := scanner{text: text, line: 1}
	var all []string
	for s.at < len(s.text) {
		words, open, _ := s.words()
		if open > 0 {
			return nil, fmt.Errorf("a quote is opened and never closed")
		}
		filter := false
		for _, w := range words {
			if w.mark {
				continue
			}
			isFlag := len(w.text) > 1 && w.text[0] == '-' && !w.quoted && (w.text[1] == '-' || strings.IndexByte("AFN", w.text[1]) >= 0)
			last := len(all) - 1
			switch {
			case filter && !isFlag && last >= 0 && all[last] != "-F":
				all[last] += " " + w.text
				continue
			case isFlag || filter && w.quoted:
				filter = w.text == "-F"
			}
			all = append(all, w.text)
		}
	}
	return all, nil
}
