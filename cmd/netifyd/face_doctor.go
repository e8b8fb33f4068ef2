package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
	"netifyd/core/engine"
	"netifyd/core/glyph"
)

// finding is one line of the doctor.
type finding struct {
	what   string
	good   bool
	text   string
	remedy string // of what is not good
}

// checks are what the doctor looks at, one line each.
var checks = []func(*config.Config) []finding{checkAgent, checkInterfaces, checkKernel, checkDirectories, checkHistory, checkSockets, checkClock}

// doctorFace looks at what the agent needs on this machine: netifyd doctor. It
// leaves with 0 where all is good, else with 2.
func doctorFace(f *face) error {
	if err := cmp.Or(f.only(), f.wordless("doctor")); err != nil {
		return err
	}
	bad := 0
	for _, check := range checks {
		for _, x := range check(f.cfg) {
			mark := "good"
			if !x.good {
				mark, bad = "BAD ", bad+1
			}
			fmt.Fprintf(f.out, "%s  %-12s %s\n", mark, x.what, glyph.Clean(x.text))
			if !x.good && x.remedy != "" {
				fmt.Fprintf(f.out, "%18s %s\n", "", x.remedy)
			}
		}
	}
	if bad > 0 {
		return exitCode(2)
	}
	return nil
}

func checkAgent(c *config.Config) []finding {
	f := &face{cfg: c}
	err := f.dial()
	if runs, ok := err.(unasked); ok {
		return []finding{{"agent", false, string(runs), ""}}
	}
	if err != nil {
		return []finding{{"agent", false, err.Error(), "start it: service netifyd start, systemctl start netifyd, or netifyd as root"}}
	}
	defer f.agent.Close()
	if _, err := f.agent.Raw("status", nil); err != nil {
		return []finding{{"agent", false, err.Error(), "see its log"}}
	}
	return []finding{{"agent", true, "runs and answers", ""}}
}

func checkInterfaces(c *config.Config) (list []finding) {
	wanted := c.Interfaces
	if len(wanted) == 0 {
		wanted = detectInterfaces()
	}
	if len(wanted) == 0 {
		return []finding{{"interfaces", false, "none named, and none found", "name one: netifyd -I br-lan, or [[interface]] in the configuration"}}
	}
	for i := range wanted {
		w := &wanted[i]
		if w.File != "" {
			list = append(list, checkFile(w))
			continue
		}
		dev, err := net.InterfaceByName(w.Name)
		switch {
		case err != nil:
			list = append(list, finding{"interface", false, w.Name + " is not there", "ip link shows what there is; capture begins by itself when it comes"})
		case dev.Flags&net.FlagUp == 0:
			list = append(list, finding{"interface", false, w.Name + " is down", "ip link set " + w.Name + " up"})
		default:
			list = append(list, finding{"interface", true, w.Name + " as " + w.Role.String() + " is up", ""})
		}
	}
	return list
}

func checkFile(w *config.Interface) finding {
	src, err := pcapfile.Open(w.File)
	if err != nil {
		return finding{"file", false, err.Error(), "name a pcap or pcapng file"}
	}
	src.Close()
	return finding{"file", true, w.File, ""}
}

func checkDirectories(c *config.Config) (list []finding) {
	for _, dir := range []string{c.VolatileDir, filepath.Dir(c.UUIDPath)} {
		info, err := os.Stat(dir)
		switch {
		case errors.Is(err, os.ErrNotExist):
			list = append(list, finding{"directory", false, dir + " is not there", "mkdir -p " + dir})
		case err != nil:
			list = append(list, finding{"directory", false, err.Error(), ""})
		case !info.IsDir():
			list = append(list, finding{"directory", false, dir + " is no directory", "remove it, and mkdir -p " + dir})
		default:
			list = append(list, finding{"directory", true, dir, ""})
		}
	}
	return list
}

// checkHistory looks at the disk that usage is written to.
func checkHistory(c *config.Config) []finding {
	u := &c.Usage
	dir, free := engine.HistoryDir(u)
	const least = 1 << 20
	switch {
	case !u.Enabled:
		return []finding{{"history", true, "usage.enabled is false: nothing is counted", ""}}
	case dir == "" && (u.Directory == "none" || u.SizeKB == 0):
		return []finding{{"history", true, "in memory, as the configuration says: it ends with the agent", ""}}
	case dir == "":
		return []finding{{"history", false, "has no directory: it ends with the agent", "mkdir /var/lib/netifyd, or name one: usage.directory"}}
	case free < least:
		return []finding{{"history", false, dir + " is not there, or less than 1 MiB is free", "make it, make room, or name another: usage.directory"}}
	}
	return []finding{{"history", true, dir + ", " + glyph.Octets(free) + " free", ""}}
}

// checkSockets looks at the sockets that events are read from.
func checkSockets(c *config.Config) (list []finding) {
	for i := range c.Listeners {
		path := c.Listeners[i].Path
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			list = append(list, finding{"socket", false, path + " is not there", "it comes with the agent; if that runs, its log says why the socket was not opened"})
			continue
		}
		list = append(list, finding{"socket", true, path, ""})
	}
	return list
}

// madeNotBefore is a time that every right clock has passed.
var madeNotBefore = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func checkClock(*config.Config) []finding {
	if now := time.Now(); now.Before(madeNotBefore) {
		return []finding{{"clock", false, "it is " + now.Format(time.DateTime) + " by the clock", "set it, or let ntpd do so: history is kept by the hour"}}
	}
	return []finding{{"clock", true, "is set", ""}}
}
