package engine

import (
	"net"
	"net/netip"
	"sync/atomic"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/flow"
	"netifyd/core/packet"
)

// iface is one captured interface, or the tag that a capture file goes by.
type iface struct {
	cfg   config.Interface
	index int
	group uint8
	label event.Iface

	beside  []string // other devices of role lan: their networks are ours here too
	wanOnly bool     // its traffic is that of another interface too, or this machine's: it feeds the WAN's usage only

	addresses atomic.Pointer[flow.Addresses]
	mac       [6]byte
	addrs     []netip.Addr
	state     event.InterfaceState
	sources   []core.Source
	begun     bool // a file: somebody reads it
	read      bool // a file: to its end

	before core.Counters // of sources that were closed
	taken  core.Counters // at the last status
}

// stateNow is the state of a capture: a device that is gone or down is offline
// until it is back. The caller holds the engine's mu.
func (i *iface) stateNow() event.InterfaceState {
	for _, src := range i.sources {
		if p, ok := src.(core.Presence); ok && i.state == event.Online && !p.Present() {
			return event.Offline
		}
	}
	return i.state
}

// live says that packets come as they happen, not from a file.
func (i *iface) live() bool { return i.cfg.File == "" }

type ifaceStats struct{ event.InterfaceStats }

// count adds a frame to the interface's counters.
func (c *ifaceStats) count(verdict packet.Verdict, v *packet.View, captured int) {
	c.Raw++
	c.PcapReceived++
	c.WireBytes += uint64(v.WireLen) + 24 // preamble, checksum and gap of Ethernet, as netifyd counts
	if n := uint64(v.WireLen); n > c.LargestBytes {
		c.LargestBytes = n
	}
	if v.Seen == packet.SeenEthernet {
		c.Ethernet++
	} else if v.Seen != 0 {
		c.seen(v.Seen)
	}
	if verdict != packet.OK {
		if verdict != packet.Held {
			c.Discarded++
			c.DiscardedBytes += uint64(captured)
		}
		return
	}
	c.IP++
	c.IPBytes += uint64(v.IPLen)
	switch v.Protocol {
	case ipTCP:
		c.TCP++
	case ipUDP:
		c.UDP++
	case 1, 58:
		c.ICMP++
	case 2:
		c.IGMP++
	}
}

func (c *ifaceStats) seen(s packet.Seen) {
	if s&packet.SeenEthernet != 0 {
		c.Ethernet++
	}
	if s&packet.SeenVLAN != 0 {
		c.VLAN++
	}
	if s&packet.SeenMPLS != 0 {
		c.MPLS++
	}
	if s&packet.SeenPPPoE != 0 {
		c.PPPoE++
	}
	if s&packet.SeenFragment != 0 {
		c.Fragmented++
	}
}

// network is what the system says of its devices at a moment, by name. Each is
// asked once: an interface wants to know the addresses of all others of role lan.
type network map[string]*nic

type nic struct {
	net.Interface
	asked bool
	addrs []netip.Prefix
}

func lookAround() network {
	list, _ := net.Interfaces()
	n := make(network, len(list))
	for i := range list {
		n[list[i].Name] = &nic{Interface: list[i]}
	}
	return n
}

// prefixes are the device's addresses, with their networks.
func (d *nic) prefixes() []netip.Prefix {
	if !d.asked {
		d.asked = true
		list, _ := d.Addrs()
		for _, a := range list {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				d.addrs = append(d.addrs, p)
			}
		}
	}
	return d.addrs
}

// refresh reads the interface's addresses, and those of its peer, anew.
func (i *iface) refresh(n network) {
	var own, extra []netip.Prefix
	i.addrs = i.addrs[:0]
	for _, name := range []string{i.cfg.Name, i.cfg.Peer} {
		dev := n[name]
		if dev == nil || i.cfg.File != "" {
			continue
		}
		if name == i.cfg.Name && len(dev.HardwareAddr) == 6 {
			i.mac = [6]byte(dev.HardwareAddr)
		}
		own = append(own, dev.prefixes()...)
	}
	for _, p := range own {
		i.addrs = append(i.addrs, p.Addr())
	}
	for _, text := range i.cfg.Addresses {
		if p, err := netip.ParsePrefix(text); err == nil {
			extra = append(extra, p)
		} else if a, err := netip.ParseAddr(text); err == nil {
			extra = append(extra, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	for _, name := range i.beside {
		if dev := n[name]; dev != nil {
			for _, p := range dev.prefixes() {
				if !p.IsSingleIP() && !p.Addr().IsLinkLocalUnicast() {
					extra = append(extra, p.Masked())
				}
			}
		}
	}
	i.addresses.Store(flow.NewAddresses(own, extra))
}
