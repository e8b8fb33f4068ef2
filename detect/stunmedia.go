package detect

import "netifyd/core/proto"

// stunFacts is what the messages of a flow and the datagrams between them tell
// about the program that uses it.
type stunFacts struct {
	messages int
	program  proto.ID // named by attributes or methods that only it uses; Unknown: none
	dtls     bool
	sides    [2]rtpSources
	rtp      bool
	others   int
}

// message looks at the method of one message.
func (f *stunFacts) message(m []byte) {
	f.messages++
	if kind := be16(m); kind >= 0x0800 && kind <= 0x0805 {
		f.program = proto.WhatsAppCall // its relays have methods of their own
	}
}

// attribute looks at one attribute.
func (f *stunFacts) attribute(t uint16, v []byte) {
	switch t {
	case 0x8008, 0x8050, 0x8054, 0x8055, 0x8056, 0x8057, 0x8058, 0x8059, 0x805b, 0x8068, 0x8070, 0x8090, 0x8095:
		// MS-VERSION and its neighbours ([MS-TURN] 2.2.2, [MS-ICE2] 2.2.2, [MS-TURNBWM] 2.2).
		f.program = proto.SkypeTeamsCall
	case 0x4000, 0x4001, 0x4002, 0x4003, 0x4004, 0x4007:
		f.program = proto.WhatsAppCall
	}
}

// realm looks at the name of the service whose relays ask for credentials.
func (f *stunFacts) realm(name []byte) {
	switch string(name) {
	case "signal.org":
		f.program = proto.SignalCall
	case "telegram.org":
		f.program = proto.TelegramVoIP
	case "turner.facebook":
		f.program = proto.FacebookVoIP
	case "turn.l.google.com":
		f.program = proto.GoogleMeetDuo
	}
}

// isZoomProbe recognises the messages by which Zoom looks for its relays: the
// layout of RFC 3489 with types and attributes of its own, a request (1) with
// a text in attribute 0x0101, an answer (2) with an address in 0x0103.
func isZoomProbe(d []byte) bool {
	if len(d) < stunHeader+8 || be16(d[2:]) != len(d)-stunHeader || len(d)-stunHeader-4 != be16(d[22:]) {
		return false
	}
	switch be32(d[stunHeader:]) {
	case 0x01010014:
		return be16(d) == 1 && isText(d[24:43]) && d[43] == 0
	case 0x01030008:
		return be16(d) == 2 && be16(d[24:]) == 1
	}
	return false
}

// media looks at a datagram that is no STUN message, or at what one carries.
func (f *stunFacts) media(d []byte, fromServer bool) {
	f.others++
	if len(d) >= 13 && d[0] >= 20 && d[0] <= 25 && d[1] == 0xfe && (d[2] == 0xff || d[2] == 0xfd) {
		f.dtls = true // RFC 7983, section 7
		return
	}
	if !isRTP(d) {
		return
	}
	side := &f.sides[0]
	if fromServer {
		side = &f.sides[1]
	}
	f.rtp = side.take(d) && side.proven() != nil || f.rtp
}

// refine gives the flow its closest name: the program's, or that of the media
// for which the checks were made.
func (f *stunFacts) refine(in *Input, res *Result) {
	more := f.messages+f.others < 20
	if f.dtls && in.Over == UDP {
		inspectDTLS(in, res)
		more = more || res.More
	}
	switch {
	case f.program != proto.Unknown:
		res.Protocol = f.program
	case f.dtls:
		res.Protocol = proto.DTLS
	case f.rtp:
		res.Protocol = proto.RTP
	}
	res.More, res.Partial = more, false
}
