package detect

import "netifyd/core/proto"

// stunFacts is what the messages of a flow and the datagrams between them tell
// about the program that uses it.
type stunFacts struct {
	messages int
	stunID   proto.ID // a program that its own attributes or methods name; Unknown: none
	dtls     bool
	rtp      int
	others   int
}

// message looks at the method of one message.
func (f *stunFacts) message(m []byte) {
	f.messages++
}

// attribute looks at one attribute.
func (f *stunFacts) attribute(t uint16, v []byte) {
	switch t {
	case 0x8008, 0x8054, 0x8055, 0x8056, 0x8057, 0x8058, 0x8059, 0x805b, 0x8070, 0x8090, 0x8095:
		// MS-VERSION and its neighbours ([MS-TURN] 2.2.2, [MS-ICE2] 2.2.2, [MS-TURNBWM]).
		f.stunID = proto.SkypeTeamsCall
	}
}

// media looks at a datagram that is no STUN message.
func (f *stunFacts) media(d []byte, fromServer bool) {
	f.others++
	switch {
	case len(d) >= 13 && d[0] >= 20 && d[0] <= 25 && d[1] == 0xfe && (d[2] == 0xff || d[2] == 0xfd):
		f.dtls = true // RFC 7983, section 7
	case len(d) >= 12 && d[0]&0xc0 == 0x80:
		f.rtp++
	}
}

// refine gives the flow its closest name.
func (f *stunFacts) refine(res *Result) {
	if f.stunID != proto.Unknown {
		res.Protocol = f.stunID
	}
	res.More = f.messages+f.others < 8
}
