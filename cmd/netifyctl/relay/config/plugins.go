package config

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"netifyd/cmd/netifyctl/relay/output"
)

// Where the files of netifyd 5 are.
const (
	PluginsDir     = "/etc/netifyd/plugins.d"
	netifydConf    = "/etc/netifyd.conf"
	pathPersistent = "/etc/netifyd"
	pathVolatile   = "/var/run/netifyd"
)

// instance is a section of plugins.d: a processor or a sink.
type instance struct {
	name, kind string // kind as the library is called: proc-core, sink-http …
	where      string // file and line
	conf       string // its JSON file
	text       []byte
}

// plugins is what is read of the files of netifyd 5.
type plugins struct {
	c         *Config
	types     map[string]output.Open
	instances map[string]*instance
	paths     map[string]string
	outputs   map[string]*pluginOutput // by sink and channel
	order     []string
	errs      []error
}

// pluginOutput is a channel of a sink that some processor wants.
type pluginOutput struct {
	sink    *instance
	channel string
	common  common
	reply   reference
}

// LoadPlugins reads plugins.d and the JSON files that it names, as netifyd 5 has
// them. What this relay has no equal for is a warning.
func LoadPlugins(dir string, types map[string]output.Open) (*Config, error) {
	p := &plugins{c: New(), types: types, instances: map[string]*instance{}, outputs: map[string]*pluginOutput{},
		paths: map[string]string{"path_state_persistent": pathPersistent, "path_state_volatile": pathVolatile, "path_shared_data": "/usr/share/netifyd", "path_plugin_libdir": "/usr/lib"}}
	p.readPaths(netifydConf)
	files, err := filepath.Glob(filepath.Join(dir, "*.conf"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: there is no file *.conf: want the directory plugins.d of netifyd 5", dir)
	}
	for _, f := range files {
		p.readLoader(f)
	}
	for _, name := range sorted(p.instances) {
		p.processor(p.instances[name])
	}
	for _, key := range p.order {
		p.open(p.outputs[key])
	}
	if err := p.c.check(); err != nil {
		p.errs = append(p.errs, fmt.Errorf("%s: %w", dir, err))
	}
	return p.c, errors.Join(p.errs...)
}

func sorted[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (p *plugins) warn(where, format string, arguments ...any) {
	p.c.Warnings = append(p.c.Warnings, where+": "+fmt.Sprintf(format, arguments...))
}

// ini reads sections of keys and values.
func ini(path string, each func(line int, section, key, value string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	section, n := "", 0
	s := bufio.NewScanner(f)
	for s.Scan() {
		n++
		text := strings.TrimSpace(s.Text())
		if text == "" || text[0] == '#' || text[0] == ';' {
			continue
		}
		if text[0] == '[' {
			section = strings.TrimSpace(strings.Trim(text, "[]"))
			each(n, section, "", "")
			continue
		}
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return fmt.Errorf("%s:%d: want key = value", path, n)
		}
		each(n, section, strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"'`))
	}
	return s.Err()
}

// readPaths takes the paths of netifyd.conf, where there is one.
func (p *plugins) readPaths(path string) {
	_ = ini(path, func(_ int, section, key, value string) {
		if _, known := p.paths[key]; known && section == "netifyd" {
			p.paths[key] = p.expand(value)
		}
	})
}

// expand puts paths in the place of ${…}.
func (p *plugins) expand(text string) string {
	for name, path := range p.paths {
		text = strings.ReplaceAll(text, "${"+name+"}", path)
	}
	return text
}

// readLoader reads a file of plugins.d.
func (p *plugins) readLoader(path string) {
	enabled := map[string]bool{}
	err := ini(path, func(line int, section, key, value string) {
		i := p.instances[section]
		if i == nil {
			i = &instance{name: section, where: fmt.Sprintf("%s:%d", path, line)}
			p.instances[section] = i
			enabled[section] = true
		}
		switch key {
		case "enable":
			enabled[section] = value == "yes" || value == "true" || value == "1"
		case "plugin_library":
			base, _, _ := strings.Cut(filepath.Base(value), ".so")
			i.kind = strings.TrimPrefix(base, "libnetify-")
		case "conf_filename":
			i.conf = p.expand(value)
		}
	})
	if err != nil {
		p.errs = append(p.errs, err)
	}
	for name, on := range enabled {
		if !on {
			delete(p.instances, name)
			continue
		}
		i := p.instances[name]
		if i.conf == "" {
			i.text = []byte("{}")
		} else if i.text, err = os.ReadFile(i.conf); err != nil {
			p.errs = append(p.errs, fmt.Errorf("%s: %w", i.where, err))
			i.text = []byte("{}")
		}
	}
}

// decode reads an instance's JSON.
func (p *plugins) decode(i *instance, into any) bool {
	err := json.Unmarshal(i.text, into)
	if err == nil {
		return true
	}
	line := 1
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		line += strings.Count(string(i.text[:syntax.Offset]), "\n")
	case errors.As(err, &typed):
		line += strings.Count(string(i.text[:typed.Offset]), "\n")
	}
	p.errs = append(p.errs, fmt.Errorf("%s:%d: %s", i.conf, line, strings.TrimPrefix(err.Error(), "json: ")))
	return false
}
