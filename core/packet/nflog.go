package packet

import "encoding/binary"

const (
	nflogLen       = 4 // family, version, resource
	nflogAttribute = 4 // length and type in front of a value
	nflogAddress   = 8 // type: length of a hardware address (2), padding (2), eight bytes of it
	nflogPayload   = 9 // type
	nflogMask      = 0x3fff
)

// nflog reads what the netfilter log gives: attributes in the byte order of
// the host, one of them the packet from its IP header on
// (https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html).
func (d *Decoder) nflog(b []byte, n int, v *View) Verdict {
	if len(b) < nflogLen || b[1] != 0 {
		return Malformed
	}
	b, n = b[nflogLen:], n-nflogLen
	order := binary.ByteOrder(binary.LittleEndian)
	for len(b) >= nflogAttribute {
		if b[0] == 0 && b[1] != 0 && b[2] == 0 { // types are below 256: the length tells the order, or else the type
			order = binary.BigEndian
		}
		size, kind := int(order.Uint16(b)), order.Uint16(b[2:])&nflogMask
		if size < nflogAttribute {
			return Malformed
		}
		value := cut(b, size)[nflogAttribute:]
		switch kind {
		case nflogPayload:
			return d.raw(value, min(size, n)-nflogAttribute, v)
		case nflogAddress:
			if len(value) >= 4+macLen && be16(value) == macLen {
				v.SrcMAC = [6]byte(value[4:])
			}
		}
		size = (size + 3) &^ 3
		b, n = rest(b, size), n-size
	}
	return NotIP
}
