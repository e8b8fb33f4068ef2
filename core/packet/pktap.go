package packet

import (
	"encoding/binary"

	"netifyd/core"
)

const (
	pktapLen    = 12 // length, kind of record and link type; much follows
	pktapPacket = 1  // kind of record
)

// pktap reads the header of Apple's packet tap, little endian: its length and
// the link type of what follows (https://www.tcpdump.org/linktypes/LINKTYPE_PKTAP.html).
func (d *Decoder) pktap(b []byte, n int, v *View) Verdict {
	if len(b) < pktapLen {
		return Malformed
	}
	size, kind, t := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
	if size < pktapLen || int64(size) > int64(len(b)) {
		return Malformed
	}
	if kind != pktapPacket || t > 0xffff || isWrapper(core.LinkType(t)) {
		return NotIP
	}
	return d.link(core.LinkType(t), b[size:], n-int(size), v)
}

// isWrapper says that frames of a link type have another link type's inside:
// none of them holds another.
func isWrapper(t core.LinkType) bool { return t == core.LinkPPI || t == core.LinkPKTAP }
