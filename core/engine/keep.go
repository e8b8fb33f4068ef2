package engine

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"netifyd/core"
	"netifyd/core/alert"
	"netifyd/core/calendar"
	"netifyd/core/config"
	"netifyd/core/device"
	"netifyd/core/event"
	"netifyd/core/query"
	"netifyd/core/usage"
)

// keepEvery is how often the house is kept: names, alerts, history.
const keepEvery = 5 * time.Second

// clockFloor is before this version: no clock that is right stands there.
const clockFloor = 1793491200 // 2026-11-01

// keeper keeps the rooms that no packet enters. It belongs to the goroutine
// that calls Run; the rooms themselves anybody may read.
type keeper struct {
	history   *usage.History
	names     *device.Files
	alerts    *alert.Ring
	watch     *alert.Watch
	seen      alert.Seen // which device used which application
	committed time.Time
	news      []device.News
	line      []byte
	lost      bool // history is kept in memory, though nobody wished it so
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
	return usage.New(d, usage.Options{Cells: u.Cells, Hosts: u.Hosts, Clock: clock, Trusted: floorOf(c)}), warnings
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
	e.usage, warnings = newUsage(e.cfg, false, clock)
	e.warn(warnings)
	k.names = device.NewFiles(u.Names)
	sys, keep := e.place(u)
	k.history, warnings = usage.OpenHistory(sys, clock, keep)
	e.warn(warnings)
	if err := k.history.Restore(e.usage, time.Now().Unix()); err != nil {
		e.log.Warn().Err(err).Msg("history could not be read")
	}
	k.seen.Set(k.history.Get("seen"))
	e.tellOwn()
	e.nameDevices()
}

// places are where the history is where the configuration names none: what the
// packages of OpenWrt, Debian and FreeBSD make.
var places = []string{"/etc/netifyd/usage", "/var/lib/netifyd", "/var/db/netifyd"}

// leastFree is the room on a disk below which nothing is written to it.
const leastFree = 1 << 20

// inMemory is how much history an agent keeps that may not write.
const inMemory = 64 << 10

// place finds where the history goes, and how much of it.
func (e *Engine) place(u *config.UsageOptions) (usage.System, usage.Keep) {
	keep := usage.Keep{Bytes: u.SizeKB << 10, Days: u.Days, Periods: u.Months}
	dir, err := u.Directory, error(nil)
	wished := u.SizeKB == 0 || dir == "none" || dir == "" && floorOf(e.cfg) == 0
	switch {
	case wished:
		dir = ""
	case dir == "":
		for _, p := range places {
			if s, err := os.Stat(p); err == nil && s.IsDir() {
				dir = p
				break
			}
		}
		if dir == "/var/lib/netifyd" || dir == "/var/db/netifyd" { // the packages' own directory, shared
			dir = filepath.Join(dir, "usage")
			err = os.MkdirAll(dir, 0o750)
		}
	default:
		err = os.MkdirAll(dir, 0o750)
	}
	if dir != "" && err == nil {
		free := freeOf(dir)
		if keep.Bytes = int(min(uint64(keep.Bytes), free/8)); free < leastFree {
			err = errors.New("less than 1 MiB is free there")
		}
	}
	if err != nil {
		e.log.Warn().Err(err).Str("directory", dir).Msg("history is kept in memory only")
		dir = ""
	}
	if err == nil && dir != "" {
		e.giveAway(dir)
	}
	e.keeper.lost = dir == "" && !wished
	if dir == "" {
		keep.Bytes = inMemory
		return new(usage.Memory), keep
	}
	return usage.Directory(dir), keep
}

// giveAway gives the directory of the history, and its files, to the user that
// the agent will become. Links are not followed.
func (e *Engine) giveAway(dir string) {
	if os.Geteuid() != 0 || e.cfg.User == "" {
		return
	}
	u, err := user.Lookup(e.cfg.User)
	if err != nil {
		return // the start says so when it becomes that user
	}
	id, err := strconv.Atoi(u.Uid)
	if err != nil {
		return
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, path := range append(files, dir) {
		if err := os.Lchown(path, id, -1); err != nil {
			e.log.Warn().Err(err).Msg("history may not be written by " + e.cfg.User)
			return
		}
	}
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
	e.watchQuotas()
	if at || now.Sub(k.committed) >= e.cfg.Usage.Commit-keepEvery {
		if records, _ := e.usage.Pending(nil); at || len(records) > 0 {
			e.commit(now)
		}
	}
}

// commit writes the history.
func (e *Engine) commit(now time.Time) error {
	k := &e.keeper
	was := k.history.Stats().Error
	err := k.history.Commit(e.usage)
	if err == nil {
		k.committed = now
		if b, changed := k.seen.Bits(); changed {
			err = k.history.Put("seen", b)
		}
	}
	switch {
	case err != nil && was == "":
		e.log.Warn().Err(err).Msg("history was not written; it is kept in memory and tried again")
	case err == nil && was != "":
		e.log.Info().Msg("history is written again")
	}
	return err
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

// watchDevices tells what happened to devices, and which applications are new to them.
func (e *Engine) watchDevices() {
	k, now := &e.keeper, e.usageTime()
	d := e.usage.Devices
	k.news = d.Drain(k.news[:0])
	for i := range k.news {
		n := &k.news[i]
		if n.What != device.Resolves {
			e.tellDevice(n)
		}
		switch n.What {
		case device.Came:
			k.watch.Raise(alert.Alert{Kind: alert.DeviceNew, Device: n.Device.Number}, now)
		case device.Resolves:
			k.watch.Raise(alert.Alert{Kind: alert.DeviceResolver, Device: n.Device.Number}, now)
		}
	}
	learn := uint32(e.cfg.Usage.Learn / time.Second)
	var fresh []alert.Alert
	d.Lock()
	e.usage.Fresh(func(r usage.Row) {
		if x := d.At(r.Device); x.Kind != device.Group && k.seen.Add(x.Number, uint32(r.Label)) && now >= x.First+learn {
			fresh = append(fresh, alert.Alert{Kind: alert.ApplicationFirst, Device: x.Number, Label: uint32(r.Label)})
		}
	})
	d.Unlock()
	for _, a := range fresh {
		k.watch.Raise(a, now)
	}
}

// watchQuotas compares what was used in this period with the quotas.
func (e *Engine) watchQuotas() {
	u, k, now := &e.cfg.Usage, &e.keeper, e.usageTime()
	if u.QuotaKB == 0 && u.DeviceQuotaKB == 0 {
		return
	}
	d := e.usage.Devices
	type spent struct {
		number uint32
		used   uint64
	}
	var list []spent
	all := uint64(0)
	d.Lock()
	_, _, period := e.usage.Spans()
	for id := device.Others; int(id) < d.Cap(); id++ {
		if x := d.At(id); x != nil {
			_, p, _ := e.usage.Used(id)
			all += p.Down + p.Up
			if x.Kind != device.Group {
				list = append(list, spent{x.Number, p.Down + p.Up})
			}
		}
	}
	d.Unlock()
	k.watch.Spent(period.Start, 0, all, uint64(u.QuotaKB)<<10, now)
	for _, s := range list {
		k.watch.Spent(period.Start, s.number, s.used, uint64(u.DeviceQuotaKB)<<10, now)
	}
}

// watchAgent raises alerts about the agent itself. The caller holds the status.
func (e *Engine) watchAgent(st *event.Status, o *offload) {
	e.mu.Lock()
	running := e.running
	e.mu.Unlock()
	if !running {
		return // captures end since the agent does
	}
	s := alert.State{Dropped: st.Capture.Dropped, Evicted: st.FlowsEvicted, Offloads: isOffloaded(st.Offload), Uncounted: o.uncounted, ClockSet: true}
	if e.usage != nil {
		e.usage.Devices.Lock()
		s.Refused = e.usage.Devices.Refused
		s.ClockSet = e.usage.ClockSet()
		e.usage.Devices.Unlock()
		s.Unwritten = e.keeper.history.Stats().Error != ""
		if s.Dropped > e.keeper.watch.Dropped() {
			e.usage.Lose()
		}
	}
	for i := range st.Interfaces {
		s.Present = append(s.Present, st.Interfaces[i].State == event.Online || e.ifaces[i].cfg.File != "")
	}
	e.keeper.watch.Look(s, max(e.usageTime(), 1))
}

// tellAlert writes a fresh alert to the log.
func (e *Engine) tellAlert(a alert.Alert) {
	w, address := e.words(&a)
	line := e.log.Info()
	if a.Kind.Serious() {
		line = e.log.Warn()
	}
	line.Str("alert", a.Kind.String()).Msg(a.Text(w))
	if e.faces.heard() {
		e.faces.ubus.Tell("alert", query.Alert(&a, address, w))
	}
}

// words are what the arguments of an alert stand for now.
func (e *Engine) words(a *alert.Alert) (w alert.Words, address string) {
	if e.usage != nil && a.Device != 0 {
		d := e.usage.Devices
		d.Lock()
		id := d.ByNumber(a.Device)
		address = d.Text(id)
		w.Device = address
		if x := d.At(id); x != nil && x.Name() != "" {
			w.Device = x.Name() + " (" + w.Device + ")"
		}
		d.Unlock()
	}
	if a.Label != 0 {
		w.Label = usage.Label(a.Label).Name(e.apps.Tag)
	}
	if a.Iface > 0 && int(a.Iface) <= len(e.ifaces) {
		w.Iface = e.ifaces[a.Iface-1].cfg.Name
	}
	return w, address
}

// tellDevice tells those who asked what happened to a device.
func (e *Engine) tellDevice(n *device.News) {
	heard := e.faces.heard()
	if !heard && !e.port.Wants(event.V5, core.KindDevice) {
		return
	}
	x := &n.Device
	d := event.DeviceNews{What: n.What.String(), Name: x.Name(), From: x.From().String(), Randomised: x.Flags&device.Randomised != 0, First: x.First, Last: x.Last, Addresses: x.Addresses(nil)}
	if x.Kind == device.ByMAC {
		d.MAC = x.MAC()
	}
	e.usage.Devices.Lock()
	d.Type, d.Why = e.usage.Devices.Type(x)
	e.usage.Devices.Unlock()
	e.keeper.line = event.AppendDevice(e.keeper.line[:0], &d)
	if heard {
		e.faces.ubus.Tell("device", bytes.Clone(e.keeper.line))
	}
	if e.port.Wants(event.V5, core.KindDevice) {
		e.port.Offer(event.V5, core.KindDevice, core.Wanted, e.keeper.line)
	}
}

// nameDevices reads the files that name devices, where they changed.
func (e *Engine) nameDevices() {
	if e.usage != nil {
		e.keeper.names.Read(e.usage.Devices)
	}
}

// reloadUsage takes over what a reload may change.
func (e *Engine) reloadUsage() {
	if e.usage == nil {
		return
	}
	u, k := &e.cfg.Usage, &e.keeper
	e.usage.Devices.SetExclude(macs(u.Exclude))
	rules, warnings := device.LoadRules(u.RulesDir)
	e.usage.Devices.SetRules(rules)
	e.warn(warnings)
	k.names = device.NewFiles(u.Names)
	if clock, err := calendar.NewClock(u.Timezone, u.Period); err == nil {
		e.usage.SetClock(clock)
		_, keep := e.place(u)
		k.history.SetClock(clock, keep)
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

// History is what was used before this hour; nil where usage.enabled is false.
func (e *Engine) History() *usage.History { return e.keeper.history }

// Alerts are the newest alerts.
func (e *Engine) Alerts() *alert.Ring { return e.keeper.alerts }

// CommitUsage writes the history now, this hour included. Anybody may call it.
func (e *Engine) CommitUsage() (err error) {
	if e.usage == nil {
		return errors.New("usage.enabled is false: nothing is counted")
	}
	if !e.Do(func() { e.usage.Flush(); err = e.commit(time.Now()) }) {
		return errors.New("the agent is ending")
	}
	return err
}

// ResetUsage forgets everything that was used; devices and their names stay. Anybody may call it.
func (e *Engine) ResetUsage() (err error) {
	if e.usage == nil {
		return errors.New("usage.enabled is false: nothing is counted")
	}
	if !e.Do(func() { e.usage.Reset(); err = e.keeper.history.Reset() }) {
		return errors.New("the agent is ending")
	}
	return err
}

func (e *Engine) warn(texts []string) {
	for _, text := range texts {
		e.log.Warn().Msg(text)
	}
}

// tellOwn tells the devices which addresses are this machine's.
func (e *Engine) tellOwn() {
	if e.usage == nil {
		return
	}
	var own device.Own
	all, _ := net.Interfaces()
	for _, i := range all {
		if len(i.HardwareAddr) == 6 {
			own.MACs = append(own.MACs, [6]byte(i.HardwareAddr))
		}
		list, _ := i.Addrs()
		for _, a := range list {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				own.Addrs = append(own.Addrs, p.Addr())
			}
		}
	}
	e.usage.Devices.SetOwn(own)
}

// History is House's.
func (h *house) History() *usage.History {
	if h.e == nil {
		return nil
	}
	return h.e.History()
}

// Alerts is House's.
func (h *house) Alerts() *alert.Ring {
	if h.e == nil {
		return nil
	}
	return h.e.Alerts()
}

var errReplay = errors.New("this is a replay: nothing is kept")

// CommitUsage is House's.
func (h *house) CommitUsage() error {
	if h.e == nil {
		return errReplay
	}
	return h.e.CommitUsage()
}

// ResetUsage is House's.
func (h *house) ResetUsage() error {
	if h.e == nil {
		return errReplay
	}
	return h.e.ResetUsage()
}
