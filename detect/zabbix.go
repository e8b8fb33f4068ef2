package detect

import "netifyd/core/proto"

// Zabbix (its manual, "Header and data length"): "ZBXD", flags, two lengths.
var zabbixCard = Protocol{ID: proto.Zabbix, Over: TCP, Ports: []uint16{10050, 10051}, Limit: 32, Inspect: inspectZabbix}

func inspectZabbix(in *Input, _ *Result) Verdict {
	// An old request to an agent is a bare line, the answer has the header.
	up, down := zabbixHeader(in.ToServer), zabbixHeader(in.ToClient)
	switch {
	case up == Match || down == Match:
		return Match
	case down == No, up == No && !isZabbixKey(in.ToServer):
		return No
	}
	return NeedMore
}

func zabbixHeader(b []byte) Verdict {
	const compressed, large, protocol = 2, 4, 1
	if v := begins(b, "ZBXD"); v != Match {
		return v
	}
	if len(b) > 4 && (b[4]&protocol == 0 || b[4] > protocol|compressed|large) {
		return No
	}
	if len(b) < 13 {
		return NeedMore
	}
	return Match
}

// isZabbixKey says that b begins a line with the name of an item: letters, digits, dots, then parameters.
func isZabbixKey(b []byte) bool {
	for _, c := range b[:min(len(b), 32)] {
		switch {
		case c == '[' || c == '\n':
			return true
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}
