package detect

import "netifyd/core/proto"

const finsPort = 9600

// Omron's FINS (W342, "Communications Commands Reference Manual", section 3;
// W421, section 7, for TCP). Over TCP each frame begins with its name. Over UDP the header is
// mostly small numbers: at the usual port a known command is believed,
// elsewhere a command and the response with its addresses exchanged.
var finsCard = Protocol{ID: proto.FINS, Over: TCP, Ports: []uint16{finsPort}, Limit: 64, Inspect: inspectFINS}

var finsDatagramCard = Protocol{ID: proto.FINS, Over: UDP, Ports: []uint16{finsPort}, First: "\x80\x81\xc0\xc1", Limit: 256, Inspect: inspectFINSDatagram}

// inspectFINS wants the name, a length of at least command and error code, and those.
func inspectFINS(in *Input, _ *Result) Verdict { return eitherWay(in, finsFrame) }

func finsFrame(b []byte) Verdict {
	if v := begins(b, "FINS\x00\x00"); v != Match {
		return v
	}
	if len(b) < 16 {
		return NeedMore
	}
	const maxCommand, maxError = 6, 0x25
	if be16(b[6:]) < 8 || be32(b[8:]) > maxCommand || be32(b[12:]) > maxError {
		return No
	}
	return Match
}

func inspectFINSDatagram(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if !soundFINS(d) {
		return No
	}
	if in.HasPort(finsPort) {
		return Match
	}
	ask, answer := in.ToServer, in.ToClient
	if len(ask) == 0 || len(answer) == 0 {
		return NeedMore
	}
	const response = 0x40
	if !soundFINS(ask) || !soundFINS(answer) || ask[0]&response != 0 || answer[0]&response == 0 {
		return No
	}
	if string(ask[9:12]) != string(answer[9:12]) || string(ask[3:6]) != string(answer[6:9]) || string(ask[6:9]) != string(answer[3:6]) {
		return No
	}
	return Match
}

// soundFINS checks control bits, the reserved byte, hops, networks and the
// command; a response has two bytes of end code more.
func soundFINS(d []byte) bool {
	const header = 10
	if len(d) < header+2 || d[0]&0xbe != 0x80 || d[1] != 0 || d[2] == 0 || d[2] > 7 || d[3] > 127 || d[6] > 127 {
		return false
	}
	if d[0]&0x40 != 0 && len(d) < header+4 {
		return false
	}
	return isFINSCommand(d[10], d[11])
}

// isFINSCommand knows the commands of CS, CJ, CV and NJ controllers (W342, section 5-1-1).
func isFINSCommand(major, minor byte) bool {
	switch major {
	case 0x01:
		return minor >= 1 && minor <= 5
	case 0x02:
		return minor >= 1 && minor <= 3 || minor == 0x20
	case 0x03:
		return minor >= 4 && minor <= 7
	case 0x04:
		return minor == 1 || minor == 2
	case 0x05:
		return minor >= 1 && minor <= 3
	case 0x06:
		return minor == 1 || minor == 2 || minor == 0x20
	case 0x07:
		return minor == 1 || minor == 2
	case 0x08, 0x09:
		return minor <= 0x20
	case 0x0c:
		return minor >= 1 && minor <= 3
	case 0x20, 0x21:
		return minor >= 1 && minor <= 3 || minor >= 0x40 && minor <= 0x42
	case 0x22:
		return minor >= 1 && minor <= 0x20
	case 0x23:
		return minor == 1 || minor == 2 || minor == 0x0a
	}
	return false
}
