package packet

const (
	batmanVersion   = 15 // of the compatibility of linux/batadv_packet.h
	batmanBroadcast = 0x01
	batmanUnicast   = 0x40
	batmanAnswered  = 0x42 // unicast with the originator's address

	batmanBroadcastLen = 14
	batmanUnicastLen   = 10
	batmanAnsweredLen  = 18
)

// batman reads the header of a B.A.T.M.A.N. advanced mesh and the Ethernet
// frame behind it (https://www.open-mesh.org, packet types of compatibility
// version 15). What the nodes say among themselves carries no frame.
func (d *Decoder) batman(b []byte, n int, v *View) Verdict {
	if len(b) < 2 || b[1] != batmanVersion {
		return NotIP
	}
	size := 0
	switch b[0] {
	case batmanBroadcast:
		size = batmanBroadcastLen
	case batmanUnicast:
		size = batmanUnicastLen
	case batmanAnswered:
		size = batmanAnsweredLen
	default:
		return NotIP
	}
	if len(b) < size {
		return Malformed
	}
	return d.ethernet(b[size:], n-size, v)
}
