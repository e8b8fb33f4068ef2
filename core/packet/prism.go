package packet

import "encoding/binary"

// Of the headers that drivers put in front of 802.11 before radiotap
// (https://www.tcpdump.org/linktypes/LINKTYPE_IEEE802_11_PRISM.html).
const (
	prismLen    = 8          // kind of message and length of the header, in the byte order of the host; tagged values follow
	prismKind   = 0x41       // or prismOther
	prismOther  = 0x44       //
	avsMagic    = 0x80211001 // in network byte order, as its length; the last byte is the version
	avsVersions = 0xf
)

// prism reads a Prism header, or that of AVS, which some drivers give under
// the same link type, and the IEEE 802.11 frame behind it.
func (d *Decoder) prism(b []byte, n int, v *View) Verdict {
	if len(b) < prismLen {
		return Malformed
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if b[0] == 0 || be32(b)&^avsVersions == avsMagic&^avsVersions {
		order = binary.BigEndian
	}
	kind, size := order.Uint32(b), order.Uint32(b[4:])
	if kind != prismKind && kind != prismOther && kind&^avsVersions != avsMagic&^avsVersions {
		return NotIP
	}
	if size < prismLen || int64(size) > int64(len(b)) {
		return Malformed
	}
	return d.dot11(b[size:], n-int(size), v)
}
