package detect

import "netifyd/core/proto"

// Ports of displays 0 to 63, and of those that SSH forwards.
const (
	x11Port  = 6000
	x11Ports = 64
)

// The X Window System (X.Org, "X Window System Protocol", chapter 8): a client
// begins with its byte order, version 11.0, and the lengths of the name and the
// data of an authorisation. The name or the server's answer says the rest; at
// a display's port neither is needed.
var x11Card = Protocol{ID: proto.X11, Over: TCP, Ports: []uint16{x11Port, x11Port + 10}, Limit: 64, Inspect: inspectX11}

func inspectX11(in *Input, _ *Result) Verdict {
	up, down := x11Setup(in.ToServer), x11Answer(in.ToClient)
	if up == No || down == No || len(in.ToServer) == 0 {
		return No
	}
	if up == NeedMore {
		return NeedMore
	}
	const header, most = 12, 64
	name := x11Number(in.ToServer, 6)
	if name == 0 {
		if down == Match || in.ServerPort >= x11Port && in.ServerPort < x11Port+x11Ports {
			return Match
		}
		return NeedMore
	}
	if name > most {
		return No
	}
	named := in.ToServer[header:]
	for _, known := range []string{"MIT-MAGIC-COOKIE-1", "XDM-AUTHORIZATION-1", "SUN-DES-1", "MIT-KERBEROS-5"} {
		if v := begins(named, known); v != No {
			return v
		}
	}
	return No
}

// x11Number is the number at the given place, in the byte order that b begins with.
func x11Number(b []byte, at int) int {
	if b[0] == 'B' {
		return be16(b[at:])
	}
	return le16(b[at:])
}

func x11Setup(b []byte) Verdict {
	const header, authData = 12, 8
	if len(b) == 0 {
		return NeedMore
	}
	want := "l\x00\x0b\x00\x00\x00"
	if b[0] == 'B' {
		want = "B\x00\x00\x0b\x00\x00"
	}
	if v := begins(b, want[:1]); v == No || len(b) > 2 && begins(b[2:], want[2:]) == No {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	if b[10] != 0 || b[11] != 0 || x11Number(b, authData) > 256 || (x11Number(b, 6) == 0) != (x11Number(b, authData) == 0) {
		return No
	}
	return Match
}

// x11Answer wants refusal, success or a question (0, 1, 2), and version 11 in either order.
func x11Answer(b []byte) Verdict {
	switch {
	case len(b) == 0:
		return NeedMore
	case b[0] > 2:
		return No
	case len(b) < 6:
		return NeedMore
	case string(b[2:6]) == "\x0b\x00\x00\x00", string(b[2:6]) == "\x00\x0b\x00\x00":
		return Match
	case b[0] == 2: // "authenticate" has no version
		return NeedMore
	}
	return No
}
