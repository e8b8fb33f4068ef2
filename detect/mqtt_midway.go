package detect

import "netifyd/core/proto"

// MQTT in a connection whose CONNECT was not seen, at any port: whole packets,
// one behind the other (MQTT 5.0, section 2.1). Two messages with the names of
// their topics prove it, or one beside a ping and its answer, or, where nothing
// is said, several of those.
var mqttMidwayCard = Protocol{ID: proto.MQTT, Over: TCP, Limit: 1024, Tier: Heuristic, Inspect: inspectMQTTMidway}

func inspectMQTTMidway(in *Input, res *Result) Verdict {
	if in.Opened {
		return No
	}
	var sides [2]mqttSide
	if !sides[0].read(in.ToServer) || !sides[1].read(in.ToClient) {
		return No
	}
	topics := sides[0].topics + sides[1].topics
	const enough = 3 // pings and answers, of 16 bits each
	pings := max(min(sides[0].asked, sides[1].answered), min(sides[1].asked, sides[0].answered))
	if topics >= 2 || topics == 1 && pings > 0 || pings >= enough {
		res.Partial = true
		return Match
	}
	return NeedMore
}

// mqttSide is what the packets of one direction are.
type mqttSide struct {
	topics          int
	asked, answered int // PINGREQ, PINGRESP
}

// read walks the packets. false: something is none.
func (m *mqttSide) read(b []byte) bool {
	const publish, least, most, pingReq, pingResp = 3, 4, 7, 0xc0, 0xd0
	for len(b) > 0 {
		if !isMQTTKind(b[0]) {
			return false
		}
		length, size, v := mqttLength(b[1:])
		if v != Match {
			return v == NeedMore
		}
		kind, flags, body := b[0]>>4, b[0]&15, b[1+size:]
		switch {
		case b[0] == pingReq && length == 0:
			m.asked++
		case b[0] == pingResp && length == 0:
			m.answered++
		case kind == publish && flags&6 != 6:
			if length < 5 {
				return false
			}
			if len(body) < 3 {
				return true
			}
			n := be16(body)
			if n == 0 || n > length-2 || !isTopic(body[2:min(len(body), 2+n)]) {
				return false
			}
			if len(body) >= 2+n {
				m.topics++
			}
		case kind >= least && kind <= most && flags == mqttFlags(kind): // PUBACK to PUBCOMP: a number, with reason and properties in version 5
			if length < 2 || length > 64 {
				return false
			}
		default:
			return false
		}
		if len(body) <= length {
			return true
		}
		b = body[length:]
	}
	return true
}

// isMQTTKind says that a packet of a connection that goes on may begin so: PUBLISH to PUBCOMP, or a ping.
func isMQTTKind(b byte) bool {
	return b>>4 >= 3 && b>>4 <= 7 || b == 0xc0 || b == 0xd0
}

// mqttFlags is the flags that a packet about a message has: PUBREL has two (section 2.1.3).
func mqttFlags(kind byte) byte {
	if kind == 6 {
		return 2
	}
	return 0
}

// isTopic says that b is text without wildcards (section 4.7).
func isTopic(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c == 0x7f || c == '#' || c == '+' {
			return false
		}
	}
	return true
}
