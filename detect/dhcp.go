package detect

import (
	"bytes"
	"strconv"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/core/wire"
	"netifyd/detect/internal/dnsmsg"
)

// Layout of a message (RFC 2131, section 2).
const (
	dhcpName   = 44         // field sname, 64 bytes
	dhcpFile   = 108        // field file, 128 bytes
	dhcpFixed  = 236        // bytes before the magic cookie
	dhcpMost   = 4096       // bytes of options that are read
	dhcpCookie = 0x63825363 // RFC 2132, section 2
)

// Options that are read (RFC 2132, sections 3.14, 9.3, 9.8 and 9.13; RFC 4702).
const (
	dhcpHostName   = 12
	dhcpOverload   = 52
	dhcpParameters = 55
	dhcpClass      = 60
	dhcpFQDN       = 81
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
		if in.size(d) >= dhcpFixed+4 && htype == 1 && hlen == 6 && in.HasPort(67) && in.HasPort(68) {
			res.Partial = true // the snap length cut off what proves more
			return Match
		}
		return No
	}
	if cookie != dhcpCookie {
		if htype == 1 && hlen == 6 && in.HasPort(67) && in.HasPort(68) {
			return Match
		}
		return No
	}
	rest := c.Rest()
	o := dhcpOptions{rest[:min(len(rest), dhcpMost)]}
	o.addOverload(d, res.Scratch[:0])
	o.put(op == 1, res)
	res.More = op == 2 && !res.Has(attr.DHCPFingerprint)
	return Match
}

// dhcpOptions are the parts of a message that hold options, in the order in
// which they are read (RFC 2131, section 4.1).
type dhcpOptions [3][]byte

// addOverload adds the fields that hold options too.
func (o *dhcpOptions) addOverload(d, room []byte) {
	overload := o.value(dhcpOverload, room)
	if len(overload) != 1 {
		return
	}
	if overload[0]&1 != 0 {
		o[1] = d[dhcpFile:dhcpFixed]
	}
	if overload[0]&2 != 0 {
		o[2] = d[dhcpName:dhcpFile]
	}
}

// value appends all parts of an option to room (RFC 3396, section 5).
func (o *dhcpOptions) value(want uint8, room []byte) []byte {
	for _, b := range o {
		for c := wire.New(b); c.Len() > 0; {
			code := c.U8()
			if code == 0 { // padding has no length
				continue
			}
			if code == dhcpEnd {
				break
			}
			value := c.Vec8()
			if !c.Ok() {
				break
			}
			if code == want {
				room = append(room, value...)
			}
		}
	}
	return room
}

// put tells what the options say. Only the client says its name.
func (o *dhcpOptions) put(client bool, res *Result) {
	room := res.Scratch[:0]
	if client {
		putHost(res, bytes.TrimRight(o.value(dhcpHostName, room), "\x00"))
		if !res.Has(attr.HostName) {
			putHost(res, dhcpFullName(o.value(dhcpFQDN, room), res.Scratch[8192:]))
		}
	}
	if class := bytes.TrimRight(o.value(dhcpClass, room), "\x00"); len(class) > 0 {
		res.Put(attr.DHCPClass, class)
	}
	if list := o.value(dhcpParameters, room); len(list) > 0 {
		text := res.Scratch[8192:8192]
		for i, p := range list[:min(len(list), 1024)] {
			if i > 0 {
				text = append(text, ',')
			}
			text = strconv.AppendUint(text, uint64(p), 10)
		}
		res.Put(attr.DHCPFingerprint, text)
	}
}

// dhcpFullName is the name in the client's option FQDN (RFC 4702, section 2):
// flags, two results, and the name as text or, with flag E, as in DNS, where
// the end of a name that is not complete is left out.
func dhcpFullName(value, room []byte) []byte {
	const encoded = 4
	if len(value) < 4 {
		return nil
	}
	name := value[3:]
	if value[0]&encoded == 0 {
		return bytes.TrimRight(name, "\x00")
	}
	if name[len(name)-1] != 0 {
		name = append(name, 0)
	}
	text, ok := dnsmsg.Text(room[:dnsmsg.MaxName], name, 0)
	if !ok {
		return nil
	}
	return text
}
