package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"netifyd/core/action"
	"netifyd/core/config"
	"netifyd/core/engine"
	"netifyd/core/query/client"
	"netifyd/core/sink/socket"
)

// checkConfig says what a start would refuse. What a start waits for or does
// without is a warning.
func checkConfig(cfg *config.Config) error {
	for _, w := range doubts(cfg) {
		fmt.Fprintln(os.Stderr, "netifyd: warning:", w)
	}
	for n, i := range cfg.Interfaces {
		if i.File == "" || i.File == "-" {
			continue
		}
		if _, err := os.Stat(i.File); err != nil {
			return cfg.Fault(fmt.Sprintf("interface[%d].file", n), "interface %s: %v", i.Name, err)
		}
	}
	for i := range cfg.Listeners {
		if err := socket.Check(cfg.Listeners[i]); err != nil {
			return cfg.Fault(fmt.Sprintf("listen[%d]", i), "%v", err)
		}
	}
	if err := checkAccount(cfg); err != nil {
		return err
	}
	apps, err := loadApps(cfg)
	if err != nil {
		return err
	}
	if err := checkPlan(engine.Total(engine.Plan(cfg, captures(cfg), apps))); err != nil {
		return err
	}
	odd, err := engine.CheckRules(cfg, apps, knownDevices(cfg))
	for _, w := range odd {
		fmt.Fprintln(os.Stderr, "netifyd: warning:", w)
	}
	if err != nil {
		return err
	}
	fmt.Printf("%s: good\n", cmp.Or(cfg.Path, "no configuration file: the defaults"))
	return nil
}

// knownDevices are what devices are called: a running agent knows, else its history and the
// files of names do. nil: an agent runs and does not tell.
func knownDevices(cfg *config.Config) map[string]bool {
	if len(cfg.Actions)+len(cfg.Groups) == 0 && len(cfg.Rules.Exempt) == 0 && action.JSONPath(cfg) == "" {
		return nil
	}
	names := engine.KnownNames(cfg)
	f := &face{cfg: cfg}
	if f.dial() != nil {
		if held(cfg.VolatileDir) {
			return nil
		}
		return names
	}
	defer f.agent.Close()
	var list client.Rows
	if f.all("devices", map[string]any{"sort": "id"}, cfg.Usage.Devices, &list, &list) != nil {
		return nil
	}
	for i := range list.Rows {
		if name := list.Text(i, "name"); name != "" {
			names[strings.ToLower(name)] = true
		}
	}
	return names
}

// checkAccount looks for the user and the group to become.
func checkAccount(cfg *config.Config) error {
	if cfg.User != "" {
		if _, err := user.Lookup(cfg.User); err != nil {
			return cfg.Fault("agent.user", "agent.user: there is no user %q: make it, or set another", cfg.User)
		}
	}
	if cfg.Group != "" {
		if _, err := user.LookupGroup(cfg.Group); err != nil {
			return cfg.Fault("agent.group", "agent.group: there is no group %q: make it, or set another", cfg.Group)
		}
	}
	return nil
}

// doubts are what a start takes, and what is still likely to be a mistake.
func doubts(cfg *config.Config) []string {
	var out []string
	doubt := func(key, format string, args ...any) { out = append(out, cfg.Fault(key, format, args...).Error()) }
	for n, i := range cfg.Interfaces {
		if i.File == "" {
			if _, err := net.InterfaceByName(i.Name); err != nil {
				doubt(fmt.Sprintf("interface[%d].name", n), "interface %s is not there: the agent waits for it", i.Name)
			}
		}
	}
	for k := range config.Options {
		o := &config.Options[k]
		for n := range config.Count(cfg, o.Table) {
			if path := o.Get(cfg, n); slices.Contains(paths, o.Key()) && path != "" && path != "none" && !filepath.IsAbs(path) {
				key := o.Key()
				if config.Repeated(o.Table) {
					key = fmt.Sprintf("%s[%d].%s", o.Table, n, o.Name)
				}
				doubt(key, "%s: %s is sought where the agent is started, which a service does elsewhere than you: begin it with a /", o.Key(), path)
			}
		}
	}
	if info, err := os.Stat(cfg.VolatileDir); errors.Is(err, syscall.ENOTDIR) || err == nil && !info.IsDir() {
		doubt("agent.volatile_dir", "agent.volatile_dir: a file is where the directory %s should be: there is no status.json, no PID file and no control socket then", cfg.VolatileDir)
	} else if err := socket.Check(config.Listener{Path: filepath.Join(cfg.VolatileDir, config.ControlSocket)}); err != nil && cfg.Control.Enabled {
		doubt("agent.volatile_dir", "agent.volatile_dir: nobody could ask the agent: %v", err)
	}
	defaults := config.Default()
	for _, d := range []struct{ key, path, usual string }{
		{"applications.dir", cfg.AppsDir, defaults.AppsDir}, {"applications.domains_dir", cfg.DomainsDir, defaults.DomainsDir},
	} {
		if d.path == "" || d.path == d.usual {
			continue
		}
		if info, err := os.Stat(d.path); err != nil || !info.IsDir() {
			doubt(d.key, "%s: there is no directory %s: nothing is read from it", d.key, d.path)
		}
	}
	if cfg.Catalogue != "" && cfg.Catalogue != defaults.Catalogue {
		if _, err := os.Stat(cfg.Catalogue); err != nil {
			doubt("applications.catalogue", "applications.catalogue: there is no file %s: the catalogue built in is used", cfg.Catalogue)
		}
	}
	return out
}

// paths are the settings that name a file or a directory.
var paths = []string{"agent.uuid_path", "agent.volatile_dir", "listen.path", "usage.directory", "usage.rules_dir",
	"applications.dir", "applications.domains_dir", "applications.catalogue", "actions.file", "actions.groups_dir", "actions.connlabel_conf", "target.path"}

// captures is how many interfaces a start would capture on. Without any in the
// configuration, those that would be found become part of it.
func captures(cfg *config.Config) int {
	if len(cfg.Interfaces) == 0 {
		cfg.Interfaces = detectInterfaces()
	}
	return max(1, len(cfg.Interfaces))
}
