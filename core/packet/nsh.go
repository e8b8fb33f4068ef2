package packet

const (
	nshLen     = 8    // base header and service path (RFC 8300, section 2.1)
	nshFixed   = 0xc0 // first byte: version 0
	nshWords   = 0x3f // second byte: length of the whole header in words of four bytes
	nshContext = 4    // words of context of metadata type 1
)

// nsh reads a Network Service Header (RFC 8300, section 2) and what its next
// protocol names. It has no addresses of its own: the flow is the inner one's.
func (d *Decoder) nsh(b []byte, n int, v *View) Verdict {
	if len(b) < nshLen {
		return Malformed
	}
	words := int(b[1] & nshWords)
	kind := b[2] & 15
	if b[0]&nshFixed != 0 || words < nshLen/4 || kind == 1 && words != nshLen/4+nshContext {
		return NotIP
	}
	if len(b) <= words*4 {
		return Malformed
	}
	return d.network(nextType(b[3]), b[words*4:], n-words*4, v)
}
