package detect

import "netifyd/core/proto"

const msnPort = 1863

// MSN Messenger (draft-movva-msn-messenger-protocol-00 and what was published
// of later versions): lines of three capital letters and a transaction. A
// client begins with the versions it speaks, or at a switchboard with who it is.
var msnCard = Protocol{ID: proto.MSN, Over: TCP, Ports: []uint16{msnPort}, Limit: 256, Inspect: inspectMSN}

func inspectMSN(in *Input, _ *Result) Verdict {
	v := eitherWay(in, msnVersions)
	if v != Match && in.HasPort(msnPort) {
		v = max(v, msnWho(in.ToServer))
	}
	return v
}

// msnVersions wants "VER", a number, and "MSNP" with a number.
func msnVersions(b []byte) Verdict {
	b, v := msnCommand(b, "VER ")
	if v != Match {
		return v
	}
	return begins(b, "MSNP")
}

// msnWho wants "USR" or "ANS", a number, and an address of mail.
func msnWho(b []byte) Verdict {
	who, v := msnCommand(b, "USR ")
	if v == No {
		who, v = msnCommand(b, "ANS ")
	}
	if v != Match {
		return v
	}
	for i, c := range who {
		switch {
		case c == '@' && i > 0:
			return Match
		case c <= ' ' || c > '~':
			return No
		}
	}
	return NeedMore
}

// msnCommand takes a command and its transaction off the beginning of b.
func msnCommand(b []byte, command string) ([]byte, Verdict) {
	if v := begins(b, command); v != Match {
		return nil, v
	}
	b = b[len(command):]
	_, digits := decimal(b)
	if digits == 0 && len(b) > 0 {
		return nil, No
	}
	if digits == len(b) {
		return nil, NeedMore
	}
	if b[digits] != ' ' {
		return nil, No
	}
	return b[digits+1:], Match
}
