package engine

import (
	"netifyd/core/alert"
	"netifyd/core/device"
	"netifyd/core/event"
	"netifyd/core/query"
)

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
	w.Label = query.AlertLabel(a, e.apps.Tag)
	w.Host = query.AlertHost(a)
	if a.Iface > 0 && int(a.Iface) <= len(e.ifaces) {
		w.Iface = e.ifaces[a.Iface-1].cfg.Name
	}
	return w, address
}

// Alerts are the newest alerts.
func (e *Engine) Alerts() *alert.Ring { return e.keeper.alerts }

// Alerts is House's.
func (h *house) Alerts() *alert.Ring {
	if h.e == nil {
		return nil
	}
	return h.e.Alerts()
}
