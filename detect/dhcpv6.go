package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Message types and options of DHCPv6 (RFC 8415, sections 7.3 and 21; IANA has
// assigned types up to 37 and options up to 150).
const (
	dhcpv6Forward   = 12
	dhcpv6Reply     = 13
	dhcpv6LastType  = 37
	dhcpv6LastOpt   = 160
	dhcpv6RelayHead = 34 // type, hop count, link and peer address (section 9)
)

// DHCPv6 (RFC 8415) uses ports 546 and 547 (section 7.2). Both ends must: the
// header alone says little. The options must fill the message to its end.
var dhcpv6Card = Protocol{ID: proto.DHCPv6, Over: UDP, Ports: []uint16{547, 546}, First: bytesBetween(1, dhcpv6LastType), Inspect: inspectDHCPv6}

func inspectDHCPv6(in *Input, res *Result) Verdict {
	if !in.HasPort(547) || in.ServerPort != 546 && in.ClientPort != 546 && in.ServerPort != in.ClientPort {
		return No
	}
	d := in.Newest()
	c := wire.New(d)
	kind := c.U8()
	if kind == dhcpv6Forward || kind == dhcpv6Reply {
		c.Skip(dhcpv6RelayHead - 1)
	} else {
		c.Skip(3) // transaction identifier
	}
	if kind == 0 || kind > dhcpv6LastType || c.Len() < 4 {
		return No
	}
	for n := 0; c.Len() > 0; n++ {
		code := c.U16()
		value := c.Vec16()
		if !c.Ok() && n > 0 && in.Lost > 0 {
			break
		}
		if !c.Ok() || code == 0 || code > dhcpv6LastOpt {
			return No
		}
		if code == 39 && len(value) > 2 { // client's name (RFC 4704, section 4): flags, then labels
			putLabels(res, value[1:])
		}
	}
	return Match
}

// putLabels puts a name in the form of DNS, of which the zero at the end may be missing.
func putLabels(res *Result, b []byte) {
	name := res.Scratch[:0]
	for len(b) > 0 && b[0] > 0 && int(b[0]) < len(b) {
		if len(name) > 0 {
			name = append(name, '.')
		}
		name = append(name, b[1:1+b[0]]...)
		b = b[1+b[0]:]
	}
	putHost(res, name)
}
