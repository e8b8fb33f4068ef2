package detect

import (
	"bytes"
	"strconv"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Layout of a message (RFC 2131, section 2).
const (
	dhcpFixed  = 236        // bytes before the magic cookie
	dhcpCookie = 0x63825363 // RFC 2132, section 2
)

// Options that are read (RFC 2132, sections 3.14, 9.6, 9.8 and 9.13).
const (
	dhcpHostName   = 12
	dhcpParameters = 55
	dhcpClass      = 60
	dhcpEnd        = 255
)

// DHCP (RFC 2131) and BOOTP with vendor extensions, by the magic cookie and
// the fixed fields before it. BOOTP without the cookie (RFC 951) is believed at its ports only.
var dhcpCard = Protocol{ID: proto.DHCP, Over: UDP, Ports: []uint16{67, 68}, First: "\x01\x02", Feed: true, Inspect: inspectDHCP}

func inspectDHCP(in *Input, res *Result) Verdict {
	d := in.Newest()
	c := wire.New(d)
	op, htype, hlen, hops := c.U8(), c.U8(), c.U8(), c.U8()
	if (op != 1 && op != 2) || htype > 40 || hlen > 16 || hops > 16 {
		return No
	}
	c.Skip(dhcpFixed - 4)
	cookie := c.U32()
	if !c.Ok() {
		return No
	}
	if cookie != dhcpCookie {
		if htype == 1 && hlen == 6 && in.HasPort(67) && in.HasPort(68) {
			return Match
		}
		return No
	}
	readDHCPOptions(&c, res)
	res.More = op == 2 && !res.Has(attr.DHCPFingerprint)
	return Match
}

func readDHCPOptions(c *wire.Cursor, res *Result) {
	for c.Len() > 0 {
		switch code := c.U8(); code {
		case 0: // padding has no length
		case dhcpEnd:
			return
		default:
			value := c.Vec8()
			if !c.Ok() {
				return
			}
			putDHCPOption(code, value, res)
		}
	}
}

func putDHCPOption(code uint8, value []byte, res *Result) {
	switch code {
	case dhcpHostName:
		putHost(res, bytes.TrimRight(value, "\x00"))
	case dhcpClass:
		for len(value) > 0 && value[len(value)-1] == 0 {
			value = value[:len(value)-1]
		}
		res.Put(attr.DHCPClass, value)
	case dhcpParameters:
		text := res.Scratch[:0]
		for i, p := range value {
			if i > 0 {
				text = append(text, ',')
			}
			text = strconv.AppendUint(text, uint64(p), 10)
		}
		res.Put(attr.DHCPFingerprint, text)
	}
}
