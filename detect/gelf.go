package detect

import "netifyd/core/proto"

const gelfPort = 12201

// GELF, logging of Graylog (https://go2docs.graylog.org/current/getting_in_log_data/gelf.html):
// an object of JSON with "version", "host" and "short_message"; over UDP also
// in pieces with 1e 0f, a message, a number below their count of 128 at most;
// or compressed, which at its port alone is told from other compressed text.
var gelfCard = Protocol{ID: proto.GELF, Over: TCP | UDP, Ports: []uint16{gelfPort}, First: "{\x1e\x1f\x78", Limit: 4096, Inspect: inspectGELF}

func inspectGELF(in *Input, res *Result) Verdict {
	if in.Over == TCP {
		return gelfObject(in.ToServer, false, res)
	}
	d := in.Newest()
	if len(d) < 12 {
		return No
	}
	switch {
	case d[0] == '{':
		return gelfObject(d, true, res)
	case d[0] == 0x1e && d[1] == 0x0f:
		return gelfPieces(in)
	case in.ServerPort != gelfPort:
		return No
	case begins(d, "\x1f\x8b\x08\x00") == Match: // RFC 1952: no flags; level; system
		if (d[8] == 0 || d[8] == 2 || d[8] == 4) && (d[9] <= 13 || d[9] == 0xff) {
			return Match
		}
		return No
	case gelfDeflated(d):
		// RFC 1950: its header is 14 bits of evidence, so three of them.
		n := 0
		for at := 0; ; n++ {
			var one []byte
			if one, _, at = in.Datagram(at); one == nil {
				break
			}
			if !gelfDeflated(one) {
				return No
			}
		}
		if n >= 3 {
			return Match
		}
		return NeedMore
	}
	return No
}

func gelfDeflated(d []byte) bool {
	return len(d) > 2 && d[0] == 0x78 && (d[1] == 0x01 || d[1] == 0x5e || d[1] == 0x9c || d[1] == 0xda)
}

// gelfPieces wants two pieces of one message, or one at the port.
func gelfPieces(in *Input) Verdict {
	const head = 12
	d := in.Newest()
	if len(d) <= head || d[11] < 2 || d[11] > 128 || d[10] >= d[11] {
		return No
	}
	if in.ServerPort == gelfPort {
		return Match
	}
	for at := 0; ; {
		var one []byte
		if one, _, at = in.Datagram(at); one == nil {
			return NeedMore
		}
		if len(one) > head && same(one[:10], d[:10]) && one[11] == d[11] && one[10] != d[10] {
			return Match
		}
	}
}

// gelfObject looks for the two fields that every message has.
func gelfObject(b []byte, whole bool, res *Result) Verdict {
	const longest = 4096
	for i, ch := range b[:min(len(b), 2)] {
		if i == 0 && ch != '{' || i == 1 && ch != '"' && ch != ' ' && ch != '\r' && ch != '\n' {
			return No
		}
	}
	host := gelfText(b, `"host"`)
	if following(b, `"short_message"`) != nil && host != nil {
		putHost(res, host)
		return Match
	}
	for _, ch := range b {
		if ch == 0 { // the end of a message on a stream
			return No
		}
	}
	if whole || len(b) >= longest {
		return No
	}
	return NeedMore
}

// gelfText is the text of a field.
func gelfText(b []byte, name string) []byte {
	b = trimSpace(following(b, name))
	if len(b) == 0 || b[0] != ':' {
		return nil
	}
	if b = trimSpace(b[1:]); len(b) < 2 || b[0] != '"' {
		return nil
	}
	for i, ch := range b[1:] {
		if ch == '"' {
			return b[1 : 1+i]
		}
	}
	return nil
}
