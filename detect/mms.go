package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/cotp"
)

// The Manufacturing Message Specification (ISO 9506) on the OSI session and
// presentation layers (X.225, X.226) over RFC 1006. A connection names it by
// object identifier 1.0.9506.2; afterwards data goes in a presentation context
// that every implementation numbers 3.
var mmsCard = Protocol{ID: proto.MMS, Over: TCP, Ports: []uint16{102}, Limit: 1024, Inspect: inspectMMS}

func inspectMMS(in *Input, _ *Result) Verdict { return eitherWay(in, mmsMessage) }

func mmsMessage(b []byte) Verdict {
	user, whole, state := cotp.Data(b)
	if state != cotp.OK {
		return cotpVerdict(state)
	}
	const connect, accept, giveTokens = 0x0d, 0x0e, 0x01
	switch user[0] {
	case connect, accept: // SPDUs of X.225, section 8.3
		for i := 2; i+6 <= len(user); i++ {
			if string(user[i:i+6]) == "\x05\x28\xca\x22\x02\x01" || string(user[i:i+6]) == "\x05\x28\xca\x22\x02\x03" {
				return Match
			}
		}
		return openCOTP(whole)
	case giveTokens:
		return mmsData(user, whole)
	}
	return No
}

// mmsData wants "give tokens" and "data transfer" without parameters, the
// fully encoded data of X.226 in context 3, and the tag of an MMS unit with the
// integer that begins it (ISO 9506-2, clause 7).
func mmsData(user []byte, whole bool) Verdict {
	if v := begins(user, "\x01\x00\x01\x00\x61"); v != Match {
		if v == NeedMore && whole {
			return No
		}
		return v
	}
	rest := user[5:]
	for _, tag := range [...]byte{0, 0x30, 0x02, 0xa0} {
		if tag == 0x02 {
			v := begins(rest, "\x02\x01\x03")
			if v == No || v == NeedMore && whole {
				return No
			}
			if v == NeedMore {
				return NeedMore
			}
			rest = rest[3:]
			continue
		}
		if tag != 0 {
			if len(rest) == 0 {
				return openCOTP(whole)
			}
			if rest[0] != tag {
				return No
			}
			rest = rest[1:]
		}
		if rest = skipBERLength(rest); rest == nil {
			return openCOTP(whole)
		}
	}
	if len(rest) < 2 {
		return openCOTP(whole)
	}
	if rest[0] >= 0xa0 && rest[0] <= 0xad {
		return Match
	}
	return No
}

// skipBERLength passes over a length (X.690, section 8.1.3); nil: it is not all there.
func skipBERLength(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	n := 1
	if b[0]&0x80 != 0 {
		n += int(b[0] & 0x7f)
	}
	if n > len(b) {
		return nil
	}
	return b[n:]
}
