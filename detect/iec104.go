package detect

import "netifyd/core/proto"

const iec104Port = 2404

// IEC 60870-5-104, clause 5: start byte, length, four control bytes, and in
// numbered frames a data unit (IEC 60870-5-101, clause 7.2) whose objects fill
// the frame.
var iec104Card = Protocol{ID: proto.IEC104, Over: TCP, Ports: []uint16{iec104Port}, Limit: 512, Inspect: inspectIEC104}

func inspectIEC104(in *Input, _ *Result) Verdict {
	up, upOK := iec104Frames(in.ToServer)
	down, downOK := iec104Frames(in.ToClient)
	const proof = 2
	switch {
	case up >= proof || down >= proof:
		return Match
	case !upOK || !downOK:
		return No
	case up+down >= proof, up+down > 0 && in.HasPort(iec104Port):
		return Match
	}
	return NeedMore
}

// iec104Frames weighs the frames of one direction: two for one of fixed bytes
// and for one with data that names no originator, one for other data and a bare
// acknowledgement. ok is false where b does not begin with frames.
func iec104Frames(b []byte) (weight int, ok bool) {
	const start, least, most = 0x68, 4, 253
	for weight < 2 {
		if len(b) > 0 && b[0] != start || len(b) > 1 && (b[1] < least || b[1] > most) {
			return weight, false
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return weight, true
		}
		frame := b[2 : 2+int(b[1])]
		w := iec104Frame(frame)
		if w == 0 {
			return weight, false
		}
		weight += w
		b = b[2+len(frame):]
	}
	return weight, true
}

// iec104Frame weighs the control field and what follows it (clause 5.1); 0: it is none.
func iec104Frame(f []byte) int {
	switch {
	case f[0]&1 == 0: // numbered
		if f[2]&1 == 0 {
			return iec104Data(f[4:])
		}
	case f[0] == 1: // acknowledgement
		if len(f) == 4 && f[1] == 0 && f[2]&1 == 0 {
			return 1
		}
	case f[0]&3 == 3: // start, stop or test: one function bit of six
		if len(f) == 4 && f[1]|f[2]|f[3] == 0 && f[0]>>2&(f[0]>>2-1) == 0 && f[0] != 3 {
			return 2
		}
	}
	return 0
}

// iec104Data weighs a data unit: type, number of objects, cause, originator,
// common address of two bytes, and objects with addresses of three bytes.
func iec104Data(d []byte) int {
	if len(d) < 9 || d[0] == 0 || d[0] > 127 || d[1]&0x7f == 0 || d[2]&0x3f == 0 || d[2]&0x3f > 47 {
		return 0
	}
	size, count, rest := iec104Sizes[d[0]], int(d[1]&0x7f), len(d)-6
	sound := rest == count*(3+int(size)-1)
	if d[1]&0x80 != 0 {
		sound = rest == 3+count*(int(size)-1)
	}
	switch {
	case size == variable104:
		return 1
	case size == 0 || !sound:
		return 0
	case d[3] != 0:
		return 1
	}
	return 2
}

// variable104 marks the types of file transfer, whose objects vary.
const variable104 = 0xff

// iec104Sizes are the bytes of an object behind its address, plus one, by type
// (IEC 60870-5-101, clause 7.3, and IEC 60870-5-104, clause 8); 0: no such type.
var iec104Sizes = [128]uint8{
	1: 2, 2: 5, 3: 2, 4: 5, 5: 3, 6: 6, 7: 6, 8: 9, 9: 4, 10: 7, 11: 4, 12: 7, 13: 6, 14: 9, 15: 6, 16: 9,
	17: 7, 18: 8, 19: 8, 20: 6, 21: 3, 30: 9, 31: 9, 32: 10, 33: 13, 34: 11, 35: 11, 36: 13, 37: 13, 38: 11, 39: 12, 40: 12,
	45: 2, 46: 2, 47: 2, 48: 4, 49: 4, 50: 6, 51: 5, 58: 9, 59: 9, 60: 9, 61: 11, 62: 11, 63: 13, 64: 12,
	70: 2, 100: 2, 101: 2, 102: 1, 103: 8, 104: 3, 105: 2, 106: 3, 107: 10, 110: 4, 111: 4, 112: 6, 113: 2,
	120: variable104, 121: variable104, 122: variable104, 123: variable104, 124: variable104, 125: variable104, 126: variable104, 127: variable104,
}
