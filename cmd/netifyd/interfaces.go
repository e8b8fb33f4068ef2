package main

import (
	"net"
	"net/netip"
	"strings"

	"netifyd/core/config"
)

// device is what detection looks at.
type device struct {
	name    string
	private bool // has a private address
	local   bool // joins what runs on this machine: containers, virtual machines
}

// detectInterfaces finds what to capture where nothing says it.
func detectInterfaces() []config.Interface {
	devices, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var found []device
	for _, d := range devices {
		if d.Flags&net.FlagUp != 0 && d.Flags&net.FlagLoopback == 0 && !isBridgePort(d.Name) {
			found = append(found, device{d.Name, hasPrivate(&d), isLocalBridge(d.Name)})
		}
	}
	return roles(found, defaultRoute())
}

// roles: the interface of the default route is the provider's (WAN); what else
// has a private address is ours (LAN). A port of a bridge is left to its bridge.
// A machine that has one real interface is a host of its own, and that
// interface is ours, whatever containers and virtual machines run on it: what
// they say to the world passes there too, so their bridges are left out.
func roles(devices []device, wan string) []config.Interface {
	var out []config.Interface
	for _, d := range devices {
		switch {
		case d.name == wan:
			out = append(out, config.Interface{Name: d.name, Role: config.WAN})
		case d.private && !d.local:
			out = append(out, config.Interface{Name: d.name, Role: config.LAN})
		}
	}
	if len(out) == 1 {
		out[0].Role = config.LAN
	}
	return out
}

// isLocalBridge tells the networks that Docker, Podman, LXC, libvirt and
// Kubernetes make inside of a machine, by the names that they give.
func isLocalBridge(name string) bool {
	for _, prefix := range []string{"docker", "podman", "cni", "virbr", "lxcbr", "lxdbr", "incusbr", "veth", "flannel", "cali", "kube-", "vmnet", "vboxnet"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	id, ok := strings.CutPrefix(name, "br-") // Docker's own networks
	return ok && len(id) == 12 && strings.Trim(id, "0123456789abcdef") == ""
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
