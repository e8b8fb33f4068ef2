package packet

const (
	vlanLen  = 4
	vlanMask = 0x0fff // identifier in the tag control information
)

// vlan reads what follows the EtherType of an IEEE 802.1Q or 802.1ad tag. Tags
// stack; the last one read is the innermost. A priority tag (identifier 0)
// leaves the identifier around it.
func (d *Decoder) vlan(b []byte, n int, v *View) Verdict {
	if len(b) < vlanLen {
		return Malformed
	}
	v.Seen |= SeenVLAN
	if id := be16(b) & vlanMask; id != 0 {
		v.VLAN = id
	}
	t := be16(b[2:])
	b, n = b[vlanLen:], n-vlanLen
	if t < minType {
		return d.llc(b, n, v)
	}
	return d.network(t, b, n, v)
}
