package detect

import "netifyd/core/proto"

// RustDesk registers with its rendezvous server over UDP (port 21116) in
// protocol buffers (libs/hbb_common/protos/rendezvous.proto): field 6 of the
// message is RegisterPeer, whose field 1 is the identifier (nine or ten digits,
// or a name) and field 2 a serial number.
var rustdeskCard = Protocol{ID: proto.RustDesk, Over: UDP, Ports: []uint16{21116}, First: "\x32", Inspect: inspectRustDesk}

func inspectRustDesk(in *Input, _ *Result) Verdict {
	const registerPeer, identifier, serial, minDigits, maxDigits = 6<<3 | 2, 1<<3 | 2, 2 << 3, 8, 10
	d := in.Newest()
	if len(d) < 4+minDigits || d[0] != registerPeer || int(d[1]) != len(d)-2 || d[2] != identifier {
		return No
	}
	n := int(d[3])
	if n < minDigits || n > maxDigits || n > len(d)-4 {
		return No
	}
	if _, digits := decimal(d[4 : 4+min(n, 9)]); digits != min(n, 9) {
		return No
	}
	if rest := d[4+n:]; len(rest) > 0 && (rest[0] != serial || len(rest) > 6) {
		return No
	}
	return Match
}
