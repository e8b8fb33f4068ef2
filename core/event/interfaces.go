package event

import (
	"bytes"
	"net/netip"
	"sort"
)

// InterfaceState is a capture's state.
type InterfaceState int8

// States of a capture.
const (
	Starting InterfaceState = iota
	Online
	Offline
	Gone // state is left out
)

// InterfaceStatus is one capture in an agent_status. Counters are since the last status.
type InterfaceStatus struct {
	Name      string
	Capture   string // dialect 5: "pcap" or "tpv3"
	Role      string // "LAN" or "WAN"
	MAC       [6]byte
	Addresses []netip.Addr
	State     InterfaceState
	Stats     InterfaceStats
}

// InterfaceStats counts frames by what was met in them, since the last status.
type InterfaceStats struct {
	CaptureDropped, CaptureFiltered    uint64 // lost or filtered by the kernel
	Discarded, DiscardedBytes          uint64 // could not be decoded, or no IP
	Ethernet, Fragmented, MPLS         uint64
	ICMP, IGMP, IP, TCP, UDP           uint64
	IPBytes, LargestBytes, WireBytes   uint64 // wire: frame length and 24 a packet
	PcapDrop, PcapIfdrop, PcapReceived uint64
	PPPoE, VLAN, QueueDropped, Raw     uint64
	TCPResets, TCPSeqErrors            uint64
}

// Add sums what two interfaces, or two shards of one, counted.
func (a *InterfaceStats) Add(o *InterfaceStats) {
	a.CaptureDropped += o.CaptureDropped
	a.CaptureFiltered += o.CaptureFiltered
	a.Discarded += o.Discarded
	a.DiscardedBytes += o.DiscardedBytes
	a.Ethernet += o.Ethernet
	a.Fragmented += o.Fragmented
	a.MPLS += o.MPLS
	a.ICMP += o.ICMP
	a.IGMP += o.IGMP
	a.IP += o.IP
	a.TCP += o.TCP
	a.UDP += o.UDP
	a.IPBytes += o.IPBytes
	a.LargestBytes = max(a.LargestBytes, o.LargestBytes)
	a.WireBytes += o.WireBytes
	a.PcapDrop += o.PcapDrop
	a.PcapIfdrop += o.PcapIfdrop
	a.PcapReceived += o.PcapReceived
	a.PPPoE += o.PPPoE
	a.VLAN += o.VLAN
	a.QueueDropped += o.QueueDropped
	a.Raw += o.Raw
	a.TCPResets += o.TCPResets
	a.TCPSeqErrors += o.TCPSeqErrors
}

// Device is a hardware address of the local side and the addresses it used.
type Device struct {
	MAC       [6]byte
	Addresses []netip.Addr
}

// appendAddresses writes each address with a comma after it.
func appendAddresses(b []byte, list []netip.Addr) []byte {
	for _, a := range list {
		b = append(b, '"')
		b = append(a.WithZone("").AppendTo(b), '"', ',')
	}
	return b
}

func appendDevices(b []byte, list []Device) []byte {
	if len(list) == 0 {
		return append(b, "null"...)
	}
	sort.SliceStable(list, func(i, j int) bool { return bytes.Compare(list[i].MAC[:], list[j].MAC[:]) < 0 })
	return closeObject(appendDeviceMembers(append(b, '{'), list))
}

// appendDeviceMembers writes each hardware address once, with a comma after its addresses.
func appendDeviceMembers(b []byte, list []Device) []byte {
	for i := 0; i < len(list); {
		mac := list[i].MAC
		b = append(appendMAC(b, mac), ':', '[')
		for ; i < len(list) && list[i].MAC == mac; i++ { // shards may each have seen it
			b = appendAddresses(b, list[i].Addresses)
		}
		b = append(closeList(b), ',')
	}
	return b
}

func appendInterfaces(b []byte, list []InterfaceStatus) []byte {
	byName(list)
	b = append(b, '{')
	for i := range list {
		x := &list[i]
		if i > 0 && x.Name == list[i-1].Name {
			continue
		}
		b = append(appendString(b, x.Name), ':', '{')
		if len(x.Addresses) > 0 {
			b = append(closeList(appendAddresses(append(b, `"addr":[`...), x.Addresses)), ',')
		}
		b = appendMAC(append(b, `"mac":`...), x.MAC)
		b = appendString(append(b, `,"role":`...), x.Role)
		if x.State != Gone {
			b = appendUint(append(b, `,"state":`...), uint64(x.State))
		}
		b = append(b, '}', ',')
	}
	return closeObject(b)
}

func appendInterfaceStats(b []byte, list []InterfaceStatus) []byte {
	b = append(b, '{')
	for i := range list {
		if i > 0 && list[i].Name == list[i-1].Name {
			continue
		}
		b = append(appendString(b, list[i].Name), ':')
		b = append(interfaceStats.append(b, 0, &list[i].Stats, 0), ',')
	}
	return closeObject(b)
}

func counter(name string, of func(*InterfaceStats) uint64) field[InterfaceStats] {
	return member(name, func(b []byte, _ Dialect, s *InterfaceStats) []byte { return appendUint(b, of(s)) })
}

var interfaceStats = sorted(
	counter("capture_dropped", func(s *InterfaceStats) uint64 { return s.CaptureDropped }),
	counter("capture_filtered", func(s *InterfaceStats) uint64 { return s.CaptureFiltered }),
	counter("discarded", func(s *InterfaceStats) uint64 { return s.Discarded }),
	counter("discarded_bytes", func(s *InterfaceStats) uint64 { return s.DiscardedBytes }),
	counter("ethernet", func(s *InterfaceStats) uint64 { return s.Ethernet }),
	counter("fragmented", func(s *InterfaceStats) uint64 { return s.Fragmented }),
	counter("icmp", func(s *InterfaceStats) uint64 { return s.ICMP }),
	counter("igmp", func(s *InterfaceStats) uint64 { return s.IGMP }),
	counter("ip", func(s *InterfaceStats) uint64 { return s.IP }),
	counter("ip_bytes", func(s *InterfaceStats) uint64 { return s.IPBytes }),
	counter("largest_bytes", func(s *InterfaceStats) uint64 { return s.LargestBytes }),
	counter("mpls", func(s *InterfaceStats) uint64 { return s.MPLS }),
	counter("pcap_drop", func(s *InterfaceStats) uint64 { return s.PcapDrop }),
	counter("pcap_ifdrop", func(s *InterfaceStats) uint64 { return s.PcapIfdrop }),
	counter("pcap_recv", func(s *InterfaceStats) uint64 { return s.PcapReceived }),
	counter("pppoe", func(s *InterfaceStats) uint64 { return s.PPPoE }),
	counter("queue_dropped", func(s *InterfaceStats) uint64 { return s.QueueDropped }),
	counter("raw", func(s *InterfaceStats) uint64 { return s.Raw }),
	counter("tcp", func(s *InterfaceStats) uint64 { return s.TCP }),
	counter("tcp_resets", func(s *InterfaceStats) uint64 { return s.TCPResets }),
	counter("tcp_seq_error", func(s *InterfaceStats) uint64 { return s.TCPSeqErrors }),
	counter("udp", func(s *InterfaceStats) uint64 { return s.UDP }),
	counter("vlan", func(s *InterfaceStats) uint64 { return s.VLAN }),
	counter("wire_bytes", func(s *InterfaceStats) uint64 { return s.WireBytes }),
)
