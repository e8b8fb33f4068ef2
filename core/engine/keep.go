package engine

import (
	"net"
	"sync/atomic"
	"time"

	"netifyd/core/alert"
	"netifyd/core/calendar"
	"netifyd/core/config"
	"netifyd/core/device"
	"netifyd/core/usage"
)

// keepEvery is how often the house is kept: names, alerts, history.
const keepEvery = 5 * time.Second

// clockFloor is before this version: no clock that is right stands there.
const clockFloor = 1793491200 // 2026-11-01

// keeper keeps the rooms that no packet enters. It belongs to the goroutine
// that calls Run; the rooms themselves anybody may read.
type keeper struct {
	history    *usage.History
	dir        string // of the history; empty: it is in memory
	names      *device.Files
	alerts     *alert.Ring
	probes     *alert.Probes // of all shards; nil: nobody counts
	watch      *alert.Watch
	seen       alert.Seen // which device used which application
	committed  time.Time
	news       []device.News
	line       []byte
	closed     []byte      // records of hours that were not told yet
	seq        uint64      // of lines of usage
	vendorless bool        // the table of makers cannot be read, and this was said
	lost       atomic.Bool // history is kept in memory, though nobody wished it so
}

// newUsage makes the table of an engine, or of a capture file; nil where the
// configuration wants none. Warnings are about files of rules.
func newUsage(c *config.Config, file bool, clock *usage.Clock) (t *usage.Table, warnings []string) {
	u := &c.Usage
	if !u.Enabled {
		return nil, nil
	}
	d := device.New(device.Options{Devices: u.Devices, ByIP: u.By == "ip" || !file && !hasLAN(c)})
	d.SetExclude(macs(u.Exclude))
	rules, warnings := device.LoadRules(u.RulesDir)
	d.SetRules(rules)
	t = usage.New(d, usage.Options{Cells: u.Cells, Hosts: u.Hosts, Clock: clock, Trusted: floorOf(c)})
	t.SetInterval(int64(u.Interval))
	return t, warnings
}

func hasLAN(c *config.Config) bool {
	for i := range c.Interfaces {
		if c.Interfaces[i].Role == config.LAN {
			return true
		}
	}
	return false
}

func macs(texts []string) (list [][6]byte) {
	for _, text := range texts {
		if m, err := net.ParseMAC(text); err == nil && len(m) == 6 {
			list = append(list, [6]byte(m))
		}
	}
	return list
}

// floorOf is the time before which packets are not believed. Files say what they like.
func floorOf(c *config.Config) int64 {
	for i := range c.Interfaces {
		if c.Interfaces[i].File == "" {
			return clockFloor
		}
	}
	return 0
}

// startUsage makes what the rooms need, and reads the history.
func (e *Engine) startUsage() {
	u, k := &e.cfg.Usage, &e.keeper
	k.alerts = new(alert.Ring)
	k.watch = alert.NewWatch(k.alerts, e.tellAlert)
	if !u.Enabled {
		return
	}
	clock, err := calendar.NewClock(u.Timezone, u.Period)
	if err != nil { // the configuration was checked: the system's zone has changed since
		e.log.Warn().Err(err).Msg("days are those of UTC")
		clock, _ = calendar.NewClock("UTC0", "1")
	}
	var warnings []string
	k.probes = alert.NewProbes()
	e.usage, warnings = newUsage(e.cfg, false, clock)
	e.warn(warnings)
	k.names = device.NewFiles(u.Names)
	sys, keep := e.place(u)
	k.history, warnings = usage.OpenHistory(sys, clock, keep)
	e.warn(warnings)
	k.history.Before = e.tellUsage
	if err := k.history.Restore(e.usage, time.Now().Unix()); err != nil {
		e.log.Warn().Err(err).Msg("history could not be read")
	}
	k.seen.Set(k.history.Get(usage.SeenName))
	e.tellOwn(lookAround())
	e.nameDevices()
}

// keep keeps the house: it names devices, tells what happened, raises alerts,
// and writes the history when it is time, or at once.
func (e *Engine) keep(now time.Time, at bool) {
	if e.usage == nil {
		return
	}
	k := &e.keeper
	e.nameDevices()
	e.refreshRules()
	e.watchDevices()
	e.usage.Devices.SettleSame()
	e.watchQuotas()
	e.tellUsage()
	if at || now.Sub(k.committed) >= e.cfg.Usage.Commit-keepEvery {
		if records, _ := e.usage.Pending(nil); at || len(records) > 0 {
			e.commit(now)
		}
	}
}

// usageTime is the time of the table, seconds since 1970.
func (e *Engine) usageTime() uint32 {
	newest := int64(0)
	for _, s := range e.shards {
		s.mu.Lock()
		newest = max(newest, s.now)
		s.mu.Unlock()
	}
	return uint32(newest / second)
}

// reloadUsage takes over what a reload may change.
func (e *Engine) reloadUsage() {
	if e.usage == nil {
		return
	}
	u, k := &e.cfg.Usage, &e.keeper
	e.usage.SetInterval(int64(u.Interval))
	e.usage.Devices.SetExclude(macs(u.Exclude))
	rules, warnings := device.LoadRules(u.RulesDir)
	e.usage.Devices.SetRules(rules)
	e.warn(warnings)
	k.names = device.NewFiles(u.Names)
	if clock, err := calendar.NewClock(u.Timezone, u.Period); err == nil {
		e.usage.SetClock(clock)
		k.history.SetClock(clock, e.keepNow(u))
	}
	switch wished := u.SizeKB > 0 && u.Directory != "none"; {
	case u.SizeKB == 0 && k.dir != "":
		e.stopWriting(u)
	case wished && k.dir == "" && !k.lost.Load() && floorOf(e.cfg) != 0:
		e.log.Warn().Str("setting", "usage.size").Msg("history stays in memory until the next start")
	}
}

// closeUsage writes the last of it, when every flow has ended.
func (e *Engine) closeUsage() {
	if e.usage == nil {
		return
	}
	e.usage.Flush()
	e.keep(time.Now(), true)
}

func (e *Engine) warn(texts []string) {
	for _, text := range texts {
		e.log.Warn().Msg(text)
	}
}
