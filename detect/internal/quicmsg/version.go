package quicmsg

// Known says that a version was ever spoken by a public implementation.
func Known(v uint32) bool {
	switch {
	case v == 1, isV2(v):
		return true
	case v >= 0xff000016 && v <= 0xff000022: // drafts 22 to 34
		return true
	case v>>8 == 0xfaceb0 && v&0xff < 0x20: // Facebook's mvfst
		return true
	case IsGoogle(v):
		return true
	}
	return false
}

// IsReserved says that a version exists to force negotiation (RFC 9000, section 15).
func IsReserved(v uint32) bool { return v&0x0f0f0f0f == 0x0a0a0a0a }

func isV2(v uint32) bool { return v == 0x6b3343cf || v == 0x709a50c4 || v == 0xff020000 }

// IsGoogle says that a version is "Q0" or "T0" and two digits.
func IsGoogle(v uint32) bool {
	return (v>>16 == 'Q'<<8|'0' || v>>16 == 'T'<<8|'0') && isDigit(v>>8) && isDigit(v)
}

func isDigit(v uint32) bool { return v&0xff >= '0' && v&0xff <= '9' }

// number of one of Google's versions: 43 of "Q043".
func number(v uint32) int { return int(v>>8&0xf)*10 + int(v&0xf) }

// IsQ046 says that a version has the long header of Q044 to Q049, whose first
// message is in the clear.
func IsQ046(v uint32) bool { return v>>24 == 'Q' && IsGoogle(v) && number(v) >= 44 && number(v) < 50 }

// IsTagged says that a version's handshake is Google's own, not TLS.
func IsTagged(v uint32) bool { return v>>24 == 'Q' && IsGoogle(v) }
