package tlsmsg

import "netifyd/core/wire"

// Numbers of extensions that are read here (IANA, TLS ExtensionType Values).
const (
	extServerName  = 0
	extGroups      = 10
	extPoints      = 11
	extSignatures  = 13
	extALPN        = 16
	extVersions    = 43
	extParameters  = 57     // QUIC transport parameters (RFC 9001, section 8.2)
	extParamsDraft = 0xffa5 // the same before RFC 9001
	extESNI        = 0xffce // draft-ietf-tls-esni-02
	extECH         = 0xfe0d // RFC 9849
)

// Extensions is the block at the end of a hello; a cut one ends inside an extension.
type Extensions []byte

// Next takes the first extension off the block; false at its end.
func (e Extensions) Next() (typ uint16, body []byte, rest Extensions, ok bool) {
	if len(e) < 4 {
		return 0, nil, nil, false
	}
	end := 4 + (int(e[2])<<8 | int(e[3]))
	if end > len(e) {
		return 0, nil, nil, false
	}
	return uint16(e[0])<<8 | uint16(e[1]), e[4:end], e[end:], true
}

// Find gives the body of the first extension of a type.
func (e Extensions) Find(want uint16) (body []byte, found bool) {
	for at := 0; at+4 <= len(e); {
		end := at + 4 + (int(e[at+2])<<8 | int(e[at+3]))
		if end > len(e) {
			break
		}
		if uint16(e[at])<<8|uint16(e[at+1]) == want {
			return e[at+4 : end], true
		}
		at = end
	}
	return nil, false
}

// ServerName is the host that a client names (RFC 6066, section 3); nil where it names none.
func (e Extensions) ServerName() []byte {
	body, _ := e.Find(extServerName)
	c := wire.New(body)
	list := wire.New(c.Vec16())
	for list.Len() > 0 {
		typ, name := list.U8(), list.Vec16()
		if typ == 0 && list.Ok() {
			return name
		}
	}
	return nil
}

// Protocols is the list of ALPN (RFC 7301, section 3.1), to be walked with NextProtocol.
func (e Extensions) Protocols() []byte {
	body, _ := e.Find(extALPN)
	c := wire.New(body)
	return c.Vec16()
}

// NextProtocol takes the first name off a list of ALPN; nil at its end.
func NextProtocol(list []byte) (name, rest []byte) {
	c := wire.New(list)
	name = c.Vec8()
	if !c.Ok() {
		return nil, nil
	}
	return name, c.Rest()
}

// Parameters is the QUIC transport parameters of a hello; nil where there are none.
func (e Extensions) Parameters() []byte {
	if body, ok := e.Find(extParameters); ok {
		return body
	}
	body, _ := e.Find(extParamsDraft)
	return body
}

// isGREASE says that a value is one of those that clients sprinkle in (RFC 8701).
func isGREASE(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }
