package engine

import (
	"net"
	"net/netip"
	"testing"

	"netifyd/core/config"
)

// What is ours follows from one look at all devices, however many interfaces
// ask: here the system knows none of them, and would be asked in vain.
func TestAddressesOfOneLook(t *testing.T) {
	device := func(name string, last byte, list ...string) *nic {
		d := &nic{Interface: net.Interface{Name: name, HardwareAddr: net.HardwareAddr{2, 0, 0, 0, 0, last}}, asked: true}
		for _, p := range list {
			d.addrs = append(d.addrs, netip.MustParsePrefix(p))
		}
		return d
	}
	around := network{"vlan1": device("vlan1", 1, "192.0.2.1/25", "fe80::1/64"), "vlan2": device("vlan2", 2, "198.51.100.1/24", "fe80::2/64"), "port1": device("port1", 3, "203.0.113.1/32")}
	i := &iface{cfg: config.Interface{Name: "vlan1", Peer: "port1", Addresses: []string{"10.9.0.0/16"}}, beside: []string{"vlan2", "gone0"}}
	for range 2 {
		i.refresh(around)
	}
	if len(i.addrs) != 3 || i.mac != [6]byte{2, 0, 0, 0, 0, 1} {
		t.Errorf("%v, %x", i.addrs, i.mac)
	}
	for addr, want := range map[string]bool{"192.0.2.7": true, "198.51.100.7": true, "10.9.1.1": true, "203.0.113.1": true, "192.0.2.200": false, "203.0.113.2": false} {
		var b [16]byte
		copy(b[:], netip.MustParseAddr(addr).AsSlice())
		if got := i.addresses.Load().IsOurs(4, &b); got != want {
			t.Errorf("%s is ours: %v", addr, got)
		}
	}
}
