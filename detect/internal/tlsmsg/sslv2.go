package tlsmsg

// SSLv2Hello judges the beginning of a ClientHello in the record format of
// SSL 2.0, which old clients send to offer any version (RFC 5246, appendix
// E.2): length with the top bit set, type 1, version, then the lengths of
// ciphers, session and challenge, which add up to the record.
func SSLv2Hello(b []byte) (version uint16, fit Fit) {
	if len(b) > 0 && b[0]&0x80 == 0 || len(b) > 2 && b[2] != 1 {
		return 0, Wrong
	}
	if len(b) > 4 && !(b[3] == 3 && b[4] <= 4 || b[3] == 0 && b[4] == 2) {
		return 0, Wrong
	}
	if len(b) < 11 {
		return 0, Short
	}
	length := int(b[0]&0x7f)<<8 | int(b[1])
	ciphers := int(b[5])<<8 | int(b[6])
	session := int(b[7])<<8 | int(b[8])
	challenge := int(b[9])<<8 | int(b[10])
	if ciphers == 0 || ciphers%3 != 0 || session != 0 && session != 16 || challenge < 16 || challenge > 32 ||
		length != 9+ciphers+session+challenge {
		return 0, Wrong
	}
	return uint16(b[3])<<8 | uint16(b[4]), Whole
}
