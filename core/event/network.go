package event

import (
	"bytes"
	"cmp"
	"sort"
	"strings"
)

// Lines of dialect 5 that are members of agent_status in the earlier ones.
// Their members are named by interface or hardware address, with "type" between.

const typeName = "type"

// named writes an object whose members are list, in the order of their names,
// and "type": kind among them. An element whose name is that of the one before is left out.
func named[T any](b []byte, kind string, list []T, name func(*T) string, value func([]byte, *T) []byte) []byte {
	b = append(b, '{')
	typed := false
	last := ""
	for i := range list {
		x := &list[i]
		n := name(x)
		if n == typeName || n == last {
			continue
		}
		if !typed && n > typeName {
			b, typed = append(b, `"type":"`+kind+`",`...), true
		}
		b = append(appendString(b, n), ':')
		b = append(value(b, x), ',')
		last = n
	}
	if !typed {
		b = append(b, `"type":"`+kind+`",`...)
	}
	return append(closeObject(b), '\n')
}

func byName(list []InterfaceStatus) {
	sort.SliceStable(list, func(i, j int) bool { return list[i].Name < list[j].Name })
}

// AppendInterfaces writes what is captured: type "interfaces". It orders list.
func AppendInterfaces(b []byte, list []InterfaceStatus) []byte {
	byName(list)
	return named(b, "interfaces", list, func(x *InterfaceStatus) string { return x.Name }, func(b []byte, x *InterfaceStatus) []byte {
		b = appendAddresses(append(b, `{"addr":[`...), x.Addresses)
		b = appendString(append(closeList(b), `,"capture_type":`...), cmp.Or(x.Capture, "pcap"))
		b = appendMAC(append(b, `,"mac":`...), x.MAC)
		b = appendString(append(b, `,"role":`...), strings.ToLower(x.Role))
		return append(b, '}')
	})
}

// AppendEndpoints writes the devices of the local side that were seen since the
// last status: type "endpoints". It orders list.
func AppendEndpoints(b []byte, list []Device) []byte {
	sort.SliceStable(list, func(i, j int) bool { return bytes.Compare(list[i].MAC[:], list[j].MAC[:]) < 0 })
	b = append(b, '{')
	b = appendDeviceMembers(b, list)
	return append(b, `"type":"endpoints"}`+"\n"...) // behind every hardware address
}

// AppendInterfaceStats writes the counters of each interface since the last
// status: type "interface_stats". It orders list.
func AppendInterfaceStats(b []byte, list []InterfaceStatus) []byte {
	byName(list)
	return named(b, "interface_stats", list, func(x *InterfaceStatus) string { return x.Name },
		func(b []byte, x *InterfaceStatus) []byte { return interfaceStats5.append(b, V5, &x.Stats, 0) })
}

// AppendGlobalStats writes the sums of all interfaces: type "global_stats".
func AppendGlobalStats(b []byte, list []InterfaceStatus) []byte {
	var sum InterfaceStats
	for i := range list {
		sum.Add(&list[i].Stats)
	}
	return append(globalStats5.append(b, V5, &sum, 0), '\n')
}

var (
	interfaceStats5 = sorted(fiveStats()...)
	globalStats5    = sorted(append(fiveStats(), member("type", func(b []byte, _ Dialect, _ *InterfaceStats) []byte {
		return append(b, `"global_stats"`...)
	}))...)
)

// fiveStats are the counters of dialect 5: those of the others without the
// legacy ones, and with two names of its own.
func fiveStats() (fields []field[InterfaceStats]) {
	for _, f := range interfaceStats {
		switch f.name() {
		case "pcap_drop", "pcap_ifdrop", "pcap_recv", "tcp_seq_error":
			continue
		}
		fields = append(fields, f)
	}
	return append(fields,
		counter("flow_dropped", func(*InterfaceStats) uint64 { return 0 }), // a full table ends an old flow instead
		counter("tcp_seq_errors", func(s *InterfaceStats) uint64 { return s.TCPSeqErrors }))
}
