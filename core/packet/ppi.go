package packet

import (
	"encoding/binary"

	"netifyd/core"
)

const (
	ppiLen       = 8
	ppiAlignment = 1 // flag: fields are padded; the length covers that
)

// ppi reads a per-packet information header (PPI header format 1.0.10,
// section 3): a length and the link type of what follows, little endian.
func (d *Decoder) ppi(b []byte, n int, v *View) Verdict {
	if len(b) < ppiLen || b[0] != 0 || b[1]&^ppiAlignment != 0 {
		return Malformed
	}
	size := int(binary.LittleEndian.Uint16(b[2:]))
	t := binary.LittleEndian.Uint32(b[4:])
	if size < ppiLen || size > len(b) {
		return Malformed
	}
	b, n = b[size:], n-size
	if t > 0xffff || isWrapper(core.LinkType(t)) { // a header never holds itself
		return NotIP
	}
	return d.link(core.LinkType(t), b, n, v)
}
