package detect

import "netifyd/core/proto"

const modbusPort = 502

// Modbus over TCP (MODBUS Messaging on TCP/IP Implementation Guide V1.0b,
// section 3.1.3; MODBUS Application Protocol V1.1b3, section 6). The header has
// 16 zero bits and a length; a message must have the length that its function
// asks for. Away from the port an answer with the same transaction, unit and
// function must confirm it. Function 90 carries UMAS, Schneider Electric's own.
var modbusCard = Protocol{ID: proto.Modbus, Over: TCP, Ports: []uint16{modbusPort}, Limit: 544, Inspect: inspectModbus}

func inspectModbus(in *Input, res *Result) Verdict {
	up, upState := modbusMessage(in.ToServer)
	down, downState := modbusMessage(in.ToClient)
	if upState == No || downState == No {
		return No
	}
	pair := upState == Match && downState == Match
	if pair && (string(up[:4]) != string(down[:4]) || up[6] != down[6] || up[7]&0x7f != down[7]&0x7f) {
		// Joined midway, the two sides may begin at different transactions: then both must fit.
		pair = modbusFits(up) && modbusFits(down)
	}
	switch {
	case pair:
	case upState == Match && in.ServerPort == modbusPort && modbusFits(up):
	case downState == Match && in.ServerPort == modbusPort && modbusFits(down) && len(in.ToServer) == 0:
	case upState == Match && downState == Match:
		return No
	default:
		return NeedMore
	}
	const umas = 90
	if upState == Match && up[7] == umas || upState != Match && down[7] == umas {
		res.Protocol = proto.UMAS
	}
	return Match
}

// modbusMessage cuts the first message from b: transaction, protocol 0,
// length, unit, function and data.
func modbusMessage(b []byte) ([]byte, Verdict) {
	if len(b) > 2 && b[2] != 0 || len(b) > 3 && b[3] != 0 || len(b) > 4 && b[4] > 1 || len(b) > 7 && b[7]&0x7f == 0 {
		return nil, No
	}
	if len(b) < 8 {
		return nil, NeedMore
	}
	const least, most = 2, 260 // UMAS answers are longer than the 254 of the specification
	n := be16(b[4:])
	if n < least || n > most {
		return nil, No
	}
	if len(b) < 6+n {
		return nil, NeedMore
	}
	return b[:6+n], Match
}

// modbusFits says that the message is a request or a response of a length
// that its function allows.
func modbusFits(m []byte) bool {
	n, pdu := be16(m[4:]), m[7:]
	if pdu[0]&0x80 != 0 {
		return n == 3 && pdu[1] >= 1 && pdu[1] <= 11
	}
	counted := n >= 4 && n == 3+int(pdu[1]) // unit, function, count of bytes, bytes
	switch pdu[0] {
	case 1, 2, 3, 4: // read bits or registers
		return counted || n == 6 && be16(pdu[3:]) >= 1 && be16(pdu[3:]) <= 2000
	case 5: // write one bit
		return n == 6 && (pdu[3] == 0 || pdu[3] == 0xff) && pdu[4] == 0
	case 6:
		return n == 6
	case 7:
		return n <= 3
	case 8: // diagnostics
		return n >= 6 && be16(pdu[1:]) <= 0x14
	case 11:
		return n == 2 || n == 6
	case 12, 17, 20, 21, 24:
		return n == 2 || counted || n >= 4
	case 15, 16: // write several
		return n == 6 || n > 7 && n == 7+int(pdu[5])
	case 22:
		return n == 8
	case 23:
		return counted || n > 11 && n == 11+int(pdu[9])
	case 43: // encapsulated interface: device identification or CANopen
		return n >= 4 && (pdu[1] == 14 || pdu[1] == 13)
	case 90:
		return n >= 4
	}
	return false
}
