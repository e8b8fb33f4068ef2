package main

import (
	"net"
	"net/netip"

	"netifyd/core/config"
)

// detectInterfaces finds what to capture where nothing says it: the interface
// of the default route is the provider's (WAN); bridges, and whatever else has
// a private address, are ours (LAN). A port of a bridge is left to the bridge.
// With a single interface that is both, it is ours.
func detectInterfaces() []config.Interface {
	devices, err := net.Interfaces()
	if err != nil {
		return nil
	}
	wan := defaultRoute()
	var out []config.Interface
	for _, d := range devices {
		if d.Flags&net.FlagUp == 0 || d.Flags&net.FlagLoopback != 0 || isBridgePort(d.Name) {
			continue
		}
		switch {
		case d.Name == wan:
			out = append(out, config.Interface{Name: d.Name, Role: config.WAN})
		case hasPrivate(&d):
			out = append(out, config.Interface{Name: d.Name, Role: config.LAN})
		}
	}
	if len(out) == 1 {
		out[0].Role = config.LAN // a host of its own: its traffic is ours
	}
	return out
}

func hasPrivate(d *net.Interface) bool {
	addrs, _ := d.Addrs()
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().IsPrivate() {
			return true
		}
	}
	return false
}

// hasMAC says that a device's frames carry Ethernet addresses.
func hasMAC(name string) bool {
	d, err := net.InterfaceByName(name)
	return err == nil && len(d.HardwareAddr) == 6
}
