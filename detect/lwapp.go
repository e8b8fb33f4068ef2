package detect

import "netifyd/core/proto"

// Ports of data and of control (RFC 5412, section 3).
const (
	lwappData    = 12222
	lwappControl = 12223
)

// The Light Weight Access Point Protocol (RFC 5412, section 3.3): version 0, the
// length of what follows the header; behind it a control message with a length
// of its own, or an 802.11 frame.
var lwappCard = Protocol{ID: proto.LWAPP, Over: UDP, Ports: []uint16{lwappControl, lwappData}, Inspect: inspectLWAPP}

func inspectLWAPP(in *Input, _ *Result) Verdict {
	const header = 6
	d := in.Newest()
	if !in.HasPort(lwappData) && !in.HasPort(lwappControl) || len(d) < header+8 || d[0]>>6 != 0 {
		return No
	}
	// Some controllers put an address of six bytes in front.
	if soundLWAPP(d) || len(d) >= header+6+8 && soundLWAPP(d[6:]) {
		return Match
	}
	return No
}

func soundLWAPP(d []byte) bool {
	const header, control, lastMessage, dot11 = 6, 0x04, 60, 24
	if d[0]>>6 != 0 || be16(d[2:]) != len(d)-header {
		return false
	}
	if d[0]&control == 0 {
		frame := d[header:]
		if len(frame) < dot11 || frame[0]&3 != 0 && frame[1]&3 != 0 { // version 0, in either order of the first two bytes
			return false
		}
		receiver, sender := frame[4:10], frame[10:16]
		return !isZero(receiver) && !isZero(sender) && sender[0]&1 == 0
	}
	message := d[header:]
	return message[0] >= 1 && message[0] <= lastMessage && be16(message[2:]) <= len(message)-8
}
