package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var telnetCard = Protocol{ID: proto.Telnet, Over: TCP, Ports: []uint16{23}, Limit: 1024, Inspect: inspectTelnet}

// inspectTelnet recognises option negotiation (RFC 854, RFC 855): three
// commands that open a direction, commands from both sides, or one command that
// the other side answers: WILL by DO or DONT, DO by WILL or WONT.
func inspectTelnet(in *Input, res *Result) Verdict {
	if v := telnetShape(in); v != Match && !in.Known {
		return v
	}
	if findFold(in.ToClient, "PASSWORD") >= 0 || findFold(in.ToClient, "LOGIN:") >= 0 {
		res.Facts |= attr.Credentials
	}
	res.More = res.Facts == 0
	return Match
}

func telnetShape(in *Input) Verdict {
	toServer, v := telnetCommands(in.ToServer)
	if v == No {
		return No
	}
	answer, ok := in.ToClient, true
	if in.HasPort(23) || in.HasPort(2323) {
		if answer, ok = behindBanner(answer); !ok {
			return NeedMore
		}
	}
	toClient, w := telnetCommands(answer)
	if w == No {
		return No
	}
	if telnetPrompt(in.ToServer) || telnetPrompt(answer) || toServer >= 3 || toClient >= 3 ||
		toServer > 0 && toClient > 0 && (toServer+toClient >= 3 || telnetAnswer(in.ToServer, answer)) {
		return Match
	}
	return NeedMore
}

// behindBanner is what follows the text that some servers send before they
// negotiate. Not ok: there is nothing but text so far.
func behindBanner(b []byte) (rest []byte, ok bool) {
	const iac = 255
	for i, ch := range b {
		switch {
		case ch == iac:
			return b[i:], true
		case ch < ' ' && ch != '\r' && ch != '\n' && ch != '\t' && ch != 0 && ch != 27:
			return b, true
		}
	}
	return b, len(b) == 0
}

// telnetPrompt says that what follows the commands of a direction asks somebody to log in.
func telnetPrompt(b []byte) bool {
	const iac, longest = 255, 512
	if len(b) < 3 || b[0] != iac {
		return false
	}
	for len(b) >= 3 && b[0] == iac {
		b = b[3:]
	}
	b = b[:min(len(b), longest)]
	for _, word := range [...]string{"LOGIN:", "USERNAME:", "PASSWORD:", "USER NAME:", "LOGIN :"} {
		if findFold(b, word) >= 0 {
			return true
		}
	}
	return false
}

// telnetAnswer says that two commands are about the same option, one side
// offering or asking and the other answering (RFC 854, page 14).
func telnetAnswer(a, b []byte) bool {
	const will, wont, do = 251, 252, 253
	if len(a) < 3 || len(b) < 3 || a[2] != b[2] {
		return false
	}
	asks := func(x, y byte) bool { return x == will && y >= do || x == do && (y == will || y == wont) }
	return asks(a[1], b[1]) || asks(b[1], a[1])
}

// telnetCommands counts the negotiations at the start of a direction. No: it
// begins with something else, or ends them after fewer than three.
func telnetCommands(b []byte) (n int, v Verdict) {
	const iac, se, sb, will, dont = 255, 240, 250, 251, 254
	for len(b) > 0 {
		if b[0] != iac {
			if n == 0 {
				return 0, No
			}
			return n, Match
		}
		if len(b) < 3 {
			if len(b) == 2 && (b[1] < sb || b[1] > dont) {
				return n, No
			}
			return n, NeedMore
		}
		// Options in use: https://www.iana.org/assignments/telnet-options.
		if option := b[2]; option > 49 && option != 70 && option < 138 || option > 140 && option != 255 {
			return n, No
		}
		switch {
		case will <= b[1] && b[1] <= dont:
			b = b[3:]
		case b[1] == sb:
			end := 3
			for ; end+1 < len(b); end++ {
				if b[end] == iac && b[end+1] == se {
					break
				}
			}
			if end+1 >= len(b) {
				return n, NeedMore
			}
			b = b[end+2:]
		default:
			return n, No
		}
		n++
	}
	return n, NeedMore
}
