package packet

// Protocol types of Aruba's access points, one for each kind of traffic.
const (
	greAruba    = 0x8200
	greArubaEnd = 0x8400
)

// aruba reads what an Aruba access point sends to its controller in GRE: an
// IEEE 802.11 frame.
func (d *Decoder) aruba(b []byte, n int, v *View) Verdict {
	carrier := *v
	v.enter(TunnelGRE, 0)
	if verdict := d.dot11(b, n, v); verdict == OK || verdict == Held {
		return verdict
	}
	*v = carrier
	return OK
}
