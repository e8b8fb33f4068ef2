package packet

const (
	ayiyaLen     = 8
	ayiyaForward = 1 // operation
	ayiyaMaxID   = 7 // the identity has 2^n bytes; hosts have 16
)

// ayiya reads Anything In Anything (draft-massar-v6ops-ayiya-02, section 3):
// lengths of identity and signature, operation and next header, the time, then
// identity and signature, and behind them the packet.
func (d *Decoder) ayiya(b []byte, n int, v *View) Verdict {
	if len(b) < ayiyaLen || b[0]>>4 > ayiyaMaxID || b[2]&15 != ayiyaForward {
		return OK
	}
	if next := b[3]; next != protoIPv6 && next != protoIPv4 {
		return OK
	}
	size := ayiyaLen + 1<<(b[0]>>4) + int(b[1]>>4)*4
	b, n = rest(b, size), n-size
	t, sound := ipType(b, n)
	if !sound {
		return OK
	}
	return d.carry(TunnelAYIYA, 0, t, b, n, v)
}
