package engine

import (
	"bytes"
	"time"

	"netifyd/core"
	"netifyd/core/alert"
	"netifyd/core/device"
	"netifyd/core/event"
	"netifyd/core/usage"
)

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
	e.usage.DrainAtRisk(func(r usage.AtRisk) {
		if x := d.At(r.Device); x != nil {
			fresh = append(fresh, alert.Alert{Kind: alert.RiskFound, Device: x.Number, Label: uint32(r.Risk), Value: uint64(r.Flows)})
		}
	})
	k.probes.Drain(func(f alert.Found) {
		if x := d.At(device.ID(f.Place)); f.Place != 0 && x != nil {
			f.Device = x.Number
		}
		fresh = append(fresh, f.Alert)
	})
	d.Unlock()
	for _, a := range fresh {
		k.watch.Raise(a, now)
	}
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
		if err := e.usage.Devices.FindVendors(device.VendorFiles); err != nil && !e.keeper.vendorless {
			e.keeper.vendorless = true
			e.log.Warn().Err(err).Msg("makers of devices are not known: install the package of makers anew")
		}
	}
}

// tellOwn tells the devices which addresses are this machine's.
func (e *Engine) tellOwn(around network) {
	if e.usage == nil {
		return
	}
	var own device.Own
	for _, d := range around {
		if len(d.HardwareAddr) == 6 {
			own.MACs = append(own.MACs, [6]byte(d.HardwareAddr))
		}
		for _, p := range d.prefixes() {
			own.Addrs = append(own.Addrs, p.Addr())
		}
	}
	e.usage.Devices.SetOwn(own)
}
