package detect

import "netifyd/core/proto"

const iec62056Port = 4059

// Meters, in three forms. By DLMS/COSEM over IP (IEC 62056-47): a wrapper of version 1, two
// port numbers and a length, then a unit of the application layer (IEC
// 62056-53). An association names its context, 2.16.756.5.8.1. By HDLC (IEC
// 62056-46, clause 6.4) in a stream: flag, format 3 with a length, addresses,
// control, checksum. In text (IEC 62056-21, clause 6.3): a request "/?!", an
// identification that begins with the letters of the maker.
var iec62056Card = Protocol{ID: proto.IEC62056, Over: TCP | UDP, Ports: []uint16{iec62056Port}, First: "\x00", Limit: 256, Inspect: inspectIEC62056}

func inspectIEC62056(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		d := in.Newest()
		kind, v := dlmsUnit(d)
		if v == Match && dlmsWrapper+be16(d[6:]) == len(d) && (kind == dlmsAssociation || in.HasPort(iec62056Port)) {
			return Match
		}
		return No
	}
	if v := max(eitherWay(in, dlmsHDLC), meterText(in)); v == Match || v == NeedMore && len(in.ToServer)+len(in.ToClient) > 0 {
		return v
	}
	up, a := dlmsUnit(in.ToServer)
	down, b := dlmsUnit(in.ToClient)
	switch {
	case a == No || b == No:
		return No
	case a == Match && up == dlmsAssociation, b == Match && down == dlmsAssociation:
		return Match
	case (a == Match || b == Match) && in.HasPort(iec62056Port):
		return Match
	case a == Match && b == Match && string(in.ToServer[2:4]) == string(in.ToClient[4:6]) && string(in.ToServer[4:6]) == string(in.ToClient[2:4]):
		return Match
	}
	return NeedMore
}

const (
	dlmsWrapper     = 8
	dlmsOther       = 0
	dlmsAssociation = 1
)

func dlmsUnit(b []byte) (kind int, v Verdict) {
	const context = "\x60\x85\x74\x05\x08\x01"
	if v := begins(b, "\x00\x01"); v != Match {
		return 0, v
	}
	if len(b) < dlmsWrapper+1 {
		return 0, NeedMore
	}
	n := be16(b[6:])
	if n == 0 || n > 8192 || b[2]|b[4] > 0x0f {
		return 0, No
	}
	unit := b[dlmsWrapper:min(len(b), dlmsWrapper+n)]
	const request, response = 0x60, 0x61
	switch tag := unit[0]; {
	case tag == request || tag == response:
		for i := 2; i+len(context) <= len(unit) && i < 24; i++ {
			if string(unit[i:i+len(context)]) == context {
				return dlmsAssociation, Match
			}
		}
		if len(unit) == n || len(unit) > 24+len(context) {
			return 0, No
		}
		return 0, NeedMore
	case tag == 0x62, tag == 0x63, tag >= 0xc0 && tag <= 0xc7, tag >= 0xc8 && tag <= 0xcf, tag >= 0xd0 && tag <= 0xdf, tag == 0x0e, tag == 0x0f:
		// Release, services plain and ciphered, data notification: with the length's whole unit there.
		if len(unit) < n {
			return 0, NeedMore
		}
		return dlmsOther, Match
	}
	return 0, No
}

// dlmsHDLC checks the header of a frame; the addresses end with a byte whose
// lowest bit is set, the control byte and the checksum of ITU-T X.25 follow.
func dlmsHDLC(b []byte) Verdict {
	const flag, format = 0x7e, 0xa0
	if len(b) > 0 && b[0] != flag || len(b) > 1 && b[1]&0xf0 != format {
		return No
	}
	if len(b) < 12 {
		return NeedMore
	}
	at := 3
	for range 2 {
		end := at + 4
		for at < end && b[at]&1 == 0 {
			at++
		}
		if at == end {
			return No
		}
		at++
		if at > 8 { // the client's address has one byte, the server's at most four
			return No
		}
	}
	at++ // control
	if crcX25(b[1:at]) != uint16(le16(b[at:])) {
		return No
	}
	return Match
}

// meterText reads one line each way.
func meterText(in *Input) Verdict {
	if v := begins(in.ToServer, "/?"); v != Match {
		return v
	}
	const longest = 32 + 3 // an address has up to 32 characters
	line, _, found := cutLine(in.ToServer)
	if len(line) > 2 && !isText(line) || len(line) > longest || found && line[len(line)-1] != '!' {
		return No
	}
	for i, c := range in.ToClient[:min(len(in.ToClient), 5)] {
		switch {
		case i == 0 && c != '/', i > 0 && i < 4 && (c|0x20 < 'a' || c|0x20 > 'z'), i == 4 && (c < '0' || c > '9') && (c < 'A' || c > 'I'):
			return No
		}
	}
	if len(in.ToClient) < 5 || !found {
		return NeedMore
	}
	return Match
}
