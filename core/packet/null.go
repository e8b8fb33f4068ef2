package packet

import "encoding/binary"

const (
	familyLen  = 4
	familyIPv4 = 2
)

// loopback reads the address family in front of a packet of a BSD loopback
// device. It is in the byte order of whoever captured, or in network order, so
// the smaller reading is the right one. AF_INET6 differs between systems
// (https://www.tcpdump.org/linktypes/LINKTYPE_NULL.html).
func (d *Decoder) loopback(b []byte, n int, v *View) Verdict {
	if len(b) < familyLen {
		return Malformed
	}
	family := min(binary.BigEndian.Uint32(b), binary.LittleEndian.Uint32(b))
	b, n = b[familyLen:], n-familyLen
	switch family {
	case familyIPv4:
		return d.ipv4(b, n, v)
	case 10, 24, 28, 30: // Linux, NetBSD and OpenBSD, FreeBSD, Darwin
		return d.ipv6(b, n, v)
	}
	return NotIP
}
